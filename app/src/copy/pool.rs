//! The one sentence about a pool that needs a word.

use chrono::{DateTime, Utc};
use hearth_prebuilds::pool_state::{DriftState, NextChange, PoolState};

use super::counted;
use crate::{
    address::Query,
    time::{Now, coarse, duration},
    view::{FailedBuild, PauseView, PoolRow},
    zone,
};

/// One sentence about a pool that needs a word: the part that matters, then the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub strong: String,
    /// What Terraform said, in its own words and however long.
    pub said: Option<String>,
    pub rest: String,
    /// The word on the link to what went wrong.
    pub see: Option<(&'static str, String)>,
}

impl Note {
    fn new(strong: impl Into<String>, rest: impl Into<String>) -> Self {
        Self { strong: strong.into(), said: None, rest: rest.into(), see: None }
    }

    fn see(mut self, label: &'static str, failed: Option<&FailedBuild>) -> Self {
        self.see = failed.map(|build| (label, build_href(build)));
        self
    }
}

/// So many characters of what was said fit into a line of a table.
const LINE: usize = 48;

/// What was said, cut off where a table has no room for more.
pub fn in_a_line(said: &str) -> String {
    match said.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", said[..end].trim_end()),
        None => said.to_owned(),
    }
}

/// The log of a failed build.
pub fn build_href(build: &FailedBuild) -> String {
    format!("/workspaces/{}?build={}", build.workspace_id, build.build_number)
}

const CLAIMABLE: &str = "Ready ones can still be claimed.";

/// What to say below a pool's row; healthy ones say nothing.
pub fn pool_note(row: &PoolRow, now: Now) -> Option<Note> {
    let failed = row.failed_build.as_ref();
    Some(match &row.state {
        PoolState::PausedAll => return None,
        // Who paused and what failed is known to those alone who read pools.
        PoolState::Paused => match &row.pause {
            Some(pause) => Note::new("", paused(pause, now)),
            None => Note::new("", CLAIMABLE),
        },
        PoolState::HardLimited { failures } => {
            let said = failed.map(|build| build.error.trim_end_matches('.').to_owned());
            let end = if said.is_some() { ':' } else { '.' };
            let strong = format!("{} failed in a row, so creation stopped{end}", counted(failures, "build"));
            let rest = if row.ready > 0 { CLAIMABLE } else { "" };
            Note { said, ..Note::new(strong, rest).see("See last log", failed) }
        }
        PoolState::ValidationFailed => Note::new(
            "A parameter has no value, or one that is not allowed, so creation stopped.",
            "Mend the preset and push a new version.",
        ),
        PoolState::BackingOff { failures, until } => {
            Note::new(format!("{} failed.", counted(failures, "build")), next_try(*until, now.get()))
                .see("See failed build", failed)
        }
        PoolState::Empty => empty(row),
        PoolState::Filling => Note::new(
            "",
            format!(
                "{} of {} ready, {} on the way.{}",
                row.ready,
                row.wanted,
                row.counts().coming(),
                usual(row)
            ),
        ),
        PoolState::Shrinking { extra } => {
            Note::new("", format!("{extra} more than wanted; the oldest are removed first."))
        }
        PoolState::Healthy => return replaces(row),
        PoolState::OffHours { next } => Note::new("", format!("0 wanted now; {}.", again(next.as_ref()?))),
        PoolState::Retired { left } => {
            Note::new("", format!("Not the active version; {left} left to remove."))
        }
    })
}

fn empty(row: &PoolRow) -> Note {
    let mut rest = row
        .cold_ms
        .map(|ms| format!("The next developer waits about {}. ", duration(ms)))
        .unwrap_or_default();
    if row.leaving > 0 {
        rest.push_str(&format!("{} running cannot be claimed any more and will be removed.", row.leaving));
    }
    Note::new("None ready.", rest)
}

/// What a claim recreates, when it does.
fn replaces(row: &PoolRow) -> Option<Note> {
    let DriftState::Replaces { resource, attribute, .. } = &row.drift else { return None };
    let mut note = Note::new(format!("A claim recreates {resource}"), format!("because of {attribute}."));
    note.see = Some(("See drift", drift_href(row)));
    Some(note)
}

/// The causes of drift of a preset.
pub fn drift_href(row: &PoolRow) -> String {
    Query::new("/drift").with("template", &row.template).with("preset", &row.preset).href()
}

/// Who paused, when and why.
pub fn paused(pause: &PauseView, now: Now) -> String {
    let why = if pause.note.is_empty() { String::new() } else { format!(": “{}”", pause.note) };
    format!("{} paused this {}{why}. {CLAIMABLE}", pause.by, now.relative(pause.at))
}

/// When an off-hours pool fills again.
fn again(next: &NextChange) -> String {
    format!("{} again at {}", next.to, zone::local(next.at, &next.timezone))
}

fn next_try(until: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (until - now).num_milliseconds() {
        // Whole seconds, as the badge beside it counts them.
        left @ 1.. => format!("Next try in {}.", duration(left.unsigned_abs() / 1000 * 1000)),
        _ => "Next try any moment.".to_owned(),
    }
}

fn usual(row: &PoolRow) -> String {
    row.cold_ms.map(|ms| format!(" A build takes about {}.", coarse(ms))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_error_is_cut_to_a_line_of_a_table() {
        assert_eq!(in_a_line("no space left on device"), "no space left on device");
        let long = in_a_line("creating the instance: quota exceeded for gpus, limit 8 in europe-west4");
        assert_eq!(long, "creating the instance: quota exceeded for gpus,…");
    }
}
