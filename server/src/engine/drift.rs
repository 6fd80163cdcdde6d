//! Drift: what a claim destroys and makes again, known from its plan, before anything is changed.
//!
//! Every replaced resource is written into the build log with old and new values, recorded under its cause, and told
//! once a cause to each template admin, and to the owner of the workspace. Sensitive values were masked before they get
//! here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    ids::{CauseId, PresetId, UserId},
    policy::DriftPolicy,
};
use hearth_provisioner::plan::{Replacement, ReplacementKind};
use serde_json::json;
use uuid::Uuid;

use super::{record, rehearsal, tell};
use crate::{
    error::Result,
    events::Event,
    hearth::Hearth,
    store::{
        Tx, agents,
        drift::{self, CauseKey, CauseStatus, Hit, Occurrence, SeenBy},
        notifications::{Action, NewNotification},
        orders::BuildOrder,
        pools::{self, Counter},
        rehearsals,
    },
};

/// Whether the policy of its pool refuses a claim that would replace this.
pub fn is_refused(order: &BuildOrder, replacements: &[Replacement]) -> bool {
    order.policy == DriftPolicy::Block && !replacements.is_empty()
}

/// Records what the plan of a claim build replaces; nothing replaced is worth knowing too.
pub async fn record(hearth: &Hearth, order: &BuildOrder, replacements: &[Replacement]) -> Result<()> {
    let (Some(preset), Some(pool)) = (order.preset(), order.pool()) else { return Ok(()) };
    if is_refused(order, replacements) {
        return rehearsal::record_refused(hearth, (order, preset), replacements).await;
    }
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let mut told = Vec::new();
    let counted = drift::is_counted(&mut tx, order.workspace_id).await?;
    for (cause, resources) in by_cause(replacements) {
        let hit = meet(&mut tx, order, &cause, SeenBy::Claim, now).await?;
        insert(&mut tx, order, &hit, &resources, now).await?;
        if hit.new || hit.status == CauseStatus::Back {
            told.extend(tell(hearth, &mut tx, order, (&hit, &cause), &resources).await?);
        }
    }
    settle(&mut tx, order, now).await?;
    if !replacements.is_empty() {
        rehearsals::expire(&mut tx, preset, now).await?;
        agents::take_back(&mut tx, order.workspace_id, order.build_id).await?;
        if tell::claim_replaces(&mut tx, &hearth.access_url, order, replacements, now).await? {
            told.push(order.owner_id);
        }
    }
    let count = i64::try_from(replacements.len()).unwrap_or(i64::MAX);
    drift::remember_claim(&mut tx, preset.0, count, now).await?;
    if !replacements.is_empty() && !counted {
        pools::count(&mut tx, &pool, Counter::Replaced).await?;
    }
    tx.commit().await?;
    publish(hearth, preset, told);
    hearth.events.publish(Event::Workspace(order.workspace_id));
    Ok(())
}

/// Notes that a claim or a rehearsal has met a cause; the return of one that was fixed goes into the record.
pub(super) async fn meet(
    tx: &mut Tx,
    order: &BuildOrder,
    cause: &CauseKey,
    by: SeenBy,
    now: DateTime<Utc>,
) -> Result<Hit> {
    let hit = drift::hit(tx, order.template_id, order.version_id, cause, by, now).await?;
    if hit.returned {
        let status = ("return", CauseStatus::Back);
        record_status(tx, order, (hit.id, &cause.address), status, now).await?;
    }
    Ok(hit)
}

/// Notes the causes that are gone from what was planned, and writes them into the record.
pub(super) async fn settle(tx: &mut Tx, order: &BuildOrder, now: DateTime<Utc>) -> Result<()> {
    let preset = order.preset_name.as_deref().unwrap_or_default();
    for (cause, address) in drift::settle(tx, order.template_id, order.version_id, preset, now).await? {
        record_status(tx, order, (cause, &address), ("fix", CauseStatus::Fixed), now).await?;
    }
    Ok(())
}

async fn record_status(
    tx: &mut Tx,
    order: &BuildOrder,
    (cause, address): (CauseId, &str),
    (verb, status): (&'static str, CauseStatus),
    now: DateTime<Utc>,
) -> Result<()> {
    let after = json!({ "status": status.as_str(), "version": order.version_name });
    record::act(tx, verb, ("drift_cause", cause.to_string(), address), (None, Some(after)), now).await
}

pub(super) fn publish(hearth: &Hearth, preset: PresetId, told: Vec<UserId>) {
    hearth.events.publish(Event::Drift);
    hearth.events.publish(Event::Preset(preset));
    hearth.events.publish_inboxes(told);
}

/// One cause a resource block and forcing path, so that ten instances of one block are one cause.
pub(super) fn by_cause(replacements: &[Replacement]) -> BTreeMap<CauseKey, Vec<&Replacement>> {
    let mut causes: BTreeMap<CauseKey, Vec<&Replacement>> = BTreeMap::new();
    for replacement in replacements {
        causes.entry(cause(replacement)).or_default().push(replacement);
    }
    causes
}

fn cause(replacement: &Replacement) -> CauseKey {
    let forcing: Vec<&str> = replacement.forcing().map(|change| change.path.as_str()).collect();
    let path = if forcing.is_empty() { otherwise(replacement.kind).to_owned() } else { forcing.join(", ") };
    CauseKey { address: replacement.block(), resource_type: replacement.resource_type.clone(), path }
}

/// What forces a replacement that no attribute forces.
fn otherwise(kind: ReplacementKind) -> &'static str {
    match kind {
        ReplacementKind::Forced | ReplacementKind::Agent => "an attribute",
        ReplacementKind::Triggered => "replace_triggered_by",
        ReplacementKind::Tainted => "tainted by an earlier build",
        ReplacementKind::Rekeyed => "each.key",
        ReplacementKind::Deleted => "not in the plan of a claim",
    }
}

async fn insert(
    tx: &mut Tx,
    order: &BuildOrder,
    hit: &Hit,
    resources: &[&Replacement],
    now: DateTime<Utc>,
) -> Result<()> {
    let occurrence = Occurrence {
        build_id: order.build_id,
        workspace_id: order.workspace_id,
        template_id: order.template_id,
        version_id: order.version_id,
        preset_name: order.preset_name.as_deref().unwrap_or_default(),
        claimed_by: order.owner_id,
    };
    for resource in resources {
        drift::insert_replacement(tx, hit.id, &occurrence, resource, now).await?;
    }
    Ok(())
}

async fn tell(
    hearth: &Hearth,
    tx: &mut Tx,
    order: &BuildOrder,
    (hit, cause): (&Hit, &CauseKey),
    resources: &[&Replacement],
) -> Result<Vec<UserId>> {
    let (template_id, title) = kind(hit, "There was a problem with a recently claimed prebuilt workspace");
    let what = NewNotification {
        template_id,
        dedupe: &dedupe(hit, order),
        title,
        content: &format!(
            "Workspace **{}** was claimed by **{}** from preset **{}** of template **{}** (version **{}**). The claim \
             destroyed and recreated:\n\n{}\n\nSo it was not ready at once. Keep what identifies the owner out of \
             attributes that force a replacement, or ignore changes of exactly these.",
            order.workspace_name,
            order.owner_username,
            order.preset_name.as_deref().unwrap_or_default(),
            order.template_name,
            order.version_name,
            listed(resources, cause),
        ),
        icon: "DEFAULT_ICON_WORKSPACE",
        targets: &[order.workspace_id.0, order.template_id.0],
        actions: &[
            view_drift(hearth, hit.id),
            Action {
                label: "View workspace build".to_owned(),
                url: format!(
                    "{}/workspaces/{}?build={}",
                    hearth.access_url, order.workspace_id, order.number
                ),
            },
        ],
    };
    tell::of_cause(tx, hit.id, &what, hearth.clock.now()).await
}

/// What to call the news: a cause that is back is told as that, whoever has met it.
pub(super) fn kind(hit: &Hit, otherwise: &'static str) -> (Uuid, &'static str) {
    match hit.status {
        CauseStatus::Back => (tell::CAUSE_BACK, "A cause of drift that was fixed is back"),
        CauseStatus::Open | CauseStatus::Acknowledged | CauseStatus::Fixed => {
            (tell::RESOURCE_REPLACED, otherwise)
        }
    }
}

/// The resources of one cause, a line each.
pub(super) fn listed(resources: &[&Replacement], cause: &CauseKey) -> String {
    let lines = resources.iter().map(|resource| format!("- `{}` ({})", resource.address, cause.path));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn view_drift(hearth: &Hearth, cause: CauseId) -> Action {
    Action { label: "View drift".to_owned(), url: format!("{}/drift/{cause}", hearth.access_url) }
}

/// Once when the cause is new, and once for each version that brings it back.
pub(super) fn dedupe(hit: &Hit, order: &BuildOrder) -> String {
    let id: CauseId = hit.id;
    match hit.status {
        CauseStatus::Back => format!("drift:{id}:{}", order.version_id),
        CauseStatus::Open | CauseStatus::Acknowledged | CauseStatus::Fixed => format!("drift:{id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_one_block_share_a_cause() {
        let replacement = |address: &str, kind| Replacement {
            address: address.to_owned(),
            resource_type: "t".to_owned(),
            kind,
            changes: Vec::new(),
        };
        let all = [
            replacement("t.x[0]", ReplacementKind::Triggered),
            replacement("t.x[1]", ReplacementKind::Triggered),
            replacement("t.x[2]", ReplacementKind::Tainted),
        ];
        let sizes: Vec<usize> = by_cause(&all).into_values().map(|resources| resources.len()).collect();
        assert_eq!(sizes, [2, 1]);
    }
}
