//! What would happen over weeks: the decisions of [`decide`](crate::decide()), taken over simulated time.
//!
//! The simulated world is small: people ask at the instants of the demand, a member that is created is ready (or has
//! failed) after the time of its build, a claim takes the oldest member, a deletion is done at once. The reconciler
//! in it is the real one. Time jumps from event to event: to the next request, the next end of a build, or the next
//! instant at which the reconciler looks. The tick between them is left out, because a decision never changes
//! between two events before its `next_wake`; that is a property which the tests hold.
//!
//! Pure as everything here: what is left to chance follows from the scenario's seed. Bounded: a scenario may be only
//! so large ([`Scenario::problems`]), and one that would take too many steps all the same ends with an error.

mod chance;
mod check;
mod compare;
mod demand;
mod outcome;
mod pool;
mod scenario;
mod tally;

use chance::{Chance, Stream};
pub use check::{LONGEST_SECONDS, MOST_AN_HOUR, MOST_DAYS, MOST_INSTANCES, MOST_REQUESTS, MOST_SAMPLES};
use chrono::{DateTime, Utc};
pub use compare::compare;
use demand::{Arrivals, Poisson};
pub use outcome::{Builds, Outcome, Part, Wait, Waits};
use pool::Pool;
pub use scenario::{Demand, PoolSettings, Scenario, Spread, Wakes};

use crate::{
    json::{Problem, WHOLE},
    schedule,
};

/// So many steps at most, unless the caller says otherwise: about five seconds of work.
pub const MOST_STEPS: u64 = 500_000_000;

/// Simulates, or says everything that is wrong with the scenario.
pub fn simulate(scenario: &Scenario) -> Result<Outcome, Vec<Problem>> {
    simulate_within(scenario, MOST_STEPS)
}

/// Simulates with at most so many steps.
pub fn simulate_within(scenario: &Scenario, most_steps: u64) -> Result<Outcome, Vec<Problem>> {
    let problems = scenario.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut arrivals = arrivals(scenario).map_err(|problem| vec![problem])?.peekable();
    let mut pool = Pool::new(scenario);
    let (mut now, mut steps) = (scenario.from, 0);
    loop {
        let next = pool.next_event().into_iter().chain(arrivals.peek().copied()).min();
        let next = next.map_or(scenario.to, |next| next.min(scenario.to));
        pool.pass_time(now, next);
        now = next;
        if now == scenario.to {
            return Ok(pool.tally.outcome());
        }
        pool.end_builds(now);
        while arrivals.next_if(|at| *at <= now).is_some() {
            steps += pool.request(now);
        }
        if pool.due.is_some_and(|due| due <= now) {
            steps += pool.reconcile(now);
        }
        if steps > most_steps {
            return Err(vec![too_much(most_steps, now)]);
        }
    }
}

fn arrivals(scenario: &Scenario) -> Result<Arrivals<'_>, Problem> {
    match &scenario.demand {
        Demand::Recorded(instants) => {
            let mut instants = instants.clone();
            instants.sort_unstable();
            Ok(Arrivals::Recorded(instants.into_iter()))
        }
        Demand::Hourly { timezone, rates } => Ok(Arrivals::Hourly(Poisson {
            zone: schedule::timezone(timezone)
                .map_err(|error| Problem::at("demand.hourly.timezone", error.to_string()))?,
            rates,
            chance: Chance::new(scenario.seed, Stream::Demand),
            at: scenario.from,
            to: scenario.to,
        })),
    }
}

fn too_much(most_steps: u64, now: DateTime<Utc>) -> Problem {
    let reason = format!(
        "takes more than {most_steps} steps: it got as far as {now}. Take a shorter time, fewer instances or a \
         longer TTL."
    );
    Problem::at(WHOLE, reason)
}
