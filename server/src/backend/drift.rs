//! The history of drift.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use hearth_app::{
    backend::Actor,
    view::{CauseView, ChangeView, DriftQuery, DriftView, OccurrenceView, ValueView},
};
use hearth_prebuilds::ids::CauseId;
use hearth_provisioner::plan::AttributeChange;
use serde_json::Value;

use super::{frame, pools::count};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        drift::{self, Cause, CauseStatus, Seen},
        page,
    },
};

/// How many claims of each cause are shown.
const NEWEST_CLAIMS: i64 = 20;

pub async fn drift(hearth: &Hearth, actor: &Actor, query: &DriftQuery) -> Result<DriftView> {
    Error::unless(actor.role.reads_pools(), "Only template admins see what claims recreated.")?;
    let now = hearth.clock.now();
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let claims_7d = count(drift::claims_since(&mut conn, now - TimeDelta::days(7)).await?);
    let mut causes = drift::causes(&mut conn).await?;
    let of_preset = page::drift::causes_of_preset(&mut conn, &query.preset).await?;
    let templates: BTreeSet<String> = causes.iter().map(|cause| cause.template_name.clone()).collect();
    let templates: Vec<String> = templates.into_iter().collect();
    let ignored = filter(&mut causes, query, &templates, &of_preset);
    let ids: Vec<CauseId> = causes.iter().map(|cause| cause.id).collect();
    let mut occurrences: HashMap<CauseId, Vec<OccurrenceView>> = HashMap::new();
    for seen in page::drift::newest(&mut conn, &ids, NEWEST_CLAIMS).await? {
        occurrences.entry(seen.cause_id).or_default().push(occurrence(seen));
    }
    let view = |cause: Cause| {
        let occurrences = occurrences.remove(&cause.id).unwrap_or_default();
        cause_view(cause, occurrences)
    };
    let causes = causes.into_iter().map(view).collect();
    Ok(DriftView { open_causes: frame.open_causes, frame, claims_7d, templates, ignored, causes })
}

/// Leaves the causes that the query means. Returns what of it was not understood.
fn filter(
    causes: &mut Vec<Cause>,
    query: &DriftQuery,
    templates: &[String],
    of_preset: &[CauseId],
) -> Vec<String> {
    let mut ignored = Vec::new();
    if templates.contains(&query.template) {
        causes.retain(|cause| cause.template_name == query.template);
    } else if !query.template.is_empty() {
        ignored.push(format!("template={}", query.template));
    }
    if !of_preset.is_empty() {
        causes.retain(|cause| of_preset.contains(&cause.id));
    } else if !query.preset.is_empty() {
        ignored.push(format!("preset={}", query.preset));
    }
    let statuses: &[CauseStatus] = match query.status.as_str() {
        "open" => &[CauseStatus::Open, CauseStatus::Back],
        "acked" => &[CauseStatus::Acknowledged],
        "fixed" => &[CauseStatus::Fixed],
        "" => return ignored,
        unknown => {
            ignored.push(format!("status={unknown}"));
            return ignored;
        }
    };
    causes.retain(|cause| statuses.contains(&cause.status));
    ignored
}

fn cause_view(cause: Cause, occurrences: Vec<OccurrenceView>) -> CauseView {
    CauseView {
        id: cause.id,
        template: cause.template_name,
        address: cause.address,
        resource_type: cause.resource_type,
        path: cause.path,
        status: cause.status.as_str().to_owned(),
        claims: count(cause.claims),
        first_version: cause.first_version,
        last_version: cause.last_version,
        first_seen_at: cause.first_seen_at,
        last_seen_at: cause.last_seen_at,
        occurrences,
    }
}

pub fn occurrence(seen: Seen) -> OccurrenceView {
    OccurrenceView {
        workspace_id: seen.workspace_id,
        workspace_name: seen.workspace_name,
        preset: seen.preset_name,
        claimed_by: seen.claimed_by,
        address: seen.address,
        at: seen.created_at,
        changes: seen.changes.0.into_iter().map(change).collect(),
    }
}

pub(super) fn change(change: AttributeChange) -> ChangeView {
    let value = |value: Value| match value {
        _ if change.sensitive => ValueView::Sensitive,
        Value::Null => ValueView::Absent,
        Value::String(text) => ValueView::Text(text),
        other => ValueView::Text(format!("{other:#}")),
    };
    let after = if change.after_unknown && !change.sensitive {
        ValueView::KnownAfterApply
    } else {
        value(change.after)
    };
    ChangeView { path: change.path, forces: change.forces, before: value(change.before), after }
}
