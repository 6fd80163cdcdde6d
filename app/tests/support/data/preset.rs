//! A pool from within: its decisions, its schedule, what was asked of it.

use super::*;

/// Newest first.
pub const DECISIONS: [&str; 2] =
    ["0190a000-0000-7000-8000-00000000d002", "0190a000-0000-7000-8000-00000000d001"];

fn decisions() -> Vec<DecisionRow> {
    let row = |id: &str, seconds, verdict: &str, starting| DecisionRow {
        id: id.to_owned(),
        at: ago(seconds),
        version: "v14".to_owned(),
        verdict: verdict.to_owned(),
        wanted: 4,
        ready: 1,
        starting,
    };
    vec![
        row(DECISIONS[0], 200, "Wait until 11:07 UTC. No new workspace will be created.", 0),
        row(DECISIONS[1], 380, "Create 3 workspaces.", 0),
    ]
}

pub fn week() -> WeekView {
    let wanted = |place: usize| match (place / 24, place % 24) {
        (0..=4, 8..=18) => 4,
        (5, 8..=14) => 2,
        _ => 1,
    };
    WeekView { hours: (0..7 * 24).map(|place| Some(wanted(place))).collect(), now: 24 + 12 }
}

fn demand() -> Vec<DemandView> {
    let windows = [(300, 0, 0), (3600, 2, 1), (86_400, 12, 5), (604_800, 71, 9)];
    windows.map(|(seconds, claims, misses)| DemandView { seconds, claims, misses }).to_vec()
}

pub fn preset(frame: Frame, template: &str, preset: &str, query: &PresetQuery) -> Option<PresetView> {
    let admin = frame.reads_pools;
    let pool = rows().into_iter().find(|row| row.template == template && row.preset == preset)?;
    let pool = seen(pool, admin);
    let drifts = pool.drift.replaces();
    Some(PresetView {
        frame,
        preset_id: PresetId(Uuid::nil()),
        description: "8 cores for the front end".to_owned(),
        version: "v14".to_owned(),
        next_change: Some(NextChange {
            at: at("2026-11-24T18:00:00Z"),
            from: 4,
            to: 1,
            timezone: "Europe/Berlin".to_owned(),
        }),
        no_decision: match query.at.as_str() {
            "" => None,
            "early" => Some(NoDecision::NoneYet(ago(90_000))),
            _ => Some(NoDecision::NotAnInstant),
        },
        decisions: if admin { decisions() } else { vec![] },
        older_decision: None,
        demand: if admin { demand() } else { vec![] },
        why: admin.then(|| why(query)),
        history: admin.then(history),
        members: if admin { members() } else { vec![] },
        policy: if preset == "ios-sim" { DriftPolicy::Block } else { DriftPolicy::Allow },
        blocked: (preset == "ios-sim")
            .then(|| DriftPolicy::Block.blocks(&DriftState::NotRehearsed).unwrap().to_string()),
        asked: vec![
            AskedParameter {
                name: "color".to_owned(),
                label: "Color".to_owned(),
                description: "Of the prompt.".to_owned(),
                kind: "string".to_owned(),
                value: "blue".to_owned(),
                options: vec![("blue".to_owned(), "Blue".to_owned()), ("red".to_owned(), "Red".to_owned())],
                ..AskedParameter::default()
            },
            AskedParameter {
                name: "disk".to_owned(),
                label: "Disk".to_owned(),
                kind: "number".to_owned(),
                value: "10".to_owned(),
                min: Some(10),
                max: Some(100),
                ..AskedParameter::default()
            },
        ],
        parameters: vec![("region".to_owned(), "eu".to_owned()), ("cpu".to_owned(), "8".to_owned())],
        settings: PoolSettingsView {
            revision: 0,
            override_: (preset == "small" && admin).then(|| OverrideView {
                instances: 12,
                until: now() + TimeDelta::hours(3),
                by: "tom".to_owned(),
                reason: "a course".to_owned(),
            }),
        },
        instances: 1,
        ttl_seconds: Some(86_400),
        timezone: Some("Europe/Berlin".to_owned()),
        week: Some(week()),
        schedules: vec![("* 8-18 * * 1-5".to_owned(), 4), ("* 8-14 * * 6".to_owned(), 2)],
        suggested_name: "maria-web".to_owned(),
        claim_p50_ms: Some(112_000),
        claim_p95_ms: Some(140_000),
        replacements: if drifts && admin {
            vec![occurrence(1, "keen-stoat-22", "jonas", 269)]
        } else {
            vec![]
        },
        causes: if drifts && admin {
            vec![CauseLink {
                id: cause_id(1),
                address: "docker_container.workspace".to_owned(),
                path: "env".to_owned(),
            }]
        } else {
            vec![]
        },
        rehearsal: (drifts && admin && preset == "large").then(rehearsal),
        rehearsing: preset == "ios-sim",
        pool,
    })
}

pub fn why(query: &PresetQuery) -> WhyView {
    let figure = |code: &str, text: &str, figure: Option<i64>| ReasonView {
        code: code.to_owned(),
        text: text.to_owned(),
        figure,
    };
    WhyView {
        id: DECISIONS[usize::from(query.decision == DECISIONS[1])].to_owned(),
        older: Some(DECISIONS[1]).filter(|older| query.decision != *older).map(str::to_owned),
        newer: Some(DECISIONS[0]).filter(|_| query.decision == DECISIONS[1]).map(str::to_owned),
        decided_at: ago(200),
        confirmed_at: ago(12),
        verdict: "Wait until 11:07 UTC. No new workspace will be created.".to_owned(),
        reasons: vec![
            figure("scheduled", "Schedule \"* 8-18 * * 1-5\" (Europe/Berlin) is active: 4 wanted.", Some(4)),
            figure("running", "1 is running and ready.", Some(-1)),
            figure("starting", "No build is running.", Some(0)),
            figure(
                "backing_off",
                "The last 2 builds failed, so creation waits 2 × 3 min after the last.",
                Some(-3),
            ),
            figure("parked", "1 stopped workspace was left alone.", None),
        ],
        wanted: 4,
        ready: 1,
        starting: 0,
    }
}

pub fn rehearsal() -> RehearsalView {
    let hop = |what: &str, place: &str| HopView { what: what.to_owned(), place: place.to_owned() };
    let address = "docker_container.workspace[0]";
    RehearsalView {
        id: RehearsalId(Uuid::nil()),
        at: ago(7200),
        member: "keen-stoat-22".to_owned(),
        replaced: vec![ReplacedView {
            address: address.to_owned(),
            changes: occurrence(1, "keen-stoat-22", "rehearsal", 7200).changes,
            cause: CauseOfReplacement::Alone { fields: vec!["the owner's name".to_owned()] },
            follows: None,
            path: vec![
                hop("docker_container.workspace.env", "main.tf:41"),
                hop("local.env", "main.tf:12"),
                hop("data.coder_workspace_owner.me.name", "main.tf:13"),
            ],
            advice: None,
        }],
        disruptive: vec![],
        fix: Some(PatchView {
            diff: "--- a/main.tf\n+++ b/main.tf\n@@ -44,2 +44,6 @@\n   image = \"x\"\n+\n+  lifecycle {\n+    ignore_changes = [env]\n+  }\n }\n".to_owned(),
            proved: true,
            left: vec![],
            trade_off: "A resource that exists keeps the value it was made with.".to_owned(),
        }),
    }
}

/// A day of 96 quarters: filled by night, emptied by a busy morning, held back after it.
pub fn history() -> HistoryView {
    let slot = |at: usize| {
        let (wanted, ready) = match at {
            0..32 => (1, 1),
            32..41 => (4, 4),
            41..44 => (4, 0),
            44..60 => (4, 1),
            _ => (4, 3),
        };
        let pool = (at >= 4).then_some(SlotPool { wanted, ready, held_back: (44..52).contains(&at) });
        let claims = u32::from(at % 5 == 2 && at > 30);
        SlotView { pool, claims, misses: if (41..44).contains(&at) { 2 } else { 0 } }
    };
    let slots = (0..96).map(slot).collect();
    HistoryView { from: ago(24 * 3600), slot_minutes: 15, slots, versions: vec![(34, "v14".to_owned())] }
}
