use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{CauseId, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::{Frame, RehearsalView};

/// The query string of `/drift`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DriftQuery {
    pub template: String,
    pub preset: String,
    /// An address without index.
    pub resource: String,
    /// `open`, `acked` or `fixed`; empty = all.
    pub status: String,
    /// When it was seen last: within `24h`, `7d` or `30d`; empty = at any time.
    pub range: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriftView {
    pub frame: Frame,
    pub open_causes: u32,
    pub claims_7d: u32,
    /// What the causes shown cost together; `None` without a claim to compare with.
    pub lost_seconds: Option<u64>,
    pub templates: Vec<String>,
    /// Names of presets that causes were met with.
    pub presets: Vec<String>,
    pub resources: Vec<String>,
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
    /// What about its owner or its name makes it so, as the newest rehearsal that met it found.
    pub fields: Vec<String>,
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
    /// The newest claims that it hit.
    pub occurrences: Vec<OccurrenceView>,
}

/// Leads to the page of a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseLink {
    pub id: CauseId,
    pub address: String,
    pub path: String,
}

/// The page of one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CausePageView {
    pub frame: Frame,
    pub cause: CauseView,
    /// `None`: only claims have met it.
    pub rehearsed: Option<RehearsedCause>,
    /// Newest first.
    pub history: Vec<CauseEventView>,
}

/// What the newest rehearsal that met a cause found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RehearsedCause {
    pub preset: String,
    /// With the resource of the cause alone.
    pub rehearsal: RehearsalView,
    /// It is about the active version, and no newer one found out: its patch can be imported.
    pub is_current: bool,
}

/// The cause got a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseEventView {
    /// `open`, `acknowledged`, `fixed`, `back`.
    pub status: String,
    /// The version that showed it.
    pub version: Option<String>,
    /// The person who said so.
    pub by: Option<String>,
    pub at: DateTime<Utc>,
}

/// One resource recreated by one claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OccurrenceView {
    pub cause: CauseId,
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
