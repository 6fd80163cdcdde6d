//! What the reconciler decided. A decision is written when it differs from the newest one of its preset; a pass that
//! comes to the same answer only confirms it. So a decision is in force from `decided_at` until the next one of its
//! preset, and `confirmed_at` says until when somebody looked.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{PresetId, TemplateId};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, place::Place, pools::PoolKey};
use crate::{all, clock, execute, optional};

/// The newest decision of a preset.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Decided {
    pub id: Uuid,
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    pub decision: Json<Value>,
    #[sqlx(try_from = "Timestamp")]
    pub decided_at: DateTime<Utc>,
    #[sqlx(try_from = "Timestamp")]
    pub confirmed_at: DateTime<Utc>,
}

/// What is written of a decision.
#[derive(Clone, Copy, Debug)]
pub struct NewDecision<'a> {
    pub pool: &'a PoolKey,
    pub preset_id: PresetId,
    /// The preset's version is the active one.
    pub governs: bool,
    /// The document of `hearth decide` that led to it.
    pub snapshot: &'a Value,
    pub decision: &'a Value,
}

/// Writes a decision.
pub async fn insert(tx: &mut Tx, new: &NewDecision<'_>, now: DateTime<Utc>) -> Result<Uuid> {
    let id: Uuid = clock::new_id();
    execute!(
        tx,
        "INSERT INTO decisions (id, template_id, preset_name, preset_id, governs, snapshot, decision, decided_at,
             confirmed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        id,
        new.pool.template_id.0,
        &new.pool.preset_name,
        new.preset_id.0,
        new.governs,
        Json(new.snapshot),
        Json(new.decision),
        Timestamp::from(now)
    )?;
    Ok(id)
}

/// Leaves so many of a preset's decisions, the newest ones.
pub async fn keep_newest(tx: &mut Tx, preset: PresetId, count: u32) -> Result<u64> {
    Ok(execute!(
        tx,
        "DELETE FROM decisions WHERE preset_id = $1 AND (decided_at, id) <=
             (SELECT decided_at, id FROM decisions WHERE preset_id = $1
              ORDER BY decided_at DESC, id DESC LIMIT 1 OFFSET $2)",
        preset.0,
        i64::from(count.max(1))
    )?)
}

/// Forgets at most `limit` decisions that had been followed by another one before this instant. So the decision
/// that was in force then stays, and with it the newest of each preset.
pub async fn forget_before(tx: &mut Tx, before: DateTime<Utc>, limit: u32) -> Result<u64> {
    Ok(execute!(
        tx,
        "DELETE FROM decisions WHERE id IN (
             SELECT d.id FROM decisions d WHERE d.decided_at < $1 AND EXISTS (
                 SELECT 1 FROM decisions n WHERE n.preset_id = d.preset_id AND n.decided_at < $1
                 AND (n.decided_at, n.id) > (d.decided_at, d.id))
             ORDER BY d.decided_at, d.id LIMIT $2)",
        Timestamp::from(before),
        i64::from(limit)
    )?)
}

/// The newest pass came to these decisions again.
pub async fn confirm(tx: &mut Tx, decisions: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let sql = tx.pick(
        "UPDATE decisions SET confirmed_at = $2
         WHERE id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1))",
        "UPDATE decisions SET confirmed_at = $2
         WHERE id IN (SELECT value::uuid FROM jsonb_array_elements_text($1))",
    );
    execute!(tx, sql, Json(decisions), Timestamp::from(now))?;
    Ok(())
}

macro_rules! select_newest {
    ($presets:literal) => {
        concat!(
            "SELECT d.id, d.preset_id, d.decision, d.decided_at, d.confirmed_at FROM presets p
             JOIN decisions d ON d.id = (SELECT newest.id FROM decisions newest WHERE newest.preset_id = p.id
                                         ORDER BY newest.decided_at DESC, newest.id DESC LIMIT 1)
             WHERE ",
            $presets
        )
    };
}

/// The newest decision of every preset of an active version.
pub async fn newest_of_active(conn: &mut Conn) -> Result<Vec<Decided>> {
    Ok(all!(
        conn,
        Decided,
        select_newest!(
            "p.instances IS NOT NULL AND p.version_id IN (SELECT active_version_id FROM templates WHERE NOT deleted)"
        )
    )?)
}

pub async fn newest(conn: &mut Conn, preset: PresetId) -> Result<Option<Decided>> {
    Ok(optional!(conn, Decided, select_newest!("p.id = $1"), preset.0)?)
}

/// What a decision counted.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Level {
    /// The one that was asked for; an older version's may have been decided about.
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    pub version_name: String,
    pub wanted: Option<i64>,
    pub ready: Option<i64>,
    /// Creation waits after failures.
    pub held_back: bool,
    #[sqlx(try_from = "Timestamp")]
    pub decided_at: DateTime<Utc>,
}

macro_rules! levels {
    ($counts:literal, $before:literal, $after:literal, $presets:literal) => {
        concat!(
            "SELECT p.id AS preset_id, dv.name AS version_name, d.decided_at, ",
            $counts,
            " FROM presets p JOIN template_versions v ON v.id = p.version_id ",
            $before,
            " FROM decisions WHERE template_id = v.template_id AND preset_name = p.name AND governs
             AND decided_at >= COALESCE((SELECT MAX(decided_at) FROM decisions WHERE template_id = v.template_id
                 AND preset_name = p.name AND governs AND decided_at < $2), $2)
             ORDER BY decided_at DESC, id DESC LIMIT $3) ",
            $after,
            " JOIN presets dp ON dp.id = d.preset_id JOIN template_versions dv ON dv.id = dp.version_id
             WHERE p.id IN ",
            $presets,
            " ORDER BY d.decided_at, d.id"
        )
    };
}

/// What governed the pools of these presets, across versions, oldest first: of each the newest ones since an instant,
/// and the one that was in force then.
pub async fn levels(
    conn: &mut Conn,
    presets: &[PresetId],
    since: DateTime<Utc>,
    each: u32,
) -> Result<Vec<Level>> {
    let sql = conn.pick(
        levels!(
            "json_extract(d.decision, '$.state.desired') AS wanted, json_extract(d.decision, '$.state.eligible') AS ready,
             EXISTS (SELECT 1 FROM json_each(d.decision, '$.actions') a WHERE a.value ->> '$.type' = 'back_off') AS held_back",
            "JOIN decisions d ON d.id IN (SELECT id",
            "",
            "(SELECT unhex(replace(value, '-', '')) FROM json_each($1))"
        ),
        levels!(
            "CAST(d.decision #>> '{state,desired}' AS BIGINT) AS wanted,
             CAST(d.decision #>> '{state,eligible}' AS BIGINT) AS ready,
             d.decision @> '{\"actions\": [{\"type\": \"back_off\"}]}' AS held_back",
            "CROSS JOIN LATERAL (SELECT preset_id, decision, decided_at, id",
            "d",
            "(SELECT value::uuid FROM jsonb_array_elements_text($1))"
        ),
    );
    Ok(all!(conn, Level, sql, Json(presets), Timestamp::from(since), i64::from(each))?)
}

/// A decision of the record, with its names.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Recorded {
    pub id: Uuid,
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    pub template_name: String,
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    pub preset_name: String,
    pub version_name: String,
    pub decision: Json<Value>,
    #[sqlx(try_from = "Timestamp")]
    pub decided_at: DateTime<Utc>,
    #[sqlx(try_from = "Timestamp")]
    pub confirmed_at: DateTime<Utc>,
}

impl Recorded {
    pub fn place(&self) -> Place {
        Place { at: self.decided_at.into(), id: self.id }
    }
}

/// Whose decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    Everybody,
    /// Of every version and preset, by the template's name.
    Template(&'a str),
    /// What governed the pool, across versions.
    Pool(&'a PoolKey),
    Preset(PresetId),
}

/// A stretch of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Both count.
    pub from: Timestamp,
    pub to: Timestamp,
    /// Only what stands before it.
    pub before: Place,
    pub limit: u32,
}

impl Stretch {
    /// The newest ones.
    pub fn newest(limit: u32) -> Self {
        Self { from: Timestamp(i64::MIN), to: Timestamp(i64::MAX), before: Place::end(), limit }
    }
}

macro_rules! recorded {
    ($rest:expr) => {
        concat!(
            "SELECT d.id, d.template_id, t.name AS template_name, d.preset_id, d.preset_name, v.name AS version_name,
                 d.decision, d.decided_at, d.confirmed_at
             FROM decisions d JOIN templates t ON t.id = d.template_id JOIN presets p ON p.id = d.preset_id
             JOIN template_versions v ON v.id = p.version_id WHERE ",
            $rest
        )
    };
}

/// Decisions of a stretch, newest first.
pub async fn list(conn: &mut Conn, of: Of<'_>, stretch: Stretch) -> Result<Vec<Recorded>> {
    macro_rules! of {
        ($whose:literal $(, $bind:expr)*) => {
            all!(
                conn,
                Recorded,
                recorded!(concat!(
                    $whose,
                    " AND d.decided_at BETWEEN $1 AND $2 AND (d.decided_at, d.id) < ($3, $4)
                     ORDER BY d.decided_at DESC, d.id DESC LIMIT $5"
                )),
                stretch.from,
                stretch.to,
                stretch.before.at,
                stretch.before.id,
                i64::from(stretch.limit)
                $(, $bind)*
            )
        };
    }
    Ok(match of {
        Of::Everybody => of!("TRUE"),
        Of::Template(name) => of!("lower(t.name) = lower($6)", name),
        Of::Pool(pool) => {
            of!(
                "d.template_id = $6 AND d.preset_name = $7 AND d.governs",
                pool.template_id.0,
                &pool.preset_name
            )
        }
        Of::Preset(preset) => of!("d.preset_id = $6", preset.0),
    }?)
}

pub async fn by_id(conn: &mut Conn, id: Uuid) -> Result<Option<Recorded>> {
    Ok(optional!(conn, Recorded, recorded!("d.id = $1"), id)?)
}

/// What governed the pool next after a decision.
pub async fn following(conn: &mut Conn, pool: &PoolKey, place: Place) -> Result<Option<Uuid>> {
    let row = optional!(
        conn,
        (Uuid,),
        "SELECT id FROM decisions WHERE template_id = $1 AND preset_name = $2 AND governs AND (decided_at, id) > ($3, $4)
         ORDER BY decided_at, id LIMIT 1",
        pool.template_id.0,
        &pool.preset_name,
        place.at,
        place.id
    )?;
    Ok(row.map(|(id,)| id))
}

/// The document that led to a decision.
pub async fn document(conn: &mut Conn, id: Uuid) -> Result<Option<Value>> {
    let row = optional!(conn, (Json<Value>,), "SELECT snapshot FROM decisions WHERE id = $1", id)?;
    Ok(row.map(|(Json(document),)| document))
}
