//! `/api/v2/workspaces/{workspace}/states`: older Terraform states, for owners. Their content never leaves the server.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::WorkspaceId;
use http::StatusCode;
use serde::Serialize;

use crate::{
    backend::states,
    error::Result,
    hearth::Hearth,
    http::{auth::Caller, extract::Segments},
    store::states::Listed,
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/workspaces/{workspace}/states", get(list))
        .route("/api/v2/workspaces/{workspace}/states/{serial}/restore", post(restore))
}

#[derive(Serialize)]
struct StateBody {
    serial: i64,
    /// Of the build that wrote it, or that was the newest when it was restored.
    build_number: i64,
    /// The serial whose content it has again; null for what a build wrote.
    restored_from: Option<i64>,
    created_at: DateTime<Utc>,
}

impl From<Listed> for StateBody {
    fn from(state: Listed) -> Self {
        let Listed { serial, build_number, restored_from, created_at } = state;
        Self { serial, build_number, restored_from, created_at }
    }
}

#[derive(Serialize)]
struct Restored {
    serial: i64,
    restored_from: i64,
}

/// The newest 200, newest first.
async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(workspace): Segments<WorkspaceId>,
) -> Result<Json<Vec<StateBody>>> {
    let states = states::list(&hearth, &actor, workspace).await?;
    Ok(Json(states.into_iter().map(Into::into).collect()))
}

async fn restore(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((workspace, serial)): Segments<(WorkspaceId, i64)>,
) -> Result<(StatusCode, Json<Restored>)> {
    let restored = states::restore(&hearth, &actor, workspace, serial).await?;
    Ok((StatusCode::CREATED, Json(Restored { serial: restored, restored_from: serial })))
}
