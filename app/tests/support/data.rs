//! The made-up data: one moment of one server, the same in every test.

mod overview;
mod preset;
mod search;
mod settings;
mod template;
mod workspace;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{backend::Actor, view::*};
use hearth_prebuilds::{
    ids::{CauseId, PresetId, RehearsalId, WorkspaceId},
    policy::DriftPolicy,
    pool_state::{DriftState, NextChange, PoolState, WorkspaceStage},
};
use uuid::Uuid;

pub use overview::{overview, seen};
pub use preset::{DECISIONS, preset};
pub use search::search;
pub use settings::*;
pub use template::{NEW, template, templates, upload, version};
pub use workspace::{bulk_question, missed, workspace};

/// A workspace of a person, claimed from the pool.
pub const CLAIMED: &str = "0198a000-0000-7000-8000-000000000001";
/// A member of a pool whose build failed.
pub const FAILED: &str = "0198a000-0000-7000-8000-000000000002";
/// A member of a pool, parked.
pub const POOL: &str = "0198a000-0000-7000-8000-000000000003";

pub fn now() -> DateTime<Utc> {
    at("2026-11-24T11:04:31Z")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn ago(seconds: i64) -> DateTime<Utc> {
    now() - TimeDelta::seconds(seconds)
}

pub fn frame(actor: &Actor) -> Frame {
    Frame {
        now: now(),
        username: actor.username.clone(),
        reads_pools: actor.role.reads_pools(),
        administers: actor.role.administers_templates(),
        paused_all: None,
        open_causes: if actor.role.reads_pools() { 3 } else { 0 },
        unread: 3,
        last_pass: actor.role.reads_pools().then(|| PassView {
            number: 88214,
            took_ms: 41,
            at: ago(12),
            next: Some(now() + TimeDelta::seconds(158)),
        }),
        notices: SystemNotices::default(),
    }
}

pub fn pause() -> PauseView {
    PauseView { by: "tom".to_owned(), at: ago(7260), note: "registry migration".to_owned() }
}

/// ready, running, starting, wanted; today, served, requests.
type Figures = ([u32; 4], [u32; 3]);

fn row(name: &str, state: PoolState, figures: Figures, drift: DriftState) -> PoolRow {
    let (template, preset) = name.split_once('/').unwrap();
    let ([ready, running, starting, wanted], [claims_today, served_24h, requests_24h]) = figures;
    PoolRow {
        template: template.to_owned(),
        preset: preset.to_owned(),
        pause: matches!(state, PoolState::Paused).then(pause),
        failed_build: matches!(state, PoolState::HardLimited { .. } | PoolState::BackingOff { .. }).then(
            || FailedBuild {
                workspace_id: FAILED.to_owned(),
                build_number: 1,
                error: "googleapi: quota exceeded for gpus (limit 8, in use 8).".to_owned(),
            },
        ),
        state,
        ready,
        running,
        starting,
        leaving: running - ready,
        wanted,
        claims_today,
        served_24h,
        requests_24h,
        drift,
        cold_ms: Some(130_000),
    }
}

fn clean() -> DriftState {
    DriftState::Clean { at: ago(7200) }
}

fn replaces(count: u32, resource: &str) -> DriftState {
    DriftState::Replaces { count, resource: resource.to_owned(), attribute: "env".to_owned() }
}

fn rows() -> Vec<PoolRow> {
    use PoolState as S;
    let off =
        NextChange { at: at("2026-11-24T13:00:00Z"), from: 0, to: 1, timezone: "Europe/Berlin".to_owned() };
    vec![
        row("gpu/a100", S::HardLimited { failures: 5 }, ([0, 0, 1, 2], [3, 0, 3]), DriftState::NotRehearsed),
        row(
            "web/large",
            S::BackingOff { failures: 2, until: now() + TimeDelta::seconds(158) },
            ([1, 1, 0, 4], [12, 17, 24]),
            replaces(1, "docker_container.workspace"),
        ),
        row("ml/notebook", S::Empty, ([0, 1, 1, 1], [5, 7, 12]), DriftState::NotRehearsed),
        row("data/default", S::Healthy, ([5, 5, 0, 5], [31, 46, 49]), replaces(2, "docker_container.ws")),
        row("mobile/android", S::Filling, ([5, 5, 1, 6], [9, 19, 19]), clean()),
        row("legacy/java8", S::Paused, ([2, 2, 0, 2], [1, 2, 2]), clean()),
        row("api/review", S::Shrinking { extra: 1 }, ([4, 4, 0, 3], [7, 11, 11]), clean()),
        row("web/small", S::Healthy, ([10, 10, 0, 10], [48, 86, 86]), clean()),
        row("api/default", S::Healthy, ([6, 6, 0, 6], [22, 42, 43]), clean()),
        row("web/review", S::Healthy, ([4, 4, 0, 4], [6, 10, 10]), clean()),
        row("data/spark", S::Healthy, ([3, 3, 0, 3], [3, 6, 6]), clean()),
        row("infra/terraform", S::Healthy, ([2, 2, 0, 2], [2, 3, 3]), clean()),
        row("mobile/ios-sim", S::Healthy, ([2, 2, 0, 2], [2, 4, 4]), DriftState::NotRehearsed),
        row("docs/default", S::OffHours { next: Some(off) }, ([0, 0, 0, 0], [4, 4, 4]), clean()),
        row("web/try", S::OffHours { next: None }, ([0, 0, 0, 0], [0, 0, 0]), DriftState::NotRehearsed),
    ]
}

fn id(number: u128) -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(0x0198a000_0000_7000_8000_000000000000 + number))
}

fn member(number: u128, name: &str, stage: WorkspaceStage, age: i64) -> WorkspaceRow {
    let agent = match stage {
        WorkspaceStage::Ready => "ready",
        WorkspaceStage::Parked => "off",
        WorkspaceStage::StartingAgent => "starting",
        _ => "shutting_down",
    };
    WorkspaceRow {
        id: id(number),
        name: name.to_owned(),
        owner: "prebuilds".to_owned(),
        unclaimed: true,
        may_change: true,
        template: "web".to_owned(),
        preset: "large".to_owned(),
        version: "v14".to_owned(),
        stage,
        created_at: ago(age),
        claimed_at: None,
        expires_at: (stage == WorkspaceStage::Ready).then(|| now() + TimeDelta::hours(23)),
        agents: if stage == WorkspaceStage::Failed {
            vec![]
        } else {
            vec![("main".to_owned(), agent.to_owned())]
        },
    }
}

fn members() -> Vec<WorkspaceRow> {
    use WorkspaceStage as S;
    vec![
        member(11, "brave-otter-31", S::Ready, 3900),
        member(3, "dry-lynx-07", S::Parked, 10_980),
        member(12, "soft-hare-52", S::StartingAgent, 95),
        member(2, "tall-crane-02", S::Failed, 211),
        member(13, "quick-vole-18", S::Failed, 391),
        member(14, "old-marten-09", S::Deleting, 70_000),
    ]
}

fn own(number: u128, name: &str, stage: WorkspaceStage) -> WorkspaceRow {
    WorkspaceRow {
        owner: "maria".to_owned(),
        unclaimed: false,
        preset: "small".to_owned(),
        claimed_at: Some(ago(204)),
        expires_at: None,
        agents: vec![(
            "main".to_owned(),
            if stage == WorkspaceStage::Yours { "ready" } else { "off" }.to_owned(),
        )],
        ..member(number, name, stage, 4114)
    }
}

pub fn workspaces(frame: Frame, query: &WorkspacesQuery, empty: bool) -> WorkspacesView {
    let owner = if query.owner.is_empty() { "me".to_owned() } else { query.owner.clone() };
    let mine =
        vec![own(1, "maria-web", WorkspaceStage::Yours), own(21, "maria-old", WorkspaceStage::Stopped)];
    let rows = match owner.as_str() {
        _ if empty => vec![],
        "prebuilds" => members(),
        "all" => mine.into_iter().chain(members()).collect(),
        _ => mine,
    };
    let presets = if empty { vec![] } else { rows_of_presets() };
    let next = (owner == "all").then(|| "prebuilds/old-marten-09".to_owned());
    let failed = WorkspacesQuery { state: "failed".to_owned(), ..WorkspacesQuery::default() };
    let saved = vec![SavedFilter { id: "1".to_owned(), name: "Broken".to_owned(), filter: failed }];
    let matches = if next.is_some() { 62 } else { rows.len() };
    WorkspacesView { frame, saved, owner, ignored: vec![], rows, next, matches, presets }
}

fn rows_of_presets() -> Vec<String> {
    rows().into_iter().map(|row| format!("{}/{}", row.template, row.preset)).collect()
}

fn occurrence(number: u128, name: &str, by: &str, seconds: i64) -> OccurrenceView {
    let text = |text: &str| ValueView::Text(text.to_owned());
    let change =
        |path: &str, forces, before, after| ChangeView { path: path.to_owned(), forces, before, after };
    OccurrenceView {
        cause: cause_id(1),
        workspace_id: id(number),
        workspace_name: name.to_owned(),
        preset: "large".to_owned(),
        claimed_by: by.to_owned(),
        address: "docker_container.workspace[0]".to_owned(),
        at: ago(seconds),
        changes: vec![
            change("env[0]", true, text("OWNER=prebuilds"), text(&format!("OWNER={by}"))),
            change("env[1]", true, ValueView::Sensitive, ValueView::Sensitive),
            change("id", false, text("7f21c09a"), ValueView::KnownAfterApply),
            change("labels", false, text("a\nb\nc"), ValueView::Absent),
        ],
    }
}

fn cause_id(number: u128) -> CauseId {
    CauseId(Uuid::from_u128(0x0198b000_0000_7000_8000_000000000000 + number))
}

fn cause(number: u128, template: &str, address: &str, status: &str, claims: u32) -> CauseView {
    CauseView {
        id: cause_id(number),
        template: template.to_owned(),
        address: address.to_owned(),
        resource_type: address.split('.').next().unwrap().to_owned(),
        path: "env".to_owned(),
        fields: if number == 1 { vec!["the owner's name".to_owned()] } else { vec![] },
        status: status.to_owned(),
        claims,
        lost_seconds: Some(u64::from(claims) * 110),
        acknowledged_by: (status == "acknowledged").then(|| "ada".to_owned()),
        acknowledged_at: (status == "acknowledged").then(|| ago(3600)),
        first_version: "v12".to_owned(),
        last_version: "v14".to_owned(),
        first_seen_at: ago(70_000),
        last_seen_at: ago(269),
        occurrences: vec![
            occurrence(1, "keen-stoat-22", "jonas", 269),
            occurrence(31, "old-heron-04", "tom", 9000),
        ],
    }
}

fn causes() -> [CauseView; 5] {
    [
        cause(1, "web", "docker_container.workspace", "open", 11),
        cause(2, "data", "docker_container.ws", "open", 9),
        cause(3, "data", "docker_volume.home", "back", 9),
        cause(4, "legacy", "aws_instance.dev", "acknowledged", 2),
        cause(5, "web", "null_resource.seed", "fixed", 40),
    ]
}

/// The first was rehearsed; the others only claims have met.
pub fn cause_page(frame: Frame, id: CauseId) -> Option<CausePageView> {
    let cause = causes().into_iter().find(|cause| cause.id == id)?;
    let event = |status: &str, version: Option<&str>, by: Option<&str>, seconds| CauseEventView {
        status: status.to_owned(),
        version: version.map(str::to_owned),
        by: by.map(str::to_owned),
        at: ago(seconds),
    };
    let rehearsed = (id == cause_id(1)).then(|| RehearsedCause {
        preset: "large".to_owned(),
        rehearsal: preset::rehearsal(),
        is_current: true,
    });
    let history = vec![
        event("back", Some("v14"), None, 300),
        event("fixed", Some("v13"), None, 9_000),
        event("acknowledged", None, Some("ada"), 40_000),
        event("open", Some("v12"), None, 70_000),
    ];
    Some(CausePageView { frame, cause, rehearsed, history })
}

pub fn drift(frame: Frame, query: &DriftQuery, empty: bool) -> DriftView {
    let wanted = |cause: &CauseView| {
        let status = match query.status.as_str() {
            "open" => matches!(cause.status.as_str(), "open" | "back"),
            "acked" => cause.status == "acknowledged",
            "fixed" => cause.status == "fixed",
            _ => true,
        };
        !empty
            && status
            && (query.resource.is_empty() || query.resource == cause.address)
            && (query.template.is_empty() || query.template == cause.template)
    };
    DriftView {
        frame,
        open_causes: if empty { 0 } else { 3 },
        claims_7d: if empty { 0 } else { 20 },
        lost_seconds: (!empty).then_some(7810),
        templates: vec!["data".to_owned(), "legacy".to_owned(), "web".to_owned()],
        presets: vec!["large".to_owned()],
        resources: vec!["aws_instance.dev".to_owned(), "docker_volume.home".to_owned()],
        ignored: vec![],
        causes: causes().into_iter().filter(wanted).collect(),
    }
}

/// A part of a log that begins after a line; a log of 2,300 lines unless it is the whole.
fn part(after: i64, lines: Vec<LogLineView>) -> LogPart {
    let first_error = lines.iter().find(|line| line.level == "error").map(|line| line.number);
    LogPart {
        total: if after == 0 { lines.len() as i64 } else { 2300 },
        lines,
        first_error,
        ended: after == 0,
    }
}
