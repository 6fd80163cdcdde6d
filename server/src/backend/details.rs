//! Workspaces and builds with everything that hangs on them, as the API shows them.
//!
//! A person sees their own; whoever reads pools sees everybody's. What one may not see is not found.

use std::collections::HashMap;

use hearth_app::backend::Actor;
use hearth_prebuilds::ids::{AgentId, BuildId, WorkspaceId};

use super::{people, workspace::may_see};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn,
        agent_details::{self, Agent, Detailed},
        builds::{self, Build},
        resources::{self, Resource},
        workspaces::{self, Filter, Workspace},
    },
};

const NOT_FOUND: Error = Error::NotFound("The workspace");

/// A build of a workspace, with what it made.
pub struct BuildDetail {
    pub workspace: Workspace,
    pub build: Build,
    pub resources: Vec<Made>,
}

/// A resource with the agents that run on it.
pub type Made = (Resource, Vec<Detailed>);

/// Workspaces by their newest build, in the order of the list.
pub async fn list(hearth: &Hearth, actor: &Actor, filter: &Filter<'_>) -> Result<Vec<Workspace>> {
    let mut found = workspaces::list(&mut hearth.db.read().await?, filter).await?;
    found.retain(|workspace| may_see(actor, workspace));
    Ok(found)
}

pub async fn with_newest_build(hearth: &Hearth, workspaces: Vec<Workspace>) -> Result<Vec<BuildDetail>> {
    let mut conn = hearth.db.snapshot().await?;
    let ids: Vec<WorkspaceId> = workspaces.iter().map(|workspace| workspace.id).collect();
    let newest = builds::newest_of(&mut conn, &ids).await?;
    let mut workspaces: HashMap<_, _> =
        workspaces.into_iter().map(|workspace| (workspace.id, workspace)).collect();
    let mut by_id: HashMap<_, _> = newest.into_iter().map(|build| (build.workspace_id, build)).collect();
    let pairs = ids.iter().filter_map(|id| Some((workspaces.remove(id)?, by_id.remove(id)?)));
    detail(&mut conn, pairs.collect()).await
}

pub async fn one(
    hearth: &Hearth,
    actor: &Actor,
    id: WorkspaceId,
    include_deleted: bool,
) -> Result<BuildDetail> {
    let workspace = workspaces::by_id(&mut hearth.db.read().await?, id).await?;
    let workspace = workspace.filter(|w| may_see(actor, w) && (include_deleted || !w.deleted));
    newest(hearth, workspace.ok_or(NOT_FOUND)?).await
}

/// `owner` is `me`, a username or an id.
pub async fn named(
    hearth: &Hearth,
    actor: &Actor,
    (owner, name): (&str, &str),
    include_deleted: bool,
) -> Result<BuildDetail> {
    let workspace = find_named(hearth, actor, (owner, name), include_deleted).await?;
    newest(hearth, workspace).await
}

pub async fn find_named(
    hearth: &Hearth,
    actor: &Actor,
    (owner, name): (&str, &str),
    include_deleted: bool,
) -> Result<Workspace> {
    let mut conn = hearth.db.read().await?;
    let owner = people::find_user(&mut conn, actor, owner).await?;
    let workspace = workspaces::by_owner_and_name(&mut conn, owner.id, name, include_deleted).await?;
    workspace.filter(|workspace| may_see(actor, workspace)).ok_or(NOT_FOUND)
}

/// Of a deleted workspace too: whoever follows its deletion reads it afterwards.
pub async fn build(hearth: &Hearth, actor: &Actor, id: BuildId) -> Result<BuildDetail> {
    let mut conn = hearth.db.snapshot().await?;
    let build = builds::by_id(&mut conn, id).await?.ok_or(Error::NotFound("The build"))?;
    let workspace = workspaces::by_id(&mut conn, build.workspace_id).await?;
    let workspace = workspace.filter(|w| may_see(actor, w)).ok_or(Error::NotFound("The build"))?;
    detail(&mut conn, vec![(workspace, build)]).await?.pop().ok_or(Error::NotFound("The build"))
}

/// Newest first.
pub async fn builds_of(hearth: &Hearth, actor: &Actor, id: WorkspaceId) -> Result<Vec<BuildDetail>> {
    let mut conn = hearth.db.snapshot().await?;
    let workspace = workspaces::by_id(&mut conn, id).await?;
    let workspace = workspace.filter(|workspace| may_see(actor, workspace)).ok_or(NOT_FOUND)?;
    let builds = builds::of_workspace(&mut conn, id).await?;
    let pairs = builds.into_iter().map(|build| (workspace.clone(), build)).collect();
    detail(&mut conn, pairs).await
}

/// An agent of a workspace that the actor may see.
pub async fn agent(hearth: &Hearth, actor: &Actor, id: AgentId) -> Result<Agent> {
    let mut conn = hearth.db.read().await?;
    let agent = agent_details::by_id(&mut conn, id).await?.ok_or(Error::NotFound("The agent"))?;
    let workspace = workspaces::by_id(&mut conn, agent.workspace_id).await?;
    let sees = workspace.is_some_and(|workspace| may_see(actor, &workspace));
    if sees { Ok(agent) } else { Err(Error::NotFound("The agent")) }
}

async fn newest(hearth: &Hearth, workspace: Workspace) -> Result<BuildDetail> {
    with_newest_build(hearth, vec![workspace]).await?.pop().ok_or(NOT_FOUND)
}

async fn detail(conn: &mut Conn, pairs: Vec<(Workspace, Build)>) -> Result<Vec<BuildDetail>> {
    let builds: Vec<BuildId> = pairs.iter().map(|(_, build)| build.id).collect();
    let mut ids: Vec<WorkspaceId> = pairs.iter().map(|(workspace, _)| workspace.id).collect();
    ids.dedup();
    let mut resources = resources::of_builds(conn, &builds).await?;
    let mut agents = agent_details::by_resource(conn, &ids).await?;
    let detail = |(workspace, build): (Workspace, Build)| {
        let made = resources.remove(&build.id).unwrap_or_default();
        let with_agents = |resource: Resource| {
            let agents = agents.remove(&resource.id).unwrap_or_default();
            (resource, agents)
        };
        BuildDetail { resources: made.into_iter().map(with_agents).collect(), workspace, build }
    };
    Ok(pairs.into_iter().map(detail).collect())
}
