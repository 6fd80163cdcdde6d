//! What a simulation found.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{actions::DeleteReason, instant};

/// What would happen. Its JSON is the answer of `hearth simulate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The first instant.
    #[serde(with = "instant")]
    pub from: DateTime<Utc>,
    /// The first instant that does not belong to it any more.
    #[serde(with = "instant")]
    pub to: DateTime<Utc>,
    /// How many people asked.
    pub requests: u32,
    /// How many got a member of the pool.
    pub hits: u32,
    /// How many got none: their workspace was built cold.
    pub misses: u32,
    /// Hits of requests, from 0 to 1; `None` when nobody asked.
    pub hit_rate: Option<f64>,
    /// How long people waited.
    pub waits: Waits,
    /// What the pool cost: hours of members running unclaimed, or starting.
    pub machine_hours: f64,
    /// Members' start builds.
    pub builds: Builds,
    /// Members deleted unclaimed.
    pub deletions: BTreeMap<DeleteReason, u32>,
    /// When so many builds had failed in a row that creation stopped, for the first time.
    #[serde(with = "instant::optional")]
    pub creation_stopped_at: Option<DateTime<Utc>>,
    /// How often the reconciler decided.
    pub decisions: u32,
    /// The length of one part of the series.
    pub part_seconds: u32,
    /// The whole time in parts, to draw.
    pub series: Vec<Part>,
}

/// How long people waited.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waits {
    /// All of them.
    pub all: Option<Wait>,
    /// Those who got a member of the pool.
    pub claim: Option<Wait>,
    /// Those who got none.
    pub cold: Option<Wait>,
}

/// The waits of some people, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// The median.
    pub p50: f64,
    /// What 95 of 100 did not exceed.
    pub p95: f64,
}

/// Members' start builds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Builds {
    /// Begun.
    pub started: u32,
    /// Ended without success.
    pub failed: u32,
}

/// A part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// When it begins.
    #[serde(with = "instant")]
    pub at: DateTime<Utc>,
    /// How many members were wanted, on average.
    pub wanted: f64,
    /// How many could be claimed, on average.
    pub ready: f64,
    /// How many people got one.
    pub claims: u32,
    /// How many got none.
    pub misses: u32,
}

impl Outcome {
    /// How many days were simulated.
    pub fn days(&self) -> f64 {
        (self.to - self.from).as_seconds_f64() / 86_400.0
    }
}
