//! What agents say and ask, under `/api/v2/workspaceagents/me`, and the program that they run.

use std::convert::Infallible;

use axum::{
    Json, Router,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response, Sse, sse},
    routing::{get, post},
};
use futures::StreamExt;
use hearth_agent::protocol::{
    Heartbeat, LifecycleReport, LogAcknowledged, LogBatch, Manifest, MetadataReport, ReinitAcknowledge,
    ScriptCompleted,
};
use http::{StatusCode, header, request::Parts};
use uuid::Uuid;

use super::{
    auth,
    extract::{Body, Segments},
};
use crate::{
    agents::{
        self,
        reinit::{self, Signal},
    },
    error::{Error, Result},
    hearth::Hearth,
    store::agents::{Caller, by_token_hash, token_hash},
};

pub fn routes() -> Router<Hearth> {
    let me = Router::new()
        .route("/manifest", get(manifest))
        .route("/lifecycle", post(lifecycle))
        .route("/heartbeat", post(heartbeat))
        .route("/logs", post(logs))
        .route("/scripts/{script}/completed", post(script_completed))
        .route("/metadata", post(metadata))
        .route("/reinit", get(listen))
        .route("/reinit/acknowledge", post(acknowledge));
    Router::new().nest("/api/v2/workspaceagents/me", me)
}

/// The agent whose token came with the request. An agent whose build is still running is not known yet and hears 401.
struct Agent(Caller);

impl FromRequestParts<Hearth> for Agent {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hearth: &Hearth) -> Result<Self> {
        let unknown = || Error::BadCredentials("No agent with this token is known.");
        let token = auth::token(&parts.headers).ok_or_else(unknown)?;
        let caller = by_token_hash(&mut hearth.db.read().await?, &token_hash(&token)).await?;
        caller.map(Self).ok_or_else(unknown)
    }
}

async fn manifest(State(hearth): State<Hearth>, Agent(caller): Agent) -> Result<Json<Manifest>> {
    Ok(Json(agents::manifest(&hearth, &caller).await?))
}

async fn lifecycle(
    State(hearth): State<Hearth>,
    Agent(caller): Agent,
    Body(report): Body<LifecycleReport>,
) -> Result<StatusCode> {
    agents::report_lifecycle(&hearth, &caller, &report).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn heartbeat(
    State(hearth): State<Hearth>,
    Agent(caller): Agent,
    Body(beat): Body<Heartbeat>,
) -> Result<StatusCode> {
    agents::heartbeat(&hearth, &caller, &beat).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn logs(
    State(hearth): State<Hearth>,
    Agent(caller): Agent,
    Body(batch): Body<LogBatch>,
) -> Result<Json<LogAcknowledged>> {
    Ok(Json(agents::append_logs(&hearth, &caller, batch).await?))
}

async fn script_completed(
    State(hearth): State<Hearth>,
    Agent(caller): Agent,
    Segments(script): Segments<Uuid>,
    Body(end): Body<ScriptCompleted>,
) -> Result<StatusCode> {
    agents::script_completed(&hearth, &caller, script, &end).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn metadata(
    State(hearth): State<Hearth>,
    Agent(caller): Agent,
    Body(report): Body<MetadataReport>,
) -> Result<StatusCode> {
    agents::report_metadata(&hearth, &caller, &report).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `?wait=true` is the only way to ask. The form is the upstream product's: `event: ping` without data, `event: data` with one line of it.
async fn listen(State(hearth): State<Hearth>, Agent(caller): Agent) -> Result<Response> {
    let events = reinit::listen(&hearth, caller).await?.map(|signal| {
        let event = sse::Event::default();
        Ok::<_, Infallible>(match signal {
            Signal::Ping => event.event("ping"),
            // Plain values always become JSON; should that ever fail, a ping does no harm.
            Signal::Reinit(reinit) => {
                event.event("data").json_data(reinit).unwrap_or_else(|_| sse::Event::default().event("ping"))
            }
        })
    });
    Ok(([("x-accel-buffering", "no"), (header::CACHE_CONTROL.as_str(), "no-cache")], Sse::new(events))
        .into_response())
}

async fn acknowledge(
    State(hearth): State<Hearth>,
    Agent(caller): Agent,
    Body(body): Body<ReinitAcknowledge>,
) -> Result<StatusCode> {
    agents::acknowledge_reinit(&hearth, &caller, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
