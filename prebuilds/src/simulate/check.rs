//! What the types of a scenario cannot rule out, and how large one may be.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::{
    demand,
    scenario::{Demand, PoolSettings, Scenario, Spread},
};
use crate::{document::unreadable, json::Problem, schedule};

/// The longest stretch of time: two years.
pub const MOST_DAYS: i64 = 2 * 366;
/// So many requests at most.
pub const MOST_REQUESTS: usize = 1_000_000;
/// So many requests an hour at most.
pub const MOST_AN_HOUR: f64 = 10_000.0;
/// So many members at most.
pub const MOST_INSTANCES: u32 = 10_000;
/// So many samples of a duration at most.
pub const MOST_SAMPLES: usize = 100_000;
/// Nothing takes longer than a week.
pub const LONGEST_SECONDS: f64 = 7.0 * 86_400.0;
/// The hours of a week.
pub(super) const HOURS: usize = 7 * 24;
/// A long list has one cause of trouble far more often than a hundred.
const MOST_OF_A_LIST: usize = 5;

impl Scenario {
    /// Everything that makes no sense, or is too much.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = range(self.from, self.to);
        problems.extend(preset(&self.preset));
        if self.reconcile_interval_seconds == 0 {
            problems.push(Problem::at("reconcile_interval_seconds", "is 0, expected at least 1"));
        }
        if !(0.0..=1.0).contains(&self.failure_probability) {
            let reason = format!("is {}, expected a number from 0 to 1", self.failure_probability);
            problems.push(Problem::at("failure_probability", reason));
        }
        problems.extend(instances(self.ready_at_start.unwrap_or(0), "ready_at_start"));
        let cold = self.cold_build_seconds.as_ref().map(|spread| ("cold_build_seconds", spread));
        let spreads = [("build_seconds", &self.build_seconds), ("claim_seconds", &self.claim_seconds)];
        problems.extend(spreads.into_iter().chain(cold).flat_map(|(path, spread)| durations(spread, path)));
        // Requests are counted over a range and a schedule that make sense.
        let sound = problems.is_empty();
        problems.extend(demand(self, sound));
        problems
    }
}

fn range(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, at) in [("from", from), ("to", to)] {
        if !(1970..=9998).contains(&at.year()) {
            problems.push(Problem::at(path, format!("{at} is not in the years 1970 to 9998")));
        }
    }
    if to <= from {
        problems.push(Problem::at("to", format!("{to} is not after `from`")));
    } else if to - from > TimeDelta::days(MOST_DAYS) {
        problems.push(Problem::at("to", format!("is more than {MOST_DAYS} days after `from`")));
    }
    problems
}

fn preset(preset: &PoolSettings) -> Vec<Problem> {
    let mut problems: Vec<Problem> = instances(preset.instances, "preset.instances").into_iter().collect();
    if let Some(override_) = &preset.override_ {
        problems.extend(instances(override_.instances, "preset.override.instances"));
    }
    let Some(scheduling) = &preset.scheduling else { return problems };
    for (position, line) in scheduling.schedules.iter().enumerate() {
        let path = format!("preset.scheduling.schedules[{position}].instances");
        problems.extend(instances(line.instances, &path));
    }
    let unread = unreadable(scheduling, "preset.scheduling");
    // A schedule that cannot be followed is refused here: a simulation has no place to say that it was not.
    if unread.is_empty()
        && !scheduling.schedules.is_empty()
        && let Err(error) = schedule::validate(scheduling)
    {
        problems.push(Problem::at("preset.scheduling.schedules", error.to_string()));
    }
    problems.extend(unread);
    problems
}

fn instances(count: u32, path: &str) -> Option<Problem> {
    (count > MOST_INSTANCES)
        .then(|| Problem::at(path, format!("is {count}, expected at most {MOST_INSTANCES}")))
}

fn durations(spread: &Spread, path: &str) -> Vec<Problem> {
    let one = |path: String, seconds: f64| {
        let fits = seconds > 0.0 && seconds <= LONGEST_SECONDS;
        let reason = format!("is {seconds}, expected more than 0 and at most {LONGEST_SECONDS} seconds");
        (!fits).then(|| Problem::at(path, reason))
    };
    match spread {
        Spread::Fixed(seconds) => one(format!("{path}.fixed"), *seconds).into_iter().collect(),
        Spread::Samples(samples) if samples.is_empty() => {
            vec![Problem::at(format!("{path}.samples"), "is empty, expected at least one")]
        }
        Spread::Samples(samples) if samples.len() > MOST_SAMPLES => {
            let reason = format!("has {} numbers, expected at most {MOST_SAMPLES}", samples.len());
            vec![Problem::at(format!("{path}.samples"), reason)]
        }
        Spread::Samples(samples) => {
            let samples = samples.iter().enumerate();
            let problems = samples.filter_map(|(at, seconds)| one(format!("{path}.samples[{at}]"), *seconds));
            problems.take(MOST_OF_A_LIST).collect()
        }
        Spread::Percentiles { p50, p95 } => {
            let each = [("p50", *p50), ("p95", *p95)].into_iter();
            let mut problems: Vec<_> = each
                .filter_map(|(name, seconds)| one(format!("{path}.percentiles.{name}"), seconds))
                .collect();
            if p95 < p50 {
                let reason = format!("is {p95}, expected at least the {p50} of `p50`");
                problems.push(Problem::at(format!("{path}.percentiles.p95"), reason));
            }
            problems
        }
    }
}

fn demand(scenario: &Scenario, sound: bool) -> Vec<Problem> {
    match &scenario.demand {
        Demand::Recorded(instants) if instants.len() > MOST_REQUESTS => {
            let reason = format!("has {} instants, expected at most {MOST_REQUESTS}", instants.len());
            vec![Problem::at("demand.recorded", reason)]
        }
        Demand::Recorded(instants) => {
            let range = scenario.from..scenario.to;
            let outside = instants.iter().enumerate().filter(|(_, at)| !range.contains(at));
            let problems = outside.map(|(position, at)| {
                Problem::at(format!("demand.recorded[{position}]"), format!("{at} is not in `from` to `to`"))
            });
            problems.take(MOST_OF_A_LIST).collect()
        }
        Demand::Hourly { timezone, rates } => {
            let mut problems = hourly(rates);
            match schedule::timezone(timezone) {
                Err(error) => problems.push(Problem::at("demand.hourly.timezone", error.to_string())),
                Ok(zone) if sound && problems.is_empty() => {
                    let expected = demand::expected(zone, rates, scenario.from, scenario.to);
                    if expected > MOST_REQUESTS as f64 {
                        let reason = format!(
                            "make about {expected:.0} requests in the whole time, expected at most {MOST_REQUESTS}"
                        );
                        problems.push(Problem::at("demand.hourly.rates", reason));
                    }
                }
                Ok(_) => {}
            }
            problems
        }
    }
}

fn hourly(rates: &[f64]) -> Vec<Problem> {
    if rates.len() != HOURS {
        let reason = format!("has {} numbers, expected {HOURS}: one for each hour of a week", rates.len());
        return vec![Problem::at("demand.hourly.rates", reason)];
    }
    let bad = rates.iter().enumerate().filter(|(_, rate)| !(0.0..=MOST_AN_HOUR).contains(*rate));
    let problems = bad.map(|(hour, rate)| {
        let reason = format!("is {rate}, expected a number from 0 to {MOST_AN_HOUR}");
        Problem::at(format!("demand.hourly.rates[{hour}]"), reason)
    });
    problems.take(MOST_OF_A_LIST).collect()
}
