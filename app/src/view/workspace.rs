use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    ids::{BuildId, WorkspaceId},
    pool_state::WorkspaceStage,
};
use serde::{Deserialize, Serialize};

use super::{Frame, LogPart, OccurrenceView};

/// The query string of `/workspaces`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkspacesQuery {
    /// A username, `me` (default) or `prebuilds`; `all` for those who may.
    pub owner: String,
    /// Part of the name.
    pub q: String,
    /// `template/preset`.
    pub preset: String,
    /// A `WorkspaceStage` in snake case.
    pub state: String,
    /// `owner/name` of the last one of the page before.
    pub after: String,
}

impl WorkspacesQuery {
    /// (name, value) of each.
    pub fn parts(&self) -> [(&'static str, &str); 4] {
        [("owner", &self.owner), ("q", &self.q), ("preset", &self.preset), ("state", &self.state)]
    }
}

/// A filter that somebody has given a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    pub id: String,
    pub name: String,
    pub filter: WorkspacesQuery,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspacesView {
    pub frame: Frame,
    /// Of the one who looks.
    pub saved: Vec<SavedFilter>,
    pub owner: String,
    pub ignored: Vec<String>,
    /// By owner and name; one page of them.
    pub rows: Vec<WorkspaceRow>,
    /// Leads to the next page.
    pub next: Option<String>,
    /// How many of all that match the one who looks may change; more than [`MOST_AT_ONCE`](super::MOST_AT_ONCE) are not
    /// counted.
    pub matches: usize,
    /// `template/preset` of every pool or preset that can be claimed, for the "New workspace" form.
    pub presets: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceRow {
    pub id: WorkspaceId,
    pub name: String,
    pub owner: String,
    /// Owned by the system user.
    pub unclaimed: bool,
    /// The one who looks may start, stop and delete it.
    pub may_change: bool,
    pub template: String,
    pub preset: String,
    pub version: String,
    pub stage: WorkspaceStage,
    pub created_at: DateTime<Utc>,
    pub claimed_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// (name, lifecycle).
    pub agents: Vec<(String, String)>,
}

/// The query string of `/workspaces/:id`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkspaceQuery {
    /// The build to show; 0 = the newest.
    pub build: i64,
    /// After which line of its log the part begins that is shown; `None`: the newest.
    pub after: Option<i64>,
    /// The same for the log of the agents.
    pub agent_after: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceView {
    pub frame: Frame,
    pub row: WorkspaceRow,
    /// The name it had in the pool, when it was claimed from one.
    pub prebuild_name: Option<String>,
    pub stages: Vec<StageView>,
    /// From the claim to the agent ready for its new owner.
    pub claim_ms: Option<u64>,
    pub cold_ms: Option<u64>,
    pub agents: Vec<AgentView>,
    pub builds: Vec<BuildRow>,
    pub build: BuildRow,
    /// Of the shown build.
    pub log: LogPart,
    /// Of all agents together.
    pub agent_log: LogPart,
    pub resources: Vec<ResourceView>,
    pub parameters: Vec<(String, String)>,
    /// What the claim recreated.
    pub replacements: Vec<OccurrenceView>,
    /// How many builds of its pool failed in a row, and how many may, if the shown one counts among them.
    pub failures: Option<(u32, u32)>,
    pub can_start: bool,
    pub can_stop: bool,
    pub can_delete: bool,
}

/// One stop of the stage rail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageView {
    /// `Queued`, `Build`, `Agent`, `Ready`, `Claimed`, `Re-apply`, `Re-init`, `Yours`, ...
    pub label: String,
    pub duration_ms: Option<u64>,
    pub status: StageStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageStatus {
    Done,
    Current,
    Failed,
    Ahead,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentView {
    pub name: String,
    pub lifecycle: String,
    pub version: String,
    pub last_seen: Option<DateTime<Utc>>,
    /// (display name, value, error).
    pub metadata: Vec<(String, String, String)>,
    pub apps: Vec<AppView>,
    pub scripts: Vec<ScriptView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppView {
    pub display_name: String,
    /// Only http(s) addresses get here.
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptView {
    pub display_name: String,
    pub status: String,
    pub exit_code: Option<i64>,
    pub duration_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuildRow {
    pub id: BuildId,
    pub number: i64,
    /// `create`, `claim`, `start`, `stop`, `delete`.
    pub stage: String,
    /// `pending`, `running`, `succeeded`, `canceling`, `canceled`, `failed`.
    pub status: String,
    /// The first error line; empty when there is none.
    pub error: String,
    pub initiator: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceView {
    pub address: String,
    pub r#type: String,
    pub metadata: Vec<(String, String)>,
}
