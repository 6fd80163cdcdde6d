use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{CauseId, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::Frame;

/// The query string of `/drift`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DriftQuery {
    pub template: String,
    pub preset: String,
    /// `open`, `acked` or `fixed`; empty = all.
    pub status: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriftView {
    pub frame: Frame,
    pub open_causes: u32,
    pub claims_7d: u32,
    pub templates: Vec<String>,
    pub ignored: Vec<String>,
    /// Newest first.
    pub causes: Vec<CauseView>,
}

/// A template's resource (address without index) and the attribute that forces it to be made again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseView {
    pub id: CauseId,
    pub template: String,
    pub address: String,
    pub resource_type: String,
    pub path: String,
    /// `open`, `acknowledged`, `fixed`, `back`.
    pub status: String,
    pub claims: u32,
    /// How much longer these claims took than claims without drift do; `None` without one to compare with.
    pub lost_seconds: Option<u64>,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub first_version: String,
    pub last_version: String,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    /// The newest 20 claims it hit.
    pub occurrences: Vec<OccurrenceView>,
}

/// One resource recreated by one claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OccurrenceView {
    pub workspace_id: WorkspaceId,
    pub workspace_name: String,
    pub preset: String,
    pub claimed_by: String,
    pub address: String,
    pub at: DateTime<Utc>,
    pub changes: Vec<ChangeView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeView {
    pub path: String,
    pub forces: bool,
    pub before: ValueView,
    pub after: ValueView,
}

/// A sensitive value never leaves the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueView {
    Text(String),
    Absent,
    KnownAfterApply,
    Sensitive,
}
