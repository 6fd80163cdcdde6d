use hearth_prebuilds::{
    DeleteReason::*,
    decide,
    snapshot::{GlobalPause, PresetHealth, Settings},
};
use pretty_assertions::assert_eq;

use crate::preset::{Preset, READY, at, create, delete, now, pause, preset};

/// Something to create, to delete for three reasons, and to wait for.
fn busy() -> Preset {
    preset()
        .wanting(3)
        .running("old", "07:00", READY)
        .failed_member("f", "2025-12-01T00:00:00Z")
        .with(|p| p.ttl_seconds = Some(3600))
}

#[test]
fn a_pause_holds_everything() {
    let all = Settings { paused: GlobalPause::Paused(Some(pause())), ..Settings::default() };
    let unknown = Settings { paused: GlobalPause::Paused(None), ..Settings::default() };
    let gone = || busy().inactive().with(|p| p.pending = vec!["x".into()]);
    for preset in [busy(), gone(), busy().failed_build("08:59:50")] {
        assert_eq!(decide(&preset.0, &all, now()).actions, []);
        assert_eq!(decide(&preset.0, &unknown, now()).actions, []);
        assert_eq!(preset.paused().decide().actions, []);
    }
}

#[test]
fn a_paused_pool_still_says_what_can_be_claimed() {
    let pool = preset().wanting(3).running("a", "08:00", READY).paused();
    assert_eq!(pool.decide().state.eligible, 1);
}

#[test]
fn a_limited_or_invalid_preset_still_deletes_but_never_creates() {
    let limited = busy().failed_build("06:00").failed_build("06:10").failed_build("06:20");
    let invalid = busy().with(|p| p.health = PresetHealth::ValidationFailed);
    for (preset, health) in [(limited, PresetHealth::HardLimited), (invalid, PresetHealth::ValidationFailed)]
    {
        let decision = preset.decide();
        assert_eq!(decision.actions, [delete(Expired, &["old"]), delete(FailedRetention, &["f"])]);
        assert_eq!(decision.health, health);
    }
}

#[test]
fn an_override_beats_schedule_and_instances_until_it_ends() {
    let pool = || preset().wanting(1).scheduled("UTC", &[("* 9-10 * * *", 2)]).overridden(5, "09:30");
    let table = [
        ("before its end", at("09:29:59"), 5),
        ("at its end", at("09:30"), 2),
        ("outside the schedule", at("11:00"), 1),
    ];
    for (case, now, wanted) in table {
        assert_eq!(pool().decide_at(now).state.desired, wanted, "{case}");
    }
    assert_eq!(pool().overridden(0, "09:30").decide().actions, []);
    assert_eq!(pool().inactive().decide().state.desired, 0);
}

#[test]
fn a_schedule_that_cannot_be_followed_leaves_the_presets_own_number() {
    let table = [
        ("no line", "UTC", vec![]),
        ("an unknown zone", "Mars/Olympus", vec![("* * * * *", 5)]),
        ("no zone", "", vec![("* * * * *", 5)]),
        ("an unreadable line", "UTC", vec![("* 9 * * *", 5), ("* 10 * * 7", 6)]),
        ("overlapping lines", "UTC", vec![("* 9 * * *", 5), ("* * 5 * *", 6)]),
    ];
    for (case, zone, lines) in table {
        let pool = preset().wanting(2).scheduled(zone, &lines);
        assert_eq!(pool.decide().actions, [create(2)], "{case}");
    }
}
