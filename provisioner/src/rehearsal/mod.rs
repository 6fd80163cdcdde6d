//! What a claim of a pool's member would destroy, found before any person meets it.
//!
//! A rehearsal is a plan of a claim by nobody in particular, from the state of a member, with nothing applied, no lock
//! and a credential that can only read. When it replaces something, three questions follow, each answered by running
//! terraform again instead of guessing:
//!
//! - *Why?* One more plan for each thing that a claim changes, with that alone changed ([`Field`]). What replaces the
//!   resource then is the cause. Fields that the template never mentions, or that the graph does not connect to a
//!   replaced resource, are not tried.
//! - *Where?* The references are followed through the text, from the attribute to the field ([`Hop`]). This explains;
//!   it decides nothing.
//! - *What would help?* A narrow `ignore_changes` is written into a copy of the template, and the rehearsal is done
//!   again with it ([`Fix`]). It is called proved only when nothing was replaced then.

mod advice;
mod disruptive;
mod field;
mod gates;
mod hcl;
mod ignore;
mod patch;
mod template;
mod trace;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    engine::{BuildRequest, Owner},
    plan::Replacement,
};

pub(crate) use advice::advice;
pub(crate) use disruptive::{disruptions, may_disrupt};
pub use field::Field;
pub(crate) use gates::Gates;
pub(crate) use patch::Patch;
pub(crate) use template::{Module, Template};
pub(crate) use trace::Trace;

/// A claim to rehearse.
#[derive(Clone, Debug)]
pub struct RehearseRequest {
    /// The claim as it would be built: its stage is `Claim`, its owner somebody who does not exist, and its state
    /// endpoint can only be read.
    pub claim: BuildRequest,
    /// Who owns the member now, and how it is called.
    pub member: Owner,
    pub member_name: String,
    pub effort: Effort,
}

/// How much the search for causes may cost. The rehearsal itself and the proof of a fix are never left out.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    pub plans: u32,
    pub time: Duration,
}

impl Default for Effort {
    fn default() -> Self {
        Self { plans: 20, time: Duration::from_secs(180) }
    }
}

/// What came of a rehearsal. Everything sensitive is masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rehearsed {
    pub verdict: Verdict,
    /// Updates in place that are known to interrupt whatever runs. They are no replacements.
    pub disruptive: Vec<Disruption>,
    /// One for each replacement, in the same order.
    pub blame: Vec<Blame>,
    pub fix: Option<Fix>,
    /// What no patch can help, one sentence a resource.
    pub advice: Vec<Advice>,
    /// Whether the claim changes nothing that an agent reads: itself, scripts, environment, apps.
    #[serde(default)]
    pub agents_stay: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    Clean,
    Replaces { replacements: Vec<Replacement> },
    Unknown { why: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disruption {
    pub address: String,
    pub path: String,
    /// What it does: "the machine is stopped and started".
    pub effect: String,
}

/// Why one resource is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blame {
    pub address: String,
    pub cause: Cause,
    /// The replaced resource that drags this one along, if that is how it comes about.
    pub follows: Option<String>,
    /// From the attribute to what it is made of; empty when the text does not show it.
    pub path: Vec<Hop>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// Each of these alone.
    Fields {
        fields: Vec<Field>,
    },
    /// None of these alone, but all of them together.
    Together {
        fields: Vec<Field>,
    },
    /// It would be replaced if nothing changed at all.
    EveryBuild,
    NotFound {
        why: String,
    },
}

/// One step of a path: what stands there, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    pub what: String,
    /// Relative to the template.
    pub file: String,
    pub line: u32,
}

/// A change of the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// A unified diff.
    pub diff: String,
    /// The whole new text of each changed file.
    pub files: BTreeMap<String, String>,
    /// With it, the same claim replaced nothing.
    pub proved: bool,
    /// What was still replaced.
    pub left: Vec<String>,
    pub trade_off: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    pub address: String,
    pub words: String,
}

impl Rehearsed {
    /// Nothing was learnt.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::with(Verdict::Unknown { why: why.into() })
    }

    /// Empty unless the verdict is that something is replaced.
    pub fn replacements(&self) -> &[Replacement] {
        match &self.verdict {
            Verdict::Replaces { replacements } => replacements,
            Verdict::Clean | Verdict::Unknown { .. } => &[],
        }
    }

    /// Whether an agent can begin again for its new owner before the claim build has run: nothing under it goes, is
    /// interrupted or reads differently.
    pub fn leaves_agents_alone(&self) -> bool {
        self.verdict == Verdict::Clean && self.disruptive.is_empty() && self.agents_stay
    }

    pub(crate) fn with(verdict: Verdict) -> Self {
        Self {
            verdict,
            disruptive: Vec::new(),
            blame: Vec::new(),
            fix: None,
            advice: Vec::new(),
            agents_stay: false,
        }
    }
}
