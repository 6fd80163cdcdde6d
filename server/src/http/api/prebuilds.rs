//! `/api/v2/prebuilds/settings`: the switch over all pools.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use hearth_prebuilds::snapshot::GlobalPause;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::{
    backend::acts,
    error::{Error, Result},
    hearth::Hearth,
    http::{auth::Caller, extract::Body},
    store::snapshot,
};

/// Whoever pauses here cannot say why; people who look at a pool read this instead.
const NOTE: &str = "Paused over the API";

pub fn routes() -> Router<Hearth> {
    Router::new().route("/api/v2/prebuilds/settings", get(read).put(write))
}

#[derive(Serialize, Deserialize)]
struct Settings {
    reconciliation_paused: bool,
    /// Not upstream's: why.
    #[serde(default, skip_serializing)]
    note: Option<String>,
}

async fn paused(hearth: &Hearth) -> Result<bool> {
    Ok(snapshot::global_pause(&mut hearth.db.read().await?).await? != GlobalPause::Running)
}

async fn read(State(hearth): State<Hearth>, _caller: Caller) -> Result<Json<Settings>> {
    Ok(Json(Settings { reconciliation_paused: paused(&hearth).await?, note: None }))
}

/// 304 when nothing changes, also when somebody else was faster.
async fn write(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Body(wanted): Body<Settings>,
) -> Result<Response> {
    acts::check_administers(&actor)?;
    if paused(&hearth).await? == wanted.reconciliation_paused {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let changed = if wanted.reconciliation_paused {
        acts::pause_all(&hearth, &actor, wanted.note.as_deref().unwrap_or(NOTE)).await
    } else {
        acts::resume_all(&hearth, &actor).await
    };
    match changed {
        Ok(()) => Ok(Json(wanted).into_response()),
        Err(Error::Conflict(_)) => Ok(StatusCode::NOT_MODIFIED.into_response()),
        Err(error) => Err(error),
    }
}
