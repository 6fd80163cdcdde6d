//! The agent's life, from the first contact to `off`.

use std::time::Duration;

use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    AgentConfig, Error,
    client::{Client, insist},
    logs::Logs,
    process::GRACE,
    protocol::{Heartbeat, Lifecycle, LogLevel, Manifest},
    reinit::{self, Call},
    reports::Reports,
    round::{Round, Stage},
};

const HEARTBEAT: Duration = Duration::from_secs(10);
/// At the end of the workspace a service may need longer than when it changes hands.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// How long the last lines and reports may take to reach the server.
const FLUSH: Duration = Duration::from_secs(5);

/// Runs until `stop`. An error means that it could not start; a server that is away never is one.
pub async fn run(config: AgentConfig, stop: CancellationToken) -> Result<(), Error> {
    let client = Client::new(&config)?;
    let scratch = tempfile::Builder::new()
        .prefix("hearth-agent-")
        .tempdir()
        .map_err(|source| Error::Scratch { folder: std::env::temp_dir(), source })?;
    let Some(manifest) = stop.run_until_cancelled(fetch_manifest(&client)).await else { return Ok(()) };

    let (logs, sending_logs) = Logs::spawn(client.clone());
    let (reports, sending_reports) = Reports::spawn(client.clone());
    let (sender, calls) = mpsc::channel(1);
    let heart = AbortOnDropHandle::new(tokio::spawn(beat(client.clone())));
    let listener = AbortOnDropHandle::new(tokio::spawn(reinit::listen(client.clone(), sender)));
    let stage = Stage { config, scratch: scratch.path().to_owned(), client, logs, reports };

    let round = live(&stage, manifest, calls, &stop).await;

    stage.reports.lifecycle(Lifecycle::ShuttingDown);
    drop(listener);
    let last = round.stop(STOP_GRACE).await;
    // A beat after `off` would say that the agent is there.
    drop(heart);
    stage.reports.lifecycle(last);
    flush(stage, sending_logs, sending_reports).await;
    Ok(())
}

/// Round after round until `stop`. The answer is the round that then runs.
async fn live(
    stage: &Stage,
    manifest: Manifest,
    mut calls: mpsc::Receiver<Call>,
    stop: &CancellationToken,
) -> Round {
    let version = env!("CARGO_PKG_VERSION");
    stage.logs.say(LogLevel::Info, format!("Agent {version} started for {}", manifest.owner_username));
    let mut round = begin(stage, manifest, None);
    loop {
        let call = tokio::select! {
            () = stop.cancelled() => return round,
            // After the listener has ended there is nothing to wait for but the stop.
            Some(call) = calls.recv() => call,
        };
        let Some(manifest) = stop.run_until_cancelled(fetch_manifest(&stage.client)).await else {
            return round;
        };
        if manifest == *round.manifest() {
            // Acted upon already: only the acknowledgement had not arrived.
            stage.reports.acknowledge(manifest.build_id, Some(call.handled));
            continue;
        }
        let owner = &manifest.owner_username;
        tracing::info!(%owner, owner_id = %call.reinit.owner_id, "the workspace has a new owner");
        stage.logs.say(LogLevel::Info, format!("This workspace now belongs to {owner}: starting again"));
        round.end(GRACE).await;
        round = begin(stage, manifest, Some(call));
    }
}

/// The order matters: with the manifest at hand the server may forget about telling this agent, and it must know so
/// before it hears `ready`.
fn begin(stage: &Stage, manifest: Manifest, call: Option<Call>) -> Round {
    stage.reports.lifecycle(Lifecycle::Starting);
    stage.reports.acknowledge(manifest.build_id, call.map(|call| call.handled));
    Round::start(stage, manifest)
}

async fn fetch_manifest(client: &Client) -> Manifest {
    loop {
        // Whatever the server says, there is nothing to do without a manifest.
        if let Ok(manifest) = insist(|| client.get("manifest"), |_| true).await {
            return manifest;
        }
    }
}

async fn beat(client: Client) {
    let beat = Heartbeat { version: env!("CARGO_PKG_VERSION").to_owned() };
    loop {
        if let Err(error) = client.post("heartbeat", &beat).await {
            tracing::debug!(%error, "no heartbeat");
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}

/// Both queues end when they are empty and nobody writes any more.
async fn flush(stage: Stage, sending_logs: JoinHandle<()>, sending_reports: JoinHandle<()>) {
    stage.logs.close();
    drop(stage);
    let all = async { tokio::join!(sending_logs, sending_reports) };
    if timeout(FLUSH, all).await.is_err() {
        tracing::warn!("the server is away: the last lines of the log are lost");
    }
}
