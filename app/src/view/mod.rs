//! What pages show, as plain data: made by the server, drawn by the pages.

mod activity;
mod bulk;
mod drift;
mod history;
mod inbox;
mod log;
mod overview;
mod pool_act;
mod preset;
mod rehearsal;
mod search;
mod settings;
mod simulate;
mod template;
mod version;
mod workspace;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use activity::*;
pub use bulk::*;
pub use drift::*;
pub use history::*;
pub use inbox::*;
pub use log::*;
pub use overview::*;
pub use pool_act::*;
pub use preset::*;
pub use rehearsal::*;
pub use search::*;
pub use settings::*;
pub use simulate::*;
pub use template::*;
pub use version::*;
pub use workspace::*;

/// Around every page. `now` is the server's, as of which every age on the page is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub now: DateTime<Utc>,
    pub username: String,
    /// Sees pools, drift and the system user's workspaces.
    pub reads_pools: bool,
    /// May pause, resume and delete what belongs to pools.
    pub administers: bool,
    pub paused_all: Option<PauseView>,
    /// Open drift causes; 0 for people who may not see them.
    pub open_causes: u32,
    /// Unread notifications.
    pub unread: u32,
    pub last_pass: Option<PassView>,
    /// Empty for people who do not administer.
    pub notices: SystemNotices,
}

/// What is wrong with the server as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SystemNotices {
    /// The reconciler's last pass was then, and another one is long due.
    pub stalled_since: Option<DateTime<Utc>>,
    pub slow_pass: Option<SlowPass>,
    pub queue: Option<QueueView>,
}

/// A pass that took longer than the time between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowPass {
    pub took_ms: u64,
    pub interval_ms: u64,
}

/// People have waited long for a worker, while jobs of pools are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    pub people: u32,
    pub prebuild_jobs: u32,
    /// Those that can be canceled: no worker has taken them, and nothing exists of them yet.
    pub pending: u32,
}

/// The reconciler's last pass, for the foot of the navigation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassView {
    pub number: u64,
    pub took_ms: u64,
    pub at: DateTime<Utc>,
    pub next: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PauseView {
    pub by: String,
    pub at: DateTime<Utc>,
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupStatus {
    pub open: bool,
}
