//! Templates: one that goes well, one that needs a person, one that is archived.

use hearth_app::view::*;
use hearth_prebuilds::{changes::Change, pool_state::PoolState};

use super::*;

/// A version that is no template yet.
pub const NEW: &str = "0198a000-0000-7000-8000-000000000015";

fn row_of(name: &str) -> TemplateRow {
    TemplateRow {
        name: name.to_owned(),
        display_name: String::new(),
        description: "Node and a database".to_owned(),
        version: "v14".to_owned(),
        promoted: Some(Promoted { by: "maria".to_owned(), at: ago(7200) }),
        presets: 2,
        ready: 11,
        coming: 1,
        wanted: 14,
        served_24h: 17,
        requests_24h: 24,
        worst: Some(("small".to_owned(), PoolState::Healthy)),
        drift: Some(DriftState::Clean { at: ago(600) }),
        archived: None,
        workspaces: 6,
    }
}

pub fn templates(frame: Frame, query: &TemplatesQuery, empty: bool) -> TemplatesView {
    let gpu = TemplateRow {
        display_name: "GPU machines".to_owned(),
        worst: Some(("A100".to_owned(), PoolState::HardLimited { failures: 5 })),
        drift: Some(replaces()),
        ready: 0,
        ..row_of("gpu")
    };
    let docs = TemplateRow {
        archived: Some("moved to web".to_owned()),
        worst: None,
        drift: None,
        wanted: 0,
        ready: 0,
        coming: 0,
        ..row_of("docs")
    };
    let mut rows = if empty { Vec::new() } else { vec![docs, gpu, row_of("web")] };
    let total = rows.len() as u32;
    rows.retain(|row| row.name.contains(&query.q));
    TemplatesView { frame, ignored: Vec::new(), total, rows }
}

fn replaces() -> DriftState {
    let (resource, attribute) = ("docker_container.dev".to_owned(), "env".to_owned());
    DriftState::Replaces { count: 1, resource, attribute }
}

pub fn template(frame: Frame, name: &str, query: &TemplateQuery) -> Option<TemplateView> {
    let row = match name {
        "web" => row_of("web"),
        "docs" => TemplateRow { archived: Some("moved to web".to_owned()), ..row_of("docs") },
        _ => return None,
    };
    let tab = match query.tab.as_str() {
        "versions" if frame.reads_pools => TemplateTab::Versions {
            rows: vec![version_row("v15"), version_row("v14")],
            older: Some("v14".to_owned()),
        },
        "rehearsals" if frame.reads_pools => TemplateTab::Rehearsals(vec![RehearsalRow {
            id: RehearsalId(Uuid::from_u128(8)),
            preset: "large".to_owned(),
            version: "v14".to_owned(),
            status: "succeeded".to_owned(),
            verdict: Some(replaces()),
            member: Some("brave-otter-31".to_owned()),
            asked_by: None,
            at: ago(3600),
        }]),
        _ => TemplateTab::Presets {
            rows: vec![preset("large", true), preset("plain", false)],
            history: frame.reads_pools.then(super::preset::history),
            needy: frame.reads_pools.then(|| Box::new(needy())),
        },
    };
    Some(TemplateView { frame, row, versions: 14, tab })
}

fn needy() -> NeedyPreset {
    let pool = super::rows().into_iter().find(|row| row.template == "web" && row.preset == "large");
    NeedyPreset { pool: pool.unwrap(), why: super::preset::why(&PresetQuery::default()) }
}

fn preset(name: &str, has_pool: bool) -> TemplatePreset {
    let next =
        NextChange { at: at("2026-11-24T18:00:00Z"), from: 4, to: 1, timezone: "Europe/Berlin".to_owned() };
    TemplatePreset {
        pool: super::row(
            &format!("web/{name}"),
            PoolState::Healthy,
            ([4, 4, 0, 4], [3, 2, 3]),
            DriftState::NotRehearsed,
        ),
        has_pool,
        schedule: ScheduleView {
            lines: vec![("* 8-18 * * 1-5".to_owned(), 4)],
            otherwise: 1,
            timezone: "Europe/Berlin".to_owned(),
        },
        week: has_pool.then(super::preset::week),
        next_change: has_pool.then_some(next),
    }
}

fn version_row(name: &str) -> VersionRow {
    let change = Change { preset: Some("large".to_owned()), text: "3 → 4 wanted".to_owned() };
    VersionRow {
        name: name.to_owned(),
        message: "Larger disks".to_owned(),
        by: "maria".to_owned(),
        at: ago(9000),
        status: "succeeded".to_owned(),
        error: String::new(),
        active: name == "v14",
        archived: false,
        promoted: (name == "v14").then(|| Promoted { by: "maria".to_owned(), at: ago(7200) }),
        changes: Some(vec![change]),
        verdicts: vec![("large".to_owned(), DriftState::NotRehearsed)],
    }
}

pub fn version(frame: Frame, template: Option<&str>, name: &str) -> Option<VersionView> {
    let mut row = version_row(name);
    match name {
        "v14" | "v15" | "v1" => {}
        "v16" => row.status = "running".to_owned(),
        "v17" => row.status = "pending".to_owned(),
        "v13" => {
            row.status = "failed".to_owned();
            row.error = "main.tf:3: Invalid reference".to_owned();
        }
        _ => return None,
    }
    let line = |number: i64, level: &str, output: &str| LogLineView {
        number,
        at: ago(60 - number),
        level: level.to_owned(),
        stage: "Plan".to_owned(),
        output: output.to_owned(),
    };
    let promotion =
        PromotionView { removed: vec![("large".to_owned(), 3)], built: 4, takes_ms: Some(130_000) };
    let may = template.is_some() && name == "v15";
    Some(VersionView {
        frame,
        id: NEW.parse().unwrap(),
        job: Uuid::from_u128(9).into(),
        template: template.map(str::to_owned),
        against: may.then(|| "v14".to_owned()),
        queue_position: u32::from(name == "v17"),
        started_at: Some(ago(60)),
        finished_at: (!row.is_open()).then(|| ago(55)),
        log: part(
            0,
            vec![line(1, "info", "Terraform begins."), line(2, "error", "<script>alert(1)</script>")],
        ),
        lint: vec![
            LintView { place: Some("main.tf:13".to_owned()), text: "uuid() gives another value".to_owned() },
            LintView { place: None, text: "No preset has an agent".to_owned() },
        ],
        parameters: vec![ParameterView {
            name: "region".to_owned(),
            r#type: "string".to_owned(),
            default: None,
            description: "Where it runs".to_owned(),
        }],
        presets: vec![DeclaredPresetView {
            name: "large".to_owned(),
            wanted: Some(4),
            span: (1, 4),
            parameters: vec![("region".to_owned(), "eu".to_owned())],
        }],
        promotion: may.then_some(promotion),
        row,
    })
}

pub fn upload(frame: Frame, query: &UploadQuery) -> UploadView {
    let step = if !query.version.is_empty() {
        let version = version(frame.clone(), None, "v1").unwrap();
        UploadStep::Review { version: Box::new(version), name: query.name.clone() }
    } else if query.template.is_empty() {
        let waiting = WaitingUpload {
            id: NEW.parse().unwrap(),
            message: "Folder api".to_owned(),
            by: "tom".to_owned(),
            at: ago(600),
            status: "failed".to_owned(),
        };
        UploadStep::Template { waiting: vec![waiting] }
    } else {
        UploadStep::Version { template: query.template.clone() }
    };
    UploadView { frame, first: false, step }
}
