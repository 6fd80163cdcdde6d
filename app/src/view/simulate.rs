use serde::{Deserialize, Serialize};

use super::Frame;

/// The query string of a preset's what-if page, as typed; empty values stand for what is so now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SimulateQuery {
    /// So many wanted at all times, instead of preset and schedule.
    pub desired: String,
    /// Of each hour of the week; used with `from=typed`.
    pub claims_per_hour: String,
    pub build_min: String,
    /// Hours; 0 means never.
    pub ttl: String,
    /// `history` (default): the requests of the last 7 days; `typed`.
    pub from: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulateView {
    pub frame: Frame,
    pub template: String,
    pub preset: String,
    /// What holds now, in words for the form's hints.
    pub now_wanted: String,
    pub now_ttl: String,
    pub now_build: String,
    /// Requests of the last 7 days.
    pub asked: u32,
    /// (field, what is wrong with it).
    pub problems: Vec<(String, String)>,
    /// `None` where something is wrong.
    pub answer: Option<SimulatedView>,
}

/// What would happen in a week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulatedView {
    /// The difference in a sentence.
    pub verdict: String,
    pub now: FiguresView,
    pub then: FiguresView,
    /// The block that asks for it.
    pub hcl: String,
}

/// Of an average day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FiguresView {
    pub requests: f64,
    pub misses: f64,
    /// Of all requests, from 0 to 1; `None` when nobody asks.
    pub hit_rate: Option<f64>,
    pub machine_hours: f64,
    /// Seconds.
    pub wait_p50: Option<f64>,
    pub wait_p95: Option<f64>,
    /// Parts of the week, at most 168: wanted, ready and misses.
    pub parts: Vec<(f64, f64, u32)>,
}
