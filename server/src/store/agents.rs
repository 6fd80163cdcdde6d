//! Agents: what a build leaves behind, who calls with a token, lifecycle, and the re-initialisation after a claim.
//!
//! An agent's row carries the id of its `coder_agent` resource, so it lives through a claim and through stop and
//! start, with its lifecycle. Only the SHA-256 of its token is here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{AgentId, BuildId, PresetId, WorkspaceId};
use hearth_provisioner::engine::Agent;
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Conn, Error, Result, Timestamp, Tx,
    agent_parts::{self, ScriptRow},
};
use crate::{execute, one, optional};

/// Makes the workspace's agents those that a succeeded build reports: new ones are added, known ones updated, the
/// rest marked deleted; then `workspaces.ready` is recomputed. Call it in the transaction that ends the build.
pub async fn replace_for_build(
    tx: &mut Tx,
    build: BuildId,
    workspace: WorkspaceId,
    agents: &[Agent],
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE agents SET deleted = TRUE, updated_at = $2 WHERE workspace_id = $1 AND NOT deleted";
    execute!(tx, sql, workspace.0, Timestamp::from(now))?;
    let (transition,): (String,) =
        one!(tx, (String,), "SELECT transition FROM builds WHERE id = $1", build.0)?;
    // Whatever an agent said last, it does not run in a stopped workspace.
    let is_start = transition == "start";
    for agent in agents {
        let before = read_by_agent(tx, agent.id.into()).await?;
        upsert(tx, build, workspace, agent, now).await?;
        if !is_start {
            set_lifecycle(tx, agent.id.into(), "off", now).await?;
        }
        agent_parts::replace(tx, agent).await?;
        if read_by_agent(tx, agent.id.into()).await? != before {
            // It may have been handed over before the build, on the promise that this would not happen.
            execute!(tx, "UPDATE agents SET reinit_build_id = NULL WHERE id = $1", agent.id)?;
        }
    }
    refresh_ready(tx, workspace).await?;
    Ok(())
}

/// What an agent works by: folder, environment, scripts.
type Read = (Option<(String, Json<BTreeMap<String, String>>)>, Vec<ScriptRow>);

async fn read_by_agent(tx: &mut Tx, agent: AgentId) -> Result<Read> {
    let own =
        optional!(tx, (String, Json<_>), "SELECT directory, environment FROM agents WHERE id = $1", agent.0)?;
    Ok((own, agent_parts::scripts(tx, agent).await?))
}

/// A known agent keeps its lifecycle: at a claim it runs on, and at a start it may have reported before the build
/// ended. Its log limit starts anew with each build.
async fn upsert(
    tx: &mut Tx,
    build: BuildId,
    workspace: WorkspaceId,
    agent: &Agent,
    now: DateTime<Utc>,
) -> Result<()> {
    let written = execute!(
        tx,
        "INSERT INTO agents (id, workspace_id, build_id, name, token_hash, operating_system, architecture, directory,
             environment, display_apps, connection_timeout_seconds, troubleshooting_url, motd_file,
             startup_script_behavior, lifecycle_changed_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $15)
         ON CONFLICT (id) DO UPDATE SET
             build_id = excluded.build_id, resource_id = NULL, name = excluded.name,
             token_hash = excluded.token_hash, operating_system = excluded.operating_system,
             architecture = excluded.architecture, directory = excluded.directory,
             environment = excluded.environment, display_apps = excluded.display_apps,
             connection_timeout_seconds = excluded.connection_timeout_seconds,
             troubleshooting_url = excluded.troubleshooting_url, motd_file = excluded.motd_file,
             startup_script_behavior = excluded.startup_script_behavior,
             logs_length = 0, logs_overflowed = FALSE, deleted = FALSE, updated_at = excluded.updated_at
         WHERE agents.workspace_id = excluded.workspace_id",
        agent.id,
        workspace.0,
        build.0,
        &agent.name,
        token_hash(&agent.token),
        &agent.operating_system,
        &agent.architecture,
        &agent.directory,
        Json(&agent.environment),
        Json(&agent.display_apps),
        agent.connection_timeout_seconds,
        &agent.troubleshooting_url,
        &agent.motd_file,
        &agent.startup_script_behavior,
        Timestamp::from(now),
    )?;
    // Ids come out of a Terraform state, which is not ours to trust: nobody takes over an agent of another workspace.
    if written == 0 {
        return Err(Error::Corrupt { table: "agents", column: "id", value: agent.id.to_string() });
    }
    Ok(())
}

/// Ties an agent to the resource that it runs on.
pub async fn set_resource(tx: &mut Tx, workspace: WorkspaceId, agent: &str, resource: Uuid) -> Result<()> {
    let sql = "UPDATE agents SET resource_id = $3 WHERE workspace_id = $1 AND name = $2 AND NOT deleted";
    execute!(tx, sql, workspace.0, agent, resource)?;
    Ok(())
}

/// What is kept of a token.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// An agent that has shown its token.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Caller {
    #[sqlx(try_from = "Uuid")]
    pub id: AgentId,
    #[sqlx(try_from = "Uuid")]
    pub workspace_id: WorkspaceId,
    preset_id: Option<Uuid>,
}

impl Caller {
    pub fn preset(&self) -> Option<PresetId> {
        self.preset_id.map(PresetId)
    }
}

/// `None`: never known, deleted, or of a deleted workspace.
pub async fn by_token_hash(conn: &mut Conn, hash: &[u8]) -> Result<Option<Caller>> {
    Ok(optional!(
        conn,
        Caller,
        "SELECT a.id, a.workspace_id, w.preset_id FROM agents a JOIN workspaces w ON w.id = a.workspace_id
         WHERE a.token_hash = $1 AND NOT a.deleted AND NOT w.deleted",
        hash
    )?)
}

/// What an agent's manifest says about the agent itself, its workspace and its owner.
#[derive(sqlx::FromRow)]
pub struct ManifestRow {
    pub name: String,
    pub workspace_name: String,
    /// The build that wrote this agent's row, so that the id names exactly what the manifest shows.
    #[sqlx(try_from = "Uuid")]
    pub build_id: BuildId,
    pub owner_id: Uuid,
    pub owner_username: String,
    pub owner_email: String,
    pub directory: String,
    pub environment: Json<BTreeMap<String, String>>,
}

pub async fn manifest(conn: &mut Conn, agent: AgentId) -> Result<ManifestRow> {
    Ok(one!(
        conn,
        ManifestRow,
        "SELECT a.name, w.name AS workspace_name, a.build_id, w.owner_id, u.username AS owner_username,
             u.email AS owner_email, a.directory, a.environment
         FROM agents a JOIN workspaces w ON w.id = a.workspace_id JOIN users u ON u.id = w.owner_id
         WHERE a.id = $1",
        agent.0
    )?)
}

/// Stores what the agent says about itself. `lifecycle` is the protocol's word.
pub async fn set_lifecycle(
    tx: &mut Tx,
    agent: AgentId,
    lifecycle: &str,
    changed_at: DateTime<Utc>,
) -> Result<()> {
    let at = Timestamp::from(changed_at);
    let sql = "UPDATE agents SET lifecycle = $2, lifecycle_changed_at = $3 WHERE id = $1";
    execute!(tx, sql, agent.0, lifecycle, at)?;
    let sql = match lifecycle {
        "starting" => "UPDATE agents SET started_at = $2, ready_at = NULL WHERE id = $1",
        "ready" | "start_error" | "start_timeout" => "UPDATE agents SET ready_at = $2 WHERE id = $1",
        "off" => "UPDATE agents SET disconnected_at = $2 WHERE id = $1",
        _ => return Ok(()),
    };
    execute!(tx, sql, agent.0, at)?;
    Ok(())
}

/// Recomputes `workspaces.ready`: there is an agent, every one reports ready, and after a claim every one has begun
/// again for its new owner. Answers what it is now. The build remembers when that came about.
pub async fn refresh_ready(tx: &mut Tx, workspace: WorkspaceId) -> Result<bool> {
    let (ready,) = one!(
        tx,
        (bool,),
        "UPDATE workspaces SET ready =
             EXISTS (SELECT 1 FROM agents a WHERE a.workspace_id = workspaces.id AND NOT a.deleted)
             AND NOT EXISTS (
                 SELECT 1 FROM agents a JOIN builds b ON b.id = workspaces.latest_build_id
                 WHERE a.workspace_id = workspaces.id AND NOT a.deleted
                   AND (a.lifecycle <> 'ready'
                        OR (b.stage = 'claim' AND a.reinit_build_id IS DISTINCT FROM b.id)))
         WHERE id = $1 RETURNING ready",
        workspace.0
    )?;
    if ready {
        execute!(
            tx,
            "UPDATE builds SET ready_at = (SELECT MAX(a.ready_at) FROM agents a WHERE a.workspace_id = $1 AND NOT a.deleted)
             WHERE id = (SELECT latest_build_id FROM workspaces WHERE id = $1) AND transition = 'start' AND ready_at IS NULL",
            workspace.0
        )?;
    }
    Ok(ready)
}

/// The agent is there.
pub async fn heartbeat(tx: &mut Tx, agent: AgentId, version: &str, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE agents SET version = $2, first_connected_at = COALESCE(first_connected_at, $3),
             last_connected_at = $3, disconnected_at = NULL WHERE id = $1",
        agent.0,
        version,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Whether an agent must begin again for a new owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reinit {
    /// Still in the pool, or no claim build has succeeded yet: one runs, or the owner may start it again.
    Wait,
    /// The claim is done and this agent has not acknowledged it.
    Due { owner: Uuid },
    /// Nothing to wait for, now or later.
    Never,
}

#[derive(sqlx::FromRow)]
struct ReinitRow {
    owner_id: Uuid,
    is_pool_member: bool,
    stage: String,
    status: String,
    /// Whether the manifest is that of the latest build.
    is_its: bool,
    acknowledged: bool,
}

/// Only the LATEST build counts: a claimed workspace that was stopped and started since has nothing to catch up on.
/// An agent that is gone has nothing to wait for either. An agent that was handed over hears of it before the build ends.
pub async fn reinit(conn: &mut Conn, agent: AgentId) -> Result<Reinit> {
    let row = optional!(
        conn,
        ReinitRow,
        "SELECT w.owner_id, u.is_system AS is_pool_member, b.stage, j.status,
             a.build_id = b.id AS is_its, a.reinit_build_id IS NOT DISTINCT FROM b.id AS acknowledged
         FROM agents a JOIN workspaces w ON w.id = a.workspace_id JOIN users u ON u.id = w.owner_id
         JOIN builds b ON b.id = w.latest_build_id JOIN jobs j ON j.id = b.job_id
         WHERE a.id = $1 AND NOT a.deleted AND NOT w.deleted",
        agent.0
    )?;
    Ok(match row {
        Some(row) if row.is_pool_member => Reinit::Wait,
        Some(row) if row.stage == "claim" => match row.status.as_str() {
            _ if row.is_its && !row.acknowledged => Reinit::Due { owner: row.owner_id },
            "succeeded" => Reinit::Never,
            // Acknowledged or not, this build or the one after it may still change what it reads.
            _ => Reinit::Wait,
        },
        _ => Reinit::Never,
    })
}

/// Makes the workspace's agents those of its claim build before that has run, because it will leave them as they are.
pub async fn hand_over(tx: &mut Tx, workspace: WorkspaceId, claim: BuildId) -> Result<()> {
    execute!(
        tx,
        "UPDATE agents SET build_id = $2 WHERE workspace_id = $1 AND NOT deleted",
        workspace.0,
        claim.0
    )?;
    Ok(())
}

/// Takes that back: the build turned out to replace something, perhaps the machine. The workspace is ready when whatever
/// agent there is after the build has begun again.
pub async fn take_back(tx: &mut Tx, workspace: WorkspaceId, claim: BuildId) -> Result<()> {
    execute!(
        tx,
        "UPDATE agents SET reinit_build_id = NULL, build_id = (
             SELECT b.id FROM builds c JOIN builds b ON b.workspace_id = c.workspace_id AND b.number = c.number - 1
             WHERE c.id = $2)
         WHERE workspace_id = $1 AND build_id = $2 AND NOT deleted",
        workspace.0,
        claim.0
    )?;
    execute!(
        tx,
        "UPDATE workspaces SET ready = FALSE WHERE id = $1 AND latest_build_id = $2",
        workspace.0,
        claim.0
    )?;
    execute!(tx, "UPDATE builds SET ready_at = NULL WHERE id = $1", claim.0)?;
    Ok(())
}

/// The agent has the manifest that this build made. Only a claim build is remembered, and not one that was taken back.
pub async fn acknowledge_reinit(tx: &mut Tx, agent: AgentId, build: BuildId) -> Result<()> {
    execute!(
        tx,
        "UPDATE agents SET reinit_build_id = $2 WHERE id = $1 AND build_id = $2 AND EXISTS (
             SELECT 1 FROM builds b WHERE b.id = $2 AND b.workspace_id = agents.workspace_id AND b.stage = 'claim')",
        agent.0,
        build.0
    )?;
    Ok(())
}
