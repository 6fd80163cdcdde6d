use hearth_prebuilds::pool_state::{DriftState, PoolState};
use serde::{Deserialize, Serialize};

use super::{Frame, HistoryView, PauseView};

/// The query string of `/`. Values are as typed; unknown ones come back in `OverviewView::ignored`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OverviewQuery {
    /// A `PoolState` slug, `attention`, or `missing`: fewer are ready than wanted.
    pub state: String,
    pub q: String,
    /// `attention` (default), `name`, `ready`, `wanted` or `claims`.
    pub sort: String,
    pub template: String,
    /// A number from 1.
    pub page: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverviewView {
    pub frame: Frame,
    pub totals: Totals,
    /// Every pool, in a stable order (template, preset), for the bed; the table shows `rows`.
    pub bed: Vec<BedPool>,
    /// Chips: state slug (or `all`, `attention`, and `missing` where that is asked for) and how many pools are in it;
    /// states with none are left out.
    pub chips: Vec<(String, u32)>,
    /// There is a template, with a pool or without.
    pub any_template: bool,
    /// Nobody has claimed anything yet, and whoever looks may see to it that somebody can.
    pub first_steps: bool,
    /// Those with pools.
    pub templates: Vec<String>,
    /// Filters that were not understood, as `name=value`.
    pub ignored: Vec<String>,
    /// Filtered and sorted; one page of them.
    pub rows: Vec<PoolRow>,
    pub page: PageView,
    /// What each of the rows was like in the last 24 hours. Empty for plain members of the product.
    pub days: Vec<HistoryView>,
}

/// Which part of a list is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    /// From 1.
    pub number: u32,
    pub pages: u32,
    /// How many rows come before it.
    pub before: u32,
    /// How many rows all pages have.
    pub total: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub ready: u32,
    pub wanted: u32,
    pub missing: u32,
    /// In how many pools something is missing.
    pub short_pools: u32,
    pub claims_today: u32,
    /// Requests of the last 24 h, and how many the pool served.
    pub served_24h: u32,
    pub requests_24h: u32,
    /// From the click to the agent ready again; `None` until there was one.
    pub median_claim_ms: Option<u64>,
    pub median_cold_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BedPool {
    pub template: String,
    pub preset: String,
    pub state: PoolState,
    pub counts: Counts,
}

/// How many workspaces a pool has of each kind, and how many it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub ready: u32,
    /// Those that are ready or leaving among them.
    pub running: u32,
    pub starting: u32,
    /// Running, but too old, invalidated or of no active version: nobody may claim them any more.
    pub leaving: u32,
    pub wanted: u32,
}

impl Counts {
    /// How many are being built, or run and wait for their agents.
    pub fn coming(self) -> u32 {
        self.starting + self.running.saturating_sub(self.ready + self.leaving)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolRow {
    pub template: String,
    pub preset: String,
    pub state: PoolState,
    pub pause: Option<PauseView>,
    pub ready: u32,
    pub running: u32,
    pub starting: u32,
    /// As in [`Counts`].
    pub leaving: u32,
    pub wanted: u32,
    pub claims_today: u32,
    pub served_24h: u32,
    pub requests_24h: u32,
    pub drift: DriftState,
    /// The newest failed build, where the state speaks of failures.
    pub failed_build: Option<FailedBuild>,
    /// What a build from nothing usually takes.
    pub cold_ms: Option<u64>,
}

impl PoolRow {
    /// How many ready ones are missing.
    pub fn missing(&self) -> u32 {
        self.wanted.saturating_sub(self.ready)
    }

    pub fn counts(&self) -> Counts {
        let Self { ready, running, starting, leaving, wanted, .. } = *self;
        Counts { ready, running, starting, leaving, wanted }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailedBuild {
    pub workspace_id: String,
    pub build_number: i64,
    /// The first error line.
    pub error: String,
}
