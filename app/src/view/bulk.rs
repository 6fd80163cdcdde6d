//! One act on several workspaces.

use hearth_prebuilds::ids::WorkspaceId;
use serde::{Deserialize, Serialize};

use super::WorkspacesQuery;

/// So many workspaces can be changed in one go.
pub const MOST_AT_ONCE: usize = 500;

/// Which ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Chosen {
    Named(Vec<WorkspaceId>),
    /// All that match and that the person may change. `seen` is how many they were when the person looked: nothing is
    /// done when that has changed. `None`: however many they are.
    Matching {
        filter: WorkspacesQuery,
        seen: Option<u32>,
    },
}

/// How many of those chosen an act does not change, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Another build is under way.
    pub busy: u32,
    /// It is what the act would make of it.
    pub already: u32,
    /// It cannot be started with the values it has.
    pub unfit: u32,
    /// It is gone, or the person may not change it.
    pub denied: u32,
}

impl LeftOut {
    pub fn parts(self) -> [u32; 4] {
        [self.busy, self.already, self.unfit, self.denied]
    }
}

/// What an act would come to, asked before it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkQuestion {
    /// Names of those that it would change.
    pub names: Vec<String>,
    /// How many of them are unclaimed.
    pub prebuilds: u32,
    pub left_out: LeftOut,
    /// So much is destroyed that the number of them has to be typed.
    pub typed: bool,
}

impl BulkQuestion {
    /// How many were chosen.
    pub fn chosen(&self) -> usize {
        self.names.len() + self.left_out.parts().into_iter().sum::<u32>() as usize
    }
}

/// What an act has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkOutcome {
    pub changed: u32,
    pub left_out: LeftOut,
}
