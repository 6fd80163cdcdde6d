//! The queue: who may take what, who holds what, and whose result counts.
//!
//! A job is leased, not locked: the holder writes a heart-beat, and a job whose heart-beat stops belongs to nobody.
//! Each lease raises `fence`; every later write names the fence it was given, so the late result of a holder that
//! was given up touches no row.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{JobId, OrganizationId, UserId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, text_enum::text_enum};
use crate::{all, execute, one, optional};

text_enum! {
    /// Who waits for the job. In the order in which jobs are taken.
    Lane in "jobs"."lane" { People = "people", Pool = "pool" }
}

text_enum! {
    /// What the job does.
    JobKind in "jobs"."kind" {
        Import = "template_version_import",
        Build = "workspace_build",
        Rehearsal = "rehearsal",
    }
}

text_enum! {
    /// Where a job is. A build has the status of its job.
    JobStatus in "jobs"."status" {
        Pending = "pending",
        Running = "running",
        Succeeded = "succeeded",
        Canceling = "canceling",
        Canceled = "canceled",
        Failed = "failed",
    }
}

impl JobStatus {
    /// Queued or being worked on.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running | Self::Canceling)
    }
}

/// A job to queue. `(subject_id, kind, generation)` is its natural key: a second insertion is a unique violation.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub id: JobId,
    pub organization_id: OrganizationId,
    pub kind: JobKind,
    /// The workspace of a build, the template version of an import, the preset of a rehearsal.
    pub subject_id: Uuid,
    /// The number of the build or of the rehearsal; 1 for an import.
    pub generation: i64,
    pub lane: Lane,
    /// Goes before creates; of meaning in the pool lane only.
    pub is_delete: bool,
    pub initiator_id: UserId,
}

/// A job as it is stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Job {
    #[sqlx(try_from = "Uuid")]
    pub id: JobId,
    #[sqlx(try_from = "Uuid")]
    pub organization_id: OrganizationId,
    #[sqlx(try_from = "String")]
    pub kind: JobKind,
    pub subject_id: Uuid,
    pub generation: i64,
    #[sqlx(try_from = "String")]
    pub lane: Lane,
    #[sqlx(try_from = "Uuid")]
    pub initiator_id: UserId,
    #[sqlx(try_from = "String")]
    pub status: JobStatus,
    pub error: String,
    pub error_code: String,
    pub worker: String,
    pub fence: i64,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub canceled_at: Option<Timestamp>,
}

/// A job that the caller holds now.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Lease {
    #[sqlx(try_from = "Uuid")]
    pub id: JobId,
    #[sqlx(try_from = "String")]
    pub kind: JobKind,
    pub subject_id: Uuid,
    pub generation: i64,
    pub fence: i64,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    pub status: JobStatus,
    /// The first error line; empty when there is none.
    pub error: String,
    /// `REQUIRED_TEMPLATE_VARIABLES` and the like; mostly empty.
    pub error_code: &'static str,
}

impl Ending {
    pub fn succeeded() -> Self {
        Self { status: JobStatus::Succeeded, error: String::new(), error_code: "" }
    }

    pub fn failed(error: impl Into<String>) -> Self {
        Self { status: JobStatus::Failed, error: error.into(), error_code: "" }
    }

    pub fn canceled() -> Self {
        Self { status: JobStatus::Canceled, error: String::new(), error_code: "" }
    }
}

pub async fn insert(tx: &mut Tx, job: &NewJob, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO jobs (id, organization_id, kind, subject_id, generation, lane, is_delete, initiator_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        job.id.0,
        job.organization_id.0,
        job.kind.as_str(),
        job.subject_id,
        job.generation,
        job.lane.as_str(),
        job.is_delete && job.lane == Lane::Pool,
        job.initiator_id.0,
        Timestamp::from(now)
    )?;
    Ok(())
}

pub async fn by_id(conn: &mut Conn, id: JobId) -> Result<Option<Job>> {
    Ok(optional!(
        conn,
        Job,
        "SELECT id, organization_id, kind, subject_id, generation, lane, initiator_id, status, error, error_code, worker,
         fence, created_at, started_at, completed_at, canceled_at FROM jobs WHERE id = $1",
        id.0
    )?)
}

/// How many jobs of the same lane are taken before this one; 0 for the next one and for those that do not wait.
pub async fn queue_position(conn: &mut Conn, id: JobId) -> Result<i64> {
    let (before,): (i64,) = one!(
        conn,
        (i64,),
        "SELECT COUNT(*) FROM jobs mine JOIN jobs other ON other.status = 'pending' AND other.lane = mine.lane
             AND (other.created_at, other.id) < (mine.created_at, mine.id)
         WHERE mine.id = $1 AND mine.status = 'pending'",
        id.0
    )?;
    Ok(before)
}

/// Whether a worker that serves the lanes up to `lane` would find something.
pub async fn anything_pending(conn: &mut Conn, lane: Lane) -> Result<bool> {
    let (found,): (bool,) = one!(
        conn,
        (bool,),
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE status = 'pending' AND lane <= $1)",
        lane.as_str()
    )?;
    Ok(found)
}

/// Takes the next job of the lanes up to `lane`: people's first, then the pool's deletes, then its creates.
pub async fn lease(tx: &mut Tx, worker: &str, lane: Lane, now: DateTime<Utc>) -> Result<Option<Lease>> {
    let sql = tx.pick(
        "UPDATE jobs SET status = 'running', worker = $1, fence = fence + 1, heartbeat_at = $2, started_at = $2
         WHERE id = (SELECT id FROM jobs WHERE status = 'pending' AND lane <= $3
                     ORDER BY lane, is_delete DESC, created_at, id LIMIT 1)
         RETURNING id, kind, subject_id, generation, fence",
        "UPDATE jobs SET status = 'running', worker = $1, fence = fence + 1, heartbeat_at = $2, started_at = $2
         WHERE id = (SELECT id FROM jobs WHERE status = 'pending' AND lane <= $3
                     ORDER BY lane, is_delete DESC, created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, subject_id, generation, fence",
    );
    let lease = optional!(tx, Lease, sql, worker, Timestamp::from(now), lane.as_str())?;
    if let Some(lease) = lease.as_ref().filter(|lease| lease.kind == JobKind::Build) {
        set_workspace_status(tx, lease.subject_id, lease.generation, JobStatus::Running).await?;
    }
    Ok(lease)
}

/// The holder lives. `None`: the job is not the caller's any more.
pub async fn beat(tx: &mut Tx, id: JobId, fence: i64, now: DateTime<Utc>) -> Result<Option<JobStatus>> {
    let status: Option<(String,)> = optional!(
        tx,
        (String,),
        "UPDATE jobs SET heartbeat_at = $3 WHERE id = $1 AND fence = $2 AND status IN ('running', 'canceling')
         RETURNING status",
        id.0,
        fence,
        Timestamp::from(now)
    )?;
    status.map(|(word,)| word.try_into()).transpose()
}

/// Whether somebody asked to cancel. `None`: the job is not the caller's any more.
pub async fn held_status(conn: &mut Conn, id: JobId, fence: i64) -> Result<Option<JobStatus>> {
    let status: Option<(String,)> = optional!(
        conn,
        (String,),
        "SELECT status FROM jobs WHERE id = $1 AND fence = $2 AND status IN ('running', 'canceling')",
        id.0,
        fence
    )?;
    status.map(|(word,)| word.try_into()).transpose()
}

/// Sets the hash of the password with which Terraform may reach the workspace's state while this attempt runs.
pub async fn set_state_secret(tx: &mut Tx, id: JobId, fence: i64, hash: &[u8]) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE jobs SET state_secret_hash = $3 WHERE id = $1 AND fence = $2 AND status IN ('running', 'canceling')",
        id.0,
        fence,
        hash
    )?;
    Ok(changed > 0)
}

/// Ends an attempt. False: it was given up meanwhile, and nothing was written.
pub async fn finish(tx: &mut Tx, id: JobId, fence: i64, ending: &Ending, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE jobs SET status = $3, error = $4, error_code = $5, completed_at = $6, state_secret_hash = NULL
         WHERE id = $1 AND fence = $2 AND status IN ('running', 'canceling')",
        id.0,
        fence,
        ending.status.as_str(),
        &ending.error,
        ending.error_code,
        Timestamp::from(now)
    )?;
    Ok(changed > 0)
}

/// Puts an attempt back into the queue. False: it was not the caller's to put back.
pub async fn requeue(tx: &mut Tx, id: JobId, fence: i64) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE jobs SET status = 'pending', worker = '', heartbeat_at = NULL, started_at = NULL
         WHERE id = $1 AND fence = $2 AND status = 'running'",
        id.0,
        fence
    )?;
    Ok(changed > 0)
}

/// Jobs whose holder has not been heard of since `before`; the caller's own (`me`) are left out.
pub async fn abandoned(conn: &mut Conn, me: &str, before: DateTime<Utc>) -> Result<Vec<Lease>> {
    Ok(all!(
        conn,
        Lease,
        "SELECT id, kind, subject_id, generation, fence FROM jobs
         WHERE status IN ('running', 'canceling') AND heartbeat_at < $1 AND worker <> $2",
        Timestamp::from(before),
        me
    )?)
}

/// Asks the holder to stop, or ends a job that nobody has taken. `None`: it has ended, or is being cancelled already.
pub async fn cancel(tx: &mut Tx, id: JobId, now: DateTime<Utc>) -> Result<Option<JobStatus>> {
    let status: Option<(String,)> = optional!(
        tx,
        (String,),
        "UPDATE jobs SET canceled_at = $2,
             completed_at = CASE WHEN status = 'pending' THEN $2 END,
             status = CASE WHEN status = 'pending' THEN 'canceled' ELSE 'canceling' END
         WHERE id = $1 AND status IN ('pending', 'running')
         RETURNING status",
        id.0,
        Timestamp::from(now)
    )?;
    status.map(|(word,)| word.try_into()).transpose()
}

/// Repeats the status of a build's job in the workspace, unless that has a newer build.
pub(super) async fn set_workspace_status(
    tx: &mut Tx,
    workspace: Uuid,
    number: i64,
    status: JobStatus,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE workspaces SET latest_status = $3 WHERE id = $1 AND latest_number = $2",
        workspace,
        number,
        status.as_str()
    )?;
    Ok(())
}
