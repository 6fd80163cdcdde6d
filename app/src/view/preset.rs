use chrono::{DateTime, Utc};
use hearth_prebuilds::{ids::PresetId, policy::DriftPolicy, pool_state::NextChange};
use serde::{Deserialize, Serialize};

use super::{
    CauseLink, Frame, HistoryView, OccurrenceView, PoolRow, PoolSettingsView, RehearsalView, WorkspaceRow,
};

/// The query string of a preset's page, as typed: which decision is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PresetQuery {
    /// An id.
    pub decision: String,
    /// An instant with its zone: the decision that was in force then.
    pub at: String,
    /// How far back the chart goes: `7d`, else 24 hours.
    pub range: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PresetView {
    pub frame: Frame,
    /// Of the active version; what changes about the pool is told by it.
    pub preset_id: PresetId,
    pub pool: PoolRow,
    pub description: String,
    pub version: String,
    pub next_change: Option<NextChange>,
    /// The decision that was asked for, else the newest.
    pub why: Option<WhyView>,
    /// Why there is not the one that was asked for.
    pub no_decision: Option<NoDecision>,
    /// A piece of the record that `why` lies in, newest first.
    pub decisions: Vec<DecisionRow>,
    /// The one that comes after them.
    pub older_decision: Option<String>,
    /// `None` for plain members of the product.
    pub history: Option<HistoryView>,
    /// Of the last 5 minutes, hour, day and week. Empty for plain members of the product.
    pub demand: Vec<DemandView>,
    /// Members of the pool in every state, eligible ones first, then oldest first. Empty for plain members of the product.
    pub members: Vec<WorkspaceRow>,
    /// What the pool does with members whose claim would recreate something.
    pub policy: DriftPolicy,
    /// Why no member of it is handed over now, in a sentence.
    pub blocked: Option<String>,
    /// Locked by the preset.
    pub parameters: Vec<(String, String)>,
    /// What people have changed about the pool.
    pub settings: PoolSettingsView,
    /// Left open by the preset: whoever claims may give them another value than the members have.
    pub asked: Vec<AskedParameter>,
    pub instances: u32,
    pub ttl_seconds: Option<u64>,
    pub timezone: Option<String>,
    /// (cron, instances).
    pub schedules: Vec<(String, u32)>,
    /// This week by the clock of the zone; `None` without a schedule that can be followed.
    pub week: Option<WeekView>,
    /// A name nobody uses yet, offered by the claim dialog.
    pub suggested_name: String,
    /// From claim to agent ready, p50 and p95, of the last claims; `None` until there was one.
    pub claim_p50_ms: Option<u64>,
    pub claim_p95_ms: Option<u64>,
    /// What the newest claim that recreated something recreated; empty when `pool.drift` is clean or unknown.
    pub replacements: Vec<OccurrenceView>,
    /// Causes of drift that this preset was hit by and that are not fixed, the one seen last first.
    pub causes: Vec<CauseLink>,
    /// The newest rehearsal that found out; where none did, the newest. `None` for people who may not see it.
    pub rehearsal: Option<RehearsalView>,
    /// One waits or runs.
    pub rehearsing: bool,
}

/// A decision of the reconciler, in its own recorded words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhyView {
    pub id: String,
    /// The ones before and after it; the newest has none after it.
    pub older: Option<String>,
    pub newer: Option<String>,
    pub decided_at: DateTime<Utc>,
    pub confirmed_at: DateTime<Utc>,
    /// One sentence: what it did, or that nothing is to be done.
    pub verdict: String,
    pub reasons: Vec<ReasonView>,
    pub wanted: u32,
    pub ready: u32,
    pub starting: u32,
}

/// How many are wanted in each hour of a week, Monday to Sunday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekView {
    /// 168 hours; `None` for one that the clock skips.
    pub hours: Vec<Option<u32>>,
    /// The place of this hour.
    pub now: usize,
}

/// A decision in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRow {
    pub id: String,
    pub at: DateTime<Utc>,
    pub version: String,
    pub verdict: String,
    pub wanted: u32,
    pub ready: u32,
    pub starting: u32,
}

/// Why there is no decision to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoDecision {
    /// No such one is kept.
    Unknown,
    /// None was made so early, or it is not kept any more.
    NoneYet(DateTime<Utc>),
    /// What was typed is no instant.
    NotAnInstant,
}

/// What was asked of a pool in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemandView {
    pub seconds: u64,
    /// Served from the pool.
    pub claims: u32,
    /// Found nothing ready.
    pub misses: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReasonView {
    pub code: String,
    pub text: String,
    /// What this reason adds to or takes from the number to create; the sum is the answer.
    pub figure: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimOrder {
    pub template: String,
    /// Empty: no preset, always built from nothing.
    pub preset: String,
    /// Empty: the server invents one.
    pub name: String,
    /// Refuse rather than build from nothing.
    pub pool_only: bool,
    /// Of parameters that the preset leaves open.
    pub values: Vec<(String, String)>,
}

/// A parameter that may be given at the claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedParameter {
    pub name: String,
    pub label: String,
    pub description: String,
    /// `string`, `number`, `bool` or `list(string)`.
    pub kind: String,
    /// More than one line of text.
    pub long: bool,
    /// What the members have.
    pub value: String,
    /// (value, label).
    pub options: Vec<(String, String)>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// For this one build only.
    pub once: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimOutcome {
    pub workspace_id: String,
    pub name: String,
    /// False: nothing was eligible, it is built from nothing.
    pub from_pool: bool,
    /// Why members were passed over, in a sentence.
    pub blocked: Option<String>,
}
