//! Lines of build and import logs.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::JobId;
use serde::Serialize;
use sqlx::types::Json;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, execute, one};

/// A line to keep. `output` is empty for the marker that opens a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewLine {
    pub at: i64,
    /// `provisioner` for what Terraform says, `provisioner_daemon` for what Hearth says.
    pub source: &'static str,
    pub level: &'static str,
    pub stage: String,
    pub output: String,
}

/// A line as it is kept. Ids grow along the log.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Line {
    pub id: i64,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    pub source: String,
    pub level: String,
    pub stage: String,
    pub output: String,
}

/// Appends in order, in one statement.
pub async fn append(tx: &mut Tx, job: JobId, lines: &[NewLine]) -> Result<()> {
    let sql = tx.pick(
        "INSERT INTO job_logs (job_id, created_at, source, level, stage, output)
         SELECT $1, value ->> 'at', value ->> 'source', value ->> 'level', value ->> 'stage', value ->> 'output'
         FROM json_each($2) ORDER BY key",
        "INSERT INTO job_logs (job_id, created_at, source, level, stage, output)
         SELECT $1, (value ->> 'at')::bigint, value ->> 'source', value ->> 'level', value ->> 'stage', value ->> 'output'
         FROM jsonb_array_elements($2) WITH ORDINALITY AS lines (value, position) ORDER BY position",
    );
    execute!(tx, sql, job.0, Json(lines))?;
    Ok(())
}

/// Lines after `after` (0 = from the start), oldest first.
pub async fn after(conn: &mut Conn, job: JobId, after: i64, limit: i64) -> Result<Vec<Line>> {
    Ok(all!(
        conn,
        Line,
        "SELECT id, created_at, source, level, stage, output FROM job_logs
         WHERE job_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        job.0,
        after,
        limit
    )?)
}

/// What is known of a whole log. Lines are counted from 1; `first_error` is 0 where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Extent {
    pub total: i64,
    pub first_error: i64,
}

pub async fn extent(conn: &mut Conn, job: JobId) -> Result<Extent> {
    Ok(one!(
        conn,
        Extent,
        "SELECT COUNT(*) AS total, (
             SELECT COUNT(*) FROM job_logs WHERE job_id = $1 AND id <= (
                 SELECT MIN(id) FROM job_logs WHERE job_id = $1 AND level = 'error'
             )
         ) AS first_error
         FROM job_logs WHERE job_id = $1",
        job.0
    )?)
}

/// Without the first `skip` lines, oldest first.
pub async fn part(conn: &mut Conn, job: JobId, skip: i64, limit: i64) -> Result<Vec<Line>> {
    Ok(all!(
        conn,
        Line,
        "SELECT id, created_at, source, level, stage, output FROM job_logs
         WHERE job_id = $1 ORDER BY id LIMIT $3 OFFSET $2",
        job.0,
        skip,
        limit
    )?)
}
