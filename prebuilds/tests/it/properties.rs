//! What holds for every preset, however odd.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::{
    Action, Decision, DeleteReason, decide,
    snapshot::{
        FailedMember, GlobalPause, InProgress, Member, Override, PresetHealth, PresetSnapshot, Settings,
        StartBuild,
    },
};
use proptest::{collection::vec, option, prelude::*};

use crate::preset::{now, pause, preset, scheduling};

type Snapshot = PresetSnapshot<String, String>;

/// An instant in the days around `now`, often the same as another.
fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![
        (-200_i64..20).prop_map(|minutes| now() + TimeDelta::minutes(minutes)),
        (-20_i64..5).prop_map(|hours| now() + TimeDelta::hours(hours)),
    ]
}

fn schedules() -> impl Strategy<Value = Vec<(&'static str, u32)>> {
    prop_oneof![
        Just(vec![("* 8-18 * * 1-5", 4), ("* * * * 0,6", 1)]),
        Just(vec![("* 9 * * *", 0), ("* 10 * * *", 6)]),
        Just(vec![("* * 6 * *", 2)]),
        Just(vec![("* 9 * * *", 1), ("* 9 * * *", 2)]),
        Just(vec![("nonsense", 9)]),
    ]
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let flags = (prop::bool::weighted(0.8), prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    let times = (option::of(0_u64..7200), option::of(instant()), option::of(instant()));
    let target = (0_u32..6, option::of(schedules()), option::of((0_u32..6, instant())));
    let lists = (vec((instant(), any::<bool>()), 0..7), vec(instant(), 0..8), 0_usize..3);
    let builds = vec((instant(), any::<bool>()), 0..6);
    let rest = (0_u32..4, 0_u32..3, prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (flags, times, target, lists, builds, rest).prop_map(
        |(
            flags,
            (ttl, invalidated, reset),
            (instances, lines, over),
            (running, failed, pending),
            builds,
            rest,
        )| {
            let (starting, other, invalid, paused) = rest;
            let named = |prefix: &str, position: usize| format!("{prefix}{position}");
            preset()
                .with(|p| {
                    (p.version_active, p.template_deleted, p.template_deprecated) = flags;
                    (p.ttl_seconds, p.invalidated_at, p.failures_reset_at) = (ttl, invalidated, reset);
                    p.instances = instances;
                    p.scheduling = lines.map(|lines| scheduling("America/New_York", &lines));
                    p.override_ = over.map(|(instances, until)| Override { instances, until });
                    p.health = if invalid { PresetHealth::ValidationFailed } else { PresetHealth::Healthy };
                    p.paused = paused.then(pause);
                    let members = running.into_iter().enumerate();
                    p.running = members
                        .map(|(i, (created_at, ready))| Member { id: named("r", i), created_at, ready })
                        .collect();
                    let members = failed.into_iter().enumerate();
                    p.failed =
                        members.map(|(i, failed_at)| FailedMember { id: named("f", i), failed_at }).collect();
                    p.pending = (0..pending).map(|i| named("q", i)).collect();
                    p.in_progress = InProgress { starting, stopping: other, deleting: other };
                    p.start_builds = builds
                        .into_iter()
                        .map(|(finished_at, succeeded)| StartBuild { finished_at, succeeded })
                        .collect();
                })
                .0
        },
    )
}

fn settings() -> impl Strategy<Value = Settings> {
    (prop::bool::weighted(0.1), 0_u64..400, 0_u64..7200, 0_u32..4, 0_u32..6, 0_u64..7200).prop_map(
        |(paused, interval, lookback, limit, keep_count, keep_seconds)| Settings {
            paused: if paused { GlobalPause::Paused(None) } else { GlobalPause::Running },
            backoff_interval_seconds: interval,
            backoff_lookback_seconds: lookback,
            failure_hard_limit: limit,
            failed_keep_count: keep_count,
            failed_keep_seconds: keep_seconds,
        },
    )
}

/// What the world looks like once the engine has done all of it.
fn apply(snapshot: &Snapshot, decision: &Decision<String>) -> Snapshot {
    let mut after = snapshot.clone();
    for action in &decision.actions {
        match action {
            Action::CancelPending { workspaces } => after.pending.retain(|id| !workspaces.contains(id)),
            Action::Delete { workspaces, .. } => {
                after.running.retain(|member| !workspaces.contains(&member.id));
                after.failed.retain(|member| !workspaces.contains(&member.id));
                after.in_progress.deleting += workspaces.len() as u32;
            }
            Action::Create { count } => after.in_progress.starting += count,
            Action::BackOff { .. } => {}
        }
    }
    after
}

fn deleted(decision: &Decision<String>) -> Vec<&String> {
    let actions = decision.actions.iter();
    actions
        .filter_map(|action| match action {
            Action::Delete { workspaces, .. } => Some(workspaces),
            _ => None,
        })
        .flatten()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_order_of_lists_never_matters(snapshot in snapshot(), settings in settings(), turn in 0_usize..8) {
        let mut other = snapshot.clone();
        other.running.reverse();
        other.failed.reverse();
        other.pending.reverse();
        let turn = turn.min(other.start_builds.len());
        other.start_builds.rotate_left(turn);
        prop_assert_eq!(decide(&snapshot, &settings, now()), decide(&other, &settings, now()));
    }

    #[test]
    fn doing_it_and_deciding_again_leaves_nothing_to_do(snapshot in snapshot(), settings in settings()) {
        let done = apply(&snapshot, &decide(&snapshot, &settings, now()));
        let again = decide(&done, &settings, now()).actions;
        let waits = again.iter().all(|action| matches!(action, Action::BackOff { .. }));
        prop_assert!(waits, "{again:?}");
    }

    #[test]
    fn never_more_than_wanted_are_made(snapshot in snapshot(), settings in settings()) {
        let decision = decide(&snapshot, &settings, now());
        let state = decision.state;
        if decision.created() > 0 {
            prop_assert!(state.valid() + state.starting + decision.created() <= state.desired);
        }
    }

    #[test]
    fn the_figures_add_up_to_what_is_created(snapshot in snapshot(), settings in settings()) {
        let decision = decide(&snapshot, &settings, now());
        let sum: i64 = decision.reasons.iter().filter_map(|reason| reason.figure()).sum();
        prop_assert_eq!(sum, i64::from(decision.created()), "{:?}", decision.reasons);
    }

    #[test]
    fn a_young_member_is_deleted_only_where_it_is_one_too_many(snapshot in snapshot(), settings in settings()) {
        let decision = decide(&snapshot, &settings, now());
        for action in &decision.actions {
            if let Action::Delete { workspaces, reason: DeleteReason::Extraneous } = action {
                prop_assert!(workspaces.len() as u32 <= decision.state.valid() - decision.state.desired);
            }
        }
        let mut ids = deleted(&decision);
        ids.sort();
        let all = ids.len();
        ids.dedup();
        prop_assert_eq!(ids.len(), all, "a member is deleted once");
    }

    #[test]
    fn failures_never_delay_a_deletion(snapshot in snapshot(), settings in settings()) {
        let unharmed = PresetSnapshot { start_builds: vec![], ..snapshot.clone() };
        let (harmed, unharmed) =
            (decide(&snapshot, &settings, now()), decide(&unharmed, &settings, now()));
        prop_assert_eq!(deleted(&harmed), deleted(&unharmed));
    }

    #[test]
    fn nothing_changes_before_the_next_wake_and_something_then(snapshot in snapshot(), settings in settings()) {
        let decision = decide(&snapshot, &settings, now());
        let same = |at| Decision { next_wake: None, ..decide(&snapshot, &settings, at) }
            == Decision { next_wake: None, ..decision.clone() };
        let Some(wake) = decision.next_wake else {
            prop_assert!(same(now() + TimeDelta::days(40)));
            return Ok(());
        };
        prop_assert!(wake > now());
        prop_assert!(same(wake - TimeDelta::microseconds(1)), "changed before {}", wake);
        let half = TimeDelta::microseconds((wake - now()).num_microseconds().unwrap() / 2);
        prop_assert!(same(now() + half), "changed before {}", wake);
        prop_assert!(!same(wake), "unchanged at {}", wake);
    }

    #[test]
    fn a_document_answers_as_the_snapshot_does(snapshot in snapshot(), settings in settings()) {
        let document = hearth_prebuilds::document::Document { now: now(), settings, presets: vec![snapshot] };
        let json = serde_json::to_string(&document).unwrap();
        let read: hearth_prebuilds::document::Document = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read.answer(), document.answer());
    }
}
