use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    changes::Change,
    ids::{JobId, VersionId},
    pool_state::DriftState,
};
use serde::{Deserialize, Serialize};

use super::{Frame, LogPart, Promoted};

/// A version of a template in one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    pub name: String,
    pub message: String,
    pub by: String,
    pub at: DateTime<Utc>,
    /// Of its import: `pending`, `running`, `succeeded`, `canceling`, `canceled`, `failed`.
    pub status: String,
    /// The first error line of the import; empty when there is none.
    pub error: String,
    pub active: bool,
    pub archived: bool,
    pub promoted: Option<Promoted>,
    /// Compared with the imported version before it; `None` where there is nothing to compare.
    pub changes: Option<Vec<Change>>,
    /// What is known of claims, by preset with a pool.
    pub verdicts: Vec<(String, DriftState)>,
}

impl VersionRow {
    /// Its import waits or runs.
    pub fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "pending" | "running" | "canceling")
    }

    pub fn is_imported(&self) -> bool {
        self.status == "succeeded"
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionView {
    pub frame: Frame,
    pub id: VersionId,
    /// The import.
    pub job: JobId,
    /// `None`: it belongs to none yet.
    pub template: Option<String>,
    /// `changes` are against the active version.
    pub row: VersionRow,
    /// The active version that it is compared with, when that is another one.
    pub against: Option<String>,
    /// How many waiting jobs are taken before the import.
    pub queue_position: u32,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Of the import.
    pub log: LogPart,
    pub lint: Vec<LintView>,
    pub parameters: Vec<ParameterView>,
    pub presets: Vec<DeclaredPresetView>,
    /// What promoting it would do; `None` when it cannot be promoted.
    pub promotion: Option<PromotionView>,
}

/// Something that an import found worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintView {
    /// `main.tf:13`; `None` when it is about the whole template.
    pub place: Option<String>,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterView {
    pub name: String,
    pub r#type: String,
    /// `None`: whoever makes a workspace must say.
    pub default: Option<String>,
    pub description: String,
}

/// A preset as the version declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredPresetView {
    pub name: String,
    /// Outside of schedules. `None`: nothing is prebuilt.
    pub wanted: Option<u32>,
    /// The fewest and the most that are wanted at any time.
    pub span: (u32, u32),
    pub parameters: Vec<(String, String)>,
}

/// What becomes of the pools when a version is made the active one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionView {
    /// (preset, how many): members that are removed.
    pub removed: Vec<(String, u32)>,
    /// How many are built instead.
    pub built: u32,
    /// How long that takes, by what builds took lately.
    pub takes_ms: Option<u64>,
}

impl PromotionView {
    pub fn removed_in_all(&self) -> u32 {
        self.removed.iter().map(|(_, count)| count).sum()
    }
}

/// The query string of `/templates/new`, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UploadQuery {
    /// The template that gets a new version; empty: a new template.
    pub template: String,
    /// An uploaded version, by its id, to make a template of.
    pub version: String,
    /// What the template shall be called.
    pub name: String,
    /// After which line of the import's log the part begins that is shown; `None`: the newest.
    pub after: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UploadView {
    pub frame: Frame,
    /// It is the first on a new server.
    pub first: bool,
    pub step: UploadStep,
}

/// What is asked next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum UploadStep {
    /// For the source of a new template. Beside it: uploads that became none yet.
    Template { waiting: Vec<WaitingUpload> },
    /// For the source of a new version of this template.
    Version { template: String },
    /// For the name of a template of what was uploaded.
    Review { version: Box<VersionView>, name: String },
}

/// An upload that belongs to no template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingUpload {
    pub id: VersionId,
    pub message: String,
    pub by: String,
    pub at: DateTime<Utc>,
    /// Of its import.
    pub status: String,
}

/// What came of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploaded {
    pub id: VersionId,
    /// The version's.
    pub name: String,
    /// `None`: one is to be made of it, called so.
    pub template: Option<String>,
    pub template_name: String,
}
