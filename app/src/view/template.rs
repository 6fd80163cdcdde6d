use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    ids::RehearsalId,
    pool_state::{DriftState, NextChange, PoolState},
};
use serde::{Deserialize, Serialize};

use super::{Frame, HistoryView, PoolRow, VersionRow, WeekView, WhyView};

/// The query string of `/templates`, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplatesQuery {
    /// Part of the name.
    pub q: String,
    /// `name` (default), `attention`, `wanted` or `claims`.
    pub sort: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplatesView {
    pub frame: Frame,
    /// Filters that were not understood, as `name=value`.
    pub ignored: Vec<String>,
    /// Without any filter.
    pub total: u32,
    pub rows: Vec<TemplateRow>,
}

/// A template in one line. Its numbers are those of its pools together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateRow {
    pub name: String,
    /// Empty: the name.
    pub display_name: String,
    pub description: String,
    /// The active one.
    pub version: String,
    pub promoted: Option<Promoted>,
    pub presets: u32,
    pub ready: u32,
    /// Being built, or running and waiting for their agents.
    pub coming: u32,
    pub wanted: u32,
    pub served_24h: u32,
    pub requests_24h: u32,
    /// The pool that needs a person most, by the name of its preset; `None` without a pool.
    pub worst: Option<(String, PoolState)>,
    /// The worst that a claim of any of its pools does; `None` without a pool.
    pub drift: Option<DriftState>,
    /// Why nothing can be made of it any more.
    pub archived: Option<String>,
    /// Of people.
    pub workspaces: u32,
}

impl TemplateRow {
    /// What it is called in a heading.
    pub fn title(&self) -> &str {
        if self.display_name.is_empty() { &self.name } else { &self.display_name }
    }
}

/// Who made a version the active one, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promoted {
    pub by: String,
    pub at: DateTime<Utc>,
}

/// The query string of `/templates/:name`, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateQuery {
    pub tab: String,
    /// How far back the chart goes: `7d`, else 24 hours.
    pub range: String,
    /// Versions older than the one of this name.
    pub before: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateView {
    pub frame: Frame,
    pub row: TemplateRow,
    /// How many versions there are.
    pub versions: u32,
    pub tab: TemplateTab,
}

/// What stands below the tabs. All but the presets is for those who read pools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TemplateTab {
    Presets {
        rows: Vec<TemplatePreset>,
        /// All pools of the template as one. `None` without a pool, and for plain members of the product.
        history: Option<HistoryView>,
        /// The preset that needs a person most. `None` before anything was decided about it, too.
        needy: Option<Box<NeedyPreset>>,
    },
    /// Newest first.
    Versions { rows: Vec<VersionRow>, older: Option<String> },
    /// Newest first.
    Rehearsals(Vec<RehearsalRow>),
}

impl TemplateTab {
    /// The word in the address; presets come without one.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Presets { .. } => "",
            Self::Versions { .. } => "versions",
            Self::Rehearsals(_) => "rehearsals",
        }
    }
}

/// A preset of the active version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplatePreset {
    pub pool: PoolRow,
    /// False: nothing is ever prebuilt.
    pub has_pool: bool,
    pub schedule: ScheduleView,
    /// This week by the clock of the schedule's zone; `None` without a schedule that can be followed.
    pub week: Option<WeekView>,
    pub next_change: Option<NextChange>,
}

/// A pool with the newest decision about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NeedyPreset {
    pub pool: PoolRow,
    pub why: WhyView,
}

/// When how many are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleView {
    /// (cron, wanted); the first that applies counts.
    pub lines: Vec<(String, u32)>,
    /// At all other times.
    pub otherwise: u32,
    pub timezone: String,
}

/// A rehearsal in one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RehearsalRow {
    pub id: RehearsalId,
    pub preset: String,
    pub version: String,
    /// Of its job.
    pub status: String,
    /// `None` while it waits or runs.
    pub verdict: Option<DriftState>,
    /// Whose claim was rehearsed.
    pub member: Option<String>,
    /// `None`: it was done by itself.
    pub asked_by: Option<String>,
    pub at: DateTime<Utc>,
}

/// A template to make of an imported version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateOrder {
    /// An id.
    pub version: String,
    pub name: String,
    pub display_name: String,
    pub description: String,
}
