//! The page of one workspace.

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{AgentView, AppView, BuildRow, ResourceView, ScriptView, WorkspaceQuery, WorkspaceView},
};
use hearth_prebuilds::{
    failures_in_a_row,
    ids::{PresetId, WorkspaceId},
};

use super::{acts, drift::occurrence, frame, log, pools, rail::rail, workspace_row};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn,
        builds::{self, Build, Stage, Transition},
        drift,
        jobs::JobStatus,
        page::{self, workspace as parts},
        resources::{self, Resource},
        snapshot::{self, Past, PresetRead},
        workspaces::{self, Workspace},
    },
};

pub async fn workspace(
    hearth: &Hearth,
    actor: &Actor,
    id: WorkspaceId,
    query: &WorkspaceQuery,
) -> Result<WorkspaceView> {
    let now = hearth.clock.now();
    let mut conn = hearth.db.snapshot().await?;
    let workspace = workspaces::by_id(&mut conn, id).await?;
    let workspace =
        workspace.filter(|workspace| may_see(actor, workspace)).ok_or(Error::NotFound("The workspace"))?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let builds = builds::of_workspace(&mut conn, id).await?;
    let shown = builds.iter().find(|build| query.build == 0 || build.number == query.build);
    let shown = shown.ok_or(Error::NotFound("The build"))?;
    let log = log::of_job(&mut conn, (shown.job_id, shown.status), query.after).await?;
    let resources = resources::of_build(&mut conn, shown.id).await?;
    let seen = drift::seen_of_workspace(&mut conn, id).await?;
    let cold = match workspace.preset_id {
        Some(preset) => page::pools::cold_builds_of(&mut conn, PresetId(preset)).await?,
        None => Vec::new(),
    };
    let agents = agents(&mut conn, id).await?;
    let agent_log = log::of_agents(&mut conn, id, query.agent_after).await?;
    let can = Can::of(actor, &workspace);
    let prebuild_name = workspace.prebuild_name.clone();
    let row = workspace_row::rows(&mut conn, actor, vec![workspace], now).await?.pop();
    let row = row.ok_or(Error::NotFound("The workspace"))?;
    drop(conn);
    let failures = if row.unclaimed { failures(hearth, shown, now).await? } else { None };
    Ok(WorkspaceView {
        frame,
        stages: rail(&builds, row.stage, now),
        row,
        prebuild_name,
        claim_ms: builds.iter().find(|build| build.stage == Stage::Claim).and_then(claim_ms),
        cold_ms: pools::median(pools::millis(&cold)),
        agents,
        build: build_row(shown),
        parameters: shown.parameters.0.clone().into_iter().collect(),
        builds: builds.iter().map(build_row).collect(),
        log,
        agent_log,
        resources: resources.into_iter().filter(|resource| !resource.hide).map(resource_view).collect(),
        replacements: seen.into_iter().map(occurrence).collect(),
        failures,
        can_start: can.start,
        can_stop: can.stop,
        can_delete: can.delete,
    })
}

/// One's own, or everybody's for those who read pools.
pub(super) fn may_see(actor: &Actor, workspace: &Workspace) -> bool {
    workspace.owner_id == actor.user_id || actor.role.reads_pools()
}

/// Which acts the page offers: those that would not be refused, and that change something.
struct Can {
    start: bool,
    stop: bool,
    delete: bool,
}

impl Can {
    fn of(actor: &Actor, workspace: &Workspace) -> Self {
        let can = |transition| {
            acts::check(actor, workspace, transition).is_ok() && !acts::is_already(workspace, transition)
        };
        Self { start: can(Transition::Start), stop: can(Transition::Stop), delete: can(Transition::Delete) }
    }
}

/// How many builds of its pool failed in a row, and how many may, if this one counts among them.
async fn failures(hearth: &Hearth, build: &Build, now: DateTime<Utc>) -> Result<Option<(u32, u32)>> {
    let (JobStatus::Failed, Some(preset), Some(at)) = (build.status, build.preset_id, build.completed_at)
    else {
        return Ok(None);
    };
    let (at, limits) = (at.into(), hearth.config.limits());
    let (_, read) = snapshot::read_one(&hearth.db, Past::of(&limits, now), PresetId(preset)).await?;
    let counted = read.map(|PresetRead { snapshot, .. }| {
        let since = snapshot.start_builds.iter().filter(|build| !build.succeeded && build.finished_at >= at);
        (since.count() as u32, failures_in_a_row(&snapshot))
    });
    let limit = limits.failure_hard_limit;
    Ok(counted
        .filter(|(since, count)| limit > 0 && (1..=*count).contains(since))
        .map(|(_, count)| (count, limit)))
}

fn claim_ms(build: &Build) -> Option<u64> {
    let ready = build.ready_at?;
    u64::try_from((ready.0 - build.created_at.timestamp_micros()) / 1000).ok()
}

async fn agents(conn: &mut Conn, id: WorkspaceId) -> Result<Vec<AgentView>> {
    let (mut apps, mut scripts, mut metadata) =
        (parts::apps(conn, id).await?, parts::scripts(conn, id).await?, parts::metadata(conn, id).await?);
    let agents = parts::agents(conn, id).await?.into_iter().map(|agent| AgentView {
        apps: apps.extract_if(.., |app| app.agent_id == agent.id).filter_map(app_view).collect(),
        scripts: scripts.extract_if(.., |script| script.agent_id == agent.id).map(script_view).collect(),
        metadata: metadata.extract_if(.., |item| item.agent_id == agent.id).map(metadata_view).collect(),
        name: agent.name,
        lifecycle: agent.lifecycle,
        version: agent.version,
        last_seen: agent.last_connected_at.map(Into::into),
    });
    Ok(agents.collect())
}

/// Templates write these addresses: only http(s) becomes a link, never `javascript:`.
fn app_view(app: parts::App) -> Option<AppView> {
    let url = reqwest::Url::parse(&app.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let display_name = if app.display_name.is_empty() { app.slug } else { app.display_name };
    Some(AppView { display_name, url: url.into() })
}

fn script_view(script: parts::Script) -> ScriptView {
    let took = script.started_at.zip(script.finished_at).map(|(from, to)| (to.0 - from.0) / 1000);
    ScriptView {
        display_name: script.display_name,
        status: script.status,
        exit_code: script.exit_code,
        duration_ms: took.and_then(|took| u64::try_from(took).ok()),
    }
}

fn metadata_view(item: parts::Metadata) -> (String, String, String) {
    let name = if item.display_name.is_empty() { item.key } else { item.display_name };
    (name, item.value, item.error)
}

fn build_row(build: &Build) -> BuildRow {
    BuildRow {
        id: build.id,
        number: build.number,
        stage: build.stage.as_str().to_owned(),
        status: build.status.as_str().to_owned(),
        error: build.error.clone(),
        initiator: build.initiator_name.clone(),
        created_at: build.created_at,
        started_at: build.started_at.map(Into::into),
        finished_at: build.completed_at.map(Into::into),
    }
}

fn resource_view(resource: Resource) -> ResourceView {
    let metadata = resource.metadata.0.into_iter();
    ResourceView {
        address: resource.address,
        r#type: resource.r#type,
        metadata: metadata
            .map(|item| (item.key, if item.sensitive { "(sensitive)".to_owned() } else { item.value }))
            .collect(),
    }
}
