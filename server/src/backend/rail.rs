//! The stage rail of a workspace: where it has been, where it is, and what comes.
//!
//! One life is one rail. A claimed workspace shows how it was made for the pool and how it was handed over; after
//! any later build only that one counts.

use chrono::{DateTime, Utc};
use hearth_app::view::{StageStatus, StageView};
use hearth_prebuilds::{ids::SYSTEM_USER, pool_state::WorkspaceStage};

use crate::store::{
    builds::{Build, Stage},
    jobs::JobStatus,
};

/// The rail, from the builds of a workspace, newest first, and the stage it is at.
pub fn rail(builds: &[Build], stage: WorkspaceStage, now: DateTime<Utc>) -> Vec<StageView> {
    let Some(latest) = builds.first() else { return Vec::new() };
    let mut rail = Rail { stops: Vec::new(), reached: true };
    match latest.stage {
        Stage::Claim => {
            if let Some(made) = builds.iter().find(|build| build.stage == Stage::Create) {
                rail.made(made, stage, now);
                let ready = made.ready_at.map(|at| latest.created_at - usable(made, at.into()));
                rail.done("Ready", ready.map(millis));
            }
            rail.claimed(latest, stage, now);
            rail.end("Yours", stage == WorkspaceStage::Yours);
        }
        Stage::Create | Stage::Start => {
            rail.made(latest, stage, now);
            let in_pool = latest.stage == Stage::Create && latest.initiator_id == SYSTEM_USER;
            match stage {
                WorkspaceStage::Expired => rail.end("Expired", true),
                _ if in_pool => rail.end("Ready", stage == WorkspaceStage::Ready),
                _ => rail.end("Yours", stage == WorkspaceStage::Yours),
            }
        }
        Stage::Stop => {
            rail.ran(latest, "Stop", now);
            let name = if stage == WorkspaceStage::Parked { "Parked" } else { "Stopped" };
            rail.end(name, latest.status == JobStatus::Succeeded);
        }
        Stage::Delete => {
            rail.ran(latest, "Delete", now);
            rail.end("Deleted", latest.status == JobStatus::Succeeded);
        }
    }
    rail.stops
}

struct Rail {
    stops: Vec<StageView>,
    /// Whether the workspace got past every stop so far.
    reached: bool,
}

impl Rail {
    fn stop(&mut self, label: &str, duration_ms: Option<u64>, status: StageStatus) {
        let status = if self.reached { status } else { StageStatus::Ahead };
        let duration_ms = duration_ms.filter(|_| status != StageStatus::Ahead);
        self.reached &= status == StageStatus::Done;
        self.stops.push(StageView { label: label.to_owned(), duration_ms, status });
    }

    fn done(&mut self, label: &str, duration_ms: Option<u64>) {
        self.stop(label, duration_ms, StageStatus::Done);
    }

    /// The last stop.
    fn end(&mut self, label: &str, here: bool) {
        self.stop(label, None, if here { StageStatus::Current } else { StageStatus::Ahead });
    }

    /// The time in the queue, then the time with a worker.
    fn ran(&mut self, build: &Build, label: &str, now: DateTime<Utc>) {
        let started = build.started_at.map(DateTime::<Utc>::from);
        let ended = build.completed_at.map(DateTime::<Utc>::from);
        let left_queue = started.or(ended);
        let queued = Some(millis(left_queue.unwrap_or(now) - build.created_at));
        match (left_queue, started) {
            (None, _) => self.stop("Queued", queued, StageStatus::Current),
            (Some(_), None) => self.stop("Queued", queued, StageStatus::Failed),
            (Some(_), Some(_)) => self.done("Queued", queued),
        }
        let ran = started.map(|started| millis(ended.unwrap_or(now) - started));
        self.stop(label, ran, outcome(build.status));
    }

    /// A start build, then the agent getting ready.
    fn made(&mut self, build: &Build, stage: WorkspaceStage, now: DateTime<Utc>) {
        self.ran(build, "Build", now);
        self.agent("Agent", build, stage == WorkspaceStage::StartingAgent, now);
    }

    /// From the click: the claim build with its time in the queue, then the agent beginning again; or the agent first,
    /// where it did not have to wait.
    fn claimed(&mut self, build: &Build, stage: WorkspaceStage, now: DateTime<Utc>) {
        self.done("Claimed", None);
        let ready: Option<DateTime<Utc>> = build.ready_at.map(Into::into);
        let ended: Option<DateTime<Utc>> = build.completed_at.map(Into::into);
        if let Some(ready) = ready.filter(|ready| ended.is_none_or(|ended| *ready < ended)) {
            self.done("Re-init", Some(millis(ready - build.created_at)));
            if let Some(ended) = ended {
                self.stop("Re-apply", Some(millis(ended - build.created_at)), outcome(build.status));
            }
            return;
        }
        let ended = build.completed_at.map_or(now, Into::into);
        self.stop("Re-apply", Some(millis(ended - build.created_at)), outcome(build.status));
        self.agent("Re-init", build, stage == WorkspaceStage::Reinitializing, now);
    }

    fn agent(&mut self, label: &str, build: &Build, waiting: bool, now: DateTime<Utc>) {
        let since = build.completed_at.map_or(now, Into::into);
        match build.ready_at {
            Some(at) => self.done(label, Some(millis(usable(build, at.into()) - since))),
            None if waiting => self.stop(label, Some(millis(now - since)), StageStatus::Current),
            // It was handed over, stopped or deleted before anybody saw it ready.
            None => self.done(label, None),
        }
    }
}

/// Agents may report before the build ends.
fn usable(build: &Build, ready_at: DateTime<Utc>) -> DateTime<Utc> {
    build.completed_at.map_or(ready_at, |ended| ready_at.max(ended.into()))
}

fn outcome(status: JobStatus) -> StageStatus {
    match status {
        JobStatus::Pending | JobStatus::Running | JobStatus::Canceling => StageStatus::Current,
        JobStatus::Succeeded => StageStatus::Done,
        JobStatus::Failed | JobStatus::Canceled => StageStatus::Failed,
    }
}

fn millis(span: chrono::TimeDelta) -> u64 {
    u64::try_from(span.num_milliseconds()).unwrap_or(0)
}
