//! The record of acts, of people and of Hearth itself, for those who read pools.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{
    backend::Actor,
    view::{ActivityQuery, ActivityRow, ActivityView, FieldChange},
};
use serde_json::Value;

use super::frame;
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        audit::{self, Filter, Recorded},
        place::Place,
    },
};

/// How many acts a page lists.
const ROWS: u32 = 50;
/// How many people are offered for the filter.
const PEOPLE: u32 = 200;
/// What can be acted upon.
const TARGETS: [&str; 8] = [
    "api_key",
    "drift_cause",
    "pool",
    "prebuilds_settings",
    "template",
    "template_version",
    "user",
    "workspace",
];

fn check(actor: &Actor) -> Result<()> {
    Error::unless(actor.role.reads_pools(), "Only template admins and auditors see what was done.")
}

/// A stretch of the record, newest first, and how many acts fit the filter, counted up to `most`.
pub async fn list(
    hearth: &Hearth,
    actor: &Actor,
    filter: &Filter,
    before: Place,
    (limit, offset): (u32, u32),
    most: u32,
) -> Result<(Vec<Recorded>, i64)> {
    check(actor)?;
    let mut conn = hearth.db.snapshot().await?;
    let rows = audit::list(&mut conn, filter, before, (limit, offset)).await?;
    Ok((rows, audit::count(&mut conn, filter, most).await?))
}

pub async fn activity(hearth: &Hearth, actor: &Actor, query: &ActivityQuery) -> Result<ActivityView> {
    check(actor)?;
    let now = hearth.clock.now();
    let (filter, before, ignored) = understand(query, now);
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let mut rows = audit::list(&mut conn, &filter, before, (ROWS + 1, 0)).await?;
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let older = rows.last().filter(|_| more).map(|row| row.place().cursor());
    let mut actors = ["reconciler", "system"].map(str::to_owned).to_vec();
    actors.extend(audit::people(&mut conn, PEOPLE).await?);
    Ok(ActivityView { frame, rows: rows.into_iter().map(row).collect(), actors, older, ignored })
}

/// As many acts as a spreadsheet is given, newest first.
const EXPORTED: u32 = 10_000;

/// The acts that a filter of the page finds, without its paging.
pub async fn export(hearth: &Hearth, actor: &Actor, query: &ActivityQuery) -> Result<Vec<ActivityRow>> {
    check(actor)?;
    let (filter, _, _) = understand(query, hearth.clock.now());
    let rows = audit::list(&mut hearth.db.snapshot().await?, &filter, Place::end(), (EXPORTED, 0)).await?;
    Ok(rows.into_iter().map(row).collect())
}

/// The filter that was meant, and what of it could not be understood.
fn understand(query: &ActivityQuery, now: DateTime<Utc>) -> (Filter, Place, Vec<String>) {
    let mut ignored = Vec::new();
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut filter = Filter { actor: some(&query.actor), verb: some(&query.verb), ..Filter::default() };
    match some(&query.target) {
        Some(kind) if TARGETS.contains(&kind.as_str()) => filter.target_type = Some(kind),
        name => filter.target = name,
    }
    let span = match query.range.as_str() {
        "1h" => Some(TimeDelta::hours(1)),
        "24h" => Some(TimeDelta::days(1)),
        "" | "7d" => Some(TimeDelta::days(7)),
        "30d" => Some(TimeDelta::days(30)),
        "all" => None,
        other => {
            ignored.push(format!("range={other}"));
            Some(TimeDelta::days(7))
        }
    };
    if let Some(span) = span {
        filter.from = (now - span).into();
    }
    let before = Place::of_cursor(&query.cursor);
    if before.is_none() && !query.cursor.is_empty() {
        ignored.push(format!("cursor={}", query.cursor));
    }
    (filter, before.unwrap_or(Place::end()), ignored)
}

fn row(row: Recorded) -> ActivityRow {
    let changes = changes(row.before.as_deref(), row.after.as_deref());
    let changes = changes.into_iter().map(|(field, before, after)| FieldChange {
        field: field.to_owned(),
        before: before.and_then(words),
        after: after.and_then(words),
    });
    ActivityRow {
        changes: changes.filter(|change| change.before.is_some() || change.after.is_some()).collect(),
        id: row.id.to_string(),
        at: row.at,
        actor: row.actor,
        verb: row.verb,
        target_type: row.target_type,
        target_id: row.target_id,
        target_name: row.target_name,
    }
}

/// Each field with what it was and what it became.
pub fn changes<'a>(
    before: Option<&'a Value>,
    after: Option<&'a Value>,
) -> Vec<(&'a str, Option<&'a Value>, Option<&'a Value>)> {
    let (before, after) = (before.and_then(Value::as_object), after.and_then(Value::as_object));
    let fields: BTreeSet<&str> =
        before.into_iter().chain(after).flat_map(|object| object.keys().map(String::as_str)).collect();
    let of = |object: Option<&'a serde_json::Map<String, Value>>, field: &str| object?.get(field);
    fields.into_iter().map(|field| (field, of(before, field), of(after, field))).collect()
}

/// `None`: nothing.
fn words(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    })
}
