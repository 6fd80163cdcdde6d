//! Where a workspace is in its life, from the facts of its latest build and its agents.

use crate::pool_state::WorkspaceStage;

/// What a build does to its workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Makes or remakes it.
    Start,
    /// Stops it.
    Stop,
    /// Destroys it.
    Delete,
}

/// How far a build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildStatus {
    /// No worker has taken it.
    Pending,
    /// A worker runs it.
    Running,
    /// A worker is told to stop it.
    Canceling,
    /// Done.
    Succeeded,
    /// Ended without success.
    Failed,
    /// Ended on somebody's order.
    Canceled,
}

impl Transition {
    /// By its name in the store and in JSON.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "start" => Self::Start,
            "stop" => Self::Stop,
            "delete" => Self::Delete,
            _ => return None,
        })
    }

    /// That name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Delete => "delete",
        }
    }
}

impl BuildStatus {
    /// By its name in the store and in JSON.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "pending" => Self::Pending,
            "running" => Self::Running,
            "canceling" => Self::Canceling,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => return None,
        })
    }
}

/// What the stage of a workspace depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkspaceFacts {
    /// Whether the workspace is gone.
    pub deleted: bool,
    /// Whether the system user owns it.
    pub unclaimed: bool,
    /// Whether it is a member past its time, or invalidated.
    pub expired: bool,
    /// What its latest build does.
    pub transition: Transition,
    /// Whether its latest build hands it to a person.
    pub is_claim: bool,
    /// How far its latest build is.
    pub status: BuildStatus,
    /// Whether all its agents are ready; after a claim, ready for the new owner.
    pub ready: bool,
}

impl WorkspaceStage {
    /// The one stage that these facts mean.
    pub fn of(facts: &WorkspaceFacts) -> Self {
        if facts.deleted {
            return Self::Deleted;
        }
        match (facts.transition, facts.status) {
            (_, BuildStatus::Failed | BuildStatus::Canceled) => Self::Failed,
            (Transition::Delete, BuildStatus::Succeeded) => Self::Deleted,
            (Transition::Delete, _) => Self::Deleting,
            (Transition::Stop, BuildStatus::Succeeded) if facts.unclaimed => Self::Parked,
            (Transition::Stop, BuildStatus::Succeeded) => Self::Stopped,
            (Transition::Stop, _) => Self::Stopping,
            // Its agents did not have to wait for the build.
            (Transition::Start, _) if facts.is_claim && facts.ready => Self::Yours,
            (Transition::Start, BuildStatus::Pending) if facts.is_claim => Self::Claimed,
            (Transition::Start, BuildStatus::Pending) => Self::Queued,
            (Transition::Start, BuildStatus::Succeeded) => Self::started(facts),
            (Transition::Start, _) if facts.is_claim => Self::Reapplying,
            (Transition::Start, _) => Self::Building,
        }
    }

    fn started(facts: &WorkspaceFacts) -> Self {
        match (facts.unclaimed, facts.ready) {
            (true, _) if facts.expired => Self::Expired,
            (true, true) => Self::Ready,
            (false, true) => Self::Yours,
            (false, false) if facts.is_claim => Self::Reinitializing,
            (_, false) => Self::StartingAgent,
        }
    }
}
