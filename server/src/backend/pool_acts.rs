//! What people change about one pool.
//!
//! One change is one transaction: it takes the pool at the revision that the person saw (a pool that somebody else
//! changed meanwhile is left as it is, and the person is told who did), changes it, and writes the audit row with what
//! was before and after. Deleting members names each of them, so it needs no revision; it takes workspaces before the
//! pool, as a claim does, so that the two never wait for each other.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{
    backend::Actor,
    view::{OverrideView, PoolAct, PoolActed, PoolSettingsView},
};
use hearth_prebuilds::{
    ids::{SYSTEM_USER, WorkspaceId},
    words::duration,
};
use serde_json::{Value, json};

use super::acts::{blueprint_named, check_administers, check_note};
use crate::{
    engine::transitions::{self, BuildOrder},
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        Tx, audit,
        blueprints::{Blueprint, Preset},
        builds::{Parameters, Stage},
        count,
        jobs::Lane,
        members,
        pools::{self, PoolKey, PoolSettings},
        presets,
    },
};

/// More than this is taken for a slip.
const MOST_INSTANCES: u32 = 1000;
/// An override ends by itself, at the latest after so long.
const LONGEST_OVERRIDE: TimeDelta = TimeDelta::days(30);
/// So many members may be named at once.
const MOST_MEMBERS: usize = 500;

/// The pool of a preset of the active version.
pub(super) struct Place {
    pub blueprint: Blueprint,
    pub preset: Preset,
    pub key: PoolKey,
}

/// Changes the pool of this template and preset. `seen` is the revision that the person looked at; `None` changes it
/// whatever it is.
pub async fn change(
    hearth: &Hearth,
    actor: &Actor,
    place: (&str, &str),
    seen: Option<i64>,
    act: &PoolAct,
) -> Result<PoolActed> {
    check_administers(actor)?;
    let now = hearth.clock.now();
    check(act, now)?;
    let place = find(hearth, place).await?;
    let mut tx = hearth.db.write().await?;
    pools::ensure(&mut tx, &place.key, place.blueprint.organization_id, now).await?;
    let current = pools::begin_change(&mut tx, &place.key, seen, actor.user_id, now).await?;
    let stored = pools::settings(&mut tx, &place.key).await?.unwrap_or_default();
    if !current {
        return Err(changed_meanwhile(&stored, now));
    }
    let done = apply(&mut tx, &place, (act, &stored), actor, now).await?;
    record(&mut tx, &place, actor, &done, now).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Preset(place.preset.id));
    Ok(done.acted)
}

fn check(act: &PoolAct, now: DateTime<Utc>) -> Result<()> {
    match act {
        PoolAct::Pause { note } => check_note("note", note).map(drop),
        PoolAct::Override { instances, until, reason } => {
            if *instances > MOST_INSTANCES {
                return Err(Error::invalid("instances", format!("May be {MOST_INSTANCES} at most.")));
            }
            if *until <= now {
                return Err(Error::invalid("until", "Must be in the future."));
            }
            if *until > now + LONGEST_OVERRIDE {
                let days = LONGEST_OVERRIDE.num_days();
                return Err(Error::invalid("until", format!("May be {days} days from now at most.")));
            }
            check_note("reason", reason).map(drop)
        }
        PoolAct::Resume | PoolAct::EndOverride | PoolAct::ResetFailures | PoolAct::Invalidate => Ok(()),
    }
}

pub(super) async fn find(hearth: &Hearth, (template, preset): (&str, &str)) -> Result<Place> {
    let blueprint = blueprint_named(hearth, template).await?;
    let preset = blueprint.preset_named(preset).filter(|preset| preset.instances.is_some()).cloned();
    let preset = preset.ok_or(Error::NotFound("The pool"))?;
    Ok(Place { key: blueprint.pool(&preset), blueprint, preset })
}

fn changed_meanwhile(newest: &PoolSettings, now: DateTime<Utc>) -> Error {
    let who = newest.changed_by.as_deref().unwrap_or("somebody");
    let ago = newest
        .changed_at
        .map(|at| (now - DateTime::<Utc>::from(at)).num_seconds().unsigned_abs())
        .unwrap_or(0);
    let when = if ago == 0 { "just now".to_owned() } else { format!("{} ago", duration(ago)) };
    Error::Conflict(format!(
        "This changed while you were looking ({who}, {when}). Your change was not applied."
    ))
}

/// What a change was, for the record.
pub(super) struct Done {
    verb: &'static str,
    before: Option<Value>,
    after: Option<Value>,
    acted: PoolActed,
}

impl Done {
    pub fn new(verb: &'static str, before: Option<Value>, after: Option<Value>) -> Self {
        Self { verb, before, after, acted: PoolActed::default() }
    }
}

async fn apply(
    tx: &mut Tx,
    place: &Place,
    (act, stored): (&PoolAct, &PoolSettings),
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Done> {
    let key = &place.key;
    Ok(match act {
        PoolAct::Pause { note } => {
            let note = note.trim();
            if !pools::pause(tx, key, actor.user_id, note, now).await? {
                return Err(Error::Conflict("This pool is paused already.".to_owned()));
            }
            Done::new("pause", None, Some(json!({ "note": note })))
        }
        PoolAct::Resume => {
            if !pools::resume(tx, key).await? {
                return Err(Error::Conflict("This pool is not paused.".to_owned()));
            }
            Done::new("resume", Some(json!({ "note": stored.pause_note })), None)
        }
        PoolAct::Override { instances, until, reason } => {
            let reason = reason.trim();
            pools::override_until(tx, key, (*instances, *until), (actor.user_id, reason)).await?;
            let after = json!({ "instances": instances, "until": until, "reason": reason });
            Done::new("override", holding(stored, now), Some(after))
        }
        PoolAct::EndOverride => {
            let before = holding(stored, now);
            if before.is_none() {
                return Err(Error::Conflict("No override holds.".to_owned()));
            }
            pools::end_override(tx, key).await?;
            Done::new("end_override", before, None)
        }
        PoolAct::ResetFailures => {
            pools::reset_failures(tx, key, now).await?;
            let reset = |at: DateTime<Utc>| json!({ "failures_reset_at": at });
            let before = stored.failures_reset_at.map(|at| reset(at.into()));
            Done::new("reset_failures", before, Some(reset(now)))
        }
        PoolAct::Invalidate => {
            let alive = members::alive(tx, place.preset.id, place.preset.not_before(now)).await?;
            presets::invalidate_one(tx, place.preset.id, now.into()).await?;
            let after = json!({ "version": place.blueprint.version_name, "members": alive.running });
            let acted = PoolActed { members: alive.running, skipped: 0 };
            Done { acted, ..Done::new("invalidate", None, Some(after)) }
        }
    })
}

/// What people have changed about a pool, as it holds now.
pub fn settings(stored: &PoolSettings, now: DateTime<Utc>) -> PoolSettingsView {
    let override_ =
        stored.override_instances.zip(stored.override_until).map(|(instances, until)| OverrideView {
            instances: count(instances),
            until: until.into(),
            by: stored.override_by.clone().unwrap_or_default(),
            reason: stored.override_reason.clone(),
        });
    let override_ = override_.filter(|it| now < it.until);
    PoolSettingsView { revision: stored.revision, override_ }
}

/// The override that holds now, for the record.
fn holding(stored: &PoolSettings, now: DateTime<Utc>) -> Option<Value> {
    let OverrideView { instances, until, reason, .. } = settings(stored, now).override_?;
    Some(json!({ "instances": instances, "until": until, "reason": reason }))
}

/// Deletes those that still belong to the pool and have no build in flight; the reconciler makes others.
pub async fn delete_members(
    hearth: &Hearth,
    actor: &Actor,
    place: (&str, &str),
    wanted: &[WorkspaceId],
) -> Result<PoolActed> {
    check_administers(actor)?;
    if !(1..=MOST_MEMBERS).contains(&wanted.len()) {
        return Err(Error::invalid("workspaces", format!("Select 1 to {MOST_MEMBERS} members.")));
    }
    let place = find(hearth, place).await?;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let (mut deleted, mut names) = (Vec::new(), Vec::new());
    for (member, name) in members::of_pool(&mut tx, &place.key, wanted).await? {
        if delete(&mut tx, actor, member, now).await? {
            deleted.push(member);
            names.push(name);
        }
    }
    if deleted.is_empty() {
        return Err(Error::Conflict("None of these can be deleted now. Look again.".to_owned()));
    }
    let members = count(deleted.len() as i64);
    let acted = PoolActed { members, skipped: count(wanted.len() as i64) - members };
    let done = Done { acted, ..Done::new("delete_members", Some(json!({ "members": names })), None) };
    record(&mut tx, &place, actor, &done, now).await?;
    tx.commit().await?;
    for member in deleted {
        hearth.events.publish(Event::Workspace(member));
    }
    hearth.events.publish(Event::JobQueued);
    hearth.events.publish(Event::Preset(place.preset.id));
    Ok(acted)
}

/// False: it is busy, or not the pool's any more. One that no worker has begun is closed without running Terraform.
async fn delete(tx: &mut Tx, actor: &Actor, member: WorkspaceId, now: DateTime<Utc>) -> Result<bool> {
    let order = BuildOrder {
        workspace_id: member,
        owner_id: SYSTEM_USER,
        stage: Stage::Delete,
        version_id: None,
        initiator_id: actor.user_id,
        lane: Lane::Pool,
        parameters: &Parameters::new(),
    };
    if transitions::queue(tx, &order, now).await?.is_some() {
        return Ok(true);
    }
    Ok(members::cancel_pending(tx, member, now).await?)
}

pub(super) async fn record(
    tx: &mut Tx,
    place: &Place,
    actor: &Actor,
    done: &Done,
    now: DateTime<Utc>,
) -> Result<()> {
    let act = audit::Act {
        actor: actor.user_id,
        verb: done.verb,
        target_type: "pool",
        target_id: place.key.template_id.to_string(),
        target_name: &format!("{}/{}", place.blueprint.template_name, place.key.preset_name),
        before: done.before.clone(),
        after: done.after.clone(),
    };
    Ok(audit::record(tx, act, now).await?)
}
