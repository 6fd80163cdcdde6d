use hearth_prebuilds::{State, calculate_actions, calculate_state, snapshot::Settings};
use pretty_assertions::assert_eq;

use crate::preset::{NOT_READY, Preset, READY, create, now, preset};

#[test]
fn the_diagnosis_counts_each_kind() {
    let none = State::default();
    let pool = || preset().wanting(3).running("a", "08:00", READY).running("b", "08:10", NOT_READY);
    let table: [(&str, Preset, State); 9] = [
        ("nothing is wanted and nothing is there", preset(), none),
        ("wanted comes from the preset", preset().wanting(3), State { desired: 3, ..none }),
        ("only ready members are eligible", pool(), State { actual: 2, desired: 3, eligible: 1, ..none }),
        (
            "an expired member is actual and expired but not eligible, ready or not",
            pool().with(|p| p.ttl_seconds = Some(3000)),
            State { actual: 2, desired: 3, eligible: 0, expired: 1, ..none },
        ),
        (
            "an age of exactly the TTL is not expired",
            pool().with(|p| p.ttl_seconds = Some(3600)),
            State { actual: 2, desired: 3, eligible: 1, ..none },
        ),
        (
            "a TTL of 0 means for ever",
            pool().with(|p| p.ttl_seconds = Some(0)),
            State { actual: 2, desired: 3, eligible: 1, ..none },
        ),
        (
            "members made strictly before an invalidation count as expired",
            pool().with(|p| p.invalidated_at = Some(crate::preset::at("08:10"))),
            State { actual: 2, desired: 3, expired: 1, ..none },
        ),
        (
            "valid members above the number wanted are extraneous, ready or not",
            pool().wanting(1),
            State { actual: 2, desired: 1, eligible: 1, extraneous: 1, ..none },
        ),
        (
            "an inactive preset wants none, has none eligible and none extraneous",
            pool().inactive(),
            State { actual: 2, ..none },
        ),
    ];
    for (case, preset, expected) in table {
        assert_eq!(calculate_state(&preset.0, now()), expected, "{case}");
        assert_eq!(preset.decide().state, expected, "{case}");
    }
}

#[test]
fn what_is_missing_is_created() {
    let pool = || preset().wanting(3).running("a", "08:00", READY);
    let table: [(&str, Preset, u32); 8] = [
        ("an empty pool is filled", preset().wanting(3), 3),
        ("running members count, ready or not", pool().running("b", "08:00", NOT_READY), 1),
        ("starting ones count", pool().starting(1), 1),
        ("more starting than missing creates none", pool().starting(5), 0),
        (
            "stopping and deleting ones do not count",
            pool().with(|p| {
                p.in_progress.stopping = 4;
                p.in_progress.deleting = 4;
            }),
            2,
        ),
        ("an expired member is replaced", pool().with(|p| p.ttl_seconds = Some(60)), 3),
        ("a full pool creates none", pool().wanting(1), 0),
        ("an inactive preset creates none", pool().inactive(), 0),
    ];
    for (case, preset, count) in table {
        assert_eq!(preset.decide().created(), count, "{case}");
    }
}

#[test]
fn diagnosis_and_actions_taken_one_by_one_are_the_decision() {
    let pool = preset().wanting(3).running("a", "08:00", READY);
    let state = calculate_state(&pool.0, now());
    let actions = calculate_actions(&pool.0, &state, &Settings::default(), now());
    assert_eq!(actions, [create(2)]);
    assert_eq!(actions, pool.decide().actions);
}
