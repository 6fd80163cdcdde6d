//! Who did what: one row in the transaction of each mutating act.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::UserId;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, Timestamp, Tx};
use crate::{clock::new_id, execute};

/// One act. `before` and `after` hold what changed; never a secret.
pub struct Act<'a> {
    pub actor: UserId,
    /// `create`, `write`, `delete`, `start`, `stop`, `claim`, `pause`, `resume`, `login`, `logout`, ...
    pub verb: &'static str,
    /// `template`, `template_version`, `user`, `workspace`, `pool`, `prebuilds_settings`, ...
    pub target_type: &'static str,
    pub target_id: String,
    pub target_name: &'a str,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

pub async fn record(tx: &mut Tx, act: Act<'_>, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO audit (id, at, actor_id, verb, target_type, target_id, target_name, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new_id::<Uuid>(),
        Timestamp::from(now),
        act.actor.0,
        act.verb,
        act.target_type,
        act.target_id.as_str(),
        act.target_name,
        act.before.as_ref().map(Json),
        act.after.as_ref().map(Json),
    )?;
    Ok(())
}
