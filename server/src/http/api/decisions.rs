//! `/api/v2/decisions`: what the reconciler decided, newest first, and each decision as a document of `hearth decide`.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    backend::decisions,
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Params, Segments},
    },
    store::{
        decisions::{Of, Recorded, Stretch},
        place::Place,
    },
};

/// How many are listed when nobody says.
const USUAL: u32 = 50;
const MOST: u32 = 500;

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/decisions", get(list))
        .route("/api/v2/decisions/{id}", get(one))
        .route("/api/v2/decisions/{id}/document", get(document))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ListParams {
    preset: Option<Uuid>,
    /// By name.
    template: String,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    /// The one decision of the preset that was in force then.
    at: Option<DateTime<Utc>>,
    limit: u32,
    /// `next_cursor` of the page before.
    cursor: String,
}

impl ListParams {
    fn of(&self) -> Result<Of<'_>> {
        match (self.preset, self.template.as_str(), self.at) {
            (Some(preset), "", _) => Ok(Of::Preset(preset.into())),
            (Some(_), _, _) => Err(Error::invalid("template", "must not be given together with `preset`")),
            (None, _, Some(_)) => {
                Err(Error::invalid("at", "needs `preset`: every preset has a decision of its own"))
            }
            (None, "", None) => Ok(Of::Everybody),
            (None, template, None) => Ok(Of::Template(template)),
        }
    }

    /// One more than is shown, to see whether there are more.
    fn stretch(&self) -> Result<Stretch> {
        let mut stretch = Stretch::newest(self.limit() + 1);
        if let Some(at) = self.at {
            if self.from.is_some() || self.to.is_some() || !self.cursor.is_empty() {
                return Err(Error::invalid("at", "must not be given together with `from`, `to` or `cursor`"));
            }
            return Ok(Stretch { to: at.into(), limit: 1, ..stretch });
        }
        stretch.from = self.from.map_or(stretch.from, Into::into);
        stretch.to = self.to.map_or(stretch.to, Into::into);
        if stretch.from > stretch.to {
            return Err(Error::invalid("to", "must not be before `from`"));
        }
        if !self.cursor.is_empty() {
            stretch.before = Place::of_cursor(&self.cursor)
                .ok_or_else(|| Error::invalid("cursor", "is not one that was given out"))?;
        }
        Ok(stretch)
    }

    fn limit(&self) -> u32 {
        if self.limit == 0 { USUAL } else { self.limit.min(MOST) }
    }
}

#[derive(Serialize)]
struct Decisions {
    decisions: Vec<DecisionBody>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct DecisionBody {
    id: Uuid,
    preset_id: Uuid,
    preset_name: String,
    template_id: Uuid,
    template_name: String,
    version_name: String,
    at: DateTime<Utc>,
    /// The newest pass that came to the same.
    last_confirmed_at: DateTime<Utc>,
    /// State, actions, health, next wake and reasons, as an answer of `hearth decide`.
    #[serde(flatten)]
    decision: Value,
}

impl From<Recorded> for DecisionBody {
    fn from(recorded: Recorded) -> Self {
        Self {
            id: recorded.id,
            preset_id: recorded.preset_id.0,
            preset_name: recorded.preset_name,
            template_id: recorded.template_id.0,
            template_name: recorded.template_name,
            version_name: recorded.version_name,
            at: recorded.decided_at,
            last_confirmed_at: recorded.confirmed_at,
            decision: recorded.decision.0,
        }
    }
}

async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<Decisions>> {
    let mut rows = decisions::list(&hearth, &actor, params.of()?, params.stretch()?).await?;
    let shown = params.limit() as usize;
    let more = rows.len() > shown;
    rows.truncate(shown);
    let next_cursor = rows.last().filter(|_| more).map(|last| last.place().cursor());
    Ok(Json(Decisions { decisions: rows.into_iter().map(Into::into).collect(), next_cursor }))
}

async fn one(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<DecisionBody>> {
    Ok(Json(decisions::one(&hearth, &actor, id).await?.into()))
}

async fn document(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Response> {
    let document = decisions::document(&hearth, &actor, id).await?;
    let name = format!("attachment; filename=\"decision-{}.json\"", id.simple());
    Ok(([(header::CONTENT_DISPOSITION, name)], Json(document)).into_response())
}
