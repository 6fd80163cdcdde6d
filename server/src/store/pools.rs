//! What outlives a version: the settings of one (template, preset name) and its counters.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{OrganizationId, SYSTEM_USER, TemplateId, UserId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, clock, execute};

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
