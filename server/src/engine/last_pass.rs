//! What the newest pass of this process was like, for the foot of the dashboard and for the metrics.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};

/// One pass that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Counts from 1 at each start of the process.
    pub number: u64,
    pub at: DateTime<Utc>,
    pub took: Duration,
    /// When the next one comes if nothing happens before.
    pub next: DateTime<Utc>,
}

/// Shared between the engine, which writes, and whoever shows it. Empty on a replica that does not lead.
#[derive(Clone, Debug, Default)]
pub struct LastPass(Arc<RwLock<Option<Pass>>>);

impl LastPass {
    pub fn get(&self) -> Option<Pass> {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, pass: Pass) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(pass);
    }
}
