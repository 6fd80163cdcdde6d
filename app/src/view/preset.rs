use chrono::{DateTime, Utc};
use hearth_prebuilds::{ids::PresetId, pool_state::NextChange};
use serde::{Deserialize, Serialize};

use super::{Frame, OccurrenceView, PoolRow, RehearsalView, WorkspaceRow};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PresetView {
    pub frame: Frame,
    /// Of the active version; what changes about the pool is told by it.
    pub preset_id: PresetId,
    pub pool: PoolRow,
    pub description: String,
    pub version: String,
    pub next_change: Option<NextChange>,
    pub why: Option<WhyView>,
    /// Members of the pool in every state, eligible ones first, then oldest first. Empty for plain members of the product.
    pub members: Vec<WorkspaceRow>,
    /// Locked by the preset.
    pub parameters: Vec<(String, String)>,
    pub instances: u32,
    pub ttl_seconds: Option<u64>,
    pub timezone: Option<String>,
    /// (cron, instances).
    pub schedules: Vec<(String, u32)>,
    /// A name nobody uses yet, offered by the claim dialog.
    pub suggested_name: String,
    /// From claim to agent ready, p50 and p95, of the last claims; `None` until there was one.
    pub claim_p50_ms: Option<u64>,
    pub claim_p95_ms: Option<u64>,
    /// What the newest claim that recreated something recreated; empty when `pool.drift` is clean or unknown.
    pub replacements: Vec<OccurrenceView>,
    /// The newest rehearsal that found out; where none did, the newest. `None` for people who may not see it.
    pub rehearsal: Option<RehearsalView>,
    /// One waits or runs.
    pub rehearsing: bool,
}

/// The reconciler's last decision, in its own recorded words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhyView {
    pub decided_at: DateTime<Utc>,
    pub confirmed_at: DateTime<Utc>,
    /// One sentence: what it did, or that nothing is to be done.
    pub verdict: String,
    pub reasons: Vec<ReasonView>,
    pub wanted: u32,
    pub ready: u32,
    pub starting: u32,
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
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimOutcome {
    pub workspace_id: String,
    pub name: String,
    /// False: nothing was eligible, it is built from nothing.
    pub from_pool: bool,
}
