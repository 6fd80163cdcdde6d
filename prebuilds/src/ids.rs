//! Ids as types, so that a workspace is never looked up by the id of its build.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// A person, or the system user.
    UserId,
    /// An organization.
    OrganizationId,
    /// A template.
    TemplateId,
    /// A template version.
    VersionId,
    /// A preset of one version.
    PresetId,
    /// A workspace, claimed or not.
    WorkspaceId,
    /// A build: one transition of one workspace.
    BuildId,
    /// A queued piece of work.
    JobId,
    /// An agent inside a workspace.
    AgentId,
    /// An uploaded template source.
    FileId,
    /// A cause of drift.
    CauseId,
    /// A rehearsed claim.
    RehearsalId,
}

/// The user that owns every workspace nobody has claimed yet.
pub const SYSTEM_USER: UserId = UserId(Uuid::from_u128(0xc42fdf75_3097_471c_8c33_fb52454d81c0));
