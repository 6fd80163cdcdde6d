//! What a test asks of a server that stands still. Without a log-in: such a server keeps nothing that is worth one.

use axum::{Json, Router, extract::State, routing::post};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    play::{put_back, work_off},
    pretend_pass,
};
use crate::{
    engine::{reconcile::Reconciler, rehearsal},
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        builds,
        job_logs::{self, NewLine},
    },
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/testkit/clock", post(clock))
        .route("/testkit/tick", post(tick))
        .route("/testkit/work", post(work))
        .route("/testkit/log", post(log))
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: u32,
}

/// Moves the clock forward, and tells pages to look again.
async fn clock(State(hearth): State<Hearth>, Json(by): Json<Advance>) -> Json<Value> {
    hearth.clock.advance(TimeDelta::seconds(by.advance_seconds.into()));
    pretend_pass(&hearth);
    hearth.events.publish(Event::Settings);
    Json(json!({ "now": hearth.clock.now() }))
}

/// One pass of the reconciler, now, and the rehearsals that are due after it.
async fn tick(State(hearth): State<Hearth>) -> Result<Json<Value>> {
    let next_wake = Reconciler::new(hearth.clone()).await?.pass().await?;
    rehearsal::queue_due(&hearth).await?;
    Ok(Json(json!({ "next_wake": next_wake })))
}

/// Every job that waits or runs is done, in the time that it takes, and agents come up.
async fn work(State(hearth): State<Hearth>) -> Result<Json<Value>> {
    let fault = |error: anyhow::Error| Error::Internal(format!("{error:#}"));
    put_back(&hearth).await.map_err(fault)?;
    let jobs = work_off(&hearth, true).await.map_err(fault)?;
    // The work has taken time.
    pretend_pass(&hearth);
    Ok(Json(json!({ "jobs": jobs })))
}

#[derive(Deserialize)]
struct Lines {
    workspace: uuid::Uuid,
    lines: Vec<String>,
}

/// The log of a workspace's newest build grows.
async fn log(State(hearth): State<Hearth>, Json(said): Json<Lines>) -> Result<Json<Value>> {
    let now = hearth.clock.now().timestamp_micros();
    let line =
        |output| NewLine { at: now, source: "provisioner", level: "info", stage: "Apply".to_owned(), output };
    let mut tx = hearth.db.write().await?;
    let build = builds::newest_of(&mut tx, &[said.workspace.into()]).await?.pop();
    let build = build.ok_or(Error::NotFound("The workspace"))?;
    job_logs::append(&mut tx, build.job_id, &said.lines.into_iter().map(line).collect::<Vec<_>>()).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Job(build.job_id));
    hearth.events.publish(Event::Workspace(build.workspace_id));
    Ok(Json(json!({})))
}
