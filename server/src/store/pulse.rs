//! The pulse of the whole site, whichever replica leads: the newest pass, and who waits in the queue.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::SYSTEM_USER;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::{Conn, Result, Timestamp, Tx, settings};
use crate::one;

/// One pass of the reconciler that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Counts from 1 at each start of the process.
    pub number: u64,
    pub at: DateTime<Utc>,
    pub took_ms: u64,
    /// When the next one comes if nothing happens before.
    pub next: DateTime<Utc>,
}

/// The setting that holds the newest [`Pass`] of any replica.
const NEWEST_PASS: &str = "reconciler.newest_pass";

pub async fn record(tx: &mut Tx, pass: &Pass) -> Result<()> {
    settings::set(tx, NEWEST_PASS, pass, SYSTEM_USER, pass.at).await
}

/// The newest pass, and the jobs that are open.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Pulse {
    pub pass: Option<Json<Pass>>,
    /// People whose oldest job no worker has taken for too long.
    pub waiting: i64,
    /// Jobs of pools, waiting or running.
    pub pool_jobs: i64,
    /// First builds of members that no worker has taken.
    pub pending_prebuilds: i64,
}

/// People whose job was queued after `patience` do not wait yet.
pub async fn read(conn: &mut Conn, patience: DateTime<Utc>) -> Result<Pulse> {
    Ok(one!(
        conn,
        Pulse,
        "SELECT (SELECT value FROM settings WHERE name = $1) AS pass,
             COUNT(DISTINCT CASE WHEN open.pending AND open.lane = 'people' AND open.created_at <= $2
                 THEN open.initiator_id END) AS waiting,
             COUNT(CASE WHEN open.lane = 'pool' THEN 1 END) AS pool_jobs,
             COUNT(CASE WHEN open.pending AND open.lane = 'pool' AND open.kind = 'workspace_build'
                 AND open.generation = 1 THEN 1 END) AS pending_prebuilds
         FROM (SELECT TRUE AS pending, lane, kind, generation, initiator_id, created_at FROM jobs
                   WHERE status = 'pending'
               UNION ALL
               SELECT FALSE, lane, kind, generation, initiator_id, created_at FROM jobs
                   WHERE status IN ('running', 'canceling')) open",
        NEWEST_PASS,
        Timestamp::from(patience)
    )?)
}
