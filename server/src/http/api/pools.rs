//! `/api/v2/pools`: every pool as it is now, what is decided about it, and what was asked of it.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use hearth_app::view::{DemandView, OverrideView};
use hearth_prebuilds::{
    Decision,
    policy::{Blocked, DriftPolicy},
    snapshot::Pause,
};
use http::header;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    backend::{
        policy,
        pools::{self, Asked},
        scenario,
    },
    error::Result,
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Segments},
    },
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/pools", get(list))
        .route("/api/v2/pools/{template}/{preset}", get(one).patch(change))
        .route("/api/v2/pools/{template}/{preset}/scenario", get(pool_scenario))
}

#[derive(Serialize)]
struct Pools {
    pools: Vec<PoolBody>,
}

#[derive(Serialize)]
struct PoolBody {
    template_id: Uuid,
    template_name: String,
    version_name: String,
    preset_id: Uuid,
    preset_name: String,
    /// In one word, such as `healthy` or `backing_off`.
    state: &'static str,
    /// Who paused this pool, when and why; null while it is not.
    paused: Option<Pause>,
    /// How many are wanted until when, by whom and why; null while none holds.
    #[serde(rename = "override")]
    override_: Option<OverrideView>,
    /// Grows with each change that a person makes to this pool.
    revision: i64,
    next_change: Option<NextChangeBody>,
    /// `allow` or `block`: whether members whose claim would recreate something are handed over.
    policy: DriftPolicy,
    /// Why no member is handed over now, by the policy; null when any may be.
    blocked: Option<BlockedBody>,
    /// What holds now, as an answer of `hearth decide`.
    decision: Decision,
    /// Of the last 5 minutes, hour, day and week.
    demand: Vec<DemandBody>,
}

#[derive(Serialize)]
struct NextChangeBody {
    at: DateTime<Utc>,
    from: u32,
    to: u32,
    timezone: String,
}

#[derive(Serialize)]
struct BlockedBody {
    #[serde(flatten)]
    why: Blocked,
    /// The same as a sentence.
    text: String,
}

impl From<Blocked> for BlockedBody {
    fn from(why: Blocked) -> Self {
        Self { text: why.to_string(), why }
    }
}

#[derive(Serialize)]
struct DemandBody {
    seconds: u64,
    claims: u32,
    misses: u32,
    /// Null when nobody asked.
    hit_rate: Option<f64>,
}

impl From<DemandView> for DemandBody {
    fn from(DemandView { seconds, claims, misses }: DemandView) -> Self {
        let requests = f64::from(claims) + f64::from(misses);
        let hit_rate = (requests > 0.0).then(|| f64::from(claims) / requests);
        Self { seconds, claims, misses, hit_rate }
    }
}

impl From<Asked> for PoolBody {
    fn from(Asked { pool, demand, next_change, settings, blocked }: Asked) -> Self {
        Self {
            template_id: pool.key.template_id.0,
            template_name: pool.preset.template,
            version_name: pool.preset.version,
            preset_id: pool.preset.id.0,
            preset_name: pool.preset.name,
            state: pool.state.slug(),
            paused: pool.preset.paused,
            override_: settings.override_,
            revision: settings.revision,
            next_change: next_change.map(|next| NextChangeBody {
                at: next.at,
                from: next.from,
                to: next.to,
                timezone: next.timezone,
            }),
            policy: pool.policy,
            blocked: blocked.map(Into::into),
            decision: pool.decision,
            demand: demand.into_iter().map(Into::into).collect(),
        }
    }
}

async fn list(State(hearth): State<Hearth>, Caller(actor): Caller) -> Result<Json<Pools>> {
    let pools = pools::list(&hearth, &actor).await?;
    Ok(Json(Pools { pools: pools.into_iter().map(Into::into).collect() }))
}

async fn one(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((template, preset)): Segments<(String, String)>,
) -> Result<Json<PoolBody>> {
    Ok(Json(pools::one(&hearth, &actor, (&template, &preset)).await?.into()))
}

#[derive(Deserialize)]
struct Settings {
    policy: String,
}

/// Changes the settings of a pool, and answers with the pool.
async fn change(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((template, preset)): Segments<(String, String)>,
    Body(settings): Body<Settings>,
) -> Result<Json<PoolBody>> {
    policy::set_policy(&hearth, &actor, (&template, &preset), &settings.policy).await?;
    Ok(Json(pools::one(&hearth, &actor, (&template, &preset)).await?.into()))
}

async fn pool_scenario(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((template, preset)): Segments<(String, String)>,
) -> Result<Response> {
    let scenario = scenario::scenario(&hearth, &actor, (&template, &preset)).await?;
    let attachment = "attachment; filename=\"scenario.json\"";
    Ok(([(header::CONTENT_DISPOSITION, attachment)], Json(scenario)).into_response())
}
