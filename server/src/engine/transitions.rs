//! Further builds of workspaces that exist: start, stop, delete, and the cancelling of one.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{BuildId, JobId, PresetId, UserId, VersionId, WorkspaceId};

use crate::{
    clock::new_id,
    error::{Error, Result},
    store::{
        Tx,
        builds::{self, NewBuild, Parameters, Stage, Transition},
        jobs::{JobStatus, Lane},
        workspaces::{self, NextBuild, Workspace},
    },
};

/// The next build of a workspace.
pub(crate) struct BuildOrder<'a> {
    pub workspace_id: WorkspaceId,
    /// Whoever owned it when the caller looked.
    pub owner_id: UserId,
    pub stage: Stage,
    /// `None`: that of the build before.
    pub version_id: Option<VersionId>,
    pub initiator_id: UserId,
    pub lane: Lane,
    /// On top of those of the build before.
    pub parameters: &'a Parameters,
}

/// A build that waits for a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    pub build_id: BuildId,
    pub job_id: JobId,
    pub number: i64,
}

/// Queues a build. `None`: another one is open, the workspace is gone, or has another owner by now.
pub(crate) async fn queue(tx: &mut Tx, order: &BuildOrder<'_>, now: DateTime<Utc>) -> Result<Option<Queued>> {
    let next = NextBuild {
        workspace_id: order.workspace_id,
        owner_id: order.owner_id,
        build_id: new_id(),
        stage: order.stage,
        version_id: order.version_id,
    };
    let Some(begun) = workspaces::begin_build(tx, &next, now).await? else { return Ok(None) };
    let build = NewBuild {
        id: next.build_id,
        job_id: new_id(),
        workspace_id: order.workspace_id,
        organization_id: begun.organization_id,
        number: begun.number,
        stage: order.stage,
        version_id: begun.version_id,
        preset_id: begun.preset_id.map(PresetId),
        initiator_id: order.initiator_id,
        lane: order.lane,
        parameters: order.parameters,
    };
    builds::insert(tx, &build, now).await?;
    Ok(Some(Queued { build_id: build.id, job_id: build.job_id, number: build.number }))
}

/// Why this transition cannot begin now, if it cannot.
pub(crate) fn check(workspace: &Workspace, transition: Transition) -> Result<()> {
    if workspace.deleted {
        return Err(Error::Conflict(match transition {
            Transition::Delete => "This workspace is deleted already.".to_owned(),
            Transition::Start | Transition::Stop => {
                "A deleted workspace cannot be started or stopped.".to_owned()
            }
        }));
    }
    match workspace.latest_status {
        JobStatus::Pending => Err(conflict("is queued")),
        JobStatus::Running => Err(conflict("is running")),
        JobStatus::Canceling => Err(conflict("is being cancelled")),
        JobStatus::Succeeded | JobStatus::Failed | JobStatus::Canceled => Ok(()),
    }
}

fn conflict(what: &str) -> Error {
    Error::Conflict(format!("Another build of this workspace {what}. Wait for it, or cancel it."))
}

/// The role of a person's transition. A start after a claim build that did not succeed finishes the hand-over: it is
/// a claim build again, so that the agent begins anew for its owner.
pub(crate) async fn stage(tx: &mut Tx, workspace: &Workspace, transition: Transition) -> Result<Stage> {
    Ok(match transition {
        Transition::Stop => Stage::Stop,
        Transition::Delete => Stage::Delete,
        Transition::Start => {
            let latest = builds::by_id(tx, workspace.latest_build_id).await?;
            let unfinished =
                latest.is_some_and(|b| b.stage == Stage::Claim && b.status != JobStatus::Succeeded);
            if unfinished { Stage::Claim } else { Stage::Start }
        }
    })
}
