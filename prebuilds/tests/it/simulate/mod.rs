//! A pool over simulated time: small cases that can be followed by hand.

mod properties;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::{
    DeleteReason,
    simulate::{
        Demand, Outcome, PoolSettings, Scenario, Spread, Wait, Wakes, compare, simulate, simulate_within,
    },
    snapshot::{GlobalPause, Override, Settings},
};
use insta::assert_snapshot;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::preset::{at, pause, scheduling};

/// 08:00 to 12:00 of a pool that wants one; builds take 10 minutes, claims 5 seconds, cold builds 15 minutes.
fn scenario(requests: &[&str]) -> Scenario {
    Scenario {
        from: at("08:00"),
        to: at("12:00"),
        seed: 1,
        preset: PoolSettings { instances: 1, ttl_seconds: None, scheduling: None, override_: None },
        settings: Settings::default(),
        wakes: Wakes::Events,
        reconcile_interval_seconds: 60,
        demand: Demand::Recorded(requests.iter().map(|instant| at(instant)).collect()),
        build_seconds: Spread::Fixed(600.0),
        failure_probability: 0.0,
        claim_seconds: Spread::Fixed(5.0),
        cold_build_seconds: Some(Spread::Fixed(900.0)),
        ready_at_start: None,
    }
}

fn run(scenario: &Scenario) -> Outcome {
    simulate(scenario).unwrap()
}

#[test]
fn a_member_is_replaced_when_it_is_claimed_and_until_then_people_build_cold() {
    // The second comes while the replacement is built; the third at the instant at which it gets ready.
    let outcome = run(&scenario(&["09:00", "09:09:59", "09:10", "11:00"]));
    assert_eq!((outcome.requests, outcome.hits, outcome.misses), (4, 3, 1));
    assert_eq!(outcome.hit_rate, Some(0.75));
    let wait = |p50, p95| Some(Wait { p50, p95 });
    assert_eq!(outcome.waits.claim, wait(5.0, 5.0));
    assert_eq!(outcome.waits.cold, wait(900.0, 900.0));
    assert_eq!(outcome.waits.all, wait(5.0, 900.0));
    assert_eq!((outcome.builds.started, outcome.builds.failed), (3, 0));
    assert_eq!(outcome.machine_hours, 4.0, "one is there, ready or starting, all the time");
    assert_eq!(outcome.part_seconds, 60);
    assert_eq!(outcome.series.len(), 240);
    let part = outcome.series[69];
    assert_eq!((part.at, part.wanted, part.ready, part.claims, part.misses), (at("09:09"), 1.0, 0.0, 0, 1));
    assert_eq!(outcome.series[70].claims, 1);
    assert_eq!(outcome.series[80].ready, 1.0);
}

#[test]
fn a_pool_may_start_empty() {
    let mut empty = scenario(&["08:05", "08:10"]);
    empty.ready_at_start = Some(0);
    let outcome = run(&empty);
    assert_eq!((outcome.hits, outcome.misses, outcome.builds.started), (1, 1, 2));
}

#[test]
fn nobody_asks_and_nothing_happens() {
    let outcome = run(&scenario(&[]));
    assert_eq!((outcome.requests, outcome.hit_rate, outcome.waits.all), (0, None, None));
    assert_eq!((outcome.decisions, outcome.machine_hours), (1, 4.0));
}

#[test]
fn members_past_their_time_are_replaced() {
    let mut old = scenario(&[]);
    old.preset.ttl_seconds = Some(3600);
    let outcome = run(&old);
    // Each is made when the one before has expired, and its time counts from there.
    assert_eq!(outcome.deletions.get(&DeleteReason::Expired), Some(&3));
    assert_eq!(outcome.builds.started, 3);
}

#[test]
fn a_schedule_and_an_override_change_what_is_wanted() {
    let mut pool = scenario(&[]);
    pool.preset.scheduling = Some(scheduling("UTC", &[("* 9 * * *", 3)]));
    pool.preset.override_ = Some(Override { instances: 2, until: at("08:30") });
    let outcome = run(&pool);
    let wanted: Vec<_> = [0, 30, 60, 119, 120].iter().map(|part| outcome.series[*part].wanted).collect();
    assert_eq!(wanted, [2.0, 1.0, 3.0, 3.0, 1.0]);
    assert_eq!(outcome.deletions.get(&DeleteReason::Extraneous), Some(&3));
    assert_eq!(outcome.builds.started, 2);
}

#[test]
fn failures_hold_creation_back_and_stop_it_at_the_limit() {
    let mut broken = scenario(&["08:00:30"]);
    broken.failure_probability = 1.0;
    let outcome = run(&broken);
    // Ends 08:10:30, waits 1 min; ends 08:21:30, waits 2 min; ends 08:33:30.
    assert_eq!((outcome.builds.started, outcome.builds.failed), (3, 3));
    let stopped = outcome.creation_stopped_at.unwrap();
    assert_eq!(stopped - at("08:33:30"), TimeDelta::microseconds(2));
}

#[test]
fn a_paused_pool_is_claimed_empty() {
    let mut paused = scenario(&["09:00", "10:00"]);
    paused.settings.paused = GlobalPause::Paused(Some(pause()));
    let outcome = run(&paused);
    assert_eq!((outcome.hits, outcome.misses, outcome.builds.started), (1, 1, 0));
}

#[test]
fn a_reconciler_that_hears_of_nothing_looks_at_its_tick() {
    let mut deaf = scenario(&["09:00:10"]);
    deaf.wakes = Wakes::Tick;
    deaf.reconcile_interval_seconds = 300;
    let outcome = run(&deaf);
    assert_eq!((outcome.decisions, outcome.builds.started), (3, 1), "at 08:00, 09:05 and 09:15");
    let ready_again = outcome.series.iter().position(|part| part.at > at("09:00") && part.ready == 1.0);
    assert_eq!(outcome.series[ready_again.unwrap()].at, at("09:15"));
}

#[test]
fn hours_of_the_week_are_those_of_the_zone() {
    let mut week = scenario(&[]);
    week.to = week.from + TimeDelta::days(14);
    let mut rates = vec![0.0; 168];
    // Monday from 9 to 10 in New York is 14:00 to 15:00 UTC.
    rates[9] = 200.0;
    week.demand = Demand::Hourly { timezone: "America/New_York".to_owned(), rates };
    let outcome = run(&week);
    assert!((300..500).contains(&outcome.requests), "{}", outcome.requests);
    let hour = at("14:00")..at("15:00");
    for part in outcome.series.iter().filter(|part| part.claims + part.misses > 0) {
        let day = part.at - TimeDelta::days((part.at - week.from).num_days());
        assert!(hour.contains(&day), "{}", part.at);
    }
}

#[test]
fn times_follow_their_percentiles_and_samples() {
    let mut week = scenario(&[]);
    week.to = week.from + TimeDelta::days(7);
    week.demand = Demand::Hourly { timezone: "UTC".to_owned(), rates: vec![60.0; 168] };
    week.claim_seconds = Spread::Samples(vec![1.0, 2.0]);
    week.cold_build_seconds = Some(Spread::Percentiles { p50: 100.0, p95: 300.0 });
    let outcome = run(&week);
    let (claim, cold) = (outcome.waits.claim.unwrap(), outcome.waits.cold.unwrap());
    assert!((1.0..=2.0).contains(&claim.p50) && claim.p95 == 2.0, "{claim:?}");
    assert!((95.0..105.0).contains(&cold.p50) && (280.0..320.0).contains(&cold.p95), "{cold:?}");
}

#[test]
fn a_difference_is_told_in_words() {
    let one = run(&scenario(&["09:00", "09:05"]));
    let mut two = scenario(&["09:00", "09:05"]);
    two.preset.instances = 2;
    let two = run(&two);
    assert_snapshot!(compare(&one, &two), @"6 misses fewer a day, 24 machine-hours more a day, p95 wait 14 min 55 s shorter");
    assert_snapshot!(compare(&two, &one), @"6 misses more a day, 24 machine-hours fewer a day, p95 wait 14 min 55 s longer");
    assert_snapshot!(compare(&one, &one), @"no difference");
}

#[test]
fn a_pool_that_never_rests_ends_with_an_error() {
    let mut restless = scenario(&[]);
    restless.to = restless.from + TimeDelta::days(365);
    restless.preset.instances = 10_000;
    restless.preset.ttl_seconds = Some(1);
    restless.build_seconds = Spread::Percentiles { p50: 60.0, p95: 120.0 };
    let problems = simulate_within(&restless, 1_000_000).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].reason.starts_with("takes more than 1000000 steps"), "{}", problems[0]);
}

/// A scenario as a person writes it.
fn written() -> Value {
    json!({
        "from": "2026-01-05T00:00:00Z", "to": "2026-01-12T00:00:00Z",
        "preset": {"instances": 2, "scheduling": {"timezone": "UTC", "schedules": [{"cron": "* 8 * * *", "instances": 4}]}},
        "demand": {"hourly": {"timezone": "Europe/Berlin", "rates": vec![1.5; 168]}},
        "build_seconds": {"percentiles": {"p50": 240, "p95": 600}},
        "claim_seconds": {"fixed": 5},
    })
}

fn read(scenario: &Value) -> Result<Scenario, String> {
    Scenario::read(scenario.to_string().as_bytes())
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn what_may_be_absent_has_a_default() {
    let read = read(&written()).unwrap();
    assert_eq!((read.seed, read.wakes, read.reconcile_interval_seconds), (0, Wakes::Events, 60));
    assert_eq!((read.failure_probability, read.cold_build_seconds, read.ready_at_start), (0.0, None, None));
    assert_eq!(read.settings, Settings::default());
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let table: [(&str, Value); 35] = [
        ("/to", json!("2026-01-05T00:00:00Z")),
        ("/to", json!("2028-01-08T00:00:00Z")),
        ("/from", json!("1969-12-31T23:59:59Z")),
        ("/from", json!("yesterday")),
        ("/seed", json!(-1)),
        ("/speed", json!(1)),
        ("/wakes", json!("never")),
        ("/preset", json!([2, null, null, null])),
        ("/preset/instances", json!(10_001)),
        ("/preset/override", json!({"instances": 10_001, "until": "2026-01-05T00:00:00Z"})),
        ("/preset/scheduling/schedules/0/instances", json!(20_000)),
        ("/preset/scheduling/schedules/0/cron", json!("5 8 * * *")),
        ("/preset/scheduling/timezone", json!("Mars/Olympus")),
        (
            "/preset/scheduling/schedules",
            json!([{"cron": "* 8 * * *", "instances": 1}, {"cron": "* * * * 1", "instances": 2}]),
        ),
        ("/preset/scheduling/schedules", json!(vec![json!({"cron": "* 8 30 2 *", "instances": 1}); 101])),
        ("/reconcile_interval_seconds", json!(0)),
        ("/failure_probability", json!(1.5)),
        ("/failure_probability", json!(-0.1)),
        ("/ready_at_start", json!(1_000_000)),
        ("/build_seconds", json!({"fixed": 0})),
        ("/build_seconds", json!({"fixed": 604_801})),
        ("/build_seconds", json!({"percentiles": {"p50": 600, "p95": 240}})),
        ("/build_seconds", json!({"samples": []})),
        ("/build_seconds", json!({"samples": [1, -1]})),
        ("/build_seconds", json!({"mean": 3})),
        ("/claim_seconds", json!(5)),
        ("/claim_seconds", json!({"fixed": 5, "samples": [5]})),
        ("/cold_build_seconds", json!("long")),
        ("/cold_build_seconds", json!({"fixed": "long"})),
        ("/demand", json!([])),
        ("/demand/hourly/rates", json!([1])),
        ("/demand/hourly/rates/7", json!(-0.5)),
        ("/demand/hourly/rates/7", json!("5")),
        ("/demand/hourly/rates", json!(vec![10_000.0; 168])),
        ("/demand", json!({"recorded": ["2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z"]})),
    ];
    let said = table.map(|(place, value)| {
        let mut scenario = written();
        let (parent, key) = place.rsplit_once('/').unwrap();
        match scenario.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
            object => object[key] = value,
        }
        read(&scenario).unwrap_err()
    });
    assert_snapshot!(said.join("\n"));
}

#[test]
fn numbers_that_json_cannot_say_are_refused_too() {
    let mut odd = scenario(&["09:00"]);
    odd.failure_probability = f64::NAN;
    odd.build_seconds = Spread::Percentiles { p50: f64::NAN, p95: f64::INFINITY };
    odd.claim_seconds = Spread::Fixed(f64::NEG_INFINITY);
    odd.to = DateTime::<Utc>::MAX_UTC;
    odd.demand = Demand::Hourly { timezone: "UTC".to_owned(), rates: vec![f64::NAN; 168] };
    let paths: Vec<_> = simulate(&odd).unwrap_err().into_iter().map(|problem| problem.path).collect();
    assert_eq!(
        paths,
        [
            "to",
            "to",
            "failure_probability",
            "build_seconds.percentiles.p50",
            "build_seconds.percentiles.p95",
            "claim_seconds.fixed",
            "demand.hourly.rates[0]",
            "demand.hourly.rates[1]",
            "demand.hourly.rates[2]",
            "demand.hourly.rates[3]",
            "demand.hourly.rates[4]",
        ]
    );
}
