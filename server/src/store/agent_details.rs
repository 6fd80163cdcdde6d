//! Agents with their apps and scripts, for many workspaces at once: what the API lists.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{AgentId, WorkspaceId};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp};
use crate::{all, optional};

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Agent {
    #[sqlx(try_from = "Uuid")]
    pub id: AgentId,
    #[sqlx(try_from = "Uuid")]
    pub workspace_id: WorkspaceId,
    pub resource_id: Option<Uuid>,
    pub name: String,
    pub operating_system: String,
    pub architecture: String,
    pub directory: String,
    pub display_apps: Json<Vec<String>>,
    pub connection_timeout_seconds: i64,
    pub troubleshooting_url: String,
    pub startup_script_behavior: String,
    pub lifecycle: String,
    pub started_at: Option<Timestamp>,
    pub ready_at: Option<Timestamp>,
    pub first_connected_at: Option<Timestamp>,
    pub last_connected_at: Option<Timestamp>,
    pub disconnected_at: Option<Timestamp>,
    pub version: String,
    pub logs_length: i64,
    pub logs_overflowed: bool,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    #[sqlx(try_from = "Timestamp")]
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct App {
    pub id: Uuid,
    pub agent_id: Uuid,
    pub slug: String,
    pub display_name: String,
    pub icon: String,
    pub url: String,
    pub command: String,
    pub external: bool,
    pub subdomain: bool,
    pub share: String,
    pub hidden: bool,
    pub open_in: String,
}

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Script {
    pub id: Uuid,
    pub agent_id: Uuid,
    pub display_name: String,
    pub log_path: String,
    pub script: String,
    pub cron: String,
    pub run_on_start: bool,
    pub run_on_stop: bool,
    pub start_blocks_login: bool,
    pub timeout_seconds: i64,
    pub exit_code: Option<i64>,
    pub status: String,
}

/// An agent with everything that hangs on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Detailed {
    pub agent: Agent,
    pub apps: Vec<App>,
    pub scripts: Vec<Script>,
}

/// The agents of these workspaces, by the resource that each runs on.
pub async fn by_resource(
    conn: &mut Conn,
    workspaces: &[WorkspaceId],
) -> Result<BTreeMap<Uuid, Vec<Detailed>>> {
    let agents = conn.pick(
        "SELECT * FROM agents WHERE NOT deleted
         AND workspace_id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1)) ORDER BY name",
        "SELECT * FROM agents WHERE NOT deleted
         AND workspace_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1)) ORDER BY name",
    );
    let agents = all!(conn, Agent, agents, Json(workspaces))?;
    let ids: Vec<AgentId> = agents.iter().map(|agent| agent.id).collect();
    let mut apps = apps_of(conn, &ids).await?;
    let mut scripts = scripts_of(conn, &ids).await?;
    let mut by_resource: BTreeMap<Uuid, Vec<Detailed>> = BTreeMap::new();
    for agent in agents {
        let Some(resource) = agent.resource_id else { continue };
        let apps = apps.remove(&agent.id.0).unwrap_or_default();
        let scripts = scripts.remove(&agent.id.0).unwrap_or_default();
        by_resource.entry(resource).or_default().push(Detailed { agent, apps, scripts });
    }
    Ok(by_resource)
}

/// `None`: never known, or deleted.
pub async fn by_id(conn: &mut Conn, id: AgentId) -> Result<Option<Agent>> {
    Ok(optional!(conn, Agent, "SELECT * FROM agents WHERE id = $1 AND NOT deleted", id.0)?)
}

async fn apps_of(conn: &mut Conn, agents: &[AgentId]) -> Result<BTreeMap<Uuid, Vec<App>>> {
    let sql = conn.pick(
        "SELECT * FROM apps WHERE agent_id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1))
         ORDER BY agent_id, position",
        "SELECT * FROM apps WHERE agent_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1))
         ORDER BY agent_id, position",
    );
    let mut by_agent: BTreeMap<Uuid, Vec<App>> = BTreeMap::new();
    for app in all!(conn, App, sql, Json(agents))? {
        by_agent.entry(app.agent_id).or_default().push(app);
    }
    Ok(by_agent)
}

async fn scripts_of(conn: &mut Conn, agents: &[AgentId]) -> Result<BTreeMap<Uuid, Vec<Script>>> {
    let sql = conn.pick(
        "SELECT * FROM agent_scripts WHERE agent_id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1))
         ORDER BY agent_id, position",
        "SELECT * FROM agent_scripts WHERE agent_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1))
         ORDER BY agent_id, position",
    );
    let mut by_agent: BTreeMap<Uuid, Vec<Script>> = BTreeMap::new();
    for script in all!(conn, Script, sql, Json(agents))? {
        by_agent.entry(script.agent_id).or_default().push(script);
    }
    Ok(by_agent)
}
