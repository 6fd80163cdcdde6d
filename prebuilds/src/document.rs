//! The document that `hearth decide` reads and the one it answers. A stored decision exports as the former.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use crate::json::Problem;
use crate::{
    decide::{Decision, decide},
    instant, json, schedule,
    snapshot::{PresetSnapshot, Scheduling, Settings},
};

/// Everything that decisions depend on. Ids are any text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document<M = String, P = String> {
    /// The instant of the decisions.
    #[serde(with = "instant")]
    pub now: DateTime<Utc>,
    /// Limits that hold for every preset.
    #[serde(default)]
    pub settings: Settings,
    /// What was read about each preset.
    #[serde(default = "Vec::new")]
    pub presets: Vec<PresetSnapshot<M, P>>,
}

/// The decisions, in the order of the document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answers<M = String, P = String> {
    /// One for each preset.
    pub presets: Vec<Answer<M, P>>,
}

/// The decision for one preset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer<M = String, P = String> {
    /// The preset's id.
    pub preset: P,
    /// What to do, and why.
    #[serde(flatten)]
    pub decision: Decision<M>,
}

impl<M: Clone + Ord, P: Clone> Document<M, P> {
    /// Decides each preset.
    pub fn answer(&self) -> Answers<M, P> {
        let answer = |preset: &PresetSnapshot<M, P>| Answer {
            preset: preset.id.clone(),
            decision: decide(preset, &self.settings, self.now),
        };
        Answers { presets: self.presets.iter().map(answer).collect() }
    }
}

impl Document {
    /// Reads a document of JSON text, or says everything that is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        json::read(bytes, Self::problems)
    }

    /// What the types cannot rule out: ids used twice, zones and cron lines that cannot be read. Lines that overlap
    /// are no problem of the document: they are decided, as R9 says.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut presets = Ids::new("preset");
        let mut workspaces = Ids::new("workspace");
        for (position, preset) in self.presets.iter().enumerate() {
            let path = format!("presets[{position}]");
            problems.extend(presets.add(&preset.id, format!("{path}.id")));
            for (list, ids) in [
                ("running", preset.running.iter().map(|member| &member.id).collect::<Vec<_>>()),
                ("failed", preset.failed.iter().map(|member| &member.id).collect()),
            ] {
                for (position, id) in ids.into_iter().enumerate() {
                    problems.extend(workspaces.add(id, format!("{path}.{list}[{position}].id")));
                }
            }
            for (position, id) in preset.pending.iter().enumerate() {
                problems.extend(workspaces.add(id, format!("{path}.pending[{position}]")));
            }
            if let Some(scheduling) = &preset.scheduling {
                problems.extend(unreadable(scheduling, &format!("{path}.scheduling")));
            }
        }
        problems
    }
}

/// The zone and the lines of a schedule that cannot be read.
pub(crate) fn unreadable(scheduling: &Scheduling, path: &str) -> Vec<Problem> {
    let zone = schedule::timezone(&scheduling.timezone)
        .err()
        .map(|error| Problem::at(format!("{path}.timezone"), error.to_string()));
    if let Err(error) = schedule::not_too_many(scheduling) {
        return vec![Problem::at(format!("{path}.schedules"), error.to_string())];
    }
    let lines = scheduling.schedules.iter().enumerate().filter_map(|(position, line)| {
        let error = schedule::line(position, line).err()?;
        Some(Problem::at(format!("{path}.schedules[{position}].cron"), error.to_string()))
    });
    zone.into_iter().chain(lines).collect()
}

/// Ids seen so far, and where.
struct Ids<'a> {
    what: &'static str,
    seen: HashMap<&'a str, String>,
}

impl<'a> Ids<'a> {
    fn new(what: &'static str) -> Self {
        Self { what, seen: HashMap::new() }
    }

    fn add(&mut self, id: &'a str, path: String) -> Option<Problem> {
        if let Some(first) = self.seen.get(id) {
            let reason = format!("{} id {id:?} is used already at {first}", self.what);
            return Some(Problem::at(path, reason));
        }
        self.seen.insert(id, path);
        None
    }
}
