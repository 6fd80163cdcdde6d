//! Removes members of a pool.

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    DeleteReason,
    ids::{SYSTEM_USER, WorkspaceId},
};
use serde_json::{Value, json};

use super::{
    record,
    transitions::{self, BuildOrder, Queued},
};
use crate::{
    error::Result,
    hearth::Hearth,
    store::{
        Tx,
        builds::{Parameters, Stage},
        jobs::Lane,
        members,
        snapshot::PresetRead,
    },
};

/// Queues a delete build for each member that is still the system user's and has no build in flight (X9).
pub(super) async fn members(
    hearth: &Hearth,
    read: &PresetRead,
    wanted: &[WorkspaceId],
    (reason, desired): (DeleteReason, u32),
) -> Result<Vec<WorkspaceId>> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !members::hold_unpaused(&mut tx, &read.pool).await? {
        return Ok(Vec::new());
    }
    let most = match reason {
        DeleteReason::Extraneous => still_extraneous(&mut tx, read, desired, now).await?,
        DeleteReason::Expired
        | DeleteReason::Invalidated
        | DeleteReason::Inactive
        | DeleteReason::FailedRetention => wanted.len(),
    };
    let mut removed = Vec::new();
    for (member, name) in members::of_pool(&mut tx, &read.pool, wanted).await? {
        if removed.len() < most && delete(&mut tx, member, now).await?.is_some() {
            record::workspace(&mut tx, "delete", (member, &name), because(read, reason), now).await?;
            removed.push(member);
        }
    }
    tx.commit().await?;
    Ok(removed)
}

/// How many are too many now: claims since the snapshot may have taken some already.
async fn still_extraneous(tx: &mut Tx, read: &PresetRead, desired: u32, now: DateTime<Utc>) -> Result<usize> {
    let alive = members::alive(tx, read.snapshot.id, read.not_before(now)).await?;
    Ok(alive.running.saturating_sub(desired) as usize)
}

/// Queues a delete build in the pool's lane. `None`: the member is not the system user's any more, or busy.
pub(crate) async fn delete(tx: &mut Tx, member: WorkspaceId, now: DateTime<Utc>) -> Result<Option<Queued>> {
    let order = BuildOrder {
        workspace_id: member,
        owner_id: SYSTEM_USER,
        stage: Stage::Delete,
        version_id: None,
        initiator_id: SYSTEM_USER,
        lane: Lane::Pool,
        parameters: &Parameters::new(),
    };
    transitions::queue(tx, &order, now).await
}

/// Closes members that no worker has taken yet, without running Terraform (R10).
pub(super) async fn pending(
    hearth: &Hearth,
    read: &PresetRead,
    wanted: &[WorkspaceId],
) -> Result<Vec<WorkspaceId>> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !members::hold_unpaused(&mut tx, &read.pool).await? {
        return Ok(Vec::new());
    }
    let mut closed = Vec::new();
    for (member, name) in members::of_pool(&mut tx, &read.pool, wanted).await? {
        if members::cancel_pending(&mut tx, member, now).await? {
            let after = because(read, DeleteReason::Inactive);
            record::workspace(&mut tx, "cancel", (member, &name), after, now).await?;
            closed.push(member);
        }
    }
    tx.commit().await?;
    Ok(closed)
}

/// The pool that a member leaves, and why.
fn because(read: &PresetRead, reason: DeleteReason) -> Value {
    json!({ "template": read.snapshot.template, "preset": read.snapshot.name, "reason": reason })
}
