//! What agent and server say to each other, as JSON over HTTP under `/api/v2/workspaceagents/me`.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `GET manifest` | | [`Manifest`] |
//! | `POST lifecycle` | [`LifecycleReport`] | 204 |
//! | `POST heartbeat` | [`Heartbeat`] | 204 |
//! | `POST logs` | [`LogBatch`] | [`LogAcknowledged`] |
//! | `POST scripts/{id}/completed` | [`ScriptCompleted`] | 204 |
//! | `POST metadata` | [`MetadataReport`] | 204 |
//! | `GET reinit?wait=true` | | server-sent events: `ping`, and `data` with a [`Reinit`]; 409 = never ask again |
//! | `POST reinit/acknowledge` | [`ReinitAcknowledge`] | 204 |
//!
//! The agent's token travels in `Coder-Session-Token`. 401 means "not known yet" while the build that made the agent
//! is still running, so the agent keeps trying.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the agent has to know and to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub agent_id: Uuid,
    pub agent_name: String,
    pub workspace_id: Uuid,
    pub workspace_name: String,
    /// The latest build; a re-initialisation is acknowledged by this id.
    pub build_id: Uuid,
    pub owner_id: Uuid,
    pub owner_username: String,
    pub owner_email: String,
    /// Where scripts run; empty means the agent's own working folder.
    pub directory: String,
    /// Set for every script, on top of the `CODER_*` variables that the agent makes itself.
    pub environment: BTreeMap<String, String>,
    pub scripts: Vec<Script>,
    pub metadata: Vec<MetadataItem>,
}

/// A script of the workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Script {
    pub id: Uuid,
    pub display_name: String,
    pub script: String,
    /// Six fields, seconds first; empty means no schedule.
    pub cron: String,
    pub run_on_start: bool,
    pub run_on_stop: bool,
    pub start_blocks_login: bool,
    /// 0 means no limit.
    pub timeout_seconds: u64,
}

/// A value to collect again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetadataItem {
    pub key: String,
    pub script: String,
    pub interval_seconds: u64,
    /// 0 means the interval.
    pub timeout_seconds: u64,
}

/// Where the agent is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    Created,
    Starting,
    Ready,
    StartError,
    StartTimeout,
    ShuttingDown,
    ShutdownError,
    ShutdownTimeout,
    Off,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LifecycleReport {
    pub state: Lifecycle,
    pub changed_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heartbeat {
    pub version: String,
}

/// Lines of one start of the agent process (`run_id`), in order and without gaps: line `i` has sequence `first + i`.
/// The server stores what it does not have yet and answers how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogBatch {
    pub run_id: Uuid,
    pub first: i64,
    pub lines: Vec<LogLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    pub created_at: DateTime<Utc>,
    pub level: LogLevel,
    /// The display name of the script, or `agent`.
    pub source: String,
    pub output: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

/// Every line with a smaller sequence is durable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogAcknowledged {
    pub next: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptCompleted {
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub exit_code: i32,
    pub status: ScriptStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScriptStatus {
    Ok,
    ExitFailure,
    TimedOut,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetadataReport {
    pub items: Vec<MetadataValue>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetadataValue {
    pub key: String,
    pub value: String,
    pub error: String,
    pub collected_at: DateTime<Utc>,
}

/// "You have a new owner": fetch the manifest again and run the start scripts as that owner's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reinit {
    pub reason: String,
    pub workspace_id: Uuid,
    pub owner_id: Uuid,
}

/// The one reason there is so far.
pub const PREBUILD_CLAIMED: &str = "prebuild_claimed";

/// Sent after the manifest of the new owner was fetched and before the agent reports ready again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReinitAcknowledge {
    pub build_id: Uuid,
}
