//! Terraform states: append only, sealed before they come here; and the lock that a running build holds.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{BuildId, WorkspaceId};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, execute, one, optional};

/// A version of one workspace's state, as it lies in the database.
#[derive(sqlx::FromRow)]
pub struct StateVersion {
    pub serial: i64,
    pub lineage: String,
    /// SHA-256 of the clear text.
    pub digest: Vec<u8>,
    pub key_id: String,
    pub sealed: Vec<u8>,
    /// The serial of the version whose content this one has again.
    pub restored_from: Option<i64>,
}

/// What became of a version that somebody wants to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    Stored,
    /// The same serial with the same content was there: a repeated request after a lost answer.
    AlreadyThere,
    /// The newest state belongs to another lineage.
    OtherLineage(String),
    /// The newest state is as new or newer.
    NotNewer(i64),
}

/// The newest state, if the workspace has one.
pub async fn latest(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<StateVersion>> {
    Ok(optional!(
        conn,
        StateVersion,
        "SELECT serial, lineage, digest, key_id, sealed, restored_from FROM state_versions
         WHERE workspace_id = $1 ORDER BY serial DESC LIMIT 1",
        workspace.0
    )?)
}

/// The state of this serial.
pub async fn of_serial(conn: &mut Conn, workspace: WorkspaceId, serial: i64) -> Result<Option<StateVersion>> {
    Ok(optional!(
        conn,
        StateVersion,
        "SELECT serial, lineage, digest, key_id, sealed, restored_from FROM state_versions
         WHERE workspace_id = $1 AND serial = $2",
        workspace.0,
        serial
    )?)
}

/// A version without its content.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Listed {
    pub serial: i64,
    /// Of the build that wrote it, or that was the newest when it was restored.
    pub build_number: i64,
    pub restored_from: Option<i64>,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
}

/// Newest first.
pub async fn list(conn: &mut Conn, workspace: WorkspaceId, limit: i64) -> Result<Vec<Listed>> {
    Ok(all!(
        conn,
        Listed,
        "SELECT s.serial, b.number AS build_number, s.restored_from, s.created_at
         FROM state_versions s JOIN builds b ON b.id = s.build_id
         WHERE s.workspace_id = $1 ORDER BY s.serial DESC LIMIT $2",
        workspace.0,
        limit
    )?)
}

/// Holds a workspace of which no build waits or runs, so that none begins either. The answer is its newest build.
pub async fn hold_idle(tx: &mut Tx, workspace: WorkspaceId) -> Result<Option<BuildId>> {
    macro_rules! hold {
        ($lock:literal) => {
            concat!(
                "SELECT latest_build_id FROM workspaces WHERE id = $1 AND NOT deleted
                 AND latest_status NOT IN ('pending', 'running', 'canceling') ",
                $lock
            )
        };
    }
    let sql = tx.pick(hold!(""), hold!("FOR UPDATE"));
    let build: Option<(Uuid,)> = optional!(tx, (Uuid,), sql, workspace.0)?;
    Ok(build.map(|(id,)| BuildId(id)))
}

/// Appends a version that continues the newest one. The primary key decides between two that come at once.
pub async fn append(
    tx: &mut Tx,
    workspace: WorkspaceId,
    build: BuildId,
    new: StateVersion,
    now: DateTime<Utc>,
) -> Result<Appended> {
    if let Some(newest) = latest(tx, workspace).await? {
        if newest.lineage != new.lineage {
            return Ok(Appended::OtherLineage(newest.lineage));
        }
        if newest.serial == new.serial && newest.digest == new.digest {
            return Ok(Appended::AlreadyThere);
        }
        if newest.serial >= new.serial {
            return Ok(Appended::NotNewer(newest.serial));
        }
    }
    execute!(
        tx,
        "INSERT INTO state_versions (workspace_id, serial, lineage, digest, key_id, sealed, restored_from, build_id,
             created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        workspace.0,
        new.serial,
        new.lineage,
        new.digest,
        new.key_id,
        new.sealed,
        new.restored_from,
        build.0,
        Timestamp::from(now),
    )?;
    Ok(Appended::Stored)
}

/// Who asks for a state: the build or rehearsal of a Basic user name, and what its password must hash to.
#[derive(sqlx::FromRow)]
pub struct Access {
    /// Of a rehearsal that has not chosen a member: none.
    pub workspace_id: Option<Uuid>,
    pub secret_hash: Option<Vec<u8>>,
    /// The job is running, or being cancelled.
    pub running: bool,
    /// A build may write, a rehearsal may only read.
    pub is_build: bool,
}

pub async fn access(conn: &mut Conn, user: Uuid) -> Result<Option<Access>> {
    Ok(optional!(
        conn,
        Access,
        "SELECT b.workspace_id, j.state_secret_hash AS secret_hash, j.status IN ('running', 'canceling') AS running,
             TRUE AS is_build
         FROM builds b JOIN jobs j ON j.id = b.job_id WHERE b.id = $1
         UNION ALL
         SELECT r.workspace_id, j.state_secret_hash, j.status IN ('running', 'canceling'), FALSE
         FROM rehearsals r JOIN jobs j ON j.id = r.job_id WHERE r.id = $1",
        user
    )?)
}

/// The lock of a workspace's state.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Lock {
    #[sqlx(try_from = "Uuid")]
    pub build_id: BuildId,
    /// Terraform's own id of the lock.
    pub lock_id: String,
    /// What Terraform sent with it, word for word.
    pub info: String,
}

/// The lock, unless its build is over: a lock of a dead build is void.
pub async fn lock(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<Lock>> {
    Ok(optional!(
        conn,
        Lock,
        "SELECT l.build_id, l.lock_id, l.info FROM state_locks l
         JOIN builds b ON b.id = l.build_id JOIN jobs j ON j.id = b.job_id
         WHERE l.workspace_id = $1 AND j.status IN ('running', 'canceling')",
        workspace.0
    )?)
}

/// Takes the lock for a build. The answer is who holds it afterwards: another build that still runs is left in place,
/// a void lock and an older one of the same build (whose Terraform is gone) are replaced.
pub async fn take_lock(
    tx: &mut Tx,
    workspace: WorkspaceId,
    wanted: Lock,
    now: DateTime<Utc>,
) -> Result<Lock> {
    execute!(
        tx,
        "INSERT INTO state_locks (workspace_id, build_id, lock_id, info, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (workspace_id) DO UPDATE
         SET build_id = excluded.build_id, lock_id = excluded.lock_id, info = excluded.info,
             created_at = excluded.created_at
         WHERE state_locks.build_id = excluded.build_id OR NOT EXISTS (
             SELECT 1 FROM builds b JOIN jobs j ON j.id = b.job_id
             WHERE b.id = state_locks.build_id AND j.status IN ('running', 'canceling'))",
        workspace.0,
        wanted.build_id.0,
        wanted.lock_id,
        wanted.info,
        Timestamp::from(now),
    )?;
    let sql = "SELECT build_id, lock_id, info FROM state_locks WHERE workspace_id = $1";
    Ok(one!(tx, Lock, sql, workspace.0)?)
}

/// Gives the lock back; false when this build does not hold it under this id.
pub async fn release_lock(
    tx: &mut Tx,
    workspace: WorkspaceId,
    build: BuildId,
    lock_id: &str,
) -> Result<bool> {
    let sql = "DELETE FROM state_locks WHERE workspace_id = $1 AND build_id = $2 AND lock_id = $3";
    Ok(execute!(tx, sql, workspace.0, build.0, lock_id)? > 0)
}

/// A known text sealed with the key of this database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Canary {
    pub key_id: String,
    /// Hex.
    pub sealed: String,
}

/// Stores the canary unless there is one; the answer is the one that is there.
pub async fn plant_canary(tx: &mut Tx, canary: Canary, now: DateTime<Utc>) -> Result<Canary> {
    execute!(
        tx,
        "INSERT INTO settings (name, value, updated_at) VALUES ('secrets.canary', $1, $2) ON CONFLICT DO NOTHING",
        Json(canary),
        Timestamp::from(now)
    )?;
    let sql = "SELECT value FROM settings WHERE name = 'secrets.canary'";
    let (Json(canary),) = one!(tx, (Json<Canary>,), sql)?;
    Ok(canary)
}

/// The canary is sealed with another key from now on.
pub async fn replace_canary(tx: &mut Tx, canary: Canary, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE settings SET value = $1, updated_at = $2 WHERE name = 'secrets.canary'",
        Json(canary),
        Timestamp::from(now)
    )?;
    Ok(())
}

/// A state that is sealed with another key.
#[derive(sqlx::FromRow)]
pub struct Foreign {
    #[sqlx(try_from = "Uuid")]
    pub workspace_id: WorkspaceId,
    pub serial: i64,
    pub key_id: String,
    pub sealed: Vec<u8>,
}

/// Some of the states that are not sealed with this key.
pub async fn foreign(conn: &mut Conn, key_id: &str, limit: i64) -> Result<Vec<Foreign>> {
    Ok(all!(
        conn,
        Foreign,
        "SELECT workspace_id, serial, key_id, sealed FROM state_versions WHERE key_id <> $1
         ORDER BY workspace_id, serial LIMIT $2",
        key_id,
        limit
    )?)
}

/// The same content, sealed with this key.
pub async fn reseal(tx: &mut Tx, of: &Foreign, key_id: &str, sealed: Vec<u8>) -> Result<()> {
    execute!(
        tx,
        "UPDATE state_versions SET key_id = $3, sealed = $4 WHERE workspace_id = $1 AND serial = $2",
        of.workspace_id.0,
        of.serial,
        key_id,
        sealed
    )?;
    Ok(())
}
