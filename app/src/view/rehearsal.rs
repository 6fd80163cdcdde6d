use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::RehearsalId;
use serde::{Deserialize, Serialize};

use super::ChangeView;

/// What a claim would recreate, why, and what would help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RehearsalView {
    pub id: RehearsalId,
    pub at: DateTime<Utc>,
    /// The member whose claim was rehearsed.
    pub member: String,
    pub replaced: Vec<ReplacedView>,
    /// Address, attribute, and what its update does to what runs.
    pub disruptive: Vec<(String, String, String)>,
    pub fix: Option<PatchView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplacedView {
    pub address: String,
    pub changes: Vec<ChangeView>,
    pub cause: CauseOfReplacement,
    /// Another replaced resource that drags this one along.
    pub follows: Option<String>,
    pub path: Vec<HopView>,
    /// What helps where no patch can.
    pub advice: Option<String>,
}

/// Fields in the words of people: "the owner's name".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CauseOfReplacement {
    Alone { fields: Vec<String> },
    Together { fields: Vec<String> },
    EveryBuild,
    NotFound { why: String },
}

/// What stands there, and where: `local.title`, `main.tf:83`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopView {
    pub what: String,
    pub place: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchView {
    pub diff: String,
    pub proved: bool,
    /// What it does not keep from being replaced.
    pub left: Vec<String>,
    pub trade_off: String,
}
