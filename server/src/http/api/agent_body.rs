//! How an agent looks inside of its resource.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::jobs::instant;
use crate::store::agent_details::{Agent, App, Detailed, Script};

/// Three heart-beats.
const SILENCE: TimeDelta = TimeDelta::seconds(30);

#[derive(Default, Serialize)]
pub struct AgentBody {
    id: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    first_connected_at: Option<DateTime<Utc>>,
    last_connected_at: Option<DateTime<Utc>>,
    disconnected_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    ready_at: Option<DateTime<Utc>>,
    status: &'static str,
    lifecycle_state: String,
    name: String,
    resource_id: Uuid,
    architecture: String,
    operating_system: String,
    directory: String,
    expanded_directory: String,
    /// May hold secrets; the agent gets them, nobody else.
    environment_variables: BTreeMap<(), ()>,
    version: String,
    api_version: &'static str,
    apps: Vec<AppBody>,
    scripts: Vec<ScriptBody>,
    log_sources: Vec<LogSourceBody>,
    logs_length: i64,
    logs_overflowed: bool,
    connection_timeout_seconds: i64,
    troubleshooting_url: String,
    subsystems: Vec<&'static str>,
    display_apps: Vec<String>,
    startup_script_behavior: String,
    health: HealthBody,
}

#[derive(Default, Serialize)]
struct HealthBody {
    healthy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct AppBody {
    id: Uuid,
    slug: String,
    display_name: String,
    icon: String,
    url: String,
    command: String,
    external: bool,
    subdomain: bool,
    sharing_level: String,
    health: &'static str,
    hidden: bool,
    open_in: String,
    statuses: Vec<()>,
}

#[derive(Serialize)]
struct ScriptBody {
    id: Uuid,
    log_source_id: Uuid,
    log_path: String,
    script: String,
    cron: String,
    run_on_start: bool,
    run_on_stop: bool,
    start_blocks_login: bool,
    /// Nanoseconds.
    timeout: i64,
    display_name: String,
    exit_code: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
}

#[derive(Serialize)]
struct LogSourceBody {
    id: Uuid,
    workspace_agent_id: Uuid,
    created_at: DateTime<Utc>,
    display_name: &'static str,
    icon: &'static str,
}

impl AgentBody {
    /// One that an import announces.
    pub fn planned(name: &str, resource: Uuid) -> Self {
        Self {
            id: resource,
            name: name.to_owned(),
            resource_id: resource,
            status: "connecting",
            lifecycle_state: "created".to_owned(),
            ..Self::default()
        }
    }

    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Told why: an agent that still connects is neither healthy nor failing.
    pub fn is_failing(&self) -> bool {
        self.health.reason.is_some()
    }

    pub fn of(detailed: Detailed, resource: Uuid, now: DateTime<Utc>) -> Self {
        let Detailed { agent, apps, scripts } = detailed;
        let id = agent.id.0;
        let (status, disconnected_at) = status(&agent, now);
        let own_log = LogSourceBody {
            id,
            workspace_agent_id: id,
            created_at: agent.created_at,
            display_name: "Agent",
            icon: "",
        };
        Self {
            id,
            created_at: agent.created_at,
            updated_at: agent.updated_at,
            first_connected_at: instant(agent.first_connected_at),
            last_connected_at: instant(agent.last_connected_at),
            disconnected_at,
            started_at: instant(agent.started_at),
            ready_at: instant(agent.ready_at),
            status,
            health: health(status, &agent.lifecycle),
            lifecycle_state: agent.lifecycle,
            name: agent.name,
            resource_id: resource,
            architecture: agent.architecture,
            operating_system: agent.operating_system,
            expanded_directory: agent.directory.clone(),
            directory: agent.directory,
            version: agent.version,
            api_version: "1.0",
            apps: apps.into_iter().map(Into::into).collect(),
            scripts: scripts.into_iter().map(|script| ScriptBody::of(script, id)).collect(),
            log_sources: vec![own_log],
            logs_length: agent.logs_length,
            logs_overflowed: agent.logs_overflowed,
            connection_timeout_seconds: agent.connection_timeout_seconds,
            troubleshooting_url: agent.troubleshooting_url,
            display_apps: agent.display_apps.0,
            startup_script_behavior: agent.startup_script_behavior,
            ..Self::default()
        }
    }
}

/// With the instant since when it is gone: clients need both or neither.
pub fn status(agent: &Agent, now: DateTime<Utc>) -> (&'static str, Option<DateTime<Utc>>) {
    let timeout = TimeDelta::seconds(agent.connection_timeout_seconds);
    match (instant(agent.disconnected_at), instant(agent.last_connected_at)) {
        (Some(gone), _) => ("disconnected", Some(gone)),
        (None, Some(last)) if now - last > SILENCE => ("disconnected", Some(last)),
        (None, Some(_)) => ("connected", None),
        (None, None) if !timeout.is_zero() && now - agent.created_at > timeout => ("timeout", None),
        (None, None) => ("connecting", None),
    }
}

fn health(status: &str, lifecycle: &str) -> HealthBody {
    let reason = match (status, lifecycle) {
        ("disconnected", _) => Some("The agent does not answer."),
        ("timeout", _) => Some("The agent has not connected in time."),
        (_, "start_error") => Some("A start script failed."),
        (_, "start_timeout") => Some("A start script takes too long."),
        _ => None,
    };
    HealthBody { healthy: status == "connected" && reason.is_none(), reason }
}

impl From<App> for AppBody {
    fn from(app: App) -> Self {
        Self {
            id: app.id,
            slug: app.slug,
            display_name: app.display_name,
            icon: app.icon,
            url: app.url,
            command: app.command,
            external: app.external,
            subdomain: app.subdomain,
            sharing_level: app.share,
            health: "disabled",
            hidden: app.hidden,
            open_in: app.open_in,
            statuses: Vec::new(),
        }
    }
}

impl ScriptBody {
    fn of(script: Script, agent: Uuid) -> Self {
        Self {
            id: script.id,
            log_source_id: agent,
            log_path: script.log_path,
            script: script.script,
            cron: script.cron,
            run_on_start: script.run_on_start,
            run_on_stop: script.run_on_stop,
            start_blocks_login: script.start_blocks_login,
            timeout: script.timeout_seconds.saturating_mul(1_000_000_000),
            display_name: script.display_name,
            exit_code: script.exit_code,
            status: script.status,
        }
    }
}
