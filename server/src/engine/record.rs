//! What Hearth does by itself, for the record of acts: written in the transaction that does it, by the system user. The
//! record calls that user `reconciler` or `system`, see `store::audit`.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{SYSTEM_USER, WorkspaceId};
use serde_json::Value;

use crate::{
    error::Result,
    store::{
        Tx,
        audit::{self, Act},
    },
};

/// An act upon a workspace. `after` has its `template` and `preset`, which name the pool.
pub(crate) async fn workspace(
    tx: &mut Tx,
    verb: &'static str,
    (id, name): (WorkspaceId, &str),
    after: Value,
    now: DateTime<Utc>,
) -> Result<()> {
    act(tx, verb, ("workspace", id.to_string(), name), (None, Some(after)), now).await
}

pub(super) async fn act(
    tx: &mut Tx,
    verb: &'static str,
    (target_type, target_id, target_name): (&'static str, String, &str),
    (before, after): (Option<Value>, Option<Value>),
    now: DateTime<Utc>,
) -> Result<()> {
    let act = Act { actor: SYSTEM_USER, verb, target_type, target_id, target_name, before, after };
    Ok(audit::record(tx, act, now).await?)
}
