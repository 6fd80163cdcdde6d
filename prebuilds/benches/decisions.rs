//! Measures what `docs` promise of the decisions. Prints one JSON object a line, which `cargo xtask bench` shows.

use std::{
    error::Error,
    hint::black_box,
    io::{Write, stdout},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::{
    document::Document,
    simulate::{Demand, Scenario, simulate},
};
use serde_json::{Value, json};

/// The best of as many runs as fit into a few seconds: what the machine does besides only ever adds.
fn best_of(mut work: impl FnMut()) -> Duration {
    const PATIENCE: Duration = Duration::from_secs(5);
    let begun = Instant::now();
    let runs = std::iter::repeat_with(|| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    runs.take_while(|_| begun.elapsed() < PATIENCE).min().unwrap_or(PATIENCE)
}

fn report(what: &str, measured: Duration, target: Duration) -> Result<(), Box<dyn Error>> {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let line = json!({
        "what": what, "measured_ms": milliseconds(measured), "target_ms": milliseconds(target)
    });
    Ok(writeln!(stdout(), "{line}")?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let document = document(10_000, 10)?;
    let decide = best_of(|| drop(black_box(black_box(&document).answer())));
    report("decide, 10,000 presets, 10 members each, one core", decide, Duration::from_millis(20))?;

    let year = year()?;
    simulate(&year).map_err(|problems| format!("{problems:?}"))?;
    let simulated = best_of(|| drop(black_box(simulate(black_box(&year)))));
    report("simulate a year of one preset, one core", simulated, Duration::from_secs(1))
}

fn now() -> Result<DateTime<Utc>, chrono::ParseError> {
    "2026-01-05T09:00:00Z".parse()
}

/// Presets of all kinds: most are full and on a schedule, some miss members, back off, or are inactive.
fn document(presets: usize, members: usize) -> Result<Document, Box<dyn Error>> {
    let now = now()?;
    let minutes_ago = |minutes: usize| (now - TimeDelta::minutes(minutes as i64)).to_rfc3339();
    let preset = |number: usize| -> Value {
        let member = |member: usize| {
            let id = format!("{number}-{member}");
            json!({"id": id, "created_at": minutes_ago(60 * member + number % 60), "ready": member != 3})
        };
        let builds = |build: usize| {
            let succeeded = build > 0 || number % 10 != 3;
            json!({"finished_at": minutes_ago(build * 5 + 1), "succeeded": succeeded})
        };
        let scheduling = json!({"timezone": "Europe/Berlin", "schedules": [
            {"cron": "* 8-18 * * 1-5", "instances": members}, {"cron": "* 19-22 * * 1-5", "instances": 2}]});
        json!({
            "id": format!("p{number}"), "template": "web", "version": "v14", "name": "large",
            "version_active": number % 20 != 7, "template_deleted": false, "template_deprecated": false,
            "instances": members + usize::from(number % 10 == 3),
            "ttl_seconds": if number.is_multiple_of(3) { json!(86_400) } else { Value::Null },
            "scheduling": if number.is_multiple_of(2) { scheduling } else { Value::Null },
            "running": (0..members).map(member).collect::<Vec<_>>(),
            "start_builds": (0..5).map(builds).collect::<Vec<_>>(),
        })
    };
    let presets: Vec<Value> = (0..presets).map(preset).collect();
    Ok(serde_json::from_value(json!({"now": now.to_rfc3339(), "presets": presets}))?)
}

/// A year of the example of the documentation.
fn year() -> Result<Scenario, Box<dyn Error>> {
    let example = include_bytes!("../../docs/simulate.json");
    let mut scenario = Scenario::read(example).map_err(|problems| format!("{problems:?}"))?;
    scenario.to = scenario.from + TimeDelta::days(365);
    // Enough failures in a row would stop the pool early, and make the year a short one.
    scenario.settings.failure_hard_limit = 0;
    match &scenario.demand {
        Demand::Hourly { .. } => Ok(scenario),
        Demand::Recorded(_) => Err("the example has no year of demand".into()),
    }
}
