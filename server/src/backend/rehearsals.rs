//! Rehearsals: asking for one, and what came of them.

use hearth_app::{
    backend::Actor,
    view::{CauseOfReplacement, HopView, PatchView, RehearsalView, ReplacedView},
};
use hearth_prebuilds::ids::{PresetId, RehearsalId};
use hearth_provisioner::{
    plan::Replacement,
    rehearsal::{Blame, Cause, Field, Fix, Rehearsed},
};
use serde_json::json;

use super::drift::change;
use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        Conn,
        audit::{self, Act},
        blueprints::{self, Blueprint},
        rehearsals::{self, Rehearsal, Wanted},
    },
};

/// How many of a preset's rehearsals are looked at.
const NEWEST: i64 = 20;

/// Queues a rehearsal of the active version's preset of this name.
pub async fn rehearse(hearth: &Hearth, actor: &Actor, template: &str, preset: &str) -> Result<()> {
    check_may_ask(actor)?;
    let blueprint = blueprints::of_template_named(&mut hearth.db.read().await?, template).await?;
    let blueprint = blueprint.ok_or(Error::NotFound("The template"))?;
    let id = blueprint.preset_named(preset).ok_or(Error::NotFound("The preset"))?.id;
    queue(hearth, actor, &blueprint, id).await.map(drop)
}

/// The same for a preset by its id.
pub async fn rehearse_preset(hearth: &Hearth, actor: &Actor, preset: PresetId) -> Result<RehearsalId> {
    check_may_ask(actor)?;
    let blueprint = blueprints::of_preset(&mut hearth.db.read().await?, preset).await?;
    let blueprint = blueprint.ok_or_else(|| Error::invalid("preset_id", "There is no such preset."))?;
    queue(hearth, actor, &blueprint, preset).await
}

/// The same for every preset of an active version that has a member and no rehearsal under way. Returns how many.
pub async fn rehearse_all(hearth: &Hearth, actor: &Actor) -> Result<u32> {
    check_may_ask(actor)?;
    let mut queued = 0;
    for wanted in rehearsals::possible(&mut hearth.db.read().await?).await? {
        match rehearse_preset(hearth, actor, wanted.preset_id).await {
            Ok(_) => queued += 1,
            // Somebody was quicker.
            Err(Error::Conflict(_) | Error::Taken { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    if queued == 0 {
        return Err(Error::Conflict("No pool has a member that is ready to be rehearsed with.".to_owned()));
    }
    Ok(queued)
}

pub(super) fn check_may_read(actor: &Actor) -> Result<()> {
    Error::unless(actor.role.reads_pools(), "Only template admins see what claims recreate.")
}

pub(super) fn check_may_ask(actor: &Actor) -> Result<()> {
    Error::unless(actor.role.administers_templates(), "Only template admins can ask for a rehearsal.")
}

async fn queue(
    hearth: &Hearth,
    actor: &Actor,
    blueprint: &Blueprint,
    preset_id: PresetId,
) -> Result<RehearsalId> {
    let now = hearth.clock.now();
    let name = blueprint.preset(preset_id).map_or("", |preset| &preset.name);
    let mut tx = hearth.db.write().await?;
    if rehearsals::is_open(&mut tx, preset_id).await? {
        return Err(Error::Conflict("A rehearsal of this preset is queued or running already.".to_owned()));
    }
    if !rehearsals::has_member(&mut tx, preset_id).await? {
        let detail = "No member of this pool is ready, so there is nothing to rehearse with. It is done by itself \
                      when the first one is.";
        return Err(Error::Conflict(detail.to_owned()));
    }
    let wanted = Wanted { preset_id, organization_id: blueprint.organization_id };
    let queued = rehearsals::queue(&mut tx, wanted, actor.user_id, now).await;
    let id = queued
        .map_err(|error| Error::taken_or(error, "preset_id", "A rehearsal was queued in this moment."))?;
    let act = Act {
        actor: actor.user_id,
        verb: "rehearse",
        target_type: "pool",
        target_id: blueprint.template_id.to_string(),
        target_name: &format!("{}/{name}", blueprint.template_name),
        before: None,
        after: Some(json!({ "rehearsal_id": id, "version": blueprint.version_name })),
    };
    audit::record(&mut tx, act, now).await?;
    tx.commit().await?;
    hearth.events.publish(Event::JobQueued);
    hearth.events.publish(Event::Preset(preset_id));
    Ok(id)
}

/// The newest rehearsals of a preset, newest first.
pub async fn list(hearth: &Hearth, actor: &Actor, preset: PresetId) -> Result<Vec<Rehearsal>> {
    check_may_read(actor)?;
    Ok(rehearsals::of_preset(&mut hearth.db.read().await?, preset, NEWEST).await?)
}

/// For the preset's page: the newest one that found out, else the newest; and whether one is on its way.
pub async fn shown(conn: &mut Conn, preset: PresetId) -> Result<(Option<RehearsalView>, bool)> {
    let is_open = rehearsals::is_open(conn, preset).await?;
    let shown = rehearsals::shown(conn, preset).await?;
    Ok((shown.and_then(view), is_open))
}

/// What came of it; nothing while it waits or runs.
pub fn view(rehearsal: Rehearsal) -> Option<RehearsalView> {
    let (id, at) = (rehearsal.id, rehearsal.finished_at?.into());
    let rehearsed = rehearsal.result?.0;
    let replacements = rehearsed.replacements().to_vec();
    let Rehearsed { disruptive, blame, fix, advice, .. } = rehearsed;
    let replaced = replacements.into_iter().zip(blame).map(|(replacement, blame)| {
        let advice = advice.iter().find(|advice| advice.address == replacement.address);
        replaced(replacement, blame, advice.map(|advice| advice.words.clone()))
    });
    let disruptive = disruptive.into_iter().map(|it| (it.address, it.path, it.effect));
    Some(RehearsalView {
        id,
        at,
        member: rehearsal.workspace_name.unwrap_or_default(),
        replaced: replaced.collect(),
        disruptive: disruptive.collect(),
        fix: fix.map(patch),
    })
}

fn replaced(replacement: Replacement, blame: Blame, advice: Option<String>) -> ReplacedView {
    let hops = blame
        .path
        .into_iter()
        .map(|hop| HopView { what: hop.what, place: format!("{}:{}", hop.file, hop.line) });
    ReplacedView {
        address: replacement.address,
        changes: replacement.changes.into_iter().map(change).collect(),
        cause: cause(blame.cause),
        follows: blame.follows,
        path: hops.collect(),
        advice,
    }
}

/// What about owner or workspace replaces the resources of this address (without index).
pub(super) fn fields(rehearsed: &Rehearsed, address: &str) -> Vec<String> {
    let mut blamed = rehearsed.replacements().iter().zip(&rehearsed.blame);
    let found = blamed.find(|(replacement, _)| replacement.block() == address);
    match found.map(|(_, blame)| &blame.cause) {
        Some(Cause::Fields { fields } | Cause::Together { fields }) => words(fields.clone()),
        Some(Cause::EveryBuild | Cause::NotFound { .. }) | None => Vec::new(),
    }
}

fn words(fields: Vec<Field>) -> Vec<String> {
    fields.into_iter().map(|field| field.words().to_owned()).collect()
}

fn cause(cause: Cause) -> CauseOfReplacement {
    match cause {
        Cause::Fields { fields } => CauseOfReplacement::Alone { fields: words(fields) },
        Cause::Together { fields } => CauseOfReplacement::Together { fields: words(fields) },
        Cause::EveryBuild => CauseOfReplacement::EveryBuild,
        Cause::NotFound { why } => CauseOfReplacement::NotFound { why },
    }
}

fn patch(fix: Fix) -> PatchView {
    PatchView { diff: fix.diff, proved: fix.proved, left: fix.left, trade_off: fix.trade_off }
}
