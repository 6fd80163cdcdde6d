//! Whether a member of a pool may be handed over, by what is known of its drift.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{pool_state::DriftState, words::plural};

/// What a pool does with members whose claim would recreate something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftPolicy {
    /// They are handed over; what a claim recreates is recorded and told.
    #[default]
    Allow,
    /// They are passed over, unless it is known that a claim recreates nothing.
    Block,
}

/// Why a member is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Blocked {
    /// A claim recreates resources.
    Replaces {
        /// How many.
        count: u32,
        /// One of them.
        resource: String,
    },
    /// A rehearsal could not find out.
    Unknown {
        /// What stood in its way.
        why: String,
    },
    /// Nothing was rehearsed or claimed yet.
    NotRehearsed,
    /// Other parameter values are asked for than those that were rehearsed.
    OtherValues,
}

impl DriftPolicy {
    /// The word in the database, in JSON and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Block => "block",
        }
    }

    /// Why no member is handed over as it was built. `None`: any may be.
    pub fn blocks(self, drift: &DriftState) -> Option<Blocked> {
        match (self, drift) {
            (Self::Allow, _) | (Self::Block, DriftState::Clean { .. }) => None,
            (Self::Block, DriftState::NotRehearsed) => Some(Blocked::NotRehearsed),
            (Self::Block, DriftState::Unknown { why }) => Some(Blocked::Unknown { why: why.clone() }),
            (Self::Block, DriftState::Replaces { count, resource, .. }) => {
                Some(Blocked::Replaces { count: *count, resource: resource.clone() })
            }
        }
    }
}

impl FromStr for DriftPolicy {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, UnknownPolicy> {
        [Self::Allow, Self::Block].into_iter().find(|policy| policy.as_str() == word).ok_or(UnknownPolicy)
    }
}

impl TryFrom<String> for DriftPolicy {
    type Error = UnknownPolicy;

    fn try_from(word: String) -> Result<Self, UnknownPolicy> {
        word.parse()
    }
}

/// The word is no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be allow or block")]
pub struct UnknownPolicy;

/// The sentence that people read.
impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The policy of this pool is \"block\"")?;
        match self {
            Self::Replaces { count, resource } => {
                let resources = plural(*count, "resource");
                write!(f, ", and a claim would recreate {resources}, such as {resource}.")
            }
            Self::Unknown { why } => {
                write!(f, ", and the rehearsal could not find out what a claim recreates: {why}")
            }
            Self::NotRehearsed => f.write_str(", and a claim has not been rehearsed yet."),
            Self::OtherValues => {
                f.write_str(", and other parameter values are asked for than those that were rehearsed.")
            }
        }
    }
}
