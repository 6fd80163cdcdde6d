//! `/api/v2/audit`: who did what, newest first; as a table for spreadsheets at `/api/v2/audit.csv`.

use std::collections::BTreeMap;

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use hearth_app::view::{ActivityQuery, ActivityRow};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::search::Search;
use crate::{
    backend::activity,
    error::{Error, Result},
    hearth::Hearth,
    http::{auth::Caller, extract::Params},
    store::{
        audit::{Filter, Recorded},
        place::Place,
    },
};

/// How many are listed when nobody says.
const USUAL: u32 = 50;
const MOST: u32 = 500;
/// Nobody needs to know how many more there are.
const COUNTED: u32 = 2000;

pub fn routes() -> Router<Hearth> {
    Router::new().route("/api/v2/audit", get(list)).route("/api/v2/audit.csv", get(export))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ListParams {
    q: String,
    limit: u32,
    offset: u32,
    /// `next_cursor` of the page before.
    cursor: String,
}

#[derive(Serialize)]
struct Audit {
    audit_logs: Vec<AuditLog>,
    count: i64,
    count_cap: u32,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct AuditLog {
    id: Uuid,
    time: DateTime<Utc>,
    user: AuditUser,
    action: String,
    resource_type: String,
    /// Nil for what has no such id.
    resource_id: Uuid,
    resource_target: String,
    diff: BTreeMap<String, Diff>,
    description: String,
    status_code: u16,
    additional_fields: Value,
    is_deleted: bool,
}

#[derive(Serialize)]
struct AuditUser {
    id: Uuid,
    username: String,
}

#[derive(Serialize)]
struct Diff {
    old: Value,
    new: Value,
    secret: bool,
}

impl From<Recorded> for AuditLog {
    fn from(row: Recorded) -> Self {
        let diff = activity::changes(row.before.as_deref(), row.after.as_deref())
            .into_iter()
            .map(|(field, old, new)| {
                let value = |value: Option<&Value>| value.cloned().unwrap_or_default();
                (field.to_owned(), Diff { old: value(old), new: value(new), secret: false })
            })
            .collect();
        Self {
            diff,
            description: format!("{} {} {} {}", row.actor, row.verb, row.target_type, row.target_name),
            id: row.id,
            time: row.at,
            user: AuditUser { id: row.actor_id, username: row.actor },
            action: row.verb,
            resource_type: row.target_type,
            resource_id: row.target_id.parse().unwrap_or_default(),
            resource_target: row.target_name,
            status_code: 200,
            additional_fields: json!({}),
            is_deleted: false,
        }
    }
}

fn filter(q: &str) -> Result<Filter> {
    let mut search = Search::parse(q)?;
    let mut filter = Filter {
        actor: search.take("username"),
        verb: search.take("action"),
        target_type: search.take("resource_type").or_else(|| search.bare().map(str::to_owned)),
        target: search.take("resource_target"),
        ..Filter::default()
    };
    if let Some(day) = day(&mut search, "date_from")? {
        filter.from = day.into();
    }
    if let Some(day) = day(&mut search, "date_to")? {
        let end = day.checked_add_signed(TimeDelta::days(1) - TimeDelta::microseconds(1));
        filter.to = end.unwrap_or(day).into();
    }
    search.end()?;
    Ok(filter)
}

/// The beginning of a day.
fn day(search: &mut Search, key: &str) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = search.take(key) else { return Ok(None) };
    let day: NaiveDate = text.parse().map_err(|_| Error::invalid(key, "must be a day as YYYY-MM-DD"))?;
    Ok(Some(day.and_time(NaiveTime::MIN).and_utc()))
}

async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<Audit>> {
    let filter = filter(&params.q)?;
    let before = match params.cursor.as_str() {
        "" => Place::end(),
        cursor => Place::of_cursor(cursor)
            .ok_or_else(|| Error::invalid("cursor", "is not one that was given out"))?,
    };
    let limit = if params.limit == 0 { USUAL } else { params.limit.min(MOST) };
    let part = (limit + 1, params.offset);
    let (mut rows, count) = activity::list(&hearth, &actor, &filter, before, part, COUNTED).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|last| last.place().cursor());
    let audit_logs = rows.into_iter().map(Into::into).collect();
    Ok(Json(Audit { audit_logs, count, count_cap: COUNTED, next_cursor }))
}

/// What the Activity page shows, with its filter.
async fn export(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(query): Params<ActivityQuery>,
) -> Result<impl IntoResponse> {
    let table = table(&activity::export(&hearth, &actor, &query).await?);
    let table = table.map_err(|error| Error::Internal(error.to_string()))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"activity.csv\""),
    ];
    Ok((headers, table))
}

fn table(rows: &[ActivityRow]) -> csv::Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["time", "actor", "act", "kind", "id", "name", "changes"])?;
    for row in rows {
        let changes = row.changes.iter().map(|change| {
            let side = |value: &Option<String>| value.clone().unwrap_or_default();
            format!("{}: {} -> {}", change.field, side(&change.before), side(&change.after))
        });
        let changes = changes.collect::<Vec<_>>().join("; ");
        let at = row.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let cells =
            [&at, &row.actor, &row.verb, &row.target_type, &row.target_id, &row.target_name, &changes];
        table.write_record(cells.map(|cell| inert(cell)))?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// A spreadsheet takes a cell that begins so for a formula, and anybody can choose a name.
fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula_and_none_runs_into_the_next() {
        let row = ActivityRow {
            id: String::new(),
            at: DateTime::UNIX_EPOCH,
            actor: "ada".to_owned(),
            verb: "create".to_owned(),
            target_type: "api_key".to_owned(),
            target_id: "7".to_owned(),
            target_name: "=1+1, \"two\"".to_owned(),
            changes: vec![],
        };
        let text = String::from_utf8(table(&[row]).unwrap()).unwrap();
        let last = text.lines().last().unwrap();
        assert_eq!(last, "1970-01-01T00:00:00Z,ada,create,api_key,7,\"'=1+1, \"\"two\"\"\",");
    }
}
