use hearth_prebuilds::{Action, DeleteReason::*, decide, snapshot::Settings};
use pretty_assertions::assert_eq;

use crate::preset::{NOT_READY, Preset, READY, at, cancel, create, delete, now, preset};

#[test]
fn members_are_deleted_for_one_reason_each_oldest_first() {
    let three = || {
        preset().running("c", "08:00", READY).running("a", "08:20", NOT_READY).running("b", "08:00", READY)
    };
    let table: [(&str, Preset, Vec<Action<String>>); 9] = [
        ("extraneous ones go by age, then by id", three().wanting(1), vec![delete(Extraneous, &["b", "c"])]),
        ("a pool of none loses all", three(), vec![delete(Extraneous, &["b", "c", "a"])]),
        (
            "deletions in flight do not lessen the number to delete",
            three().wanting(1).with(|p| p.in_progress.deleting = 2),
            vec![delete(Extraneous, &["b", "c"])],
        ),
        (
            "expired ones go and are replaced at once",
            three().wanting(3).with(|p| p.ttl_seconds = Some(3000)),
            vec![delete(Expired, &["b", "c"]), create(2)],
        ),
        (
            "invalidated ones go and are replaced at once",
            three().wanting(3).with(|p| p.invalidated_at = Some(at("08:10"))),
            vec![delete(Invalidated, &["b", "c"]), create(2)],
        ),
        (
            "a member that is expired and invalidated is deleted once",
            three().wanting(3).with(|p| {
                p.ttl_seconds = Some(3000);
                p.invalidated_at = Some(at("08:30"));
            }),
            vec![delete(Expired, &["b", "c"]), delete(Invalidated, &["a"]), create(3)],
        ),
        (
            "only valid members can be extraneous",
            three().wanting(0).with(|p| p.ttl_seconds = Some(3000)),
            vec![delete(Expired, &["b", "c"]), delete(Extraneous, &["a"])],
        ),
        (
            "all members of an inactive preset go, for that one reason",
            three().wanting(3).inactive().with(|p| p.ttl_seconds = Some(3000)),
            vec![delete(Inactive, &["b", "c", "a"])],
        ),
        ("builds in flight are never touched", preset().starting(5), vec![]),
    ];
    for (case, preset, actions) in table {
        assert_eq!(preset.decide().actions, actions, "{case}");
    }
}

#[test]
fn a_preset_is_inactive_when_version_or_template_say_so() {
    let pool = || preset().wanting(1).running("a", "08:00", READY);
    let table: [(&str, Preset); 3] = [
        ("another version is active", pool().with(|p| p.version_active = false)),
        ("the template is deleted", pool().with(|p| p.template_deleted = true)),
        ("the template is deprecated", pool().with(|p| p.template_deprecated = true)),
    ];
    for (case, preset) in table {
        assert_eq!(preset.decide().actions, [delete(Inactive, &["a"])], "{case}");
    }
}

#[test]
fn pending_builds_are_cancelled_only_of_an_inactive_preset() {
    let pool = preset().wanting(1).starting(2).with(|p| p.pending = vec!["y".into(), "x".into()]);
    assert_eq!(pool.decide().actions, []);
    assert_eq!(pool.inactive().decide().actions, [cancel(&["x", "y"])]);
}

#[test]
fn failed_members_are_kept_as_evidence_for_a_while() {
    let pool = || {
        preset()
            .failed_member("old", "2025-12-29T09:00:00Z")
            .failed_member("new", "08:00")
            .failed_member("newer", "08:30")
    };
    let keep = |count, seconds| Settings {
        failed_keep_count: count,
        failed_keep_seconds: seconds,
        ..Settings::default()
    };
    let week = 7 * 24 * 3600;
    let table: [(&str, Settings, Vec<Action<String>>); 5] = [
        ("few and young enough ones are kept", keep(3, week), vec![]),
        ("of too many the oldest go", keep(1, week), vec![delete(FailedRetention, &["old", "new"])]),
        ("too old ones go however few there are", keep(3, week - 1), vec![delete(FailedRetention, &["old"])]),
        ("keeping none deletes all", keep(0, week), vec![delete(FailedRetention, &["old", "new", "newer"])]),
        ("an endless time is no overflow", keep(3, u64::MAX), vec![]),
    ];
    for (case, settings, actions) in table {
        assert_eq!(decide(&pool().0, &settings, now()).actions, actions, "{case}");
        assert_eq!(decide(&pool().inactive().0, &settings, now()).actions, actions, "{case}, inactive");
    }
}
