//! The demand history of each pool, across versions.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{UserId, WorkspaceId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, pools::PoolKey, text_enum::text_enum};
use crate::{all, clock, execute, optional};

text_enum! {
    /// What a request for a member of the pool came to.
    PoolEvent in "pool_events"."kind" { Claim = "claim", Miss = "miss" }
}

/// Why a request found nothing in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    Empty,
    /// By the pool's policy.
    Blocked,
}

pub async fn insert(
    tx: &mut Tx,
    pool: &PoolKey,
    missed: Option<Missed>,
    (workspace, user): (Option<WorkspaceId>, UserId),
    now: DateTime<Utc>,
) -> Result<()> {
    let (kind, reason) = match missed {
        None => (PoolEvent::Claim, ""),
        Some(Missed::Empty) => (PoolEvent::Miss, "empty"),
        Some(Missed::Blocked) => (PoolEvent::Miss, "blocked"),
    };
    execute!(
        tx,
        "INSERT INTO pool_events (id, template_id, preset_name, kind, reason, workspace_id, user_id, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        clock::new_id::<Uuid>(),
        pool.template_id.0,
        &pool.preset_name,
        kind.as_str(),
        reason,
        workspace.map(|id| id.0),
        user.0,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Whether anybody has ever claimed a member of any pool.
pub async fn any_claim(conn: &mut Conn) -> Result<bool> {
    Ok(optional!(conn, (Uuid,), "SELECT id FROM pool_events WHERE kind = 'claim' LIMIT 1")?.is_some())
}

/// When the pool was asked for a member, whatever came of it: the newest since an instant, oldest first.
pub async fn since(
    conn: &mut Conn,
    pool: &PoolKey,
    since: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<DateTime<Utc>>> {
    let rows = all!(
        conn,
        (Timestamp,),
        "SELECT at FROM pool_events WHERE template_id = $1 AND preset_name = $2 AND at >= $3 ORDER BY at DESC LIMIT $4",
        pool.template_id.0,
        &pool.preset_name,
        Timestamp::from(since),
        i64::from(limit)
    )?;
    Ok(rows.into_iter().rev().map(|(at,)| at.into()).collect())
}
