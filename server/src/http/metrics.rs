//! `/metrics` for Prometheus, under the names of the upstream product, so that boards and alerts made for it work.
//!
//! Counters are the pools' own rows, so a restart loses none; gauges come from the same bounded read as a pass.
//! Nothing here walks history. Put the path behind your proxy's access rules: it needs no session.

use std::{collections::HashMap, fmt::Write as _};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use hearth_prebuilds::snapshot::PresetHealth;

use crate::{
    backend::pools::{self, PoolNow},
    error::Result,
    hearth::Hearth,
    store::{
        pools::{Pool, PoolKey, list},
        settings::{self, PREBUILDS_PAUSED, Paused},
    },
};

pub fn routes() -> Router<Hearth> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(hearth): State<Hearth>) -> Result<impl IntoResponse> {
    let now = hearth.clock.now();
    let pools = list(&mut hearth.db.read().await?).await?;
    let current = pools::read(&hearth, now).await?;
    let mut text = render(&pools, &current);
    let paused = settings::get::<Paused>(&mut hearth.db.read().await?, PREBUILDS_PAUSED).await?.is_some();
    family(
        &mut text,
        "reconciliation_paused",
        "gauge",
        "1 while all pools are paused",
        [(String::new(), paused.into())],
    );
    family(
        &mut text,
        "metrics_last_updated",
        "gauge",
        "When these figures were read, in seconds since 1970",
        [(String::new(), now.timestamp())],
    );
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

/// A column of the pools' rows, with its name and help.
type Count = (&'static str, &'static str, fn(&Pool) -> i64);

const COUNTERS: [Count; 5] = [
    ("created_total", "Prebuilds whose first build succeeded", |pool| pool.created_total),
    ("failed_total", "Prebuilds whose first build failed", |pool| pool.failed_total),
    ("claimed_total", "Prebuilds handed to a person", |pool| pool.claimed_total),
    ("missed_total", "Requests that matched a pool and found nothing to claim", |pool| pool.missed_total),
    ("resource_replacements_total", "Claims that destroyed and recreated a resource", |pool| {
        pool.replaced_total
    }),
];

/// What holds now, with its name and help; `None` leaves the line out.
type Gauge = (&'static str, &'static str, fn(&PoolNow) -> Option<i64>);

const GAUGES: [Gauge; 5] = [
    ("desired", "Prebuilds wanted now", |pool| Some(pool.decision.state.desired.into())),
    ("running", "Prebuilds that run", |pool| Some(pool.decision.state.actual.into())),
    ("eligible", "Prebuilds that can be claimed", |pool| Some(pool.decision.state.eligible.into())),
    ("preset_hard_limited", "1 while creation is stopped by failures", |pool| {
        (pool.decision.health == PresetHealth::HardLimited).then_some(1)
    }),
    ("preset_validation_failed", "1 while creation is stopped by a parameter without a value", |pool| {
        (pool.decision.health == PresetHealth::ValidationFailed).then_some(1)
    }),
];

fn render(pools: &[Pool], current: &[PoolNow]) -> String {
    let mut text = String::new();
    for (name, help, value) in COUNTERS {
        family(&mut text, name, "counter", help, pools.iter().map(|pool| (labels(pool), value(pool))));
    }
    let keyed =
        |pool: &Pool| PoolKey { template_id: pool.template_id, preset_name: pool.preset_name.clone() };
    let labels: HashMap<PoolKey, String> = pools.iter().map(|pool| (keyed(pool), labels(pool))).collect();
    let active: Vec<&PoolNow> = current.iter().filter(|pool| pool.preset.version_active).collect();
    for (name, help, value) in GAUGES {
        let lines = active.iter().filter_map(|pool| Some((labels.get(&pool.key)?.clone(), value(pool)?)));
        family(&mut text, name, "gauge", help, lines);
    }
    text
}

fn labels(pool: &Pool) -> String {
    format!(
        "{{template_name=\"{}\",preset_name=\"{}\",organization_name=\"{}\"}}",
        escape(&pool.template_name),
        escape(&pool.preset_name),
        escape(&pool.organization_name)
    )
}

/// As the exposition format asks for label values.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn family(
    text: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    lines: impl IntoIterator<Item = (String, i64)>,
) {
    let name = format!("coderd_prebuilt_workspaces_{name}");
    // Writing into a string cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in lines {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}
