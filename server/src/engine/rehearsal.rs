//! When a claim is rehearsed, and what is concluded from it: causes of drift, known before a claim meets them.

use hearth_prebuilds::ids::{PresetId, RehearsalId, SYSTEM_USER, UserId};
use hearth_provisioner::{
    plan::Replacement,
    rehearsal::{Rehearsed, Verdict},
};

use super::{
    drift::{by_cause, dedupe, kind, listed, meet, settle, view_drift},
    tell,
};
use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        Tx,
        builds::Stage,
        drift::{CauseKey, CauseStatus, Hit, SeenBy},
        jobs::Lease,
        notifications::{Action, NewNotification},
        orders::BuildOrder,
        rehearsals,
    },
};

/// Queues a rehearsal for every pool that wants one: once for each preset of a version when its first member is ready,
/// and again when the verdict is old.
pub(crate) async fn queue_due(hearth: &Hearth) -> Result<()> {
    let now = hearth.clock.now();
    let due = rehearsals::due(&mut hearth.db.read().await?, now).await?;
    for wanted in &due {
        let mut tx = hearth.db.write().await?;
        // Somebody else may have queued it in this moment.
        match rehearsals::queue(&mut tx, *wanted, SYSTEM_USER, now).await {
            Ok(_) => tx.commit().await?,
            Err(error) if error.is_unique_violation() => {}
            Err(error) => return Err(Error::Store(error)),
        }
    }
    if !due.is_empty() {
        hearth.events.publish(Event::JobQueued);
    }
    Ok(())
}

/// Records the causes that a rehearsal has met, and which older ones a newer version does not have any more. Returns
/// who was told of something new; publish that after the commit.
pub async fn record(
    hearth: &Hearth,
    tx: &mut Tx,
    (rehearsal, order): (RehearsalId, &BuildOrder),
    rehearsed: &Rehearsed,
) -> Result<Vec<UserId>> {
    if matches!(rehearsed.verdict, Verdict::Unknown { .. }) {
        return Ok(Vec::new());
    }
    let now = hearth.clock.now();
    let mut told = Vec::new();
    for (cause, resources) in by_cause(rehearsed.replacements()) {
        let hit = meet(tx, order, &cause, SeenBy::Rehearsal, now).await?;
        rehearsals::remember_cause(tx, rehearsal, hit.id).await?;
        if hit.new || hit.status == CauseStatus::Back {
            let has_fix = rehearsed.fix.as_ref().is_some_and(|fix| fix.proved);
            told.extend(tell(hearth, tx, order, (&hit, &cause, has_fix), &resources).await?);
        }
    }
    settle(tx, order, now).await?;
    Ok(told)
}

/// Records what a claim would have replaced that the policy of its pool refused. Nothing was changed, so it counts as
/// little as a rehearsal that has found the same, and asks for another look.
pub(super) async fn record_refused(
    hearth: &Hearth,
    (order, preset): (&BuildOrder, PresetId),
    replacements: &[Replacement],
) -> Result<()> {
    let verdict = Verdict::Replaces { replacements: replacements.to_vec() };
    let rehearsed = Rehearsed { verdict, ..Rehearsed::unknown("") };
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    rehearsals::expire(&mut tx, preset, now).await?;
    let rehearsal = rehearsals::insert_refused(&mut tx, order, &rehearsed, now).await?;
    let told = record(hearth, &mut tx, (rehearsal, order), &rehearsed).await?;
    tx.commit().await?;
    super::drift::publish(hearth, preset, told);
    Ok(())
}

/// After the commit.
pub fn publish(hearth: &Hearth, lease: &Lease, told: Vec<UserId>) {
    hearth.events.publish(Event::Job(lease.id));
    hearth.events.publish(Event::Drift);
    // The subject of a rehearsal is its preset.
    hearth.events.publish(Event::Preset(PresetId(lease.subject_id)));
    hearth.events.publish_inboxes(told);
}

async fn tell(
    hearth: &Hearth,
    tx: &mut Tx,
    order: &BuildOrder,
    (hit, cause, has_fix): (&Hit, &CauseKey, bool),
    resources: &[&Replacement],
) -> Result<Vec<UserId>> {
    let preset = order.preset_name.as_deref().unwrap_or_default();
    let help = if has_fix {
        "The preset's page has a patch of the template that was tried and helps."
    } else {
        "The preset's page says what makes it so."
    };
    let of = format!(
        "preset **{preset}** of template **{}** (version **{}**)",
        order.template_name, order.version_name
    );
    // The order of a rehearsal is the member's, which nobody has claimed.
    let found = if order.stage == Stage::Claim {
        format!("The policy of the pool refused a claim of {of}. It would have destroyed and recreated")
    } else {
        format!("A rehearsal of {of} found what a claim would destroy and recreate, before anybody claimed")
    };
    let (template_id, title) = kind(hit, "A claim of a prebuilt workspace would recreate resources");
    let what = NewNotification {
        template_id,
        dedupe: &dedupe(hit, order),
        title,
        content: &format!("{found}:\n\n{}\n\n{help}", listed(resources, cause)),
        icon: "DEFAULT_ICON_TEMPLATE",
        targets: &[order.template_id.0],
        actions: &[
            view_drift(hearth, hit.id),
            Action {
                label: "View preset".to_owned(),
                url: format!("{}/presets/{}/{preset}#drift", hearth.access_url, order.template_name),
            },
        ],
    };
    tell::of_cause(tx, hit.id, &what, hearth.clock.now()).await
}
