//! What the reconciler decided. A decision is written when it differs from the newest one of its preset; a pass that
//! comes to the same answer only confirms it.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::PresetId;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, pools::PoolKey};
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

/// Writes a decision with the document that led to it.
pub async fn insert(
    tx: &mut Tx,
    (pool, preset): (&PoolKey, PresetId),
    snapshot: &Value,
    decision: &Value,
    now: DateTime<Utc>,
) -> Result<Uuid> {
    let id: Uuid = clock::new_id();
    execute!(
        tx,
        "INSERT INTO decisions (id, template_id, preset_name, preset_id, snapshot, decision, decided_at, confirmed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        id,
        pool.template_id.0,
        &pool.preset_name,
        preset.0,
        Json(snapshot),
        Json(decision),
        Timestamp::from(now)
    )?;
    Ok(id)
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
