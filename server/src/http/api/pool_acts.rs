//! `/api/v2/pools/{template}/{preset}/...`: what people change about one pool.
//!
//! Each change may carry `revision`, the one that was seen at `/api/v2/pools/{template}/{preset}`: a pool that somebody
//! else has changed since answers 409 and is left as it is.

use axum::{
    Json, Router,
    extract::State,
    routing::{post, put},
};
use chrono::{DateTime, Utc};
use hearth_app::view::{PoolAct, PoolActed};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    backend::pool_acts,
    error::Result,
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Params, Segments},
    },
};

pub fn routes() -> Router<Hearth> {
    let at = |act: &str| format!("/api/v2/pools/{{template}}/{{preset}}/{act}");
    Router::new()
        .route(&at("pause"), put(pause).delete(resume))
        .route(&at("override"), put(override_until).delete(end_override))
        .route(&at("reset-failures"), post(reset_failures))
        .route(&at("invalidate"), post(invalidate))
        .route(&at("delete-members"), post(delete_members))
}

type Place = Segments<(String, String)>;

/// For changes that have nothing else to say.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Seen {
    revision: Option<i64>,
}

async fn change(
    hearth: &Hearth,
    Caller(actor): Caller,
    Segments((template, preset)): Place,
    revision: Option<i64>,
    act: PoolAct,
) -> Result<PoolActed> {
    pool_acts::change(hearth, &actor, (&template, &preset), revision, &act).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PauseBody {
    note: String,
    revision: Option<i64>,
}

async fn pause(
    State(hearth): State<Hearth>,
    caller: Caller,
    place: Place,
    Body(body): Body<PauseBody>,
) -> Result<StatusCode> {
    change(&hearth, caller, place, body.revision, PoolAct::Pause { note: body.note }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn resume(
    State(hearth): State<Hearth>,
    caller: Caller,
    place: Place,
    Params(seen): Params<Seen>,
) -> Result<StatusCode> {
    change(&hearth, caller, place, seen.revision, PoolAct::Resume).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverrideBody {
    instances: u32,
    until: DateTime<Utc>,
    reason: String,
    revision: Option<i64>,
}

async fn override_until(
    State(hearth): State<Hearth>,
    caller: Caller,
    place: Place,
    Body(OverrideBody { instances, until, reason, revision }): Body<OverrideBody>,
) -> Result<StatusCode> {
    change(&hearth, caller, place, revision, PoolAct::Override { instances, until, reason }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_override(
    State(hearth): State<Hearth>,
    caller: Caller,
    place: Place,
    Params(seen): Params<Seen>,
) -> Result<StatusCode> {
    change(&hearth, caller, place, seen.revision, PoolAct::EndOverride).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reset_failures(
    State(hearth): State<Hearth>,
    caller: Caller,
    place: Place,
    Params(seen): Params<Seen>,
) -> Result<StatusCode> {
    change(&hearth, caller, place, seen.revision, PoolAct::ResetFailures).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Members {
    members: u32,
    /// Left alone, because they are busy, claimed or gone.
    skipped: u32,
}

impl From<PoolActed> for Members {
    fn from(PoolActed { members, skipped }: PoolActed) -> Self {
        Self { members, skipped }
    }
}

async fn invalidate(
    State(hearth): State<Hearth>,
    caller: Caller,
    place: Place,
    Params(seen): Params<Seen>,
) -> Result<Json<Members>> {
    Ok(Json(change(&hearth, caller, place, seen.revision, PoolAct::Invalidate).await?.into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteBody {
    workspaces: Vec<Uuid>,
}

async fn delete_members(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((template, preset)): Place,
    Body(body): Body<DeleteBody>,
) -> Result<Json<Members>> {
    let members: Vec<_> = body.workspaces.into_iter().map(Into::into).collect();
    let deleted = pool_acts::delete_members(&hearth, &actor, (&template, &preset), &members).await?;
    Ok(Json(deleted.into()))
}
