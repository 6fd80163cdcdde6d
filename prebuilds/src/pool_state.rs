//! What a person is told about a pool and about a workspace in one word. Decided here, drawn everywhere.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    actions::Action,
    decide::Decision,
    reason::Reason,
    snapshot::{GlobalPause, PresetHealth, PresetSnapshot, Settings},
    target::next_change,
};

/// The health of a pool: exactly one, the first that holds in the order written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PoolState {
    /// Somebody paused every pool.
    PausedAll,
    /// Somebody paused this pool.
    Paused,
    /// The newest start builds all failed; creation stopped.
    HardLimited {
        /// How many.
        failures: u32,
    },
    /// A required parameter has no value; creation stopped.
    ValidationFailed,
    /// Recent failures; the next try comes later.
    BackingOff {
        /// Failures in the look-back.
        failures: u32,
        /// Creation resumes strictly after this.
        until: DateTime<Utc>,
    },
    /// Some are wanted, none can be claimed, none is starting.
    Empty,
    /// Fewer can be claimed than wanted, and enough are starting.
    Filling,
    /// More than wanted; the oldest go first.
    Shrinking {
        /// How many too many.
        extra: u32,
    },
    /// As many can be claimed as are wanted.
    Healthy,
    /// None is wanted now.
    OffHours {
        /// When that changes, if a schedule or an override says so.
        next: Option<NextChange>,
    },
    /// Not the active version, or its template is gone; what is left is removed.
    Retired {
        /// How many are left.
        left: u32,
    },
}

/// The next instant at which another number is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextChange {
    /// When.
    pub at: DateTime<Utc>,
    /// Wanted before.
    pub from: u32,
    /// Wanted from then on.
    pub to: u32,
    /// The zone in which people think of it.
    pub timezone: String,
}

impl PoolState {
    /// The state of a pool, from the decision made for it at `now`.
    ///
    /// Failures and counts say nothing about a preset that is not active; a pause is shown even then.
    pub fn of<M, P>(
        preset: &PresetSnapshot<M, P>,
        settings: &Settings,
        decision: &Decision<M>,
        now: DateTime<Utc>,
    ) -> Self {
        let state = &decision.state;
        if matches!(settings.paused, GlobalPause::Paused(_)) {
            return Self::PausedAll;
        }
        if preset.paused.is_some() {
            return Self::Paused;
        }
        if !preset.is_active() {
            return Self::Retired { left: state.actual };
        }
        if let Some(troubled) = Self::trouble(decision) {
            return troubled;
        }
        let coming = state.starting + state.valid() - state.eligible;
        match state.desired {
            wanted if wanted > 0 && state.eligible == 0 && coming == 0 => Self::Empty,
            wanted if state.eligible < wanted => Self::Filling,
            _ if state.extraneous > 0 => Self::Shrinking { extra: state.extraneous },
            0 => Self::OffHours { next: next_change(preset, now) },
            _ => Self::Healthy,
        }
    }

    /// What forbids creation, other than a pause.
    fn trouble<M>(decision: &Decision<M>) -> Option<Self> {
        match decision.health {
            PresetHealth::Healthy => {}
            PresetHealth::HardLimited => {
                let failures = decision.reasons.iter().find_map(|reason| match reason {
                    Reason::HardLimited { failures, .. } => Some(*failures),
                    _ => None,
                });
                return Some(Self::HardLimited { failures: failures.unwrap_or_default() });
            }
            PresetHealth::ValidationFailed => return Some(Self::ValidationFailed),
        }
        let until = decision.actions.iter().find_map(|action| match action {
            Action::BackOff { until } => Some(*until),
            _ => None,
        })?;
        let failures = decision.reasons.iter().find_map(|reason| match reason {
            Reason::BackingOff { failures, .. } => Some(*failures),
            _ => None,
        });
        Some(Self::BackingOff { failures: failures.unwrap_or_default(), until })
    }

    /// Every slug, in the order of the states.
    pub const SLUGS: [&'static str; 11] = [
        "paused_all",
        "paused",
        "hard_limited",
        "validation_failed",
        "backing_off",
        "empty",
        "filling",
        "shrinking",
        "healthy",
        "off_hours",
        "retired",
    ];

    /// The word used in URLs and JSON.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::PausedAll => "paused_all",
            Self::Paused => "paused",
            Self::HardLimited { .. } => "hard_limited",
            Self::ValidationFailed => "validation_failed",
            Self::BackingOff { .. } => "backing_off",
            Self::Empty => "empty",
            Self::Filling => "filling",
            Self::Shrinking { .. } => "shrinking",
            Self::Healthy => "healthy",
            Self::OffHours { .. } => "off_hours",
            Self::Retired { .. } => "retired",
        }
    }

    /// Whether a template admin should look at it.
    pub fn needs_attention(&self) -> bool {
        matches!(
            self,
            Self::HardLimited { .. } | Self::ValidationFailed | Self::BackingOff { .. } | Self::Empty
        )
    }
}

/// Whether claiming a member of the pool destroys and recreates something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "drift", rename_all = "snake_case")]
pub enum DriftState {
    /// The newest claim or rehearsal of this version recreated nothing.
    Clean {
        /// When that was seen.
        at: DateTime<Utc>,
    },
    /// Nobody knows yet.
    NotRehearsed,
    /// A rehearsal could not find out.
    Unknown {
        /// What stood in its way.
        why: String,
    },
    /// A claim recreates resources.
    Replaces {
        /// How many.
        count: u32,
        /// One of them.
        resource: String,
        /// The attribute that forces it.
        attribute: String,
    },
}

impl DriftState {
    /// Whether it is known that a claim recreates something.
    pub fn replaces(&self) -> bool {
        matches!(self, Self::Replaces { .. })
    }
}

impl WorkspaceStage {
    /// Every stage, in the order of a life.
    pub const ALL: [Self; 15] = [
        Self::Queued,
        Self::Building,
        Self::StartingAgent,
        Self::Ready,
        Self::Claimed,
        Self::Reapplying,
        Self::Reinitializing,
        Self::Yours,
        Self::Failed,
        Self::Expired,
        Self::Parked,
        Self::Stopped,
        Self::Stopping,
        Self::Deleting,
        Self::Deleted,
    ];

    /// The word used in URLs and JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Building => "building",
            Self::StartingAgent => "starting_agent",
            Self::Ready => "ready",
            Self::Claimed => "claimed",
            Self::Reapplying => "reapplying",
            Self::Reinitializing => "reinitializing",
            Self::Yours => "yours",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Parked => "parked",
            Self::Stopped => "stopped",
            Self::Stopping => "stopping",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }
}

/// Where a workspace is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceStage {
    /// Its build waits for a worker.
    Queued,
    /// Terraform makes it.
    Building,
    /// It exists; its agent is not ready yet.
    StartingAgent,
    /// An unclaimed member that can be claimed.
    Ready,
    /// Handed over; the claim build waits for a worker.
    Claimed,
    /// The claim build runs.
    Reapplying,
    /// The agent runs its start scripts for the new owner.
    Reinitializing,
    /// A person's, and ready.
    Yours,
    /// Its start build failed.
    Failed,
    /// An unclaimed member past its time; about to be removed.
    Expired,
    /// A member that a person stopped; the reconciler leaves it alone.
    Parked,
    /// A person's, stopped.
    Stopped,
    /// A stop build is queued or runs.
    Stopping,
    /// A delete build is queued or runs.
    Deleting,
    /// Gone.
    Deleted,
}
