//! One workspace as a line of a table: where it is in its life, and its agents.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{backend::Actor, view::WorkspaceRow};
use hearth_prebuilds::{
    ids::{SYSTEM_USER, WorkspaceId},
    pool_state::WorkspaceStage,
    stage::{BuildStatus, Transition, WorkspaceFacts},
};

use super::acts;
use crate::{
    error::Result,
    store::{
        Conn,
        builds::{self, Stage},
        jobs::JobStatus,
        page::workspaces::{self, Detail},
        workspaces::Workspace,
    },
};

/// Rows for these workspaces as this person sees them, in their order, with one more query.
pub async fn rows(
    conn: &mut Conn,
    actor: &Actor,
    workspaces: Vec<Workspace>,
    now: DateTime<Utc>,
) -> Result<Vec<WorkspaceRow>> {
    let ids: Vec<WorkspaceId> = workspaces.iter().map(|workspace| workspace.id).collect();
    let mut details: HashMap<WorkspaceId, Vec<Detail>> = HashMap::new();
    for detail in workspaces::details(conn, &ids).await? {
        details.entry(detail.workspace_id).or_default().push(detail);
    }
    let row = |workspace: Workspace| {
        let details = details.remove(&workspace.id).unwrap_or_default();
        row(workspace, actor, details, now)
    };
    Ok(workspaces.into_iter().map(row).collect())
}

fn row(workspace: Workspace, actor: &Actor, details: Vec<Detail>, now: DateTime<Utc>) -> WorkspaceRow {
    let unclaimed = workspace.owner_id == SYSTEM_USER;
    let expires_at = expires_at(&workspace).filter(|_| unclaimed);
    let invalidated = workspace.preset_invalidated_at.is_some_and(|at| workspace.created_at < at.into());
    let facts = WorkspaceFacts {
        deleted: workspace.deleted,
        unclaimed,
        expired: unclaimed && (invalidated || expires_at.is_some_and(|at| now > at)),
        transition: transition(workspace.latest_transition),
        is_claim: details.iter().any(|detail| detail.stage == Stage::Claim),
        status: status(workspace.latest_status),
        ready: workspace.ready,
    };
    let stage = WorkspaceStage::of(&facts);
    let agents = details.into_iter().filter_map(|detail| Some((detail.agent?, detail.lifecycle?)));
    WorkspaceRow {
        id: workspace.id,
        may_change: acts::check_may_change(actor, &workspace).is_ok(),
        name: workspace.name,
        owner: workspace.owner_name,
        unclaimed,
        template: workspace.template_name,
        preset: workspace.preset_name.unwrap_or_default(),
        version: workspace.latest_version_name,
        created_at: workspace.created_at,
        claimed_at: workspace.claimed_at.map(Into::into),
        // Only what counts in the pool expires: a parked or failed one stays.
        expires_at: expires_at
            .filter(|_| matches!(stage, WorkspaceStage::Ready | WorkspaceStage::StartingAgent)),
        stage,
        agents: agents.collect(),
    }
}

fn expires_at(workspace: &Workspace) -> Option<DateTime<Utc>> {
    let ttl = workspace.preset_ttl_seconds.filter(|ttl| *ttl > 0)?;
    workspace.created_at.checked_add_signed(TimeDelta::try_seconds(ttl)?)
}

fn transition(transition: builds::Transition) -> Transition {
    match transition {
        builds::Transition::Start => Transition::Start,
        builds::Transition::Stop => Transition::Stop,
        builds::Transition::Delete => Transition::Delete,
    }
}

fn status(status: JobStatus) -> BuildStatus {
    match status {
        JobStatus::Pending => BuildStatus::Pending,
        JobStatus::Running => BuildStatus::Running,
        JobStatus::Canceling => BuildStatus::Canceling,
        JobStatus::Succeeded => BuildStatus::Succeeded,
        JobStatus::Failed => BuildStatus::Failed,
        JobStatus::Canceled => BuildStatus::Canceled,
    }
}
