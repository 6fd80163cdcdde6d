//! The agents of one workspace, with everything that hangs on them.

use hearth_prebuilds::ids::WorkspaceId;
use uuid::Uuid;

use crate::{
    all, one,
    store::{Conn, Result, Timestamp, agent_logs::Line, job_logs::Extent},
};

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Agent {
    pub id: Uuid,
    pub name: String,
    pub lifecycle: String,
    pub version: String,
    pub last_connected_at: Option<Timestamp>,
}

pub async fn agents(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Agent>> {
    Ok(all!(
        conn,
        Agent,
        "SELECT id, name, lifecycle, version, last_connected_at FROM agents
         WHERE workspace_id = $1 AND NOT deleted ORDER BY name",
        workspace.0
    )?)
}

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct App {
    pub agent_id: Uuid,
    pub slug: String,
    pub display_name: String,
    pub url: String,
}

/// Apps with an address, except hidden ones.
pub async fn apps(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<App>> {
    Ok(all!(
        conn,
        App,
        "SELECT p.agent_id, p.slug, p.display_name, p.url FROM agents a JOIN apps p ON p.agent_id = a.id
         WHERE a.workspace_id = $1 AND NOT a.deleted AND NOT p.hidden AND p.url <> '' ORDER BY p.agent_id, p.position",
        workspace.0
    )?)
}

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Script {
    pub agent_id: Uuid,
    pub display_name: String,
    pub status: String,
    pub exit_code: Option<i64>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

pub async fn scripts(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Script>> {
    Ok(all!(
        conn,
        Script,
        "SELECT s.agent_id, s.display_name, s.status, s.exit_code, s.started_at, s.finished_at
         FROM agents a JOIN agent_scripts s ON s.agent_id = a.id
         WHERE a.workspace_id = $1 AND NOT a.deleted ORDER BY s.agent_id, s.position",
        workspace.0
    )?)
}

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Metadata {
    pub agent_id: Uuid,
    pub key: String,
    pub display_name: String,
    pub value: String,
    pub error: String,
}

pub async fn metadata(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Metadata>> {
    Ok(all!(
        conn,
        Metadata,
        "SELECT m.agent_id, m.key, m.display_name, m.value, m.error
         FROM agents a JOIN agent_metadata m ON m.agent_id = a.id
         WHERE a.workspace_id = $1 AND NOT a.deleted ORDER BY m.agent_id, m.position",
        workspace.0
    )?)
}

/// Of the lines of all agents together.
pub async fn log_extent(conn: &mut Conn, workspace: WorkspaceId) -> Result<Extent> {
    Ok(one!(
        conn,
        Extent,
        "WITH lines AS (
             SELECT l.id, l.level FROM agents a JOIN agent_logs l ON l.agent_id = a.id
             WHERE a.workspace_id = $1 AND NOT a.deleted
         )
         SELECT COUNT(*) AS total, (
             SELECT COUNT(*) FROM lines WHERE id <= (SELECT MIN(id) FROM lines WHERE level = 'error')
         ) AS first_error
         FROM lines",
        workspace.0
    )?)
}

/// The lines of all agents without the first `skip`, oldest first.
pub async fn log_part(conn: &mut Conn, workspace: WorkspaceId, skip: i64, limit: i64) -> Result<Vec<Line>> {
    Ok(all!(
        conn,
        Line,
        "SELECT l.id, l.created_at, l.level, l.source, l.output
         FROM agents a JOIN agent_logs l ON l.agent_id = a.id
         WHERE a.workspace_id = $1 AND NOT a.deleted ORDER BY l.id LIMIT $3 OFFSET $2",
        workspace.0,
        skip,
        limit
    )?)
}
