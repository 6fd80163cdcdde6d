//! What holds for every scenario.

use chrono::TimeDelta;
use hearth_prebuilds::{
    DeleteReason,
    simulate::{Demand, Outcome, PoolSettings, Scenario, Spread, Wakes},
    snapshot::Override,
};
use proptest::{collection::vec, option, prelude::*};

use super::{run, scenario};
use crate::preset::{at, scheduling};

fn spread() -> impl Strategy<Value = Spread> {
    prop_oneof![
        (1.0..2000.0).prop_map(Spread::Fixed),
        vec(0.5..2000.0, 1..5).prop_map(Spread::Samples),
        (1.0..600.0, 1.0..5.0).prop_map(|(p50, more)| Spread::Percentiles { p50, p95: p50 * more }),
    ]
}

fn any_demand() -> impl Strategy<Value = Demand> {
    let recorded = vec(0_i64..48 * 3600, 0..60).prop_map(|seconds| {
        Demand::Recorded(seconds.into_iter().map(|second| at("08:00") + TimeDelta::seconds(second)).collect())
    });
    let hourly =
        vec(0.0..6.0, 168).prop_map(|rates| Demand::Hourly { timezone: "Asia/Kathmandu".to_owned(), rates });
    prop_oneof![recorded, hourly]
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    let lines = prop_oneof![
        Just(None),
        Just(Some(scheduling("Europe/Berlin", &[("* 8-18 * * 1-5", 4)]))),
        Just(Some(scheduling("Australia/Lord_Howe", &[("* 9 * * *", 0), ("* 10-12 * * *", 6)]))),
    ];
    let pool = (0_u32..6, option::of(60_u64..20_000), lines, option::of((0_u32..6, 0_i64..48)));
    let times = (spread(), spread(), option::of(spread()), 0.0..0.6_f64);
    let rest =
        (any::<u64>(), option::of(0_u32..8), prop_oneof![Just(Wakes::Events), Just(Wakes::Tick)], 1_u64..900);
    (pool, times, rest, any_demand()).prop_map(|(pool, times, rest, demand)| {
        let (instances, ttl_seconds, scheduling, over) = pool;
        let (build_seconds, claim_seconds, cold_build_seconds, failure_probability) = times;
        let (seed, ready_at_start, wakes, reconcile_interval_seconds) = rest;
        let override_ = over
            .map(|(instances, hours)| Override { instances, until: at("08:00") + TimeDelta::hours(hours) });
        Scenario {
            to: at("08:00") + TimeDelta::hours(48),
            seed,
            preset: PoolSettings { instances, ttl_seconds, scheduling, override_ },
            wakes,
            reconcile_interval_seconds,
            demand,
            build_seconds,
            failure_probability,
            claim_seconds,
            cold_build_seconds,
            ready_at_start,
            ..scenario(&[])
        }
    })
}

/// The largest number that the pool ever wants.
fn largest(scenario: &Scenario) -> u32 {
    let lines = scenario.preset.scheduling.iter().flat_map(|scheduling| &scheduling.schedules);
    let over = scenario.preset.override_.iter().map(|over| over.instances);
    lines.map(|line| line.instances).chain(over).fold(scenario.preset.instances, u32::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_same_scenario_has_the_same_outcome(scenario in any_scenario()) {
        prop_assert_eq!(run(&scenario), run(&scenario));
    }

    #[test]
    fn everybody_who_asks_gets_a_member_or_none(scenario in any_scenario()) {
        let outcome = run(&scenario);
        prop_assert_eq!(outcome.hits + outcome.misses, outcome.requests);
        if let Demand::Recorded(instants) = &scenario.demand {
            prop_assert_eq!(outcome.requests as usize, instants.len());
        }
        prop_assert_eq!(outcome.series.iter().map(|part| part.claims).sum::<u32>(), outcome.hits);
        prop_assert_eq!(outcome.series.iter().map(|part| part.misses).sum::<u32>(), outcome.misses);
    }

    #[test]
    fn no_more_members_leave_the_pool_than_came_into_it(scenario in any_scenario()) {
        let outcome = run(&scenario);
        let started = outcome.builds.started + scenario.ready_at_start.unwrap_or(largest(&scenario));
        let left: u32 = outcome.deletions.values().sum();
        let kept = outcome.deletions.get(&DeleteReason::FailedRetention).copied().unwrap_or(0);
        prop_assert!(outcome.hits + (left - kept) + outcome.builds.failed <= started);
        prop_assert!(kept <= outcome.builds.failed);
    }

    #[test]
    fn never_more_are_ready_than_are_ever_wanted(scenario in any_scenario()) {
        let most = f64::from(largest(&scenario).max(scenario.ready_at_start.unwrap_or(0)));
        let outcome = run(&scenario);
        for part in &outcome.series {
            prop_assert!(part.ready <= most, "{} at {}", part.ready, part.at);
        }
    }

    #[test]
    fn the_pools_settings_change_neither_who_comes_nor_when(scenario in any_scenario(), instances in 0_u32..9) {
        let mut other = scenario.clone();
        other.preset.instances = instances;
        let (one, other) = (run(&scenario), run(&other));
        let people = |outcome: &Outcome| -> Vec<u32> {
            outcome.series.iter().map(|part| part.claims + part.misses).collect()
        };
        prop_assert_eq!(people(&one), people(&other));
    }

    #[test]
    fn a_scenario_survives_being_written_and_read(scenario in any_scenario()) {
        let json = serde_json::to_vec(&scenario).unwrap();
        let read = Scenario::read(&json);
        prop_assert_eq!(read.map(|read| run(&read)), Ok(run(&scenario)));
    }
}
