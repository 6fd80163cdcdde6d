//! What hangs on an agent: scripts, metadata items and apps.
//!
//! A part keeps its row as long as the template keeps it (scripts by their place, the others by their name), so that
//! an agent which runs on through a build may go on reporting about it.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::AgentId;
use hearth_provisioner::engine::{Agent, App, MetadataItem, Script};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, clock, execute};

/// Makes scripts, metadata and apps those of `agent`.
pub(super) async fn replace(tx: &mut Tx, agent: &Agent) -> Result<()> {
    // A row that nobody puts back at its place is one that the template no longer has.
    for sql in [
        "UPDATE agent_scripts SET position = -1 WHERE agent_id = $1",
        "UPDATE agent_metadata SET position = -1 WHERE agent_id = $1",
        "UPDATE apps SET position = -1 WHERE agent_id = $1",
    ] {
        execute!(tx, sql, agent.id)?;
    }
    for (position, script) in (0..).zip(&agent.scripts) {
        put_script(tx, agent.id, position, script).await?;
    }
    for (position, item) in (0..).zip(&agent.metadata) {
        put_metadata(tx, agent.id, position, item).await?;
    }
    for (position, app) in (0..).zip(&agent.apps) {
        put_app(tx, agent.id, position, app).await?;
    }
    for sql in [
        "DELETE FROM agent_scripts WHERE agent_id = $1 AND position < 0",
        "DELETE FROM agent_metadata WHERE agent_id = $1 AND position < 0",
        "DELETE FROM apps WHERE agent_id = $1 AND position < 0",
    ] {
        execute!(tx, sql, agent.id)?;
    }
    Ok(())
}

/// The same script of the same agent has the same id at every build.
fn script_id(agent: Uuid, position: i64) -> Uuid {
    let digest = Sha256::new().chain_update(agent).chain_update(position.to_be_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

async fn put_script(tx: &mut Tx, agent: Uuid, position: i64, script: &Script) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO agent_scripts (id, agent_id, position, display_name, icon, log_path, script, cron, run_on_start,
             run_on_stop, start_blocks_login, timeout_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (id) DO UPDATE SET
             position = excluded.position, display_name = excluded.display_name, icon = excluded.icon,
             log_path = excluded.log_path, script = excluded.script, cron = excluded.cron,
             run_on_start = excluded.run_on_start, run_on_stop = excluded.run_on_stop,
             start_blocks_login = excluded.start_blocks_login, timeout_seconds = excluded.timeout_seconds",
        script_id(agent, position),
        agent,
        position,
        &script.display_name,
        &script.icon,
        &script.log_path,
        &script.script,
        &script.cron,
        script.run_on_start,
        script.run_on_stop,
        script.start_blocks_login,
        script.timeout_seconds,
    )?;
    Ok(())
}

async fn put_metadata(tx: &mut Tx, agent: Uuid, position: i64, item: &MetadataItem) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO agent_metadata (agent_id, position, key, display_name, script, interval_seconds, timeout_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (agent_id, key) DO UPDATE SET
             position = excluded.position, display_name = excluded.display_name, script = excluded.script,
             interval_seconds = excluded.interval_seconds, timeout_seconds = excluded.timeout_seconds",
        agent,
        position,
        &item.key,
        &item.display_name,
        &item.script,
        item.interval_seconds,
        item.timeout_seconds,
    )?;
    Ok(())
}

async fn put_app(tx: &mut Tx, agent: Uuid, position: i64, app: &App) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO apps (id, agent_id, position, slug, display_name, icon, url, command, external, subdomain, share,
             hidden, open_in)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (agent_id, slug) DO UPDATE SET
             position = excluded.position, display_name = excluded.display_name, icon = excluded.icon,
             url = excluded.url, command = excluded.command, external = excluded.external,
             subdomain = excluded.subdomain, share = excluded.share, hidden = excluded.hidden,
             open_in = excluded.open_in",
        clock::new_id::<Uuid>(),
        agent,
        position,
        &app.slug,
        &app.display_name,
        &app.icon,
        &app.url,
        &app.command,
        app.external,
        app.subdomain,
        &app.share,
        app.hidden,
        &app.open_in,
    )?;
    Ok(())
}

/// A script as its agent runs it.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub struct ScriptRow {
    pub id: Uuid,
    pub display_name: String,
    pub script: String,
    pub cron: String,
    pub run_on_start: bool,
    pub run_on_stop: bool,
    pub start_blocks_login: bool,
    pub timeout_seconds: i64,
}

pub async fn scripts(conn: &mut Conn, agent: AgentId) -> Result<Vec<ScriptRow>> {
    Ok(all!(
        conn,
        ScriptRow,
        "SELECT id, display_name, script, cron, run_on_start, run_on_stop, start_blocks_login, timeout_seconds
         FROM agent_scripts WHERE agent_id = $1 ORDER BY position",
        agent.0
    )?)
}

/// How a run of a script ended.
pub struct ScriptEnd<'a> {
    pub exit_code: i64,
    /// The protocol's word.
    pub status: &'a str,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
}

/// False when the agent has no such script.
pub async fn script_completed(tx: &mut Tx, agent: AgentId, script: Uuid, end: ScriptEnd<'_>) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE agent_scripts SET exit_code = $3, status = $4, started_at = $5, finished_at = $6
         WHERE id = $2 AND agent_id = $1",
        agent.0,
        script,
        end.exit_code,
        end.status,
        Timestamp::from(end.started_at),
        Timestamp::from(end.finished_at),
    )?;
    Ok(changed > 0)
}

/// A metadata item as its agent collects it.
#[derive(sqlx::FromRow)]
pub struct MetadataRow {
    pub key: String,
    pub script: String,
    pub interval_seconds: i64,
    pub timeout_seconds: i64,
}

pub async fn metadata(conn: &mut Conn, agent: AgentId) -> Result<Vec<MetadataRow>> {
    Ok(all!(
        conn,
        MetadataRow,
        "SELECT key, script, interval_seconds, timeout_seconds FROM agent_metadata
         WHERE agent_id = $1 ORDER BY position",
        agent.0
    )?)
}

/// What was collected, or why not.
pub struct MetadataValue {
    pub value: String,
    pub error: String,
    pub collected_at: DateTime<Utc>,
}

/// Stores a collected value; a key that the agent does not have is ignored.
pub async fn put_metadata_value(tx: &mut Tx, agent: AgentId, key: &str, new: &MetadataValue) -> Result<()> {
    execute!(
        tx,
        "UPDATE agent_metadata SET value = $3, error = $4, collected_at = $5 WHERE agent_id = $1 AND key = $2",
        agent.0,
        key,
        &new.value,
        &new.error,
        Timestamp::from(new.collected_at),
    )?;
    Ok(())
}
