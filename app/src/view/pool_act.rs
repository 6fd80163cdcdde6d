use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a person changes about a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolAct {
    /// Nothing is created or removed until somebody resumes.
    Pause {
        note: String,
    },
    Resume,
    /// So many are wanted until then, whatever schedule and preset say.
    Override {
        instances: u32,
        until: DateTime<Utc>,
        reason: String,
    },
    EndOverride,
    /// Failures so far count no more: creation goes on.
    ResetFailures,
    /// Every member made so far counts as expired and is replaced.
    Invalidate,
}

/// What came of it: how many members it touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolActed {
    pub members: u32,
    /// Left alone, because they are busy, claimed or gone.
    pub skipped: u32,
}

/// What people have changed about a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolSettingsView {
    /// Sent back with each change, so that nobody overwrites what they have not seen.
    pub revision: i64,
    /// Only while it holds.
    pub override_: Option<OverrideView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideView {
    pub instances: u32,
    pub until: DateTime<Utc>,
    pub by: String,
    pub reason: String,
}
