//! Makes members of a pool.

use std::cmp::min;

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{SYSTEM_USER, UserId, WorkspaceId};
use rand::rngs::StdRng;
use serde_json::json;

use super::{names, record};
use crate::{
    clock::new_id,
    error::{Error, Invalid, Result},
    events::Event,
    hearth::Hearth,
    parameters::{self, Sources},
    store::{
        Tx,
        blueprints::{self, Blueprint, Preset},
        builds::{self, NewBuild, Parameters, Stage},
        jobs::Lane,
        members,
        snapshot::PresetRead,
        workspaces::{self, NewWorkspace},
    },
};

/// Names tried before giving up; each has a chance of far less than one in ten to be taken.
const NAME_TRIES: u32 = 20;

/// Makes up to `count` members, in one transaction that counts again what is there (X7, X8). Returns what it made.
pub(super) async fn members(
    hearth: &Hearth,
    read: &PresetRead,
    (count, desired): (u32, u32),
) -> Result<Vec<WorkspaceId>> {
    let preset_id = read.snapshot.id;
    if count > desired {
        tracing::error!(%preset_id, count, desired, "a decision wanted to create more than is desired; clamped");
    }
    let Some(blueprint) = blueprints::of_version(&mut hearth.db.read().await?, read.version_id).await? else {
        return Err(Error::Internal(format!("version {} of preset {preset_id} is gone", read.version_id)));
    };
    let Some(preset) = blueprint.preset(preset_id) else {
        return Err(Error::Internal(format!("preset {preset_id} is gone")));
    };
    let sources = Sources { preset: Some(&preset.parameters), ..Sources::default() };
    let values = match parameters::resolve(&blueprint.parameters, &sources) {
        Ok(values) => values,
        Err(Error::Invalid(problems)) => {
            report(hearth, preset, &problems).await?;
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !members::hold_unpaused(&mut tx, &read.pool).await?
        || !members::is_wanted(&mut tx, read.version_id).await?
    {
        return Ok(Vec::new());
    }
    let alive = members::alive(&mut tx, preset_id, preset.not_before(now)).await?;
    let needed = desired.saturating_sub(alive.running.saturating_add(alive.starting));
    let (mut made, mut chance) = (Vec::new(), hearth.clock.chance());
    for _ in 0..min(count, needed) {
        made.push(member(&mut tx, &blueprint, (preset, &values), (&mut chance, now)).await?);
    }
    tx.commit().await?;
    Ok(made)
}

/// A preset whose parameters do not fit is not tried again and again: that waits for a new version.
async fn report(hearth: &Hearth, preset: &Preset, problems: &[Invalid]) -> Result<()> {
    let words: Vec<_> = problems.iter().map(|p| format!("parameter \"{}\" {}", p.field, p.detail)).collect();
    let detail = words.join("; ");
    let mut tx = hearth.db.write().await?;
    members::set_health(&mut tx, preset.id, "validation_failed", &detail).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Preset(preset.id));
    tracing::warn!(preset_id = %preset.id, detail, "a preset cannot be built");
    Ok(())
}

async fn member(
    tx: &mut Tx,
    blueprint: &Blueprint,
    (preset, values): (&Preset, &Parameters),
    (chance, now): (&mut StdRng, DateTime<Utc>),
) -> Result<WorkspaceId> {
    for _ in 0..NAME_TRIES {
        let name = names::suggest(chance);
        let new = NewWorkspace {
            id: new_id(),
            owner_id: SYSTEM_USER,
            organization_id: blueprint.organization_id,
            template_id: blueprint.template_id,
            version_id: blueprint.version_id,
            preset_id: Some(preset.id),
            name: &name,
            build_id: new_id(),
            prebuilt: true,
            autostart_schedule: None,
            ttl_ms: None,
        };
        if insert(tx, &new, (SYSTEM_USER, Lane::Pool), values, now).await? {
            let after = json!({ "template": blueprint.template_name, "preset": preset.name });
            record::workspace(tx, "create", (new.id, &name), after, now).await?;
            return Ok(new.id);
        }
    }
    Err(Error::Internal("no free name for a prebuild was found".to_owned()))
}

/// A workspace with its first build. False: the owner has a workspace of this name.
pub(super) async fn insert(
    tx: &mut Tx,
    new: &NewWorkspace<'_>,
    (initiator_id, lane): (UserId, Lane),
    parameters: &Parameters,
    now: DateTime<Utc>,
) -> Result<bool> {
    if !workspaces::insert(tx, new, now).await? {
        return Ok(false);
    }
    let build = NewBuild {
        id: new.build_id,
        job_id: new_id(),
        workspace_id: new.id,
        organization_id: new.organization_id,
        number: 1,
        stage: Stage::Create,
        version_id: new.version_id,
        preset_id: new.preset_id,
        initiator_id,
        lane,
        parameters,
    };
    builds::insert(tx, &build, now).await?;
    Ok(true)
}
