use std::collections::BTreeMap;

use hearth_prebuilds::{
    changes::{Declared, DeclaredPool, DeclaredPreset, changes},
    snapshot::{Schedule, Scheduling},
};
use pretty_assertions::assert_eq;

fn pairs<T: Clone>(pairs: &[(&str, T)]) -> BTreeMap<String, T> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn preset(pool: Option<DeclaredPool>, parameters: &[(&str, &str)]) -> DeclaredPreset {
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    DeclaredPreset { parameters: parameters.collect(), pool }
}

fn pool(instances: u32) -> Option<DeclaredPool> {
    Some(DeclaredPool { instances, ..DeclaredPool::default() })
}

fn scheduled(timezone: &str, lines: &[(&str, u32)]) -> Option<DeclaredPool> {
    let schedules =
        lines.iter().map(|(cron, instances)| Schedule { cron: (*cron).to_owned(), instances: *instances });
    let scheduling = Scheduling { timezone: timezone.to_owned(), schedules: schedules.collect() };
    Some(DeclaredPool { instances: 1, scheduling: Some(scheduling), ttl_seconds: None })
}

fn lasting(ttl_seconds: Option<u64>) -> Option<DeclaredPool> {
    Some(DeclaredPool { instances: 1, ttl_seconds, scheduling: None })
}

fn of(presets: &[(&str, DeclaredPreset)], parameters: &[(&str, Option<&str>)]) -> Declared {
    let parameters =
        parameters.iter().map(|(name, default)| ((*name).to_owned(), default.map(str::to_owned)));
    Declared { presets: pairs(presets), parameters: parameters.collect() }
}

fn told(before: &Declared, after: &Declared) -> Vec<String> {
    let change = |change: hearth_prebuilds::changes::Change| match change.preset {
        Some(preset) => format!("{preset}: {}", change.text),
        None => change.text,
    };
    changes(before, after).into_iter().map(change).collect()
}

#[test]
fn what_another_version_changes_is_told_preset_by_preset() {
    let one = |before: DeclaredPreset, after: DeclaredPreset| {
        told(&of(&[("large", before)], &[]), &of(&[("large", after)], &[]))
    };
    let cases: [(DeclaredPreset, DeclaredPreset, &[&str]); 10] = [
        (preset(pool(3), &[]), preset(pool(4), &[]), &["large: 3 → 4 wanted"]),
        (preset(None, &[]), preset(pool(2), &[]), &["large: prebuilt from now on, 2 wanted"]),
        (preset(pool(2), &[]), preset(None, &[]), &["large: no longer prebuilt; its pool is emptied"]),
        (
            preset(lasting(None), &[]),
            preset(lasting(Some(86_400)), &[]),
            &["large: removed when unclaimed for: never → 24 h"],
        ),
        (
            preset(None, &[("cpu", "4"), ("disk", "10"), ("zone", "")]),
            preset(None, &[("cpu", "8"), ("region", "eu"), ("zone", "a")]),
            &[
                "large: cpu: 4 → 8",
                "large: no longer sets disk",
                "large: sets region = eu",
                "large: zone: \"\" → a",
            ],
        ),
        (
            preset(scheduled("UTC", &[("* 8 * * *", 2), ("* 9 * * *", 3)]), &[]),
            preset(scheduled("Europe/Berlin", &[("* 8 * * *", 5), ("* 10 * * *", 1)]), &[]),
            &[
                "large: schedule in Europe/Berlin instead of UTC",
                "large: new schedule \"* 10 * * *\": 1 wanted",
                "large: schedule \"* 8 * * *\": 2 → 5 wanted",
                "large: no schedule \"* 9 * * *\" any more",
            ],
        ),
        (
            preset(lasting(None), &[]),
            preset(scheduled("UTC", &[("* 8 * * *", 2)]), &[]),
            &["large: new schedule \"* 8 * * *\": 2 wanted"],
        ),
        (
            preset(scheduled("UTC", &[("* 8 * * *", 2), ("* * * * *", 3)]), &[]),
            preset(scheduled("UTC", &[("* * * * *", 3), ("* 8 * * *", 2)]), &[]),
            &["large: schedules in another order; the first that applies counts"],
        ),
        (preset(lasting(Some(0)), &[]), preset(lasting(Some(0)), &[]), &[]),
        (preset(pool(1), &[("cpu", "4")]), preset(pool(1), &[("cpu", "4")]), &[]),
    ];
    for (before, after, expected) in cases {
        assert_eq!(one(before, after), expected);
    }
}

#[test]
fn presets_and_parameters_that_come_and_go_are_told() {
    let before =
        of(&[("old", preset(pool(1), &[]))], &[("disk", None), ("gone", Some("1")), ("size", Some("s"))]);
    let after = of(
        &[("new", preset(pool(2), &[])), ("plain", preset(None, &[]))],
        &[("disk", Some("10")), ("region", None), ("size", Some("s")), ("zone", Some("a"))],
    );
    assert_eq!(
        told(&before, &after),
        [
            "new: new preset, 2 wanted",
            "old: no longer there; its pool is emptied",
            "plain: new preset, nothing prebuilt",
            "default of disk: none → 10",
            "parameter gone is gone",
            "new parameter region, without a default",
            "new parameter zone = a",
        ]
    );
    assert_eq!(changes(&after, &after), []);
}
