use hearth_prebuilds::{
    Action, decide,
    snapshot::{PresetHealth, Settings},
};
use pretty_assertions::assert_eq;

use crate::preset::{Preset, READY, at, back_off, create, delete, now, preset};

#[test]
fn a_recent_failure_holds_creation_back() {
    let wanting = |count| preset().wanting(count);
    let table: [(&str, Preset, Vec<Action<String>>); 13] = [
        ("one failure waits one interval", wanting(2).failed_build("08:59:30"), vec![back_off("09:00:30")]),
        (
            "every failure of the look-back stretches the wait",
            wanting(2).failed_build("08:30").succeeded_build("08:40").failed_build("08:59"),
            vec![back_off("09:01")],
        ),
        (
            "creation is still held back at the very end",
            wanting(2).failed_build("08:59"),
            vec![back_off("09:00")],
        ),
        ("creation resumes strictly after it", wanting(2).failed_build("08:58:59"), vec![create(2)]),
        (
            "a success after the failure ends it for a pool of one",
            wanting(1).failed_build("08:59:30").succeeded_build("08:59:40"),
            vec![create(1)],
        ),
        (
            "a pool of two still sees the failure before one success",
            wanting(2).failed_build("08:59:30").succeeded_build("08:59:40"),
            vec![back_off("09:00:30")],
        ),
        (
            "a pool of none with a schedule looks at as many builds as the schedule may want",
            wanting(0)
                .scheduled("UTC", &[("* 9 * * *", 2), ("* 20 * * *", 3)])
                .failed_build("08:59:30")
                .succeeded_build("08:59:40")
                .succeeded_build("08:59:50"),
            vec![back_off("09:00:30")],
        ),
        (
            "so does an active override",
            wanting(0).overridden(3, "10:00").failed_build("08:59:30").succeeded_build("08:59:40"),
            vec![back_off("09:00:30")],
        ),
        (
            "an ended override does not",
            wanting(1).overridden(3, "09:00").failed_build("08:59:30").succeeded_build("08:59:40"),
            vec![create(1)],
        ),
        (
            "nothing missing, nothing held back",
            wanting(1).running("a", "08:00", READY).failed_build("08:59:30"),
            vec![],
        ),
        (
            "deletions go on",
            wanting(2)
                .running("a", "08:00", READY)
                .with(|p| p.ttl_seconds = Some(60))
                .failed_build("08:59:30"),
            vec![delete(hearth_prebuilds::DeleteReason::Expired, &["a"]), back_off("09:00:30")],
        ),
        (
            "failures at or before a reset do not count",
            wanting(2)
                .failed_build("08:59:30")
                .failed_build("08:59:40")
                .with(|p| p.failures_reset_at = Some(at("08:59:40"))),
            vec![create(2)],
        ),
        ("an inactive preset never backs off", wanting(2).failed_build("08:59:30").inactive(), vec![]),
    ];
    for (case, preset, actions) in table {
        assert_eq!(preset.decide().actions, actions, "{case}");
    }
}

#[test]
fn a_failure_counts_up_to_and_including_the_end_of_the_look_back() {
    let settings = |lookback| Settings {
        backoff_interval_seconds: 7200,
        backoff_lookback_seconds: lookback,
        ..Settings::default()
    };
    let pool = preset().wanting(1).failed_build("08:00");
    assert_eq!(decide(&pool.0, &settings(3600), now()).actions, [back_off("10:00")]);
    assert_eq!(decide(&pool.0, &settings(3599), now()).actions, [create(1)]);
}

#[test]
fn a_wait_beyond_all_time_ends_with_time() {
    let settings = Settings { backoff_interval_seconds: u64::MAX, ..Settings::default() };
    let decision = decide(&preset().wanting(1).failed_build("08:59").0, &settings, now());
    assert_eq!(decision.actions, [back_off("9999-12-31T23:59:59Z")]);
}

#[test]
fn too_many_failures_in_a_row_stop_creation() {
    let failing = || preset().wanting(2).failed_build("06:00").failed_build("06:10").failed_build("06:20");
    let limit = |limit| Settings { failure_hard_limit: limit, ..Settings::default() };
    let table: [(&str, Preset, u32, PresetHealth); 7] = [
        ("as many as the limit", failing(), 3, PresetHealth::HardLimited),
        ("fewer than the limit", failing(), 4, PresetHealth::Healthy),
        ("a limit of 0 is none", failing(), 0, PresetHealth::Healthy),
        ("a success clears it", failing().succeeded_build("06:30"), 3, PresetHealth::Healthy),
        ("a success before them does not", failing().succeeded_build("05:00"), 3, PresetHealth::HardLimited),
        (
            "a reset clears it",
            failing().with(|p| p.failures_reset_at = Some(at("06:00"))),
            3,
            PresetHealth::Healthy,
        ),
        (
            "what was recorded before does not count",
            preset().wanting(2).with(|p| p.health = PresetHealth::HardLimited),
            3,
            PresetHealth::Healthy,
        ),
    ];
    for (case, preset, failures, health) in table {
        let decision = decide(&preset.0, &limit(failures), now());
        assert_eq!(decision.health, health, "{case}");
        let created = if health == PresetHealth::Healthy { 2 } else { 0 };
        assert_eq!(decision.created(), created, "{case}");
    }
}

#[test]
fn a_limit_is_not_also_a_back_off() {
    let pool = preset().wanting(2).failed_build("08:57").failed_build("08:58").failed_build("08:59");
    assert_eq!(pool.decide().actions, []);
}
