//! Workspaces: one claimed, one failed, one still in its pool.

use hearth_prebuilds::stage::Transition;

use super::*;
use crate::support::{Answer, AppError};

fn build(number: i64, stage: &str, status: &str, started: i64, took: i64) -> BuildRow {
    BuildRow {
        id: Uuid::from_u128(70).into(),
        number,
        stage: stage.to_owned(),
        status: status.to_owned(),
        error: if status == "failed" {
            "googleapi: quota exceeded for gpus (limit 8, in use 8)".to_owned()
        } else {
            String::new()
        },
        initiator: if stage == "claim" { "maria" } else { "prebuilds" }.to_owned(),
        created_at: ago(started),
        started_at: Some(ago(started)),
        finished_at: Some(ago(started - took)),
    }
}

fn stages(list: &[(&str, Option<u64>, StageStatus)]) -> Vec<StageView> {
    let stage = |(label, duration_ms, status): &(&str, Option<u64>, StageStatus)| StageView {
        label: (*label).to_owned(),
        duration_ms: *duration_ms,
        status: *status,
    };
    list.iter().map(stage).collect()
}

fn log(after: i64, lines: &[(&str, &str, &str)]) -> LogPart {
    let line = |(at, (stage, level, output)): (usize, &(&str, &str, &str))| LogLineView {
        number: after + at as i64 + 1,
        at: ago(204) + TimeDelta::milliseconds(at as i64 * 150),
        level: (*level).to_owned(),
        stage: (*stage).to_owned(),
        output: (*output).to_owned(),
    };
    part(after, lines.iter().enumerate().map(line).collect())
}

fn resources() -> Vec<ResourceView> {
    [
        "docker_container.workspace[0]",
        "docker_volume.home",
        "docker_image.workspace",
        "coder_agent.main",
        "coder_app.code",
    ]
    .into_iter()
    .map(|address| ResourceView {
        address: address.to_owned(),
        r#type: address.split('.').next().unwrap().to_owned(),
        metadata: if address.starts_with("docker_volume") {
            vec![("size".to_owned(), "20 GB".to_owned())]
        } else {
            vec![]
        },
    })
    .collect()
}

pub fn workspace(frame: Frame, wanted: WorkspaceId, query: &WorkspaceQuery) -> Option<WorkspaceView> {
    let after = query.after.unwrap_or_default();
    let row = [own(1, "maria-web", WorkspaceStage::Yours)]
        .into_iter()
        .chain(members())
        .find(|row| row.id == wanted)?;
    Some(match row.stage {
        WorkspaceStage::Yours => claimed(frame, row, after),
        _ => pooled(frame, row, after),
    })
}

fn claimed(frame: Frame, row: WorkspaceRow, after: i64) -> WorkspaceView {
    use StageStatus::{Current, Done};
    let claim = build(2, "claim", "succeeded", 204, 2);
    WorkspaceView {
        frame,
        row,
        prebuild_name: Some("swift-otter-31".to_owned()),
        stages: stages(&[
            ("Queued", Some(400), Done),
            ("Build", Some(108_000), Done),
            ("Agent", Some(22_000), Done),
            ("Ready", Some(3_780_000), Done),
            ("Claimed", None, Done),
            ("Re-apply", Some(1_600), Done),
            ("Re-init", Some(500), Done),
            ("Yours", Some(204_000), Current),
        ]),
        claim_ms: Some(2_100),
        cold_ms: Some(130_000),
        agents: vec![AgentView {
            name: "main".to_owned(),
            lifecycle: "ready".to_owned(),
            version: "v0.1.0".to_owned(),
            last_seen: Some(ago(4)),
            metadata: vec![
                ("cpu".to_owned(), "12%".to_owned(), String::new()),
                ("memory".to_owned(), "1.1 of 8 GB".to_owned(), String::new()),
                ("disk".to_owned(), String::new(), "df: no such file".to_owned()),
            ],
            apps: vec![
                AppView {
                    display_name: "code".to_owned(),
                    url: "https://code.example.com/?folder=/home".to_owned(),
                },
                AppView { display_name: "bad".to_owned(), url: "javascript:alert(1)".to_owned() },
            ],
            scripts: vec![ScriptView {
                display_name: "dotfiles".to_owned(),
                status: "ok".to_owned(),
                exit_code: Some(0),
                duration_ms: Some(300),
            }],
        }],
        builds: vec![claim.clone(), build(1, "create", "succeeded", 4114, 108)],
        build: claim,
        log: log(
            after,
            &[
                ("Prepare", "info", "Terraform 1.11.4, provider plugins from the warm folder of v14"),
                ("Apply", "info", "data.coder_workspace_owner.me: prebuilds -> maria"),
                ("Apply", "info", "docker_volume.home: unchanged"),
                (
                    "Apply",
                    "info",
                    "\u{1b}[1m\u{1b}[32mApply complete!\u{1b}[0m Resources: 0 added, 1 changed, 0 destroyed.",
                ),
                ("Apply", "info", "<script>alert('line')</script>"),
            ],
        ),
        agent_log: log(
            0,
            &[
                ("hearth", "info", "first-time set-up, step 10 of 10"),
                ("hearth", "info", "claimed: start scripts run again for maria"),
                ("dotfiles", "info", "dotfiles of maria installed"),
                ("dotfiles", "warn", "</script><img src=x onerror=alert(1)>"),
            ],
        ),
        resources: resources(),
        parameters: vec![("region".to_owned(), "eu".to_owned()), ("cpu".to_owned(), "2".to_owned())],
        replacements: vec![],
        failures: None,
        can_start: false,
        can_stop: true,
        can_delete: true,
    }
}

fn pooled(frame: Frame, row: WorkspaceRow, after: i64) -> WorkspaceView {
    use StageStatus::{Ahead, Current, Done, Failed};
    let failed = row.stage == WorkspaceStage::Failed;
    let create = build(1, "create", if failed { "failed" } else { "succeeded" }, 3600, 246);
    let status = if failed { Failed } else { Done };
    let (last, parked) = if failed { (Ahead, Ahead) } else { (Done, Current) };
    let admin = frame.administers;
    WorkspaceView {
        frame,
        prebuild_name: None,
        stages: stages(&[
            ("Queued", Some(1_200), Done),
            ("Build", Some(246_000), status),
            ("Agent", (!failed).then_some(22_000), last),
            ("Ready", None, parked),
        ]),
        claim_ms: None,
        cold_ms: Some(130_000),
        agents: vec![],
        builds: vec![create.clone()],
        build: create,
        log: log(
            after,
            &[
                ("Prepare", "info", "Terraform 1.11.4, provider plugins from the warm folder of v7"),
                ("Apply", "info", "google_compute_disk.home: created"),
                ("Apply", "info", "google_compute_instance.ws: still creating"),
                ("Apply", "error", "Error: googleapi: quota exceeded for gpus (limit 8, in use 8)"),
                ("Apply", "error", "  on main.tf line 63, in resource \"google_compute_instance\" \"ws\""),
            ],
        ),
        agent_log: LogPart::default(),
        resources: resources().into_iter().take(2).collect(),
        parameters: vec![],
        replacements: vec![],
        failures: failed.then_some((3, 5)),
        can_start: row.stage == WorkspaceStage::Parked && admin,
        can_stop: row.stage == WorkspaceStage::Ready && admin,
        can_delete: admin,
        row,
    }
}

/// What an act on some workspaces would come to.
pub fn bulk_question(act: Transition, chosen: &Chosen) -> Answer<BulkQuestion> {
    let names = match chosen {
        Chosen::Named(ids) if ids.is_empty() => {
            let detail = "Select workspaces in the table first.".to_owned();
            return Err(AppError::Invalid { field: "members".to_owned(), detail });
        }
        Chosen::Named(ids) => ids.iter().map(|id| format!("ws-{id}")).collect(),
        Chosen::Matching { .. } => (1..=60).map(|number| format!("ws-{number}")).collect::<Vec<_>>(),
    };
    let left_out = LeftOut { busy: 2, ..LeftOut::default() };
    let typed = act == Transition::Delete && names.len() > 20;
    Ok(BulkQuestion { prebuilds: 1, names, left_out, typed })
}

/// Refuses a claim that wants nothing but a member of a pool that has none for it.
pub fn missed(order: &ClaimOrder) -> Answer<()> {
    let (why, starting) = match order.preset.as_str() {
        "a100" => ("Somebody else took the last one a moment ago.", Some(1)),
        "ios-sim" => ("The policy of this pool is \"block\", and a claim has not been rehearsed yet.", None),
        _ => return Ok(()),
    };
    if order.pool_only { Err(AppError::Missed { detail: why.to_owned(), starting }) } else { Ok(()) }
}
