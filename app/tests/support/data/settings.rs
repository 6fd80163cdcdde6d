//! What people did, were told and have set.

use super::*;

fn change(field: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
    FieldChange {
        field: field.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}

pub fn activity(actor: &Actor, query: &ActivityQuery) -> ActivityView {
    let by = |actor: &str, id: &str, seconds, verb: &str, (kind, name): (&str, &str), changes| ActivityRow {
        id: id.to_owned(),
        at: ago(seconds),
        actor: actor.to_owned(),
        verb: verb.to_owned(),
        target_type: kind.to_owned(),
        target_id: CLAIMED.to_owned(),
        target_name: name.to_owned(),
        changes,
    };
    let row =
        |id: &str, seconds, verb: &str, target, changes| by("maria", id, seconds, verb, target, changes);
    let of_small = |reason: Option<&str>| {
        vec![
            change("template", None, Some("web")),
            change("preset", None, Some("small")),
            change("reason", None, reason),
        ]
    };
    let rows = vec![
        row(
            "1",
            60,
            "override",
            ("pool", "web/large"),
            vec![change("instances", Some("4"), Some("8")), change("reason", None, Some("a course"))],
        ),
        row(
            "2",
            7260,
            "pause",
            ("pool", "web/small"),
            vec![change("note", None, Some("registry migration"))],
        ),
        row("3", 9000, "claim", ("workspace", "maria-web"), Vec::new()),
        by("reconciler", "4", 9100, "delete", ("workspace", "old-marten-09"), of_small(Some("expired"))),
        by("reconciler", "5", 9200, "create", ("workspace", "calm-heron-12"), of_small(None)),
        by("reconciler", "6", 9320, "create", ("workspace", "dry-lynx-07"), of_small(None)),
    ];
    let ignored = (query.range == "odd").then(|| "range=odd".to_owned());
    ActivityView {
        frame: frame(actor),
        actors: vec!["reconciler".to_owned(), "system".to_owned(), "maria".to_owned()],
        rows: rows.into_iter().filter(|row| query.verb.is_empty() || row.verb == query.verb).collect(),
        older: None,
        ignored: ignored.into_iter().collect(),
    }
}

pub fn inbox(actor: &Actor) -> InboxView {
    let row = |id: &str, unread| NotificationRow {
        id: id.to_owned(),
        title: "There is a problem creating prebuilt workspaces".to_owned(),
        content: "The newest builds of preset **A100** of template **gpu** all failed.\n\nMend the template."
            .to_owned(),
        action: Some(("View failed prebuilds".to_owned(), "/workspaces?owner=prebuilds".to_owned())),
        cause: (id == "2").then(|| cause_id(1)),
        at: ago(900),
        unread,
    };
    InboxView {
        frame: frame(actor),
        rows: vec![row("1", true), row("2", false)],
        older: None,
        ignored: Vec::new(),
    }
}

pub fn reconciler(actor: &Actor) -> ReconcilerView {
    let setting = ("Each failure adds a wait of", "1 min", "HEARTH_BACKOFF_INTERVAL");
    ReconcilerView {
        frame: frame(actor),
        settings: vec![(setting.0.to_owned(), setting.1.to_owned(), setting.2.to_owned())],
        leads: true,
    }
}

pub fn people(actor: &Actor) -> PeopleView {
    let row = |username: &str, role: &str, suspended| PersonRow {
        username: username.to_owned(),
        email: format!("{username}@example.org"),
        role: role.to_owned(),
        suspended,
        is_system: false,
        last_seen_at: Some(ago(3600)),
        myself: username == actor.username,
    };
    PeopleView {
        frame: frame(actor),
        people: vec![
            row("jonas", "member", false),
            row("maria", "owner", false),
            row("tom", "auditor", true),
        ],
        may_change: actor.role == hearth_app::backend::Role::Owner,
    }
}

pub fn tokens(actor: &Actor) -> TokensView {
    let token = TokenRow {
        id: "abcdefghij".to_owned(),
        name: "ci".to_owned(),
        owner: actor.username.clone(),
        created_at: ago(86_400),
        last_used_at: Some(ago(600)),
        expires_at: now() + TimeDelta::days(89),
    };
    TokensView { frame: frame(actor), tokens: vec![token], may_see_all: false }
}

pub fn preferences(actor: &Actor) -> PreferencesView {
    PreferencesView {
        frame: frame(actor),
        email: "maria@example.org".to_owned(),
        role: actor.role.as_str().to_owned(),
        kinds: [("drift", true), ("token", false), ("claim", true)]
            .map(|(kind, told)| (kind.to_owned(), told))
            .to_vec(),
    }
}

pub fn simulate(actor: &Actor, (template, preset): (&str, &str), query: &SimulateQuery) -> SimulateView {
    let slot = |hour: u32, most: u32| SlotView {
        pool: Some(SlotPool { wanted: most, ready: hour % 5, held_back: false }),
        claims: hour % 3,
        misses: u32::from(hour.is_multiple_of(40)),
    };
    let figures = |misses, machine_hours, most| FiguresView {
        requests: 24.0,
        misses,
        hit_rate: Some(1.0 - misses / 24.0),
        machine_hours,
        wait_p50: Some(2.1),
        wait_p95: Some(130.0),
        history: HistoryView {
            from: ago(7 * 86_400),
            slot_minutes: 60,
            slots: (0..168).map(|hour| slot(hour, most)).collect(),
            versions: vec![],
        },
    };
    let bad = query.desired.parse::<u32>().is_err() && !query.desired.is_empty();
    SimulateView {
        frame: frame(actor),
        template: template.to_owned(),
        preset: preset.to_owned(),
        now_wanted: "4".to_owned(),
        now_ttl: "24 h".to_owned(),
        now_build: "1 min 48 s".to_owned(),
        now_failures: "2%".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        asked: 168,
        problems: bad
            .then(|| ("desired".to_owned(), "Must be a number from 0 to 1000.".to_owned()))
            .into_iter()
            .collect(),
        answer: (!bad).then(|| SimulatedView {
            verdict: "3 misses fewer a day, 14 machine-hours more a day".to_owned(),
            now: figures(7.0, 57.0, 4),
            then: figures(4.0, 71.0, 9),
            hcl: "prebuilds {\n  instances = 8\n}".to_owned(),
        }),
    }
}
