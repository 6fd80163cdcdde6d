//! `/api/v2/rehearsals`: what a claim would recreate, and asking to find out.

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use chrono::{DateTime, Utc};
use hearth_app::view::RehearsalView;
use hearth_prebuilds::ids::{PresetId, RehearsalId};
use http::{
    StatusCode,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    backend::{patch, rehearsals},
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Params, Segments},
    },
    store::rehearsals::{Rehearsal, by_id},
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/rehearsals", get(list).post(create))
        .route("/api/v2/rehearsals/{rehearsal}/patch", get(download))
}

#[derive(Deserialize)]
struct Of {
    preset: PresetId,
}

#[derive(Deserialize)]
struct Order {
    preset_id: PresetId,
}

#[derive(Serialize)]
struct RehearsalBody {
    id: Uuid,
    template_name: String,
    template_version_name: String,
    preset_id: Uuid,
    preset_name: String,
    job_id: Uuid,
    /// Of the job.
    status: &'static str,
    asked_by: String,
    workspace_id: Option<Uuid>,
    workspace_name: Option<String>,
    /// `clean`, `replaces` or `unknown`; null while it waits or runs.
    verdict: Option<String>,
    why: String,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    result: Option<RehearsalView>,
}

impl From<Rehearsal> for RehearsalBody {
    fn from(rehearsal: Rehearsal) -> Self {
        let shown = rehearsal.clone();
        Self {
            id: shown.id.0,
            template_name: shown.template_name,
            template_version_name: shown.version_name,
            preset_id: shown.preset_id.0,
            preset_name: shown.preset_name,
            job_id: shown.job_id.0,
            status: shown.status.as_str(),
            asked_by: shown.asked_by,
            workspace_id: shown.workspace_id,
            workspace_name: shown.workspace_name,
            verdict: shown.verdict,
            why: shown.why,
            created_at: shown.created_at,
            started_at: shown.started_at.map(Into::into),
            finished_at: shown.finished_at.map(Into::into),
            result: rehearsals::view(rehearsal),
        }
    }
}

/// The newest 20 of a preset, newest first.
async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(of): Params<Of>,
) -> Result<Json<Vec<RehearsalBody>>> {
    let found = rehearsals::list(&hearth, &actor, of.preset).await?;
    Ok(Json(found.into_iter().map(Into::into).collect()))
}

async fn create(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Body(order): Body<Order>,
) -> Result<(StatusCode, Json<RehearsalBody>)> {
    let id = rehearsals::rehearse_preset(&hearth, &actor, order.preset_id).await?;
    let made = by_id(&mut hearth.db.read().await?, id).await?.ok_or(Error::NotFound("The rehearsal"))?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// The unified diff, to be applied in the template's folder (`patch -p1`).
async fn download(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<RehearsalId>,
) -> Result<impl IntoResponse> {
    let diff = patch::diff(&hearth, &actor, id).await?;
    let headers = [
        (CONTENT_TYPE, "text/x-diff; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"fix.patch\""),
    ];
    Ok((headers, diff))
}
