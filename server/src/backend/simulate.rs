//! What would happen to a pool if it were set otherwise: a week as it was beside the same week as it would be.
//!
//! The reconciler in it is the real one. The work is bounded twice: the form takes only small numbers, and a
//! simulation that takes too many steps all the same ends with words at the form.

mod form;

use hearth_app::{
    backend::Actor,
    view::{FiguresView, HistoryView, SimulateQuery, SimulateView, SimulatedView, SlotPool, SlotView},
};
use hearth_prebuilds::{
    simulate::{Demand, Outcome, Part, PoolSettings, Scenario, Spread, Wakes, compare, simulate_within},
    words::duration,
};

use form::{Form, Wish};

use super::{
    frame,
    scenario::{self, Known},
};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

/// Less than a quarter of a second of work for each of the two.
const MOST_STEPS: u64 = 20_000_000;
const HOURS_OF_A_WEEK: usize = 168;

pub async fn simulate(
    hearth: &Hearth,
    actor: &Actor,
    place: (&str, &str),
    query: &SimulateQuery,
) -> Result<SimulateView> {
    let known = scenario::known(hearth, actor, place).await?;
    let mut form = Form::default();
    let wish = form.read(query, &known);
    let asked = match &known.scenario.demand {
        Demand::Recorded(instants) => u32::try_from(instants.len()).unwrap_or(u32::MAX),
        Demand::Hourly { .. } => 0,
    };
    let mut view = SimulateView {
        frame: frame::frame(hearth, actor).await?,
        template: place.0.to_owned(),
        preset: place.1.to_owned(),
        now_wanted: wanted(&known.scenario.preset),
        now_ttl: ttl(&known.scenario.preset),
        now_build: build(&known),
        now_failures: format!("{:.0}%", known.scenario.failure_probability * 100.0),
        timezone: wish.timezone.clone(),
        asked,
        problems: Vec::new(),
        answer: None,
    };
    if form.problems.is_empty() {
        let (now, then) = both(known, &wish);
        match run(now, then).await? {
            Ok(answer) => view.answer = Some(answer),
            Err(problem) => form.problems.push((String::new(), problem)),
        }
    }
    view.problems = form.problems;
    Ok(view)
}

/// As it is, and as the form asks. Demand is a question to both; the rest is what differs.
fn both(known: Known, wish: &Wish) -> (Scenario, Scenario) {
    let mut now = known.scenario;
    if let Some(rates) = wish.rates.clone() {
        now.demand = Demand::Hourly { timezone: wish.timezone.clone(), rates };
    }
    // What nobody knows is guessed for both.
    if let Some(build) = wish.build.clone().filter(|_| !known.built) {
        now.build_seconds = build;
    }
    let mut then = now.clone();
    if let Some(desired) = wish.desired {
        then.preset = PoolSettings { instances: desired, scheduling: None, ..then.preset };
    }
    if let Some(scheduling) = wish.scheduling.clone() {
        then.preset.scheduling = Some(scheduling);
    }
    if let Some(ttl) = wish.ttl_seconds {
        then.preset.ttl_seconds = Some(ttl).filter(|ttl| *ttl > 0);
    }
    if let Some(seconds) = wish.every_seconds {
        (then.wakes, then.reconcile_interval_seconds) = (Wakes::Tick, seconds);
    }
    then.build_seconds = wish.build.clone().unwrap_or(then.build_seconds);
    then.failure_probability = wish.failures.unwrap_or(then.failure_probability);
    (now, then)
}

/// Off the threads that serve requests.
async fn run(now: Scenario, then: Scenario) -> Result<std::result::Result<SimulatedView, String>> {
    let work = move || {
        let hcl = hcl(&then.preset);
        let first = |problems: Vec<hearth_prebuilds::document::Problem>| {
            problems.first().map_or_else(String::new, ToString::to_string)
        };
        let (now, then) = (
            simulate_within(&now, MOST_STEPS).map_err(first)?,
            simulate_within(&then, MOST_STEPS).map_err(first)?,
        );
        let verdict = compare(&now, &then);
        Ok(SimulatedView { verdict, now: figures(&now), then: figures(&then), hcl })
    };
    let fault = |error: tokio::task::JoinError| Error::Internal(format!("a simulation: {error}"));
    tokio::task::spawn_blocking(work).await.map_err(fault)
}

fn figures(outcome: &Outcome) -> FiguresView {
    let a_day = |figure: f64| figure / outcome.days();
    FiguresView {
        requests: a_day(f64::from(outcome.requests)),
        misses: a_day(f64::from(outcome.misses)),
        hit_rate: outcome.hit_rate,
        machine_hours: a_day(outcome.machine_hours),
        wait_p50: outcome.waits.all.map(|wait| wait.p50),
        wait_p95: outcome.waits.all.map(|wait| wait.p95),
        history: history(outcome),
    }
}

/// The series in at most as many slots as a week has hours, in whole members.
fn history(outcome: &Outcome) -> HistoryView {
    let step = outcome.series.len().div_ceil(HOURS_OF_A_WEEK).max(1);
    let slot = |parts: &[Part]| {
        let mean =
            |of: fn(&Part) -> f64| (parts.iter().map(of).sum::<f64>() / parts.len() as f64).round() as u32;
        SlotView {
            pool: Some(SlotPool {
                wanted: mean(|part| part.wanted),
                ready: mean(|part| part.ready),
                held_back: false,
            }),
            claims: parts.iter().map(|part| part.claims).sum(),
            misses: parts.iter().map(|part| part.misses).sum(),
        }
    };
    HistoryView {
        from: outcome.from,
        slot_minutes: outcome.part_seconds * step as u32 / 60,
        slots: outcome.series.chunks(step).map(slot).collect(),
        versions: Vec::new(),
    }
}

fn wanted(preset: &PoolSettings) -> String {
    match &preset.scheduling {
        Some(scheduling) if !scheduling.schedules.is_empty() => {
            let lines = scheduling.schedules.iter().map(|line| format!("{}: {}", line.cron, line.instances));
            format!("{}; else {}", lines.collect::<Vec<_>>().join("; "), preset.instances)
        }
        _ => preset.instances.to_string(),
    }
}

fn ttl(preset: &PoolSettings) -> String {
    preset.ttl_seconds.filter(|ttl| *ttl > 0).map_or_else(|| "never".to_owned(), duration)
}

fn build(known: &Known) -> String {
    match &known.scenario.build_seconds {
        _ if !known.built => "unknown".to_owned(),
        Spread::Samples(samples) => {
            let mut samples = samples.clone();
            samples.sort_unstable_by(f64::total_cmp);
            let at = |place: usize| duration(samples.get(place).copied().unwrap_or_default().round() as u64);
            format!("{}, 95% within {}", at(samples.len() / 2), at(samples.len() * 95 / 100))
        }
        Spread::Fixed(seconds) | Spread::Percentiles { p50: seconds, .. } => duration(seconds.round() as u64),
    }
}

/// The block of the preset that asks for this.
fn hcl(preset: &PoolSettings) -> String {
    let mut lines = vec!["prebuilds {".to_owned(), format!("  instances = {}", preset.instances)];
    if let Some(ttl) = preset.ttl_seconds.filter(|ttl| *ttl > 0) {
        lines.extend(["  expiration_policy {".to_owned(), format!("    ttl = {ttl}"), "  }".to_owned()]);
    }
    if let Some(scheduling) = preset.scheduling.as_ref().filter(|scheduling| !scheduling.schedules.is_empty())
    {
        lines.push("  scheduling {".to_owned());
        lines.push(format!("    timezone = {:?}", scheduling.timezone));
        for line in &scheduling.schedules {
            lines.push("    schedule {".to_owned());
            lines.push(format!("      cron      = {:?}", line.cron));
            lines.push(format!("      instances = {}", line.instances));
            lines.push("    }".to_owned());
        }
        lines.push("  }".to_owned());
    }
    lines.push("}".to_owned());
    lines.join("\n")
}
