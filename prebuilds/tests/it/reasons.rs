use hearth_prebuilds::{
    Decision, Reason, decide,
    snapshot::{GlobalPause, Pause, PresetHealth, Settings},
};
use insta::assert_snapshot;
use pretty_assertions::assert_eq;

use crate::preset::{NOT_READY, Preset, READY, at, now, pause, preset};

/// `+4  Schedule ... is active: 4 wanted.` and, last, the verdict.
fn explained(decision: &Decision<String>) -> String {
    let line = |reason: &Reason| {
        let figure = reason.figure().map_or(String::new(), |figure| format!("{figure:+}"));
        format!("{figure:>3}  {}  {}", reason.code(), reason.text())
    };
    let lines: Vec<_> = decision.reasons.iter().map(line).collect();
    format!("{}\n  =  {}", lines.join("\n"), decision.verdict())
}

#[test]
fn a_decision_reads_as_a_sum_with_sentences() {
    let office = |preset: Preset| preset.scheduled("Europe/Berlin", &[("* 8-18 * * 1-5", 4)]);
    let one = || preset().wanting(4).running("a", "08:00", READY);
    let three = || one().running("b", "08:10", NOT_READY).running("c", "08:20", NOT_READY);
    let decisions = [
        office(one()).starting(1),
        office(preset().wanting(1)).with(|p| p.scheduling.as_mut().unwrap().timezone = "Asia/Tokyo".into()),
        preset().wanting(2).scheduled("UTC", &[("* 8 * * 7", 4)]),
        one().overridden(8, "18:00"),
        three().wanting(1).starting(2),
        three().with(|p| {
            p.ttl_seconds = Some(3000);
            p.invalidated_at = Some(at("08:15"));
        }),
        three().inactive().with(|p| p.pending = vec!["x".into()]),
        one().inactive().with(|p| p.template_deprecated = true),
        preset().with(|p| p.template_deleted = true),
        one().failed_build("08:58").failed_build("08:59"),
        one().failed_build("06:00").failed_build("07:00").failed_build("08:00"),
        one().with(|p| p.health = PresetHealth::ValidationFailed),
        one().paused(),
        one().failed_build("08:59").with(|p| p.failures_reset_at = Some(at("08:59:30"))),
        preset().failed_member("f", "2025-12-01T00:00:00Z"),
        one().wanting(1),
        preset(),
    ]
    .map(|preset| explained(&preset.decide()));
    assert_snapshot!(decisions.join("\n\n"), @r#"
    +4  scheduled  Schedule "* 8-18 * * 1-5" (Europe/Berlin) is active: 4 wanted.
    -1  running  1 is running and ready.
    -1  starting  1 is starting.
     =  Create 2 workspaces.

    +4  scheduled  Schedule "* 8-18 * * 1-5" (Asia/Tokyo) is active: 4 wanted.
    +0  running  None is running.
     =  Create 4 workspaces.

    +2  schedule_invalid  The schedule cannot be followed, so the preset's own number counts: 2 wanted. What is wrong: schedule "* 8 * * 7" cannot be read: day of week 7 is not known: Sunday is 0.
    +0  running  None is running.
     =  Create 2 workspaces.

    +8  overridden  An override beats the schedule until 2026-01-05 18:00:00 UTC: 8 wanted.
    -1  running  1 is running and ready.
     =  Create 7 workspaces.

    +1  instances  The preset asks for 1 at all times.
    -3  running  3 are running, 1 of them ready.
    -2  starting  2 are starting.
    +2  starting_surplus  2 are starting that nobody needs any more; builds in flight are not touched.
    +2  extraneous  2 more than wanted: the oldest go first.
     =  Remove 2 workspaces.

    +4  instances  The preset asks for 4 at all times.
    -1  running  1 is running but not ready.
        expired  Not counted: 1 unclaimed for more than 50 min.
        invalidated  Not counted: 1 made before the invalidation of 2026-01-05 08:15:00 UTC.
     =  Create 3 workspaces and remove 2.

    +0  inactive  This is not the active version. None is wanted.
        pending_cancelled  1 build waiting for a worker: closed before anything is built.
        inactive_deleted  3 left over: all are deleted.
     =  Remove 4 workspaces.

    +0  inactive  The template is deprecated. None is wanted.
        inactive_deleted  1 left over: all are deleted.
     =  Remove 1 workspace.

    +0  inactive  The template is deleted. None is wanted.
        nothing_to_do  Nothing is to be done.
     =  Nothing is to be done.

    +4  instances  The preset asks for 4 at all times.
    -1  running  1 is running and ready.
    -3  backing_off  2 builds failed, the last at 2026-01-05 08:59:00 UTC: creation waits 2 × 1 min, until 2026-01-05 09:01:00 UTC.
     =  Wait until 2026-01-05 09:01:00 UTC. No new workspace is created.

    +4  instances  The preset asks for 4 at all times.
    -1  running  1 is running and ready.
    -3  hard_limited  3 builds failed in a row (the limit is 3), so creation stopped. Ready ones can still be claimed.
     =  Creation is stopped. 3 missing.

    +4  instances  The preset asks for 4 at all times.
    -1  running  1 is running and ready.
    -3  validation_failed  A required parameter has no value, so nothing can be created until a new version.
     =  Creation is stopped. 3 missing.

    +4  instances  The preset asks for 4 at all times.
    -1  running  1 is running and ready.
    -3  paused  maria paused this pool at 2026-01-05 08:00:00 UTC: "quota work". Ready ones can still be claimed.
     =  Paused. Nothing is created or deleted.

    +4  instances  The preset asks for 4 at all times.
    -1  running  1 is running and ready.
        failures_reset  Not counted: 1 failed before the reset of 2026-01-05 08:59:30 UTC.
     =  Create 3 workspaces.

    +0  instances  The preset asks for 0 at all times.
    +0  running  None is running.
        failed_retention  1 failed workspace deleted: the newest 5 are kept as evidence, for 7 d.
     =  Remove 1 workspace.

    +1  instances  The preset asks for 1 at all times.
    -1  running  1 is running and ready.
        nothing_to_do  Nothing is to be done.
     =  Nothing is to be done.

    +0  instances  The preset asks for 0 at all times.
    +0  running  None is running.
        nothing_to_do  Nothing is to be done.
     =  Nothing is to be done.
    "#);
}

#[test]
fn a_pause_of_all_pools_says_who_if_that_is_known() {
    let said = [None, Some(pause())].map(|pause| {
        let settings = Settings { paused: GlobalPause::Paused(pause), ..Settings::default() };
        explained(&decide(&preset().wanting(2).0, &settings, now()))
    });
    assert_snapshot!(said.join("\n\n"), @r#"
    +2  instances  The preset asks for 2 at all times.
    +0  running  None is running.
    -2  paused_all  All prebuilds are paused. Ready ones can still be claimed.
     =  Paused. Nothing is created or deleted.

    +2  instances  The preset asks for 2 at all times.
    +0  running  None is running.
    -2  paused_all  maria paused all prebuilds at 2026-01-05 08:00:00 UTC: "quota work". Ready ones can still be claimed.
     =  Paused. Nothing is created or deleted.
    "#);
}

#[test]
fn a_persons_words_stay_on_one_line_and_end_somewhere() {
    let note = format!("line one\nline two {}", "x".repeat(2000));
    let pause = Pause { note, ..pause() };
    let text = Reason::Paused { pause, held_back: 0 }.text();
    assert!(text.contains("line one line two") && text.chars().count() < 450, "{text}");
}

#[test]
fn a_decision_survives_its_own_json() {
    let pool = preset()
        .wanting(4)
        .running("a", "08:00", READY)
        .with(|p| p.ttl_seconds = Some(60))
        .failed_build("08:59:59")
        .failed_member("f", "2025-12-01T00:00:00Z");
    let decision = pool.decide();
    let json = serde_json::to_value(&decision).unwrap();
    assert_eq!(json["reasons"][0]["code"], "instances");
    assert_eq!(json["reasons"][0]["figure"], 4);
    assert_eq!(serde_json::from_value::<Decision<String>>(json).unwrap(), decision);
}
