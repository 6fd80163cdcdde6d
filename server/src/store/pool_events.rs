//! The demand history of each pool, across versions.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{UserId, WorkspaceId};
use uuid::Uuid;

use super::{Result, Timestamp, Tx, pools::PoolKey, text_enum::text_enum};
use crate::{clock, execute};

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
