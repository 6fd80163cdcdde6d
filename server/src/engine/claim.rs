//! Gives a person a workspace: an eligible member of the pool if there is one, else one built from nothing.
//!
//! One transaction decides and writes everything: the member changes hands, the claim build and its job are queued, the
//! event, the counter and the audit row are written. Two people never get the same member, and nobody waits for a
//! pass of the reconciler. What fails leaves nothing behind.
//!
//! Where the last rehearsal showed that a claim leaves the agents alone, and no claim has shown otherwise since, they are
//! handed over in the same transaction: they begin again for their owner at once, and the claim build runs behind them.
//! What it finds then is told as always; if it replaces something, the hand-over is taken back and waits for its end.

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    ids::{BuildId, PresetId, SYSTEM_USER, UserId, WorkspaceId},
    matching::best_match,
    policy::{Blocked, DriftPolicy},
};
use serde_json::json;

use super::{create, known_drift, names::suggest};
use crate::{
    clock::new_id,
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    names,
    parameters::{self, Sources},
    store::{
        self, Tx, agents,
        audit::{self, Act},
        blueprints::{Blueprint, Preset},
        builds::{self, NewBuild, Parameters, Stage},
        claims::{self, Eligible, NewOwner},
        jobs::{JobStatus, Lane},
        members, pool_demand,
        pool_events::{self, Missed, PoolEvent},
        pools::{self, Counter},
        rehearsals,
        workspaces::NewWorkspace,
    },
};

/// How often an invented name may turn out to be taken.
const NAME_TRIES: u32 = 20;

/// Which preset a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresetChoice {
    Named(PresetId),
    /// The one with the most parameters that are all among the given ones (S11).
    Match,
    /// None: always built from nothing.
    Without,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub blueprint: &'a Blueprint,
    pub preset: PresetChoice,
    /// `None`: one is invented.
    pub name: Option<&'a str>,
    pub parameters: Vec<(String, String)>,
    pub autostart_schedule: Option<&'a str>,
    /// `None`: the template's default.
    pub ttl_ms: Option<i64>,
    /// Refuse rather than build from nothing.
    pub pool_only: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub workspace_id: WorkspaceId,
    pub build_id: BuildId,
    pub name: String,
    /// False: built from nothing.
    pub from_pool: bool,
    /// Why members were passed over.
    pub blocked: Option<Blocked>,
}

/// A request whose preset and parameters are settled.
struct Settled<'a> {
    request: &'a Request<'a>,
    /// The person who gets it, and the one who asked.
    owner: UserId,
    initiator: UserId,
    preset: Option<&'a Preset>,
    /// Whether members of the preset's pool are what is asked for.
    pooled: Option<&'a Preset>,
    /// The preset's and the given ones.
    parameters: Parameters,
    /// Whether members are built with the same ones.
    as_built: bool,
    ttl_ms: Option<i64>,
}

/// Claims, or builds from nothing.
pub async fn workspace(
    hearth: &Hearth,
    initiator: UserId,
    owner: UserId,
    request: &Request<'_>,
) -> Result<Outcome> {
    let settled = settle(initiator, owner, request)?;
    if let Some(name) = request.name {
        names::check("name", name)?;
        return attempt(hearth, &settled, name).await;
    }
    let mut chance = hearth.clock.chance();
    for _ in 0..NAME_TRIES {
        let name = suggest(&mut chance);
        match attempt(hearth, &settled, &name).await {
            Err(Error::Taken { .. }) => {}
            other => return other,
        }
    }
    Err(Error::Internal("no free name for a workspace was found".to_owned()))
}

fn settle<'a>(initiator: UserId, owner: UserId, request: &'a Request<'a>) -> Result<Settled<'a>> {
    let blueprint = request.blueprint;
    check_buildable(blueprint)?;
    if owner == SYSTEM_USER {
        return Err(Error::Forbidden(
            "Workspaces of the system user are made by the reconciler alone.".to_owned(),
        ));
    }
    let preset = match request.preset {
        PresetChoice::Without => None,
        PresetChoice::Named(id) => Some(blueprint.preset(id).ok_or_else(|| {
            Error::invalid("template_version_preset_id", "This version has no such preset.")
        })?),
        PresetChoice::Match => {
            let candidates = blueprint.presets.iter().map(|preset| (preset, preset.parameters.0.clone()));
            best_match(candidates, &request.parameters.iter().cloned().collect())
        }
    };
    let own = preset.map(|preset| &preset.parameters.0);
    let sources = Sources { last_build: None, preset: own, given: &request.parameters };
    let values = parameters::resolve(&blueprint.parameters, &sources)?;
    let built_with = preset.and_then(|preset| built_with(blueprint, preset));
    let as_built = built_with.as_ref() == Some(&values);
    let pooled = preset.filter(|preset| {
        let fits = built_with.as_ref().is_some_and(|built_with| fits(blueprint, preset, built_with, &values));
        preset.instances.is_some() && blueprint.is_active() && fits
    });
    if request.pool_only && pooled.is_none() {
        return Err(Error::Refused("No pool keeps workspaces like this one.".to_owned()));
    }
    let default_ttl = Some(blueprint.default_ttl_ms).filter(|ttl| *ttl > 0);
    let ttl_ms = request.ttl_ms.or(default_ttl);
    Ok(Settled { request, owner, initiator, preset, pooled, parameters: values, as_built, ttl_ms })
}

/// The values of the members of a preset's pool. `None`: it can have no members.
fn built_with(blueprint: &Blueprint, preset: &Preset) -> Option<Parameters> {
    let sources = Sources { preset: Some(&preset.parameters), ..Sources::default() };
    parameters::resolve(&blueprint.parameters, &sources).ok()
}

/// Whether a member of the preset's pool can become what is asked for: the preset's own values stand, and whatever
/// differs otherwise may still change.
fn fits(blueprint: &Blueprint, preset: &Preset, built_with: &Parameters, values: &Parameters) -> bool {
    blueprint.parameters.iter().all(|parameter| {
        let name = &parameter.name;
        built_with.get(name) == values.get(name) || parameter.mutable && !preset.parameters.contains_key(name)
    })
}

fn check_buildable(blueprint: &Blueprint) -> Result<()> {
    if blueprint.deleted {
        return Err(Error::NotFound("The template"));
    }
    if !blueprint.deprecation.is_empty() {
        let detail = format!("This template is deprecated: {}", blueprint.deprecation);
        return Err(Error::invalid("template_id", detail));
    }
    match blueprint.status {
        JobStatus::Succeeded => Ok(()),
        JobStatus::Pending | JobStatus::Running | JobStatus::Canceling => {
            Err(Error::NotReady("This template version is still being imported.".to_owned()))
        }
        JobStatus::Failed | JobStatus::Canceled => {
            Err(Error::Refused("The import of this template version did not succeed.".to_owned()))
        }
    }
}

/// One try with one name, all in one transaction.
async fn attempt(hearth: &Hearth, settled: &Settled<'_>, name: &str) -> Result<Outcome> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let (mut claimed, mut blocked) = (None, None);
    if let Some(preset) = settled.pooled {
        blocked = passed_over(&mut tx, settled, preset).await?;
        if blocked.is_none() {
            claimed = claim(&mut tx, settled, preset, name, now).await?;
        }
    }
    let missed = settled.pooled.filter(|_| claimed.is_none());
    let outcome = match claimed {
        Some(outcome) => Some(outcome),
        None if settled.request.pool_only => None,
        None => Some(build_from_nothing(&mut tx, settled, (name, blocked.clone()), now).await?),
    };
    let mut starting = 0;
    if let Some(preset) = missed {
        let whom = (outcome.as_ref().map(|outcome| outcome.workspace_id), settled.owner);
        let why = if blocked.is_some() { Missed::Blocked } else { Missed::Empty };
        let pool = settled.request.blueprint.pool(preset);
        pool_events::insert(&mut tx, &pool, Some(why), whom, now).await?;
        starting = members::alive(&mut tx, preset.id, now).await?.starting;
        pool_demand::add(&mut tx, &pool, PoolEvent::Miss, now).await?;
        pools::count(&mut tx, &pool, Counter::Missed).await?;
    }
    tx.commit().await?;
    if let Some(preset) = settled.pooled {
        hearth.events.publish(Event::Preset(preset.id));
    }
    let refusal = || blocked.map_or(Error::PoolEmpty { starting }, Error::PoolBlocked);
    let outcome = outcome.ok_or_else(refusal)?;
    if outcome.from_pool {
        hearth.events.publish(Event::Claimed(outcome.workspace_id));
    }
    hearth.events.publish(Event::Workspace(outcome.workspace_id));
    hearth.events.publish(Event::JobQueued);
    Ok(outcome)
}

/// Why the pool's policy lets no member go, if it does not. What is known holds for every member of the preset.
async fn passed_over(tx: &mut Tx, settled: &Settled<'_>, preset: &Preset) -> Result<Option<Blocked>> {
    if preset.policy == DriftPolicy::Allow {
        return Ok(None);
    }
    if !settled.as_built {
        return Ok(Some(Blocked::OtherValues));
    }
    let drift = known_drift::of_preset(tx, preset.id).await?;
    Ok(preset.policy.blocks(&drift))
}

/// Hands over the oldest eligible member. `None`: there is none.
async fn claim(
    tx: &mut Tx,
    settled: &Settled<'_>,
    preset: &Preset,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Option<Outcome>> {
    let blueprint = settled.request.blueprint;
    let which = Eligible {
        preset_id: preset.id,
        version_id: blueprint.version_id,
        not_before: preset.not_before(now),
    };
    let owner = NewOwner {
        owner_id: settled.owner,
        name,
        build_id: new_id(),
        autostart_schedule: settled.request.autostart_schedule,
        ttl_ms: settled.ttl_ms,
    };
    let taken = claims::take(tx, &which, &owner, now).await.map_err(|error| taken_name(error, name))?;
    let Some(taken) = taken else { return Ok(None) };
    let build = NewBuild {
        id: owner.build_id,
        job_id: new_id(),
        workspace_id: taken.id,
        organization_id: taken.organization_id,
        number: taken.number,
        stage: Stage::Claim,
        version_id: blueprint.version_id,
        preset_id: Some(preset.id),
        initiator_id: settled.initiator,
        lane: Lane::People,
        parameters: &settled.parameters,
    };
    builds::insert(tx, &build, now).await?;
    if settled.as_built && rehearsals::leave_agents_alone(tx, preset.id, now).await? {
        agents::hand_over(tx, taken.id, build.id).await?;
    }
    let pool = blueprint.pool(preset);
    pool_events::insert(tx, &pool, None, (Some(taken.id), settled.owner), now).await?;
    let outcome = Outcome {
        workspace_id: taken.id,
        build_id: build.id,
        name: name.to_owned(),
        from_pool: true,
        blocked: None,
    };
    let template = &blueprint.template_name;
    let after =
        json!({ "owner_id": settled.owner, "name": name, "template": template, "preset": preset.name });
    let before = json!({ "name": taken.prebuild_name });
    record(tx, settled, &outcome, ("claim", Some(before), after), now).await?;
    // Last, because everybody who claims from this pool waits for its rows.
    pool_demand::add(tx, &pool, PoolEvent::Claim, now).await?;
    pools::count(tx, &pool, Counter::Claimed).await?;
    Ok(Some(outcome))
}

async fn build_from_nothing(
    tx: &mut Tx,
    settled: &Settled<'_>,
    (name, blocked): (&str, Option<Blocked>),
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let blueprint = settled.request.blueprint;
    let new = NewWorkspace {
        id: new_id(),
        owner_id: settled.owner,
        organization_id: blueprint.organization_id,
        template_id: blueprint.template_id,
        version_id: blueprint.version_id,
        preset_id: settled.preset.map(|preset| preset.id),
        name,
        build_id: new_id(),
        prebuilt: false,
        autostart_schedule: settled.request.autostart_schedule,
        ttl_ms: settled.ttl_ms,
    };
    let who = (settled.initiator, Lane::People);
    if !create::insert(tx, &new, who, &settled.parameters, now).await? {
        return Err(taken(name));
    }
    let after = json!({
        "owner_id": settled.owner,
        "template": blueprint.template_name,
        "version": blueprint.version_name,
        "preset": settled.preset.map(|preset| &preset.name),
        "members_passed_over": blocked.as_ref().map(ToString::to_string),
    });
    let outcome = Outcome {
        workspace_id: new.id,
        build_id: new.build_id,
        name: name.to_owned(),
        from_pool: false,
        blocked,
    };
    record(tx, settled, &outcome, ("create", None, after), now).await?;
    Ok(outcome)
}

async fn record(
    tx: &mut Tx,
    settled: &Settled<'_>,
    outcome: &Outcome,
    (verb, before, after): (&'static str, Option<serde_json::Value>, serde_json::Value),
    now: DateTime<Utc>,
) -> Result<()> {
    let act = Act {
        actor: settled.initiator,
        verb,
        target_type: "workspace",
        target_id: outcome.workspace_id.to_string(),
        target_name: &outcome.name,
        before,
        after: Some(after),
    };
    Ok(audit::record(tx, act, now).await?)
}

fn taken_name(error: store::Error, name: &str) -> Error {
    Error::taken_or(error, "name", taken_detail(name))
}

fn taken(name: &str) -> Error {
    Error::Taken { field: "name", detail: taken_detail(name) }
}

fn taken_detail(name: &str) -> String {
    format!("You have a workspace named `{name}` already.")
}
