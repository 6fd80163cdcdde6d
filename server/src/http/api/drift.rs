//! `/api/v2/drift`: what claims recreated, by cause, the one seen last first.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use hearth_app::view::{CauseView, ChangeView, DriftQuery, OccurrenceView, ValueView};
use hearth_prebuilds::ids::CauseId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    backend::drift,
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Params, Segments},
    },
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/drift", get(list))
        .route("/api/v2/drift/{cause}/acknowledge", post(acknowledge).delete(unacknowledge))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DriftParams {
    template: String,
    preset: String,
    resource: String,
    status: String,
    range: String,
}

#[derive(Serialize)]
struct Drift {
    open_causes: u32,
    /// Claims of the last seven days that recreated something.
    claims_7d: u32,
    causes: Vec<CauseBody>,
}

#[derive(Serialize)]
struct CauseBody {
    id: Uuid,
    template_name: String,
    address: String,
    resource_type: String,
    path: String,
    status: String,
    claims: u32,
    /// How much longer these claims took than claims without drift do; null without one to compare with.
    lost_seconds: Option<u64>,
    acknowledged_by: Option<String>,
    acknowledged_at: Option<DateTime<Utc>>,
    first_version_name: String,
    last_version_name: String,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    occurrences: Vec<OccurrenceBody>,
}

#[derive(Serialize)]
struct OccurrenceBody {
    workspace_id: Uuid,
    workspace_name: String,
    preset_name: String,
    claimed_by: String,
    address: String,
    at: DateTime<Utc>,
    changes: Vec<ChangeBody>,
}

#[derive(Serialize)]
struct ChangeBody {
    path: String,
    forces_replacement: bool,
    before: ValueBody,
    after: ValueBody,
}

/// `kind` is `text`, `absent`, `known_after_apply` or `sensitive`; only a text has a value.
#[derive(Serialize)]
struct ValueBody {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl From<CauseView> for CauseBody {
    fn from(cause: CauseView) -> Self {
        Self {
            id: cause.id.0,
            template_name: cause.template,
            address: cause.address,
            resource_type: cause.resource_type,
            path: cause.path,
            status: cause.status,
            claims: cause.claims,
            lost_seconds: cause.lost_seconds,
            acknowledged_by: cause.acknowledged_by,
            acknowledged_at: cause.acknowledged_at,
            first_version_name: cause.first_version,
            last_version_name: cause.last_version,
            first_seen_at: cause.first_seen_at,
            last_seen_at: cause.last_seen_at,
            occurrences: cause.occurrences.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<OccurrenceView> for OccurrenceBody {
    fn from(seen: OccurrenceView) -> Self {
        Self {
            workspace_id: seen.workspace_id.0,
            workspace_name: seen.workspace_name,
            preset_name: seen.preset,
            claimed_by: seen.claimed_by,
            address: seen.address,
            at: seen.at,
            changes: seen.changes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ChangeView> for ChangeBody {
    fn from(change: ChangeView) -> Self {
        Self {
            path: change.path,
            forces_replacement: change.forces,
            before: change.before.into(),
            after: change.after.into(),
        }
    }
}

impl From<ValueView> for ValueBody {
    fn from(value: ValueView) -> Self {
        match value {
            ValueView::Text(text) => Self { kind: "text", value: Some(text) },
            ValueView::Absent => Self { kind: "absent", value: None },
            ValueView::KnownAfterApply => Self { kind: "known_after_apply", value: None },
            ValueView::Sensitive => Self { kind: "sensitive", value: None },
        }
    }
}

async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(params): Params<DriftParams>,
) -> Result<Json<Drift>> {
    let DriftParams { template, preset, resource, status, range } = params;
    let query = DriftQuery { template, preset, resource, status, range };
    let view = drift::drift(&hearth, &actor, &query).await?;
    // A page shows what it can; a program must not take everything for what it asked for.
    if let Some((field, value)) = view.ignored.first().and_then(|ignored| ignored.split_once('=')) {
        return Err(Error::invalid(field, format!("`{value}` is not known")));
    }
    let causes = view.causes.into_iter().map(Into::into).collect();
    Ok(Json(Drift { open_causes: view.open_causes, claims_7d: view.claims_7d, causes }))
}

/// Answers with nothing: whoever wants to see the cause lists it.
async fn acknowledge(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(cause): Segments<CauseId>,
) -> Result<StatusCode> {
    drift::acknowledge(&hearth, &actor, cause).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unacknowledge(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(cause): Segments<CauseId>,
) -> Result<StatusCode> {
    drift::unacknowledge(&hearth, &actor, cause).await?;
    Ok(StatusCode::NO_CONTENT)
}
