//! A round: everything that runs for one manifest.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::join_all;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    client::Client,
    environment::Surroundings,
    logs::Logs,
    metadata,
    process::Group,
    protocol::{Lifecycle, LogLevel, Manifest},
    reports::Reports,
    schedule,
    scripts::{self, Outcome},
};

/// How long stop scripts may take together, whatever their own limits say.
const STOP_DEADLINE: Duration = Duration::from_secs(60);

/// What everything in a round shares.
pub struct Scene {
    pub manifest: Manifest,
    pub surroundings: Surroundings,
    pub scratch: PathBuf,
    pub client: Client,
    pub logs: Logs,
    pub reports: Reports,
    leftovers: Mutex<Vec<Group>>,
}

impl Scene {
    pub fn leftovers(&self) -> MutexGuard<'_, Vec<Group>> {
        self.leftovers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stays the same from round to round.
#[derive(Clone)]
pub struct Stage {
    pub config: crate::AgentConfig,
    pub scratch: PathBuf,
    pub client: Client,
    pub logs: Logs,
    pub reports: Reports,
}

/// The running tasks of a manifest.
pub struct Round {
    scene: Arc<Scene>,
    tasks: TaskTracker,
    cancel: CancellationToken,
}

impl Round {
    /// Starts the scripts. The lifecycle goes on by itself: ready, or what went wrong.
    pub fn start(stage: &Stage, manifest: Manifest) -> Self {
        let scene = Arc::new(Scene {
            surroundings: Surroundings::new(&stage.config, &manifest),
            manifest,
            scratch: stage.scratch.clone(),
            client: stage.client.clone(),
            logs: stage.logs.clone(),
            reports: stage.reports.clone(),
            leftovers: Mutex::default(),
        });
        let round = Self { scene, tasks: TaskTracker::new(), cancel: CancellationToken::new() };
        round.tasks.spawn(start_scripts(round.scene.clone(), round.cancel.clone()));
        for script in round.scene.manifest.scripts.iter().filter(|script| !script.cron.is_empty()) {
            round.tasks.spawn(schedule::follow(round.scene.clone(), script.clone(), round.cancel.clone()));
        }
        if !round.scene.manifest.metadata.is_empty() {
            round.start_metadata();
        }
        round
    }

    fn start_metadata(&self) {
        let (sender, values) = mpsc::channel(64);
        for item in &self.scene.manifest.metadata {
            let collect =
                metadata::collect(self.scene.clone(), item.clone(), sender.clone(), self.cancel.clone());
            self.tasks.spawn(collect);
        }
        self.tasks.spawn(metadata::send(self.scene.clone(), values, self.cancel.clone()));
    }

    pub fn manifest(&self) -> &Manifest {
        &self.scene.manifest
    }

    /// Ends every process of the round, also those that ended scripts have left behind.
    pub async fn end(self, grace: Duration) {
        self.end_tasks().await;
        self.end_leftovers(grace).await;
    }

    /// The workspace stops: runs the stop scripts, then ends the round. Answers the last state.
    pub async fn stop(self, grace: Duration) -> Lifecycle {
        self.end_tasks().await;
        let cancel = CancellationToken::new();
        let scripts = scripts::run_all(&self.scene, |script| script.run_on_stop, &cancel);
        let deadline = async {
            tokio::time::sleep(STOP_DEADLINE).await;
            cancel.cancel();
            std::future::pending::<()>().await;
        };
        let outcome = tokio::select! {
            outcome = scripts => outcome,
            () = deadline => Outcome::Cancelled,
        };
        self.end_leftovers(grace).await;
        match outcome {
            Outcome::Ok => Lifecycle::Off,
            Outcome::Failed => Lifecycle::ShutdownError,
            Outcome::TimedOut | Outcome::Cancelled => Lifecycle::ShutdownTimeout,
        }
    }

    async fn end_tasks(&self) {
        self.cancel.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn end_leftovers(&self, grace: Duration) {
        let leftovers = std::mem::take(&mut *self.scene.leftovers());
        join_all(leftovers.into_iter().map(|group| group.end(grace))).await;
    }
}

async fn start_scripts(scene: Arc<Scene>, cancel: CancellationToken) {
    let state = match scripts::run_all(&scene, |script| script.run_on_start, &cancel).await {
        Outcome::Ok => Lifecycle::Ready,
        Outcome::TimedOut => Lifecycle::StartTimeout,
        Outcome::Failed => Lifecycle::StartError,
        Outcome::Cancelled => return,
    };
    if state == Lifecycle::Ready {
        scene.logs.say(LogLevel::Info, format!("Ready for {}", scene.manifest.owner_username));
    }
    scene.reports.lifecycle(state);
}
