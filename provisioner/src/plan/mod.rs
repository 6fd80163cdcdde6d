//! What a plan says, reduced to what Hearth stores and shows. Sensitive values are masked before they get here.

mod diff;
mod lines;
mod read;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use read::{read, said};

use crate::terraform::object::without_keys;

/// What the JSON form of a claim's plan says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ClaimPlan {
    pub replacements: Vec<Replacement>,
    pub updates: Vec<Update>,
}

/// A resource that would change in place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Update {
    pub address: String,
    pub resource_type: String,
    pub changes: Vec<AttributeChange>,
}

/// What in a template takes a resource away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenBy {
    /// The `count` or `for_each` of its own block.
    Repetition,
    /// Its `lifecycle { enabled }`, which OpenTofu has.
    Enabled,
    /// One of these of a module around it.
    Module,
}

/// A plan in brief.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanSummary {
    pub add: u32,
    pub change: u32,
    pub destroy: u32,
    /// Resources that would be destroyed and made again: drift. Only looked for when the build is a claim.
    pub replacements: Vec<Replacement>,
    /// `coder_*` resources that would be made again: records, not machines. Listed, never counted.
    pub bookkeeping: Vec<String>,
}

impl PlanSummary {
    /// What is counted as a replacement is not listed as a record besides.
    pub(crate) fn forget_replaced(&mut self) {
        let replaced = &self.replacements;
        self.bookkeeping.retain(|address| replaced.iter().all(|it| it.address != *address));
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replacement {
    /// The full address, with module and index.
    pub address: String,
    pub resource_type: String,
    pub kind: ReplacementKind,
    pub changes: Vec<AttributeChange>,
}

impl Replacement {
    /// The address of the block in the template, without the keys of instances.
    pub fn block(&self) -> String {
        without_keys(&self.address)
    }

    /// The changes that force it.
    pub fn forcing(&self) -> impl Iterator<Item = &AttributeChange> {
        self.changes.iter().filter(|change| change.forces)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplacementKind {
    /// An attribute changed that cannot change in place.
    Forced,
    /// `lifecycle.replace_triggered_by`.
    Triggered,
    /// An earlier build left it tainted.
    Tainted,
    /// Another `for_each` key: the old one is destroyed, a new one made, two addresses.
    Rekeyed,
    /// A `coder_agent`: its token changes.
    Agent,
    /// Destroyed and not made again, without being meant for prebuilds only.
    Deleted,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeChange {
    /// Dotted: `triggers_replace.owner`, `env[0]`. Of a rekeyed resource the first one is `each.key`.
    pub path: String,
    /// Whether this path forces the replacement.
    pub forces: bool,
    pub sensitive: bool,
    /// `null` when sensitive or not there.
    pub before: Value,
    /// `null` when sensitive, not there, or unknown until apply.
    pub after: Value,
    pub after_unknown: bool,
}
