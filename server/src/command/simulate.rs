//! `hearth simulate`: what a pool would do over weeks, for a scenario on stdin. No server, no database.

use std::{
    io::{Read, Result, Write},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use hearth_prebuilds::{
    DeleteReason,
    simulate::{Outcome, Scenario, Wait, simulate},
    words::duration,
};

use super::document::{self, REFUSED};

const EXAMPLE: &str = r#"Example:
  hearth simulate <<'SCENARIO'
  {"from": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z",
   "preset": {"instances": 2, "ttl_seconds": 86400},
   "demand": {"recorded": ["2026-01-05T08:00:00Z", "2026-01-05T08:01:00Z", "2026-01-05T08:02:00Z"]},
   "build_seconds": {"percentiles": {"p50": 240, "p95": 600}},
   "claim_seconds": {"fixed": 5}}
  SCENARIO

docs/simulate.md has every key, and how to read the answer."#;

#[derive(Args)]
#[command(after_long_help = EXAMPLE)]
pub struct Simulate {
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Format {
    /// The figures
    #[default]
    Table,
    /// The figures and the series to draw
    Json,
}

/// Reads a scenario and prints what would happen, or one line for each problem.
pub fn run(
    settings: &Simulate,
    input: impl Read,
    mut output: impl Write,
    errors: impl Write,
) -> Result<ExitCode> {
    let outcome = document::answer(input, errors, |bytes| simulate(&Scenario::read(bytes)?))?;
    let Some(outcome) = outcome else { return Ok(ExitCode::from(REFUSED)) };
    match settings.output {
        Format::Table => table(&outcome, output)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut output, &outcome)?;
            writeln!(output)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(outcome: &Outcome, mut out: impl Write) -> Result<()> {
    let a_day = |figure: f64| figure / outcome.days();
    let share = outcome.hit_rate.map_or("-".to_owned(), |rate| format!("{:.1} %", rate * 100.0));
    let Outcome { requests, hits, misses, builds, machine_hours, .. } = outcome;
    writeln!(out, "{:<20}{:>10}{:>12}", "", "in all", "a day")?;
    for (name, count) in [("requests", requests), ("hits", hits), ("misses", misses)] {
        writeln!(out, "{name:<20}{count:>10}{:>12.1}", a_day(f64::from(*count)))?;
    }
    writeln!(out, "{:<20}{share:>10}", "hit rate")?;
    writeln!(out, "{:<20}{machine_hours:>10.1}{:>12.1}", "machine-hours", a_day(*machine_hours))?;
    for (name, count) in [("builds", builds.started), ("builds failed", builds.failed)] {
        writeln!(out, "{name:<20}{count:>10}{:>12.1}", a_day(f64::from(count)))?;
    }
    for (reason, count) in &outcome.deletions {
        let name = format!("deleted: {}", word(*reason));
        writeln!(out, "{name:<20}{count:>10}{:>12.1}", a_day(f64::from(*count)))?;
    }
    writeln!(out, "\n{:<20}{:>10}{:>12}", "wait", "p50", "p95")?;
    let waits = &outcome.waits;
    for (name, wait) in [("all", waits.all), ("from the pool", waits.claim), ("built cold", waits.cold)] {
        let text = |pick: fn(Wait) -> f64| wait.map_or("-".to_owned(), |wait| seconds(pick(wait)));
        writeln!(out, "{name:<20}{:>10}{:>12}", text(|wait| wait.p50), text(|wait| wait.p95))?;
    }
    if let Some(at) = outcome.creation_stopped_at {
        let at = at.format("%Y-%m-%d %H:%M UTC");
        writeln!(out, "\nCreation stopped at {at}: too many builds in a row had failed.")?;
    }
    Ok(())
}

fn word(reason: DeleteReason) -> &'static str {
    match reason {
        DeleteReason::Expired => "expired",
        DeleteReason::Invalidated => "invalidated",
        DeleteReason::Extraneous => "too many",
        DeleteReason::Inactive => "inactive",
        DeleteReason::FailedRetention => "failed",
    }
}

fn seconds(seconds: f64) -> String {
    if seconds < 60.0 { format!("{seconds:.1} s") } else { duration(seconds.round() as u64) }
}
