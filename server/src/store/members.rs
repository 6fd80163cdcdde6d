//! Unclaimed members of a pool, and the guards that the reconciler asks again inside its own transactions.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::ids::{PresetId, VersionId, WorkspaceId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, count, pools::PoolKey};
use crate::{all, execute, one, optional};

/// Members made before this are expired or invalidated at `now`: neither counted nor claimable.
pub fn not_before(
    ttl_seconds: Option<i64>,
    invalidated_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let ttl = ttl_seconds.filter(|seconds| *seconds > 0).and_then(TimeDelta::try_seconds);
    let expiry = ttl.and_then(|ttl| now.checked_sub_signed(ttl));
    expiry.into_iter().chain(invalidated_at).max().unwrap_or(DateTime::UNIX_EPOCH)
}

/// How many members of a preset there are now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alive {
    pub running: u32,
    pub starting: u32,
}

/// Running members that are neither expired nor invalidated, and those being made.
pub async fn alive(conn: &mut Conn, preset: PresetId, not_before: DateTime<Utc>) -> Result<Alive> {
    let (running, starting): (i64, i64) = one!(
        conn,
        (i64, i64),
        "SELECT COUNT(CASE WHEN latest_status = 'succeeded' AND created_at >= $2 THEN 1 END),
             COUNT(CASE WHEN latest_status IN ('pending', 'running', 'canceling') THEN 1 END)
         FROM workspaces WHERE preset_id = $1 AND prebuilt_at IS NOT NULL AND claimed_at IS NULL AND NOT deleted
         AND latest_transition = 'start'",
        preset.0,
        Timestamp::from(not_before)
    )?;
    Ok(Alive { running: count(running), starting: count(starting) })
}

/// Those of these workspaces that are unclaimed members of the pool, of any version, with their names.
pub async fn of_pool(
    conn: &mut Conn,
    pool: &PoolKey,
    wanted: &[WorkspaceId],
) -> Result<Vec<(WorkspaceId, String)>> {
    let rows = all!(
        conn,
        (Uuid, String),
        "SELECT w.id, w.name FROM workspaces w JOIN presets p ON p.id = w.preset_id
         WHERE w.template_id = $1 AND p.name = $2 AND w.prebuilt_at IS NOT NULL AND w.claimed_at IS NULL
         AND NOT w.deleted ORDER BY w.created_at, w.id",
        pool.template_id.0,
        &pool.preset_name
    )?;
    let members = rows.into_iter().map(|(id, name)| (WorkspaceId(id), name));
    Ok(members.filter(|(id, _)| wanted.contains(id)).collect())
}

/// Holds the pool's settings as they are until the transaction ends; whoever pauses it waits. False: it is paused,
/// or all pools are.
pub async fn hold_unpaused(tx: &mut Tx, pool: &PoolKey) -> Result<bool> {
    macro_rules! hold {
        ($lock:literal) => {
            concat!(
                "SELECT created_at FROM pools WHERE template_id = $1 AND preset_name = $2 AND paused_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'prebuilds.paused') ",
                $lock
            )
        };
    }
    let sql = tx.pick(hold!(""), hold!("FOR UPDATE OF pools"));
    let row: Option<(i64,)> = optional!(tx, (i64,), sql, pool.template_id.0, &pool.preset_name)?;
    Ok(row.is_some())
}

/// Whether the version is still the one to make members of (R2).
pub async fn is_wanted(conn: &mut Conn, version: VersionId) -> Result<bool> {
    let (wanted,): (bool,) = one!(
        conn,
        (bool,),
        "SELECT EXISTS (SELECT 1 FROM templates
             WHERE active_version_id = $1 AND NOT deleted AND deprecation_message = '')",
        version.0
    )?;
    Ok(wanted)
}

/// Members whose first build no worker has taken, oldest first.
pub async fn pending(conn: &mut Conn) -> Result<Vec<WorkspaceId>> {
    let sql =
        "SELECT subject_id FROM jobs WHERE status = 'pending' AND lane = 'pool' AND kind = 'workspace_build'
               AND generation = 1 ORDER BY created_at, id";
    Ok(all!(conn, (Uuid,), sql)?.into_iter().map(|(id,)| WorkspaceId(id)).collect())
}

/// Closes a member whose first build no worker has taken: nothing exists yet, so Terraform is not run (R10).
/// False: a worker was faster, or somebody else.
pub async fn cancel_pending(tx: &mut Tx, member: WorkspaceId, now: DateTime<Utc>) -> Result<bool> {
    let now = Timestamp::from(now);
    let job: Option<(Uuid,)> = optional!(
        tx,
        (Uuid,),
        "UPDATE jobs SET status = 'canceled', canceled_at = $2, completed_at = $2
         WHERE subject_id = $1 AND kind = 'workspace_build' AND generation = 1 AND status = 'pending' RETURNING id",
        member.0,
        now
    )?;
    let Some((job,)) = job else { return Ok(false) };
    execute!(tx, "UPDATE builds SET outcome = 'canceled', ended_at = $2 WHERE job_id = $1", job, now)?;
    execute!(
        tx,
        "UPDATE workspaces SET latest_status = 'canceled', latest_ended_at = $2, deleted = TRUE, updated_at = $2
         WHERE id = $1",
        member.0,
        now
    )?;
    Ok(true)
}

/// Records what is known about a preset. False: it was known already.
pub async fn set_health(tx: &mut Tx, preset: PresetId, health: &str, detail: &str) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE presets SET health = $2, health_detail = $3 WHERE id = $1 AND health <> $2",
        preset.0,
        health,
        detail
    )?;
    Ok(changed > 0)
}
