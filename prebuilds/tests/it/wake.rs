use chrono::TimeDelta;
use pretty_assertions::assert_eq;

use crate::preset::{Preset, READY, at, now, preset};

#[test]
fn the_next_wake_is_when_time_alone_changes_the_answer() {
    let tick = TimeDelta::microseconds(1);
    let table: [(&str, Preset, Option<_>); 9] = [
        ("nothing changes by time", preset().wanting(3), None),
        (
            "the schedule's edge",
            preset().scheduled("Europe/Berlin", &[("* 8-18 * * 1-5", 4)]),
            Some(at("18:00")),
        ),
        (
            "the override's end, whatever the schedule does before",
            preset().scheduled("UTC", &[("* 10 * * *", 4)]).overridden(2, "20:00"),
            Some(at("20:00")),
        ),
        (
            "just after the back-off",
            preset().wanting(1).failed_build("08:59:30"),
            Some(at("09:00:30") + tick),
        ),
        (
            "a failure that leaves the look-back before",
            preset().wanting(9).failed_build("08:00:05").failed_build("08:59"),
            Some(at("09:00:05") + tick),
        ),
        ("a back-off that holds nothing back is none", preset().failed_build("08:59:30"), None),
        (
            "just after the oldest member's time",
            preset()
                .wanting(2)
                .running("a", "08:30", READY)
                .running("b", "08:20", READY)
                .running("gone", "07:00", READY)
                .with(|p| p.ttl_seconds = Some(3600)),
            Some(at("09:20") + tick),
        ),
        (
            "just after a failed member's time",
            preset().failed_member("f", "08:00"),
            Some(at("2026-01-12T08:00:00Z") + tick),
        ),
        (
            "an inactive preset follows no schedule",
            preset().scheduled("UTC", &[("* 10 * * *", 4)]).inactive(),
            None,
        ),
    ];
    for (case, preset, expected) in table {
        assert_eq!(preset.decide_at(now()).next_wake, expected, "{case}");
    }
}
