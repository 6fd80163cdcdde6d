//! Older Terraform states of a workspace: what there is, and making one the newest again.
//!
//! A last resort for owners: Terraform then believes what was true at that time, and its next plan says what it would
//! do about the difference.

use hearth_app::backend::{Actor, Role};
use hearth_prebuilds::ids::WorkspaceId;
use serde_json::json;

use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    state,
    store::{
        audit::{self, Act},
        states::{self, Listed},
        workspaces,
    },
};

/// How many of a workspace's states are looked at.
const NEWEST: i64 = 200;

fn check_may(actor: &Actor) -> Result<()> {
    Error::unless(actor.role == Role::Owner, "Only owners can look at old states and restore them.")
}

/// The newest states, newest first, without their content.
pub async fn list(hearth: &Hearth, actor: &Actor, workspace: WorkspaceId) -> Result<Vec<Listed>> {
    check_may(actor)?;
    let mut conn = hearth.db.read().await?;
    workspaces::by_id(&mut conn, workspace).await?.ok_or(Error::NotFound("The workspace"))?;
    Ok(states::list(&mut conn, workspace, NEWEST).await?)
}

/// Makes an older state the newest again, while no build waits or runs. Returns its new serial.
pub async fn restore(hearth: &Hearth, actor: &Actor, workspace: WorkspaceId, serial: i64) -> Result<i64> {
    check_may(actor)?;
    let mut tx = hearth.db.write().await?;
    let found = workspaces::by_id(&mut tx, workspace).await?.ok_or(Error::NotFound("The workspace"))?;
    let build = states::hold_idle(&mut tx, workspace).await?.ok_or_else(|| {
        Error::Conflict(
            "A build of this workspace waits or runs, or it is deleted. Nothing was changed.".to_owned(),
        )
    })?;
    let restored = state::restore(hearth, &mut tx, (workspace, build), serial).await?;
    let act = Act {
        actor: actor.user_id,
        verb: "restore_state",
        target_type: "workspace",
        target_id: workspace.to_string(),
        target_name: &found.name,
        before: Some(json!({ "serial": restored - 1 })),
        after: Some(json!({ "serial": restored, "restored_from": serial })),
    };
    audit::record(&mut tx, act, hearth.clock.now()).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Workspace(workspace));
    Ok(restored)
}
