//! What is simulated: a pool's settings, the demand for it, and how long things take. Its JSON is the input of
//! `hearth simulate`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    instant,
    json::{self, Problem, choice},
    snapshot::{Override, Scheduling, Settings},
};

/// A stretch of time of one pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The first instant.
    #[serde(with = "instant")]
    pub from: DateTime<Utc>,
    /// The first instant that does not belong to it any more.
    #[serde(with = "instant")]
    pub to: DateTime<Utc>,
    /// The same seed gives the same outcome.
    #[serde(default)]
    pub seed: u64,
    /// The pool's own settings.
    pub preset: PoolSettings,
    /// Limits that hold for every pool.
    #[serde(default)]
    pub settings: Settings,
    /// What makes the reconciler look.
    #[serde(default)]
    pub wakes: Wakes,
    /// How often the reconciler looks when nothing else makes it.
    #[serde(default = "a_minute")]
    pub reconcile_interval_seconds: u64,
    /// When people ask for a workspace.
    #[serde(deserialize_with = "choice::deserialize")]
    pub demand: Demand,
    /// From the creation of a member until it can be claimed, or until its build has failed.
    #[serde(deserialize_with = "choice::deserialize")]
    pub build_seconds: Spread,
    /// How likely a member's build is to fail.
    #[serde(default)]
    pub failure_probability: f64,
    /// How long a person waits who gets a member of the pool.
    #[serde(deserialize_with = "choice::deserialize")]
    pub claim_seconds: Spread,
    /// How long a person waits who gets none; absent means as long as a member's build takes.
    #[serde(default, deserialize_with = "choice::optional")]
    pub cold_build_seconds: Option<Spread>,
    /// How many members are ready at the start, made at that instant; absent means as many as are wanted then.
    #[serde(default)]
    pub ready_at_start: Option<u32>,
}

/// What a template's preset and a person's override say about a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolSettings {
    /// How many are wanted when neither schedule nor override says otherwise.
    pub instances: u32,
    /// A member older than this is expired; 0 and `None` mean never.
    #[serde(default)]
    pub ttl_seconds: Option<u64>,
    /// When how many are wanted.
    #[serde(default)]
    pub scheduling: Option<Scheduling>,
    /// A temporary override.
    #[serde(default, rename = "override")]
    pub override_: Option<Override>,
}

/// What makes the reconciler look at a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wakes {
    /// Each claim and each build that ends, and every instant at which time alone changes the answer.
    #[default]
    Events,
    /// The interval alone, as if every event was lost.
    Tick,
}

/// When people ask for a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Demand {
    /// At these instants, in any order.
    Recorded(#[serde(with = "instant::list")] Vec<DateTime<Utc>>),
    /// By chance, independently of each other (Poisson).
    Hourly {
        /// The IANA zone of the hours.
        timezone: String,
        /// Requests an hour on average, for each of the 168 hours of a week that begins on Monday at 00:00.
        rates: Vec<f64>,
    },
}

/// How long something takes, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Spread {
    /// Always as long.
    Fixed(f64),
    /// As long as one of these, each as likely.
    Samples(Vec<f64>),
    /// Log-normal: half take at most `p50`, and 95 of 100 at most `p95`.
    Percentiles {
        /// The median.
        p50: f64,
        /// What 95 of 100 stay below.
        p95: f64,
    },
}

impl Scenario {
    /// Reads a scenario of JSON text, or says everything that is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        json::read(bytes, Self::problems)
    }
}

fn a_minute() -> u64 {
    60
}
