//! Every state's word, shape, tone and sentence: the only place that turns a state into something to look at.

mod acts;
mod bulk;
mod pool;
mod record;
mod search;
mod templates;

use std::fmt::Display;

use hearth_prebuilds::{
    policy::DriftPolicy,
    pool_state::{DriftState, PoolState, WorkspaceStage},
};

use crate::{
    icon::Shape,
    time::Now,
    view::{CauseOfReplacement, NoDecision},
};

pub use acts::*;
pub use bulk::*;
pub use pool::*;
pub use record::*;
pub use search::*;
pub use templates::{import_state, promotion, schedule, thin_pool, version_state};

/// The meaning of a color. Never the only carrier of a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Info,
    Warn,
    Bad,
    Idle,
    Drift,
}

/// A state, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    pub label: String,
    pub shape: Shape,
    pub tone: Tone,
    /// Calm: no tint.
    pub quiet: bool,
}

impl Badge {
    fn loud(label: impl Into<String>, shape: Shape, tone: Tone) -> Self {
        Self { label: label.into(), shape, tone, quiet: false }
    }

    /// Without its tint, for tables where many stand below each other.
    pub fn calm(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// With its tint, beside a title.
    pub fn marked(mut self) -> Self {
        self.quiet = false;
        self
    }

    fn quiet(label: impl Into<String>, shape: Shape, tone: Tone) -> Self {
        Self { label: label.into(), shape, tone, quiet: true }
    }
}

/// The state of a pool by the word that URLs use; `None` for a word that is no state.
pub fn pool_slug(slug: &str) -> Option<Badge> {
    Some(match slug {
        "paused_all" => Badge::loud("All paused", Shape::Bars, Tone::Idle),
        "paused" => Badge::loud("Paused", Shape::Bars, Tone::Idle),
        "hard_limited" => Badge::loud("Hard-limited", Shape::Octagon, Tone::Bad),
        "validation_failed" => Badge::loud("Invalid", Shape::Octagon, Tone::Bad),
        "backing_off" => Badge::loud("Backing off", Shape::Clock, Tone::Warn),
        "empty" => Badge::loud("Empty", Shape::Ring, Tone::Bad),
        "filling" => Badge::loud("Filling", Shape::Half, Tone::Info),
        "shrinking" => Badge::quiet("Shrinking", Shape::HalfInverted, Tone::Info),
        "healthy" => Badge::quiet("Healthy", Shape::Disc, Tone::Ok),
        "off_hours" => Badge::quiet("Off hours or zero", Shape::Dash, Tone::Idle),
        "retired" => Badge::quiet("Retired", Shape::Archive, Tone::Idle),
        _ => return None,
    })
}

/// The state of a pool.
pub fn pool_state(state: &PoolState) -> Badge {
    let mut badge = pool_slug(state.slug()).unwrap_or(Badge::quiet("Unknown", Shape::Dots, Tone::Idle));
    if let PoolState::OffHours { next } = state {
        badge.label = if next.is_some() { "Off hours" } else { "Zero" }.to_owned();
    }
    badge
}

/// A pool that was paused until just now.
pub fn resuming() -> Badge {
    Badge::quiet("Resuming", Shape::Half, Tone::Info)
}

/// Whether a claim recreates something.
pub fn drift_state(drift: &DriftState) -> Badge {
    match drift {
        DriftState::Clean { .. } => Badge::quiet("Clean", Shape::Check, Tone::Idle),
        DriftState::NotRehearsed => Badge::quiet("Not rehearsed", Shape::Dots, Tone::Idle),
        DriftState::Unknown { .. } => Badge::quiet("Unknown", Shape::Dots, Tone::Warn),
        DriftState::Replaces { count, .. } => {
            Badge::loud(format!("Replaces {count}"), Shape::Triangle, Tone::Drift)
        }
    }
}

/// A template of which nothing is made any more.
pub fn archived() -> Badge {
    Badge::quiet("Archived", Shape::Archive, Tone::Idle)
}

/// Where a workspace is in its life.
pub fn stage(stage: WorkspaceStage) -> Badge {
    use WorkspaceStage as S;
    match stage {
        S::Queued => Badge::quiet("Queued", Shape::Ring, Tone::Info),
        S::Building => Badge::quiet("Building", Shape::Half, Tone::Info),
        S::StartingAgent => Badge::quiet("Starting agent", Shape::Half, Tone::Info),
        S::Ready => Badge::quiet("Ready", Shape::Disc, Tone::Ok),
        S::Claimed => Badge::loud("Claimed", Shape::Diamond, Tone::Info),
        S::Reapplying => Badge::loud("Re-applying", Shape::Half, Tone::Info),
        S::Reinitializing => Badge::loud("Re-initializing", Shape::Half, Tone::Info),
        S::Yours => Badge::quiet("Ready for its owner", Shape::Disc, Tone::Ok),
        S::Failed => Badge::loud("Failed", Shape::Octagon, Tone::Bad),
        S::Expired => Badge::quiet("Expired", Shape::Clock, Tone::Idle),
        S::Parked => Badge::quiet("Parked", Shape::Parked, Tone::Idle),
        S::Stopped => Badge::quiet("Stopped", Shape::Parked, Tone::Idle),
        S::Stopping => Badge::quiet("Stopping", Shape::HalfInverted, Tone::Info),
        S::Deleting => Badge::quiet("Deleting", Shape::HalfInverted, Tone::Info),
        S::Deleted => Badge::quiet("Deleted", Shape::Archive, Tone::Idle),
    }
}

/// The same, said to its owner.
pub fn stage_for(stage_: WorkspaceStage, own: bool) -> Badge {
    let mut badge = stage(stage_);
    if stage_ == WorkspaceStage::Yours && own {
        badge.label = "Yours".to_owned();
    }
    badge
}

/// One sentence about a workspace that is neither coming nor usable; the rest speaks by its badge.
pub fn stage_note(stage: WorkspaceStage, unclaimed: bool) -> Option<&'static str> {
    match stage {
        WorkspaceStage::Failed if !unclaimed => Some("Its build failed. Start it again to try once more."),
        WorkspaceStage::Parked => Some("Stopped by a person. The reconciler leaves it alone."),
        WorkspaceStage::Expired => Some("Unclaimed for longer than it may be; it will be removed."),
        WorkspaceStage::Failed => Some("Its build failed. It is kept as evidence for a while."),
        _ => None,
    }
}

/// The state of a cause of drift.
pub fn cause_status(status: &str) -> Badge {
    match status {
        "open" => Badge::loud("Open", Shape::Triangle, Tone::Drift),
        "back" => Badge::loud("Back", Shape::Triangle, Tone::Drift),
        "acknowledged" => Badge::quiet("Acknowledged", Shape::TriangleOutline, Tone::Idle),
        _ => Badge::quiet("Fixed", Shape::Check, Tone::Ok),
    }
}

/// What an agent says of itself.
pub fn lifecycle(lifecycle: &str) -> Badge {
    match lifecycle {
        "ready" => Badge::quiet("Ready", Shape::Disc, Tone::Ok),
        "starting" => Badge::quiet("Starting", Shape::Half, Tone::Info),
        "start_error" => Badge::quiet("Start script failed", Shape::Octagon, Tone::Bad),
        "start_timeout" => Badge::quiet("Start script is slow", Shape::Clock, Tone::Warn),
        "shutting_down" => Badge::quiet("Shutting down", Shape::HalfInverted, Tone::Info),
        "shutdown_error" => Badge::quiet("Stop script failed", Shape::Octagon, Tone::Bad),
        "shutdown_timeout" => Badge::quiet("Stop script is slow", Shape::Clock, Tone::Warn),
        "off" => Badge::quiet("Off", Shape::Dash, Tone::Idle),
        _ => Badge::quiet("Not heard of yet", Shape::Ring, Tone::Idle),
    }
}

/// The state of a build.
pub fn build_status(status: &str) -> Badge {
    match status {
        "pending" => Badge::quiet("Waiting for a worker", Shape::Ring, Tone::Info),
        "running" => Badge::quiet("Running", Shape::Half, Tone::Info),
        "succeeded" => Badge::quiet("Succeeded", Shape::Check, Tone::Ok),
        "canceling" => Badge::quiet("Being canceled", Shape::HalfInverted, Tone::Info),
        "canceled" => Badge::quiet("Canceled", Shape::Dash, Tone::Idle),
        _ => Badge::quiet("Failed", Shape::Octagon, Tone::Bad),
    }
}

/// A number of things that take a plain s: `1 build`, `2 builds`.
pub fn counted(count: impl Display, thing: &str) -> String {
    let count = count.to_string();
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// What becomes of so many: `1 is`, `2 are`.
pub fn be(count: u32) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// `Clean` says when it was seen, the others what is not known.
pub fn drift_sentence(drift: &DriftState, now: Now) -> String {
    match drift {
        DriftState::Clean { at } => {
            format!("A claim recreates nothing (last seen {}).", now.relative(*at))
        }
        DriftState::NotRehearsed => "Nobody knows yet what a claim would recreate.".to_owned(),
        DriftState::Unknown { why } => format!("A rehearsal could not find out: {why}"),
        DriftState::Replaces { count, .. } => format!("A claim recreates {}.", counted(count, "resource")),
    }
}

/// Whether a patch was seen to help.
pub fn proof(proved: bool) -> Badge {
    if proved {
        Badge::quiet("Proved clean", Shape::Check, Tone::Ok)
    } else {
        Badge::quiet("Helps in part", Shape::Half, Tone::Warn)
    }
}

/// What makes a claim replace a resource.
pub fn cause(cause: &CauseOfReplacement) -> String {
    match cause {
        CauseOfReplacement::Alone { fields } => match fields.as_slice() {
            [one] => format!("Only {one} does this: a plan with that alone changed replaces it too."),
            several => format!("Each of these does this by itself: {}.", several.join(", ")),
        },
        CauseOfReplacement::Together { fields } => {
            format!("None of these does this alone, but together they do: {}.", fields.join(", "))
        }
        CauseOfReplacement::EveryBuild => {
            "It is replaced at every build, even when nothing changes at all.".to_owned()
        }
        CauseOfReplacement::NotFound { why } => format!("What makes it so was not found. {why}"),
    }
}

/// Why there is no decision to look at.
pub fn no_decision(why: NoDecision, now: Now) -> String {
    match why {
        NoDecision::Unknown => {
            "This decision is not kept any more, or never was one of this pool.".to_owned()
        }
        NoDecision::NoneYet(at) => {
            format!("No decision is kept that was in force at {}.", now.full(at))
        }
        NoDecision::NotAnInstant => "That is no instant. Write it as 2026-11-24T09:03.".to_owned(),
    }
}

/// What a pool does with members whose claim would recreate something.
pub fn policy(policy: DriftPolicy) -> &'static str {
    match policy {
        DriftPolicy::Allow => {
            "Members are handed over even if a claim recreates something. That is recorded and told to template admins."
        }
        DriftPolicy::Block => {
            "A member is handed over only if it is known that a claim recreates nothing. Else a workspace is built from \
             nothing."
        }
    }
}

/// A share in percent; `—` of nothing.
pub fn share(part: u32, whole: u32) -> String {
    match whole {
        0 => "—".to_owned(),
        _ => format!("{}%", (u64::from(part) * 100 + u64::from(whole) / 2) / u64::from(whole)),
    }
}
