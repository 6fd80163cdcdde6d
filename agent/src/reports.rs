//! What the server must hear in order: lifecycle, acknowledgements, ends of scripts.
//!
//! Nobody waits for a report to arrive, but the one who acts on a claim is told that its acknowledgement did. One task
//! sends them, each until the server has it or says that it will never want it.

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use uuid::Uuid;

use crate::{
    client::{CallError, Client, insist},
    clock,
    protocol::{Lifecycle, LifecycleReport, ReinitAcknowledge, ScriptCompleted},
};

const CAPACITY: usize = 1024;
/// Room that ends of scripts may not take, so that a schedule which runs while the server is away for days never
/// pushes out a change of lifecycle.
const RESERVED: usize = 64;

enum Report {
    Lifecycle(LifecycleReport),
    Completed(Uuid, ScriptCompleted),
    Acknowledge(ReinitAcknowledge, Option<oneshot::Sender<()>>),
}

/// The sending end. Cheap to clone; the task ends when the last one is dropped and all is sent.
#[derive(Clone)]
pub struct Reports(mpsc::Sender<Report>);

impl Reports {
    pub fn spawn(client: Client) -> (Self, JoinHandle<()>) {
        let (sender, mut receiver) = mpsc::channel(CAPACITY);
        let task = tokio::spawn(async move {
            while let Some(report) = receiver.recv().await {
                deliver(&client, report).await;
            }
        });
        (Self(sender), task)
    }

    pub fn lifecycle(&self, state: Lifecycle) {
        tracing::info!(?state, "lifecycle");
        self.send(Report::Lifecycle(LifecycleReport { state, changed_at: clock::now() }));
    }

    pub fn completed(&self, script: Uuid, end: ScriptCompleted) {
        if self.0.capacity() > RESERVED {
            self.send(Report::Completed(script, end));
        }
    }

    /// `arrived` is told when the server has it, and dropped when it refused.
    pub fn acknowledge(&self, build_id: Uuid, arrived: Option<oneshot::Sender<()>>) {
        self.send(Report::Acknowledge(ReinitAcknowledge { build_id }, arrived));
    }

    fn send(&self, report: Report) {
        if self.0.try_send(report).is_err() {
            tracing::warn!("too many reports wait for the server: one was dropped");
        }
    }
}

async fn deliver(client: &Client, report: Report) {
    let when = CallError::is_worth_another_try;
    let result = match report {
        Report::Lifecycle(body) => insist(|| client.post("lifecycle", &body), when).await,
        Report::Completed(script, body) => {
            let path = format!("scripts/{script}/completed");
            insist(|| client.post(&path, &body), when).await
        }
        Report::Acknowledge(body, arrived) => {
            insist(|| client.post("reinit/acknowledge", &body), when).await.map(|()| {
                // Whoever asked may be gone by now.
                let _ = arrived.map(|arrived| arrived.send(()));
            })
        }
    };
    if let Err(error) = result {
        tracing::warn!(%error, "the server does not want a report");
    }
}
