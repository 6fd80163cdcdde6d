//! The history of drift.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{
    backend::Actor,
    view::{CauseView, ChangeView, DriftQuery, DriftView, OccurrenceView, ValueView},
};
use hearth_prebuilds::ids::{CauseId, TemplateId};
use hearth_provisioner::{plan::AttributeChange, rehearsal::Rehearsed};
use serde_json::{Value, json};

use super::{frame, pools::median, rehearsals};
use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        Conn,
        audit::{self, Act},
        count,
        drift::{self, Cause, CauseStatus, Seen, Waited},
        page,
    },
};

/// How many claims of each cause are shown.
const NEWEST_CLAIMS: i64 = 20;
/// How many of the newest claims without drift speak for how long a claim takes.
const NEWEST_CLEAN: i64 = 1000;

pub async fn drift(hearth: &Hearth, actor: &Actor, query: &DriftQuery) -> Result<DriftView> {
    Error::unless(actor.role.reads_pools(), "Only template admins see what claims recreated.")?;
    let now = hearth.clock.now();
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let claims_7d = count(drift::claims_since(&mut conn, now - TimeDelta::days(7)).await?);
    let mut causes = drift::causes(&mut conn).await?;
    let of_preset = page::drift::causes_of_preset(&mut conn, &query.preset).await?;
    let all = |of: fn(&Cause) -> &String| -> Vec<String> {
        causes.iter().map(of).collect::<BTreeSet<_>>().into_iter().cloned().collect()
    };
    let (templates, resources) = (all(|cause| &cause.template_name), all(|cause| &cause.address));
    let ignored = filter(&mut causes, query, (&templates, &resources, &of_preset), now);
    let ids: Vec<CauseId> = causes.iter().map(|cause| cause.id).collect();
    let mut occurrences: HashMap<CauseId, Vec<OccurrenceView>> = HashMap::new();
    for seen in page::drift::newest(&mut conn, &ids, NEWEST_CLAIMS).await? {
        occurrences.entry(seen.cause_id).or_default().push(occurrence(seen));
    }
    let lost = Lost::read(&mut conn).await?;
    let mut rehearsed: HashMap<CauseId, Rehearsed> =
        page::drift::rehearsed(&mut conn).await?.into_iter().collect();
    let view = |cause: Cause| {
        let occurrences = occurrences.remove(&cause.id).unwrap_or_default();
        let found = rehearsed.remove(&cause.id);
        let fields = found.map(|found| rehearsals::fields(&found, &cause.address)).unwrap_or_default();
        CauseView { fields, ..cause_view(cause, occurrences, &lost) }
    };
    let causes: Vec<CauseView> = causes.into_iter().map(view).collect();
    let lost_seconds = causes.iter().filter_map(|cause| cause.lost_seconds).reduce(|sum, more| sum + more);
    let open_causes = frame.open_causes;
    let presets = page::drift::presets(&mut conn).await?;
    Ok(DriftView {
        frame,
        open_causes,
        claims_7d,
        lost_seconds,
        templates,
        presets,
        resources,
        ignored,
        causes,
    })
}

/// Says that somebody knows of a cause; it is counted as open no longer, until it comes back.
pub async fn acknowledge(hearth: &Hearth, actor: &Actor, cause: CauseId) -> Result<()> {
    Error::unless(actor.role.administers_templates(), "Only template admins can acknowledge a cause.")?;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let before = drift::acknowledge(&mut tx, cause, actor.user_id, now).await?;
    let before = match before.ok_or(Error::NotFound("The cause"))? {
        before @ (CauseStatus::Open | CauseStatus::Back) => before,
        CauseStatus::Acknowledged => {
            return Err(Error::Conflict("This cause is acknowledged already.".to_owned()));
        }
        CauseStatus::Fixed => return Err(Error::Conflict("This cause is fixed.".to_owned())),
    };
    let name = name_of(&mut tx, cause).await?;
    let act = act(actor, "acknowledge", (cause, &name), (before, CauseStatus::Acknowledged));
    audit::record(&mut tx, act, now).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Drift);
    Ok(())
}

/// Undoes it: the cause is what it was before.
pub async fn unacknowledge(hearth: &Hearth, actor: &Actor, cause: CauseId) -> Result<()> {
    Error::unless(actor.role.administers_templates(), "Only template admins can open a cause again.")?;
    let mut tx = hearth.db.write().await?;
    let after = drift::unacknowledge(&mut tx, cause).await?;
    let after = after.ok_or_else(|| Error::Conflict("This cause is not acknowledged.".to_owned()))?;
    let name = name_of(&mut tx, cause).await?;
    let act = act(actor, "unacknowledge", (cause, &name), (CauseStatus::Acknowledged, after));
    audit::record(&mut tx, act, hearth.clock.now()).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Drift);
    Ok(())
}

async fn name_of(conn: &mut Conn, cause: CauseId) -> Result<String> {
    Ok(drift::cause(conn, cause).await?.map(|cause| cause.address).unwrap_or_default())
}

fn act<'a>(
    actor: &Actor,
    verb: &'static str,
    (cause, name): (CauseId, &'a str),
    (before, after): (CauseStatus, CauseStatus),
) -> Act<'a> {
    Act {
        actor: actor.user_id,
        verb,
        target_type: "drift_cause",
        target_id: cause.to_string(),
        target_name: name,
        before: Some(json!({ "status": before.as_str() })),
        after: Some(json!({ "status": after.as_str() })),
    }
}

/// How much longer the claims that a cause has hit took than claims of the same template usually do.
pub(super) struct Lost {
    usual: HashMap<TemplateId, u64>,
    waited: HashMap<CauseId, Waited>,
}

impl Lost {
    pub(super) async fn read(conn: &mut Conn) -> Result<Self> {
        let mut waits: HashMap<TemplateId, Vec<u64>> = HashMap::new();
        for wait in drift::clean_waits(conn, NEWEST_CLEAN).await? {
            waits.entry(wait.template_id).or_default().push(wait.micros.max(0).unsigned_abs());
        }
        let usual = waits.into_iter().filter_map(|(template, waits)| Some((template, median(waits)?)));
        let waited = drift::waited(conn).await?.into_iter().map(|waited| (waited.cause_id, waited));
        Ok(Self { usual: usual.collect(), waited: waited.collect() })
    }

    /// Without a claim that recreated nothing there is nothing to compare with.
    fn seconds(&self, cause: &Cause) -> Option<u64> {
        let usual = *self.usual.get(&cause.template_id)?;
        let waited = self.waited.get(&cause.id)?;
        let claims = waited.claims.max(0).unsigned_abs();
        Some(waited.micros.max(0).unsigned_abs().saturating_sub(usual * claims) / 1_000_000)
    }
}

/// Leaves the causes that the query means. Returns what of it was not understood.
fn filter(
    causes: &mut Vec<Cause>,
    query: &DriftQuery,
    (templates, resources, of_preset): (&[String], &[String], &[CauseId]),
    now: DateTime<Utc>,
) -> Vec<String> {
    let mut ignored = Vec::new();
    let mut keep = |name: &str, value: &str, known: bool, holds: &dyn Fn(&Cause) -> bool| {
        if known {
            causes.retain(holds);
        } else if !value.is_empty() {
            ignored.push(format!("{name}={value}"));
        }
    };
    let DriftQuery { template, preset, resource, status, range } = query;
    keep("template", template, templates.contains(template), &|cause| cause.template_name == *template);
    keep("preset", preset, !of_preset.is_empty(), &|cause| of_preset.contains(&cause.id));
    keep("resource", resource, resources.contains(resource), &|cause| cause.address == *resource);
    let statuses: &[CauseStatus] = match status.as_str() {
        "open" => &[CauseStatus::Open, CauseStatus::Back],
        "acked" => &[CauseStatus::Acknowledged],
        "fixed" => &[CauseStatus::Fixed],
        _ => &[],
    };
    keep("status", status, !statuses.is_empty(), &|cause| statuses.contains(&cause.status));
    let days = match range.as_str() {
        "24h" => Some(1),
        "7d" => Some(7),
        "30d" => Some(30),
        _ => None,
    };
    let since = now - TimeDelta::days(days.unwrap_or_default());
    keep("range", range, days.is_some(), &|cause| cause.last_seen_at >= since);
    ignored
}

pub(super) fn cause_view(cause: Cause, occurrences: Vec<OccurrenceView>, lost: &Lost) -> CauseView {
    CauseView {
        lost_seconds: lost.seconds(&cause),
        id: cause.id,
        template: cause.template_name,
        address: cause.address,
        resource_type: cause.resource_type,
        path: cause.path,
        fields: Vec::new(),
        status: cause.status.as_str().to_owned(),
        claims: count(cause.claims),
        acknowledged_by: cause.acknowledged_by,
        acknowledged_at: cause.acknowledged_at.map(Into::into),
        first_version: cause.first_version,
        last_version: cause.last_version,
        first_seen_at: cause.first_seen_at,
        last_seen_at: cause.last_seen_at,
        occurrences,
    }
}

pub fn occurrence(seen: Seen) -> OccurrenceView {
    OccurrenceView {
        cause: seen.cause_id,
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
