//! The demand history of each pool, across versions.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{TemplateId, UserId, WorkspaceId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, pools::PoolKey, text_enum::text_enum};
use crate::{all, clock, execute};

text_enum! {
    /// What a request for a member of the pool came to.
    PoolEvent in "pool_events"."kind" { Claim = "claim", Miss = "miss" }
}

pub async fn insert(
    tx: &mut Tx,
    pool: &PoolKey,
    kind: PoolEvent,
    (workspace, user): (Option<WorkspaceId>, UserId),
    now: DateTime<Utc>,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO pool_events (id, template_id, preset_name, kind, workspace_id, user_id, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        clock::new_id::<Uuid>(),
        pool.template_id.0,
        &pool.preset_name,
        kind.as_str(),
        workspace.map(|id| id.0),
        user.0,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// How often something happened to a pool since an instant.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Demand {
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    pub preset_name: String,
    pub claims: i64,
    pub misses: i64,
}

/// Claims and misses since `since`, for every pool that had any.
pub async fn since(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<Demand>> {
    Ok(all!(
        conn,
        Demand,
        "SELECT template_id, preset_name, COUNT(CASE WHEN kind = 'claim' THEN 1 END) AS claims,
             COUNT(CASE WHEN kind = 'miss' THEN 1 END) AS misses
         FROM pool_events WHERE at >= $1 GROUP BY template_id, preset_name",
        Timestamp::from(since)
    )?)
}
