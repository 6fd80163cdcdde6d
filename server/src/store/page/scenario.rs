//! How long the builds of a pool took, for a simulation that goes by them.

use chrono::{DateTime, Utc};

use crate::{
    all,
    store::{Conn, Result, Timestamp, pools::PoolKey},
};

/// A build from nothing that ended.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Built {
    /// For the pool; else for a person who found nothing ready.
    pub prebuilt: bool,
    pub failed: bool,
    pub from_at: Timestamp,
    /// When it could be used, or had failed.
    pub usable_at: Timestamp,
}

/// The newest builds of the pool since an instant, of every version. A build whose agents never got ready is none.
pub async fn built(conn: &mut Conn, pool: &PoolKey, since: DateTime<Utc>, limit: u32) -> Result<Vec<Built>> {
    Ok(all!(
        conn,
        Built,
        "SELECT w.prebuilt_at IS NOT NULL AS prebuilt, b.outcome = 'failed' AS failed, b.created_at AS from_at,
             CASE WHEN b.ready_at > b.ended_at THEN b.ready_at ELSE b.ended_at END AS usable_at
         FROM template_versions v JOIN presets p ON p.version_id = v.id JOIN builds b ON b.preset_id = p.id
         JOIN workspaces w ON w.id = b.workspace_id
         WHERE v.template_id = $1 AND p.name = $2 AND b.stage = 'create' AND b.outcome IN ('succeeded', 'failed')
             AND b.ended_at >= $3 AND (b.outcome = 'failed' OR b.ready_at IS NOT NULL)
         ORDER BY b.ended_at DESC LIMIT $4",
        pool.template_id.0,
        &pool.preset_name,
        Timestamp::from(since),
        i64::from(limit)
    )?)
}
