//! Builds: one transition of one workspace each, with the job that executes it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{BuildId, JobId, OrganizationId, PresetId, UserId, VersionId, WorkspaceId};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Conn, Result, Timestamp, Tx,
    jobs::{self, Ending, JobKind, JobStatus, Lane, NewJob},
    text_enum::text_enum,
};
use crate::{all, execute, optional};

/// Values of parameters by name.
pub type Parameters = BTreeMap<String, String>;

text_enum! {
    /// Where a build takes its workspace.
    Transition in "builds"."transition" { Start = "start", Stop = "stop", Delete = "delete" }
}

text_enum! {
    /// In which role.
    Stage in "builds"."stage" {
        Create = "create",
        Claim = "claim",
        Start = "start",
        Stop = "stop",
        Delete = "delete",
    }
}

impl Stage {
    pub fn transition(self) -> Transition {
        match self {
            Self::Create | Self::Claim | Self::Start => Transition::Start,
            Self::Stop => Transition::Stop,
            Self::Delete => Transition::Delete,
        }
    }
}

text_enum! {
    /// How a build ended, seen from its pool: an interrupted one says nothing about the template.
    Outcome in "builds"."outcome" {
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
        Interrupted = "interrupted",
    }
}

/// A build to queue. The workspace row names it already.
#[derive(Clone, Debug)]
pub struct NewBuild<'a> {
    pub id: BuildId,
    pub job_id: JobId,
    pub workspace_id: WorkspaceId,
    pub organization_id: OrganizationId,
    pub number: i64,
    pub stage: Stage,
    pub version_id: VersionId,
    pub preset_id: Option<PresetId>,
    pub initiator_id: UserId,
    pub lane: Lane,
    /// On top of those of the build before.
    pub parameters: &'a Parameters,
}

/// A build with what everybody asks of its job.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Build {
    #[sqlx(try_from = "Uuid")]
    pub id: BuildId,
    #[sqlx(try_from = "Uuid")]
    pub workspace_id: WorkspaceId,
    pub number: i64,
    #[sqlx(try_from = "String")]
    pub transition: Transition,
    #[sqlx(try_from = "String")]
    pub stage: Stage,
    #[sqlx(try_from = "Uuid")]
    pub version_id: VersionId,
    pub version_name: String,
    pub preset_id: Option<Uuid>,
    #[sqlx(try_from = "Uuid")]
    pub initiator_id: UserId,
    pub initiator_name: String,
    pub reason: String,
    pub parameters: Json<Parameters>,
    #[sqlx(try_from = "Uuid")]
    pub job_id: JobId,
    #[sqlx(try_from = "String")]
    pub status: JobStatus,
    pub error: String,
    pub error_code: String,
    pub worker: String,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub canceled_at: Option<Timestamp>,
    /// When the workspace could be used after it for the first time.
    pub ready_at: Option<Timestamp>,
}

macro_rules! select_build {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, b.workspace_id, b.number, b.transition, b.stage, b.version_id, v.name AS version_name, b.preset_id,
                 b.initiator_id, u.username AS initiator_name, b.reason, b.parameters, b.job_id, j.status, j.error,
                 j.error_code, j.worker, b.created_at, j.started_at, j.completed_at, j.canceled_at, b.ready_at
             FROM builds b JOIN jobs j ON j.id = b.job_id JOIN template_versions v ON v.id = b.version_id
             JOIN users u ON u.id = b.initiator_id ",
            $rest
        )
    };
}

/// Queues a build and its job. A unique violation means that another build of the workspace came first.
pub async fn insert(tx: &mut Tx, build: &NewBuild<'_>, now: DateTime<Utc>) -> Result<()> {
    let job = NewJob {
        id: build.job_id,
        organization_id: build.organization_id,
        kind: JobKind::Build,
        subject_id: build.workspace_id.0,
        generation: build.number,
        lane: build.lane,
        is_delete: build.stage == Stage::Delete,
        initiator_id: build.initiator_id,
    };
    jobs::insert(tx, &job, now).await?;
    let sql = tx.pick(
        "INSERT INTO builds (id, workspace_id, number, transition, stage, version_id, preset_id, initiator_id, job_id,
             created_at, parameters)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, json_patch(
             COALESCE((SELECT parameters FROM builds WHERE workspace_id = $2 AND number = $3 - 1), '{}'), $11))",
        "INSERT INTO builds (id, workspace_id, number, transition, stage, version_id, preset_id, initiator_id, job_id,
             created_at, parameters)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
             COALESCE((SELECT parameters FROM builds WHERE workspace_id = $2 AND number = $3 - 1), '{}') || $11)",
    );
    execute!(
        tx,
        sql,
        build.id.0,
        build.workspace_id.0,
        build.number,
        build.stage.transition().as_str(),
        build.stage.as_str(),
        build.version_id.0,
        build.preset_id.map(|id| id.0),
        build.initiator_id.0,
        build.job_id.0,
        Timestamp::from(now),
        Json(build.parameters)
    )?;
    Ok(())
}

/// Ends a build together with its job, and repeats the end in the workspace. False: the attempt was given up
/// meanwhile, and nothing was written.
pub async fn finish(
    tx: &mut Tx,
    lease: &jobs::Lease,
    ending: &Ending,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<bool> {
    if !jobs::finish(tx, lease.id, lease.fence, ending, now).await? {
        return Ok(false);
    }
    end(tx, lease.id, outcome, now).await?;
    execute!(
        tx,
        "UPDATE workspaces SET latest_status = $3, latest_ended_at = $4, updated_at = $4,
             deleted = deleted OR (latest_transition = 'delete' AND $3 = 'succeeded')
         WHERE id = $1 AND latest_number = $2",
        lease.subject_id,
        lease.generation,
        ending.status.as_str(),
        Timestamp::from(now)
    )?;
    Ok(true)
}

async fn end(tx: &mut Tx, job: JobId, outcome: Outcome, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE builds SET outcome = $2, ended_at = $3 WHERE job_id = $1",
        job.0,
        outcome.as_str(),
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Cancels the build of this job. `None`: it has ended, or is being cancelled already.
pub async fn cancel(tx: &mut Tx, build: &Build, now: DateTime<Utc>) -> Result<Option<JobStatus>> {
    let Some(status) = jobs::cancel(tx, build.job_id, now).await? else {
        return Ok(None);
    };
    if status == JobStatus::Canceled {
        end(tx, build.job_id, Outcome::Canceled, now).await?;
    }
    execute!(
        tx,
        "UPDATE workspaces SET latest_status = $3, latest_ended_at = CASE WHEN $3 = 'canceled' THEN $4 END
         WHERE id = $1 AND latest_number = $2",
        build.workspace_id.0,
        build.number,
        status.as_str(),
        Timestamp::from(now)
    )?;
    Ok(Some(status))
}

pub async fn by_id(conn: &mut Conn, id: BuildId) -> Result<Option<Build>> {
    Ok(optional!(conn, Build, select_build!("WHERE b.id = $1"), id.0)?)
}

pub async fn by_job(conn: &mut Conn, id: JobId) -> Result<Option<Build>> {
    Ok(optional!(conn, Build, select_build!("WHERE b.job_id = $1"), id.0)?)
}

pub async fn by_number(conn: &mut Conn, workspace: WorkspaceId, number: i64) -> Result<Option<Build>> {
    Ok(optional!(
        conn,
        Build,
        select_build!("WHERE b.workspace_id = $1 AND b.number = $2"),
        workspace.0,
        number
    )?)
}

/// Every build of a workspace, newest first.
pub async fn of_workspace(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Build>> {
    Ok(all!(conn, Build, select_build!("WHERE b.workspace_id = $1 ORDER BY b.number DESC"), workspace.0)?)
}

/// The newest build of every workspace in the list.
pub async fn newest_of(conn: &mut Conn, workspaces: &[WorkspaceId]) -> Result<Vec<Build>> {
    let sql = conn.pick(
        select_build!(
            "JOIN workspaces w ON w.latest_build_id = b.id
             WHERE w.id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1))"
        ),
        select_build!(
            "JOIN workspaces w ON w.latest_build_id = b.id
             WHERE w.id IN (SELECT value::uuid FROM jsonb_array_elements_text($1))"
        ),
    );
    Ok(all!(conn, Build, sql, Json(workspaces))?)
}
