//! The record of what the reconciler decided, for those who read pools.

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{DecisionRow, NoDecision, PresetQuery, ReasonView, WhyView},
};
use hearth_prebuilds::{Decision, ids::PresetId};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn,
        decisions::{self, Of, Recorded, Stretch},
        pools::PoolKey,
    },
};

const MISSING: Error = Error::NotFound("The decision");

fn check(actor: &Actor) -> Result<()> {
    Error::unless(actor.role.reads_pools(), "Only template admins see what the reconciler decided.")
}

/// Newest first.
pub async fn list(hearth: &Hearth, actor: &Actor, of: Of<'_>, stretch: Stretch) -> Result<Vec<Recorded>> {
    check(actor)?;
    Ok(decisions::list(&mut hearth.db.read().await?, of, stretch).await?)
}

pub async fn one(hearth: &Hearth, actor: &Actor, id: Uuid) -> Result<Recorded> {
    check(actor)?;
    decisions::by_id(&mut hearth.db.read().await?, id).await?.ok_or(MISSING)
}

/// What `hearth decide` takes to come to the same decision again.
pub async fn document(hearth: &Hearth, actor: &Actor, id: Uuid) -> Result<Value> {
    check(actor)?;
    decisions::document(&mut hearth.db.read().await?, id).await?.ok_or(MISSING)
}

/// How many decisions a page lists.
const ROWS: usize = 20;

/// What the page of a preset shows of the record.
#[derive(Debug, Default)]
pub struct Shown {
    /// The decision that is looked at.
    pub why: Option<WhyView>,
    pub missing: Option<NoDecision>,
    /// A piece of the record that it lies in, newest first.
    pub rows: Vec<DecisionRow>,
    /// The one that comes after the piece.
    pub older: Option<String>,
}

/// The decision that is asked for, else the newest one of this preset, among those that governed the pool.
pub async fn shown(
    conn: &mut Conn,
    (pool, preset): (&PoolKey, PresetId),
    query: &PresetQuery,
) -> Result<Shown> {
    // One more than is shown, so that the last one has an older one to step to.
    let piece = Stretch::newest(ROWS as u32 + 1);
    let mut record = decisions::list(conn, Of::Pool(pool), piece).await?;
    let (asked, missing) = match asked(conn, pool, query).await? {
        Ok(asked) => (asked, None),
        Err(missing) => (None, Some(missing)),
    };
    let mut newer = None;
    if let Some(asked) = &asked
        && !record.iter().take(ROWS).any(|row| row.id == asked.id)
    {
        let before = asked.place();
        newer = decisions::following(conn, pool, before).await?;
        record = decisions::list(conn, Of::Pool(pool), Stretch { before, ..piece }).await?;
        record.insert(0, asked.clone());
    }
    let chosen = match asked {
        Some(asked) => record.iter().position(|row| row.id == asked.id),
        None => record.first().filter(|row| row.preset_id == preset).map(|_| 0),
    };
    let why = chosen.and_then(|at| {
        let id = |row: &Recorded| row.id.to_string();
        let newer = at.checked_sub(1).map(|at| id(&record[at])).or(newer.map(|id| id.to_string()));
        why(&record[at], record.get(at + 1).map(id), newer)
    });
    let older = record.get(ROWS).map(|row| row.id.to_string());
    Ok(Shown { why, missing, older, rows: record.iter().take(ROWS).filter_map(row).collect() })
}

/// `Ok(None)`: nothing in particular.
async fn asked(
    conn: &mut Conn,
    pool: &PoolKey,
    query: &PresetQuery,
) -> Result<Result<Option<Recorded>, NoDecision>> {
    if !query.decision.is_empty() {
        let Ok(id) = query.decision.parse() else { return Ok(Err(NoDecision::Unknown)) };
        let found = decisions::by_id(conn, id).await?;
        let found =
            found.filter(|it| (it.template_id, &it.preset_name) == (pool.template_id, &pool.preset_name));
        return Ok(found.ok_or(NoDecision::Unknown).map(Some));
    }
    if query.at.is_empty() {
        return Ok(Ok(None));
    }
    let Ok(at) = query.at.parse::<DateTime<Utc>>() else { return Ok(Err(NoDecision::NotAnInstant)) };
    let until_then = Stretch { to: at.into(), ..Stretch::newest(1) };
    let found = decisions::list(conn, Of::Pool(pool), until_then).await?.pop();
    Ok(found.ok_or(NoDecision::NoneYet(at)).map(Some))
}

/// One that this version cannot read is left out: the next pass writes another.
fn row(recorded: &Recorded) -> Option<DecisionRow> {
    let decision: Decision = serde_json::from_value(recorded.decision.0.clone()).ok()?;
    Some(DecisionRow {
        id: recorded.id.to_string(),
        at: recorded.decided_at,
        version: recorded.version_name.clone(),
        verdict: decision.verdict(),
        wanted: decision.state.desired,
        ready: decision.state.eligible,
        starting: decision.state.starting,
    })
}

/// A reason as it was recorded: its sentence is shown as it stands, whatever this version would say.
#[derive(Deserialize)]
struct Reason {
    code: String,
    text: String,
    figure: Option<i64>,
}

fn why(recorded: &Recorded, older: Option<String>, newer: Option<String>) -> Option<WhyView> {
    let DecisionRow { id, at, verdict, wanted, ready, starting, .. } = row(recorded)?;
    let reasons: Vec<Reason> = serde_json::from_value(recorded.decision.0["reasons"].clone()).ok()?;
    let view = |Reason { code, text, figure }| ReasonView { code, text, figure };
    Some(WhyView {
        id,
        older,
        newer,
        decided_at: at,
        confirmed_at: recorded.confirmed_at,
        verdict,
        reasons: reasons.into_iter().map(view).collect(),
        wanted,
        ready,
        starting,
    })
}
