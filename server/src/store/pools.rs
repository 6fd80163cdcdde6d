//! What outlives a version: the settings of one (template, preset name) and its counters.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    ids::{OrganizationId, SYSTEM_USER, TemplateId, UserId},
    policy::DriftPolicy,
};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, clock, execute, optional};

/// Names a pool across versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolKey {
    pub template_id: TemplateId,
    pub preset_name: String,
}

/// A pool as it is stored, with its names.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Pool {
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    pub template_name: String,
    pub organization_name: String,
    pub preset_name: String,
    pub paused_by: Option<String>,
    pub paused_at: Option<Timestamp>,
    pub pause_note: String,
    pub created_total: i64,
    pub failed_total: i64,
    pub claimed_total: i64,
    pub missed_total: i64,
    pub replaced_total: i64,
}

/// Which counter of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// A first build succeeded.
    Created,
    /// A first build failed.
    Failed,
    /// A member was handed over.
    Claimed,
    /// A request matched and found nothing.
    Missed,
    /// A claim recreated something: one a workspace, never one a resource.
    Replaced,
}

/// Makes the pool unless it exists. A new pool makes the system user a member of the organization, in a group of
/// its own with quota 0 (S13); nobody is ever removed.
pub async fn ensure(
    tx: &mut Tx,
    pool: &PoolKey,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Result<()> {
    let now = Timestamp::from(now);
    let made = execute!(
        tx,
        "INSERT INTO pools (template_id, preset_name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        pool.template_id.0,
        &pool.preset_name,
        now
    )?;
    if made == 0 {
        return Ok(());
    }
    execute!(
        tx,
        "INSERT INTO organization_members (organization_id, user_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
        organization.0,
        SYSTEM_USER.0,
        now
    )?;
    execute!(
        tx,
        "INSERT INTO groups (id, organization_id, name, display_name, quota, created_at)
         VALUES ($1, $2, 'prebuilds', 'Prebuilds', 0, $3) ON CONFLICT DO NOTHING",
        clock::new_id::<Uuid>(),
        organization.0,
        now
    )?;
    execute!(
        tx,
        "INSERT INTO group_members (group_id, user_id)
         SELECT id, $2 FROM groups WHERE organization_id = $1 AND name = 'prebuilds' ON CONFLICT DO NOTHING",
        organization.0,
        SYSTEM_USER.0
    )?;
    Ok(())
}

/// What people have changed about a pool, and who was the last to do so.
#[derive(Clone, Debug, Default, PartialEq, sqlx::FromRow)]
pub struct PoolSettings {
    template_id: Uuid,
    preset_name: String,
    /// Grows with each change.
    pub revision: i64,
    pub changed_by: Option<String>,
    pub changed_at: Option<Timestamp>,
    pub pause_note: String,
    pub override_instances: Option<i64>,
    pub override_until: Option<Timestamp>,
    pub override_by: Option<String>,
    pub override_reason: String,
    pub failures_reset_at: Option<Timestamp>,
}

macro_rules! select_settings {
    ($rest:literal) => {
        concat!(
            "SELECT k.template_id, k.preset_name, k.revision, c.username AS changed_by, k.changed_at, k.pause_note,
                 k.override_instances, k.override_until, o.username AS override_by, k.override_reason,
                 k.failures_reset_at
             FROM pools k LEFT JOIN users c ON c.id = k.changed_by LEFT JOIN users o ON o.id = k.override_by ",
            $rest
        )
    };
}

/// `None`: there is no such pool, so nobody has changed anything.
pub async fn settings(conn: &mut Conn, pool: &PoolKey) -> Result<Option<PoolSettings>> {
    let sql = select_settings!("WHERE k.template_id = $1 AND k.preset_name = $2");
    Ok(optional!(conn, PoolSettings, sql, pool.template_id.0, &pool.preset_name)?)
}

/// Those of every pool.
pub async fn all_settings(conn: &mut Conn) -> Result<HashMap<PoolKey, PoolSettings>> {
    let rows = all!(conn, PoolSettings, select_settings!(""))?;
    let keyed = |row: PoolSettings| {
        (PoolKey { template_id: row.template_id.into(), preset_name: row.preset_name.clone() }, row)
    };
    Ok(rows.into_iter().map(keyed).collect())
}

/// Begins a change: holds the pool until the transaction ends. False: it is not at the revision that was `seen`.
pub async fn begin_change(
    tx: &mut Tx,
    pool: &PoolKey,
    seen: Option<i64>,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE pools SET revision = revision + 1, changed_by = $3, changed_at = $4
         WHERE template_id = $1 AND preset_name = $2 AND ($5 IS NULL OR revision = $5)",
        pool.template_id.0,
        &pool.preset_name,
        by.0,
        Timestamp::from(now),
        seen
    )?;
    Ok(changed > 0)
}

/// False: it is paused already, or there is no such pool.
pub async fn pause(tx: &mut Tx, pool: &PoolKey, by: UserId, note: &str, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE pools SET paused_by = $3, paused_at = $4, pause_note = $5
         WHERE template_id = $1 AND preset_name = $2 AND paused_at IS NULL",
        pool.template_id.0,
        &pool.preset_name,
        by.0,
        Timestamp::from(now),
        note
    )?;
    Ok(changed > 0)
}

/// False: it was not paused.
pub async fn resume(tx: &mut Tx, pool: &PoolKey) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE pools SET paused_by = NULL, paused_at = NULL, pause_note = ''
         WHERE template_id = $1 AND preset_name = $2 AND paused_at IS NOT NULL",
        pool.template_id.0,
        &pool.preset_name
    )?;
    Ok(changed > 0)
}

/// So many are wanted until then, in place of any other override.
pub async fn override_until(
    tx: &mut Tx,
    pool: &PoolKey,
    (instances, until): (u32, DateTime<Utc>),
    (by, reason): (UserId, &str),
) -> Result<()> {
    execute!(
        tx,
        "UPDATE pools SET override_instances = $3, override_until = $4, override_by = $5, override_reason = $6
         WHERE template_id = $1 AND preset_name = $2",
        pool.template_id.0,
        &pool.preset_name,
        i64::from(instances),
        Timestamp::from(until),
        by.0,
        reason
    )?;
    Ok(())
}

pub async fn end_override(tx: &mut Tx, pool: &PoolKey) -> Result<()> {
    execute!(
        tx,
        "UPDATE pools SET override_instances = NULL, override_until = NULL, override_by = NULL, override_reason = ''
         WHERE template_id = $1 AND preset_name = $2",
        pool.template_id.0,
        &pool.preset_name
    )?;
    Ok(())
}

/// An override whose time is over.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct EndedOverride {
    pub template_id: Uuid,
    pub template_name: String,
    pub preset_name: String,
    pub instances: i64,
    #[sqlx(try_from = "Timestamp")]
    pub until: DateTime<Utc>,
    pub reason: String,
}

/// Those that nobody has cleared yet.
pub async fn ended_overrides(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<EndedOverride>> {
    Ok(all!(
        conn,
        EndedOverride,
        "SELECT k.template_id, t.name AS template_name, k.preset_name, k.override_instances AS instances,
             k.override_until AS until, k.override_reason AS reason
         FROM pools k JOIN templates t ON t.id = k.template_id WHERE k.override_until <= $1 AND NOT t.deleted",
        Timestamp::from(now)
    )?)
}

/// False: somebody has changed it meanwhile.
pub async fn clear_ended_override(tx: &mut Tx, ended: &EndedOverride) -> Result<bool> {
    let cleared = execute!(
        tx,
        "UPDATE pools SET override_instances = NULL, override_until = NULL, override_by = NULL, override_reason = ''
         WHERE template_id = $1 AND preset_name = $2 AND override_until = $3",
        ended.template_id,
        &ended.preset_name,
        Timestamp::from(ended.until)
    )?;
    Ok(cleared > 0)
}

/// Builds that have failed until now count neither for back-off nor for the limit.
pub async fn reset_failures(tx: &mut Tx, pool: &PoolKey, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE pools SET failures_reset_at = $3 WHERE template_id = $1 AND preset_name = $2",
        pool.template_id.0,
        &pool.preset_name,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Within a change that has begun: what the pool does with members that would drift. `None`: there is no such pool; else what it did before.
pub async fn set_policy(tx: &mut Tx, pool: &PoolKey, policy: DriftPolicy) -> Result<Option<DriftPolicy>> {
    let sql = "SELECT policy FROM pools WHERE template_id = $1 AND preset_name = $2";
    let before: Option<Policy> = optional!(tx, Policy, sql, pool.template_id.0, &pool.preset_name)?;
    execute!(
        tx,
        "UPDATE pools SET policy = $3 WHERE template_id = $1 AND preset_name = $2",
        pool.template_id.0,
        &pool.preset_name,
        policy.as_str()
    )?;
    Ok(before.map(|before| before.policy))
}

#[derive(sqlx::FromRow)]
struct Policy {
    #[sqlx(try_from = "String")]
    policy: DriftPolicy,
}

/// Counts one more. Last in its transaction: everybody who counts for this pool waits for the row.
pub async fn count(tx: &mut Tx, pool: &PoolKey, counter: Counter) -> Result<()> {
    macro_rules! plus_one {
        ($column:literal) => {
            concat!(
                "UPDATE pools SET ",
                $column,
                " = ",
                $column,
                " + 1 WHERE template_id = $1 AND preset_name = $2"
            )
        };
    }
    let sql = match counter {
        Counter::Created => plus_one!("created_total"),
        Counter::Failed => plus_one!("failed_total"),
        Counter::Claimed => plus_one!("claimed_total"),
        Counter::Missed => plus_one!("missed_total"),
        Counter::Replaced => plus_one!("replaced_total"),
    };
    execute!(tx, sql, pool.template_id.0, &pool.preset_name)?;
    Ok(())
}

/// The pools of every template that is not deleted.
pub async fn list(conn: &mut Conn) -> Result<Vec<Pool>> {
    Ok(all!(
        conn,
        Pool,
        "SELECT k.template_id, t.name AS template_name, o.name AS organization_name, k.preset_name,
             u.username AS paused_by, k.paused_at, k.pause_note, k.created_total, k.failed_total, k.claimed_total,
             k.missed_total, k.replaced_total
         FROM pools k JOIN templates t ON t.id = k.template_id JOIN organizations o ON o.id = t.organization_id
         LEFT JOIN users u ON u.id = k.paused_by WHERE NOT t.deleted ORDER BY t.name, k.preset_name"
    )?)
}
