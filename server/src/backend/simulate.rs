//! What would happen to a pool if it were set otherwise: a week as it was beside the same week as it would be.
//!
//! The reconciler in it is the real one. The work is bounded twice: the form takes only small numbers, and a
//! simulation that takes too many steps all the same ends with words at the form.

use hearth_app::{
    backend::Actor,
    view::{FiguresView, SimulateQuery, SimulateView, SimulatedView},
};
use hearth_prebuilds::{
    simulate::{Demand, Outcome, PoolSettings, Scenario, Spread, compare, simulate_within},
    words::duration,
};

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
const MOST_WANTED: u32 = 1000;
const MOST_AN_HOUR: f64 = 1000.0;
const MOST_MINUTES: f64 = 1440.0;
const MOST_TTL_HOURS: f64 = 8760.0;
const HOURS_OF_A_WEEK: usize = 168;

pub async fn simulate(
    hearth: &Hearth,
    actor: &Actor,
    place: (&str, &str),
    query: &SimulateQuery,
) -> Result<SimulateView> {
    let known = scenario::known(hearth, actor, place).await?;
    let mut form = Form::default();
    let wish = form.read(query, known.built);
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
        asked,
        problems: Vec::new(),
        answer: None,
    };
    if form.problems.is_empty() {
        let (now, then) = both(known.scenario, &wish);
        match run(now, then).await? {
            Ok(answer) => view.answer = Some(answer),
            Err(problem) => form.problems.push((String::new(), problem)),
        }
    }
    view.problems = form.problems;
    Ok(view)
}

/// What the form asks to be otherwise.
#[derive(Default)]
struct Wish {
    desired: Option<u32>,
    /// Of every hour; `None`: as it was.
    an_hour: Option<f64>,
    build_seconds: Option<f64>,
    /// Whether `build_seconds` stand for what nobody knows, on both sides.
    unbuilt: bool,
    ttl_seconds: Option<u64>,
}

#[derive(Default)]
struct Form {
    problems: Vec<(String, String)>,
}

impl Form {
    fn read(&mut self, query: &SimulateQuery, built: bool) -> Wish {
        let typed = match query.from.as_str() {
            "typed" => true,
            "" => !query.claims_per_hour.trim().is_empty(),
            "history" => false,
            _ => {
                self.refuse("from", "Must be `history` or `typed`.".to_owned());
                false
            }
        };
        let desired = self.number("desired", &query.desired, (0.0, f64::from(MOST_WANTED)));
        if desired.is_some_and(|number| number.fract() != 0.0) {
            self.refuse("desired", "Must be a whole number.".to_owned());
        }
        let an_hour = self.number("claims_per_hour", &query.claims_per_hour, (0.0, MOST_AN_HOUR));
        if typed && query.claims_per_hour.trim().is_empty() {
            self.refuse("claims_per_hour", "Say how many ask in an hour.".to_owned());
        }
        let minutes = self.number("build_min", &query.build_min, (0.1, MOST_MINUTES));
        if !built && query.build_min.trim().is_empty() {
            let words = "Nothing was built in the last 7 days: say how many minutes a build takes.";
            self.refuse("build_min", words.to_owned());
        }
        let hours = self.number("ttl", &query.ttl, (0.0, MOST_TTL_HOURS));
        Wish {
            desired: desired.map(|number| number as u32),
            an_hour: an_hour.filter(|_| typed),
            build_seconds: minutes.map(|minutes| minutes * 60.0),
            unbuilt: !built,
            ttl_seconds: hours.map(|hours| (hours * 3600.0) as u64),
        }
    }

    fn number(&mut self, field: &str, text: &str, (least, most): (f64, f64)) -> Option<f64> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse::<f64>().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.refuse(field, format!("Must be a number from {least} to {most}."));
        }
        number
    }

    fn refuse(&mut self, field: &str, words: String) {
        self.problems.push((field.to_owned(), words));
    }
}

/// As it is, and as the form asks. Demand is a question to both; the rest is what differs.
fn both(mut now: Scenario, wish: &Wish) -> (Scenario, Scenario) {
    if let Some(an_hour) = wish.an_hour {
        now.demand = Demand::Hourly { timezone: "UTC".to_owned(), rates: vec![an_hour; HOURS_OF_A_WEEK] };
    }
    let build = wish.build_seconds.map(Spread::Fixed);
    if let Some(build) = build.clone().filter(|_| wish.unbuilt) {
        now.build_seconds = build;
    }
    let mut then = now.clone();
    if let Some(desired) = wish.desired {
        then.preset = PoolSettings { instances: desired, scheduling: None, ..then.preset };
    }
    if let Some(ttl) = wish.ttl_seconds {
        then.preset.ttl_seconds = Some(ttl).filter(|ttl| *ttl > 0);
    }
    then.build_seconds = build.unwrap_or(then.build_seconds);
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
    let step = outcome.series.len().div_ceil(HOURS_OF_A_WEEK).max(1);
    let parts = outcome.series.chunks(step).map(|parts| {
        let mean = |of: fn(&hearth_prebuilds::simulate::Part) -> f64| {
            parts.iter().map(of).sum::<f64>() / parts.len() as f64
        };
        (mean(|part| part.wanted), mean(|part| part.ready), parts.iter().map(|part| part.misses).sum())
    });
    FiguresView {
        requests: a_day(f64::from(outcome.requests)),
        misses: a_day(f64::from(outcome.misses)),
        hit_rate: outcome.hit_rate,
        machine_hours: a_day(outcome.machine_hours),
        wait_p50: outcome.waits.all.map(|wait| wait.p50),
        wait_p95: outcome.waits.all.map(|wait| wait.p95),
        parts: parts.collect(),
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
            let median = samples.get(samples.len() / 2).copied().unwrap_or_default();
            duration(median.round() as u64)
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
