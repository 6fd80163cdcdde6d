//! Claims, the switch over all pools, and the transitions of one workspace.
//!
//! Every act authorises first, then does its work and writes its audit row in one transaction, then tells who listens.

use hearth_app::{
    backend::{Actor, Role},
    view::{ClaimOrder, ClaimOutcome},
};
use hearth_prebuilds::ids::{BuildId, SYSTEM_USER, UserId, VersionId, WorkspaceId};
use serde_json::{Value, json};

use super::workspace::may_see;
use crate::{
    engine::{
        claim::{self, Outcome, PresetChoice, Request},
        transitions::{self, BuildOrder, Queued},
    },
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    parameters::{self, Sources},
    store::{
        Conn, Tx,
        audit::{self, Act},
        blueprints::{self, Blueprint},
        builds::{self, Parameters, Stage, Transition},
        jobs::{JobStatus, Lane},
        members,
        settings::{self, PREBUILDS_PAUSED, Paused},
        workspaces::{self, Workspace},
    },
};

/// The longest reason for a pause or an override, in characters.
const LONGEST_NOTE: usize = 500;

/// Claims a member of the pool, or builds from nothing.
pub async fn claim(hearth: &Hearth, actor: &Actor, order: &ClaimOrder) -> Result<ClaimOutcome> {
    let blueprint = blueprint_named(hearth, &order.template).await?;
    let preset = match order.preset.as_str() {
        "" => PresetChoice::Without,
        name => PresetChoice::Named(blueprint.preset_named(name).ok_or(Error::NotFound("The preset"))?.id),
    };
    let request = Request {
        blueprint: &blueprint,
        preset,
        name: Some(order.name.trim()).filter(|name| !name.is_empty()),
        parameters: order.values.clone(),
        autostart_schedule: None,
        ttl_ms: None,
        pool_only: order.pool_only,
    };
    let Outcome { workspace_id, name, from_pool, blocked, .. } =
        claim::workspace(hearth, actor.user_id, actor.user_id, &request).await?;
    let blocked = blocked.map(|why| why.to_string());
    Ok(ClaimOutcome { workspace_id: workspace_id.to_string(), name, from_pool, blocked })
}

/// Makes a workspace for somebody: for oneself, or as an owner for anybody. The claim is implicit.
pub async fn create_workspace(
    hearth: &Hearth,
    actor: &Actor,
    owner: UserId,
    request: &Request<'_>,
) -> Result<Outcome> {
    if actor.user_id != owner && actor.role != Role::Owner {
        return Err(Error::Forbidden("Only owners can make workspaces for other people.".to_owned()));
    }
    claim::workspace(hearth, actor.user_id, owner, request).await
}

pub(super) async fn blueprint_named(hearth: &Hearth, template: &str) -> Result<Blueprint> {
    let blueprint = blueprints::of_template_named(&mut hearth.db.read().await?, template).await?;
    blueprint.ok_or(Error::NotFound("The template"))
}

pub async fn pause_all(hearth: &Hearth, actor: &Actor, note: &str) -> Result<()> {
    let note = check_pause(actor, note)?.to_owned();
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if settings::get::<Paused>(&mut tx, PREBUILDS_PAUSED).await?.is_some() {
        return Err(Error::Conflict("All prebuilds are paused already.".to_owned()));
    }
    let after = json!({ "reconciliation_paused": true, "note": note });
    let paused = Paused { by: actor.user_id, at: now, note };
    settings::set(&mut tx, PREBUILDS_PAUSED, &paused, actor.user_id, now).await?;
    record_settings(hearth, &mut tx, actor, ("pause", after)).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Settings);
    Ok(())
}

pub async fn resume_all(hearth: &Hearth, actor: &Actor) -> Result<()> {
    check_administers(actor)?;
    let mut tx = hearth.db.write().await?;
    if !settings::remove(&mut tx, PREBUILDS_PAUSED).await? {
        return Err(Error::Conflict("Prebuilds are not paused.".to_owned()));
    }
    record_settings(hearth, &mut tx, actor, ("resume", json!({ "reconciliation_paused": false }))).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Settings);
    Ok(())
}

/// Closes every member whose first build no worker has taken, so that workers are free for people sooner. The next
/// tick of the reconciler makes them again: no event wakes it before.
pub async fn cancel_pending(hearth: &Hearth, actor: &Actor) -> Result<()> {
    Error::unless(actor.role.administers_templates(), "Only template admins can cancel prebuild jobs.")?;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let mut closed = Vec::new();
    for member in members::pending(&mut tx).await? {
        if members::cancel_pending(&mut tx, member, now).await? {
            closed.push(member);
        }
    }
    if closed.is_empty() {
        return Err(Error::Conflict("No prebuild job is pending any more.".to_owned()));
    }
    record_settings(hearth, &mut tx, actor, ("cancel_pending", json!({ "canceled": closed.len() }))).await?;
    tx.commit().await?;
    for member in closed {
        hearth.events.publish(Event::Workspace(member));
    }
    Ok(())
}

/// Who may pause and resume.
pub fn check_administers(actor: &Actor) -> Result<()> {
    let words = "Only template admins can pause and resume prebuilds.";
    Error::unless(actor.role.administers_templates(), words)
}

pub(super) fn check_pause<'a>(actor: &Actor, note: &'a str) -> Result<&'a str> {
    check_administers(actor)?;
    check_note("note", note)
}

/// Why somebody changes a pool: one must say, and shortly.
pub(super) fn check_note<'a>(field: &str, note: &'a str) -> Result<&'a str> {
    let note = note.trim();
    if note.is_empty() {
        return Err(Error::invalid(field, "Say why; everybody who looks at the pool will read it."));
    }
    if note.chars().count() > LONGEST_NOTE {
        return Err(Error::invalid(field, format!("May have {LONGEST_NOTE} characters at most.")));
    }
    Ok(note)
}

async fn record_settings(
    hearth: &Hearth,
    tx: &mut Tx,
    actor: &Actor,
    (verb, after): (&'static str, Value),
) -> Result<()> {
    let act = Act {
        actor: actor.user_id,
        verb,
        target_type: "prebuilds_settings",
        target_id: PREBUILDS_PAUSED.to_owned(),
        target_name: "prebuilds",
        before: None,
        after: Some(after),
    };
    Ok(audit::record(tx, act, hearth.clock.now()).await?)
}

pub async fn start_workspace(hearth: &Hearth, actor: &Actor, id: WorkspaceId) -> Result<()> {
    create_build(hearth, actor, id, &Change::to(Transition::Start)).await.map(drop)
}

pub async fn stop_workspace(hearth: &Hearth, actor: &Actor, id: WorkspaceId) -> Result<()> {
    create_build(hearth, actor, id, &Change::to(Transition::Stop)).await.map(drop)
}

pub async fn delete_workspace(hearth: &Hearth, actor: &Actor, id: WorkspaceId) -> Result<()> {
    create_build(hearth, actor, id, &Change::to(Transition::Delete)).await.map(drop)
}

/// What the next build of a workspace is to change.
#[derive(Clone, Debug)]
pub struct Change {
    pub transition: Transition,
    /// `None`: that of the build before. Of meaning for a start only.
    pub version_id: Option<VersionId>,
    /// On top of those of the build before. Of meaning for a start only.
    pub parameters: Vec<(String, String)>,
}

impl Change {
    pub(super) fn to(transition: Transition) -> Self {
        Self { transition, version_id: None, parameters: Vec::new() }
    }
}

/// Queues the next build of a workspace.
pub async fn create_build(
    hearth: &Hearth,
    actor: &Actor,
    id: WorkspaceId,
    change: &Change,
) -> Result<Queued> {
    let workspace = visible(hearth, actor, id).await?;
    let mut tx = hearth.db.write().await?;
    let queued = queue_build(hearth, &mut tx, actor, &workspace, change).await?;
    tx.commit().await?;
    publish(hearth, &workspace);
    hearth.events.publish(Event::JobQueued);
    Ok(queued)
}

/// The same within a transaction, of which the caller tells when it is done. `workspace` may have changed since it was
/// read: then it is left as it is.
pub(super) async fn queue_build(
    hearth: &Hearth,
    tx: &mut Tx,
    actor: &Actor,
    workspace: &Workspace,
    change: &Change,
) -> Result<Queued> {
    check(actor, workspace, change.transition)?;
    let starts = change.transition == Transition::Start;
    let values = if starts { values(tx, workspace, change).await? } else { Parameters::new() };
    let stage = transitions::stage(tx, workspace, change.transition).await?;
    let order = BuildOrder {
        workspace_id: workspace.id,
        owner_id: workspace.owner_id,
        stage,
        version_id: change.version_id.filter(|_| starts),
        initiator_id: actor.user_id,
        lane: Lane::People,
        parameters: &values,
    };
    let queued = transitions::queue(tx, &order, hearth.clock.now()).await?;
    let queued =
        queued.ok_or_else(|| Error::Conflict("The workspace has just changed. Look again.".to_owned()))?;
    record_workspace(hearth, tx, actor, (verb(stage), workspace), queued.number).await?;
    Ok(queued)
}

/// The values that a start gets; another version or other values must fit to what cannot change any more.
async fn values(conn: &mut Conn, workspace: &Workspace, change: &Change) -> Result<Parameters> {
    if workspace.owner_id == SYSTEM_USER {
        return if change.version_id.is_none() && change.parameters.is_empty() {
            Ok(Parameters::new())
        } else {
            Err(Error::Refused("An unclaimed prebuild keeps its version and parameters.".to_owned()))
        };
    }
    let version = change.version_id.unwrap_or(workspace.latest_version_id);
    let blueprint = blueprints::of_version(conn, version).await?;
    let blueprint = blueprint
        .filter(|blueprint| blueprint.template_id == workspace.template_id)
        .ok_or_else(|| Error::invalid("template_version_id", "The template has no such version."))?;
    if blueprint.status != JobStatus::Succeeded {
        return Err(Error::NotReady("This template version has not been imported.".to_owned()));
    }
    let latest = builds::by_id(conn, workspace.latest_build_id).await?;
    let last_build = latest.as_ref().map(|build| &build.parameters.0);
    let sources = Sources { last_build, preset: None, given: &change.parameters };
    parameters::resolve(&blueprint.parameters, &sources)
}

/// Cancels a build: at once when no worker has it, else as soon as Terraform has stopped safely.
pub async fn cancel_build(hearth: &Hearth, actor: &Actor, id: BuildId) -> Result<JobStatus> {
    let build = builds::by_id(&mut hearth.db.read().await?, id).await?;
    let build = build.ok_or(Error::NotFound("The build"))?;
    let workspace = visible(hearth, actor, build.workspace_id).await?;
    check_may_change(actor, &workspace)?;
    let mut tx = hearth.db.write().await?;
    let status = builds::cancel(&mut tx, &build, hearth.clock.now()).await?;
    let status = status
        .ok_or_else(|| Error::Refused("This build has ended already, or is being cancelled.".to_owned()))?;
    record_workspace(hearth, &mut tx, actor, ("cancel", &workspace), build.number).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Job(build.job_id));
    publish(hearth, &workspace);
    Ok(status)
}

/// A workspace that the actor may see; anybody else's is as good as absent.
async fn visible(hearth: &Hearth, actor: &Actor, id: WorkspaceId) -> Result<Workspace> {
    let workspace = workspaces::by_id(&mut hearth.db.read().await?, id).await?;
    workspace.filter(|workspace| may_see(actor, workspace)).ok_or(Error::NotFound("The workspace"))
}

/// Why this person cannot have this transition now, if they cannot.
pub(super) fn check(actor: &Actor, workspace: &Workspace, transition: Transition) -> Result<()> {
    check_may_change(actor, workspace)?;
    transitions::check(workspace, transition)
}

/// Whether it would be the same afterwards.
pub(super) fn is_already(workspace: &Workspace, transition: Transition) -> bool {
    let started = workspace.latest_transition == Transition::Start;
    match transition {
        Transition::Start => started && workspace.latest_status == JobStatus::Succeeded,
        Transition::Stop => !started,
        Transition::Delete => false,
    }
}

/// One's own; the pool's for template admins; anybody's for owners.
pub(super) fn check_may_change(actor: &Actor, workspace: &Workspace) -> Result<()> {
    let (may, who) = match workspace.owner_id {
        owner if owner == actor.user_id => return Ok(()),
        SYSTEM_USER => (actor.role.administers_templates(), "Only template admins can change prebuilds."),
        _ => (actor.role == Role::Owner, "Only owners can change the workspaces of other people."),
    };
    if may { Ok(()) } else { Err(Error::Forbidden(who.to_owned())) }
}

fn verb(stage: Stage) -> &'static str {
    match stage {
        Stage::Create | Stage::Claim | Stage::Start => "start",
        Stage::Stop => "stop",
        Stage::Delete => "delete",
    }
}

async fn record_workspace(
    hearth: &Hearth,
    tx: &mut Tx,
    actor: &Actor,
    (verb, workspace): (&'static str, &Workspace),
    build_number: i64,
) -> Result<()> {
    let Workspace { template_name, preset_name, .. } = workspace;
    let after = json!({ "build_number": build_number, "template": template_name, "preset": preset_name });
    let act = Act {
        actor: actor.user_id,
        verb,
        target_type: "workspace",
        target_id: workspace.id.to_string(),
        target_name: &workspace.name,
        before: None,
        after: Some(after),
    };
    Ok(audit::record(tx, act, hearth.clock.now()).await?)
}

pub(super) fn publish(hearth: &Hearth, workspace: &Workspace) {
    hearth.events.publish(Event::Workspace(workspace.id));
    if let (true, Some(preset)) = (workspace.owner_id == SYSTEM_USER, workspace.preset_id) {
        hearth.events.publish(Event::Preset(preset.into()));
    }
}
