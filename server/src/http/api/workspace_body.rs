//! How a workspace and its builds look.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    jobs::{JobBody, MatchedProvisioners, instant},
    resources::ResourceBody,
};
use crate::{
    backend::details::BuildDetail,
    store::{
        builds::{Build, Transition},
        jobs::JobStatus,
        workspaces::Workspace,
    },
};
use hearth_prebuilds::ids::SYSTEM_USER;

#[derive(Serialize)]
pub struct WorkspaceBody {
    id: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    owner_id: Uuid,
    owner_name: String,
    owner_avatar_url: &'static str,
    organization_id: Uuid,
    organization_name: String,
    template_id: Uuid,
    template_name: String,
    template_display_name: String,
    template_icon: String,
    template_allow_user_cancel_workspace_jobs: bool,
    template_active_version_id: Uuid,
    template_require_active_version: bool,
    template_use_classic_parameter_flow: bool,
    latest_build: BuildBody,
    latest_app_status: Option<()>,
    outdated: bool,
    name: String,
    autostart_schedule: Option<String>,
    ttl_ms: Option<i64>,
    last_used_at: DateTime<Utc>,
    deleting_at: Option<DateTime<Utc>>,
    dormant_at: Option<DateTime<Utc>>,
    health: WorkspaceHealth,
    automatic_updates: &'static str,
    allow_renames: bool,
    favorite: bool,
    next_start_at: Option<DateTime<Utc>>,
    is_prebuild: bool,
    task_id: Option<Uuid>,
    /// Not upstream's: when the pool made it, and when and by whom it was claimed.
    prebuilt_at: Option<DateTime<Utc>>,
    claimed_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct WorkspaceHealth {
    healthy: bool,
    failing_agents: Vec<Uuid>,
}

#[derive(Serialize)]
pub struct BuildBody {
    id: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    workspace_id: Uuid,
    workspace_name: String,
    workspace_owner_id: Uuid,
    workspace_owner_name: String,
    template_version_id: Uuid,
    template_version_name: String,
    build_number: i64,
    transition: &'static str,
    initiator_id: Uuid,
    initiator_name: String,
    job: JobBody,
    reason: String,
    resources: Vec<ResourceBody>,
    deadline: Option<DateTime<Utc>>,
    max_deadline: Option<DateTime<Utc>>,
    status: &'static str,
    daily_cost: i64,
    matched_provisioners: MatchedProvisioners,
    template_version_preset_id: Option<Uuid>,
}

impl WorkspaceBody {
    pub fn of(detail: BuildDetail, now: DateTime<Utc>) -> Self {
        let workspace = detail.workspace.clone();
        let latest_build = BuildBody::of(detail, now);
        let failing_agents: Vec<Uuid> =
            latest_build.resources.iter().flat_map(ResourceBody::failing_agents).collect();
        Self {
            id: workspace.id.0,
            created_at: workspace.created_at,
            updated_at: workspace.updated_at,
            owner_id: workspace.owner_id.0,
            is_prebuild: workspace.owner_id == SYSTEM_USER,
            owner_name: workspace.owner_name,
            owner_avatar_url: "",
            organization_id: workspace.organization_id.0,
            organization_name: workspace.organization_name,
            template_id: workspace.template_id.0,
            template_name: workspace.template_name,
            template_display_name: workspace.template_display_name,
            template_icon: workspace.template_icon,
            template_allow_user_cancel_workspace_jobs: true,
            template_active_version_id: workspace.active_version_id.0,
            template_require_active_version: false,
            template_use_classic_parameter_flow: true,
            latest_build,
            latest_app_status: None,
            outdated: workspace.latest_version_id != workspace.active_version_id,
            name: workspace.name,
            autostart_schedule: workspace.autostart_schedule,
            ttl_ms: workspace.ttl_ms,
            last_used_at: workspace.last_used_at,
            deleting_at: instant(workspace.deleting_at),
            dormant_at: instant(workspace.dormant_at),
            health: WorkspaceHealth { healthy: failing_agents.is_empty(), failing_agents },
            automatic_updates: "never",
            allow_renames: false,
            favorite: false,
            next_start_at: instant(workspace.next_start_at),
            task_id: None,
            prebuilt_at: instant(workspace.prebuilt_at),
            claimed_at: instant(workspace.claimed_at),
        }
    }
}

impl BuildBody {
    pub fn of(detail: BuildDetail, now: DateTime<Utc>) -> Self {
        let BuildDetail { workspace, build, resources } = detail;
        let daily_cost = resources.iter().map(|(resource, _)| resource.daily_cost).sum();
        let resources = ResourceBody::of_build(&build, resources, now);
        Self {
            id: build.id.0,
            created_at: build.created_at,
            updated_at: updated_at(&build),
            workspace_id: workspace.id.0,
            workspace_name: workspace.name,
            workspace_owner_id: workspace.owner_id.0,
            workspace_owner_name: workspace.owner_name,
            template_version_id: build.version_id.0,
            template_version_name: build.version_name.clone(),
            build_number: build.number,
            transition: build.transition.as_str(),
            initiator_id: build.initiator_id.0,
            initiator_name: build.initiator_name.clone(),
            job: JobBody::of_build(&build, workspace.organization_id.0),
            reason: build.reason.clone(),
            resources,
            deadline: None,
            max_deadline: None,
            status: status(build.transition, build.status),
            daily_cost,
            matched_provisioners: MatchedProvisioners::at(now),
            template_version_preset_id: build.preset_id,
        }
    }
}

fn updated_at(build: &Build) -> DateTime<Utc> {
    instant(build.completed_at.or(build.canceled_at).or(build.started_at)).unwrap_or(build.created_at)
}

/// The word for a job of this transition.
pub fn status(transition: Transition, job: JobStatus) -> &'static str {
    match (job, transition) {
        (JobStatus::Running, Transition::Start) => "starting",
        (JobStatus::Running, Transition::Stop) => "stopping",
        (JobStatus::Running, Transition::Delete) => "deleting",
        (JobStatus::Succeeded, Transition::Start) => "running",
        (JobStatus::Succeeded, Transition::Stop) => "stopped",
        (JobStatus::Succeeded, Transition::Delete) => "deleted",
        (JobStatus::Pending | JobStatus::Canceling | JobStatus::Canceled | JobStatus::Failed, _) => {
            job.as_str()
        }
    }
}

pub fn status_of(workspace: &Workspace) -> &'static str {
    status(workspace.latest_transition, workspace.latest_status)
}
