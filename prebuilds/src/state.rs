//! The diagnosis: how many there are of each kind.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    actions::DeleteReason,
    instant,
    snapshot::{Member, PresetSnapshot},
    target::Target,
};

/// The counts of one preset at one instant (R4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Running members, expired ones included.
    pub actual: u32,
    /// How many are wanted.
    pub desired: u32,
    /// Running, valid and ready: what can be claimed. Only of an active preset.
    pub eligible: u32,
    /// Running members past their time, or invalidated.
    pub expired: u32,
    /// Valid members above the number wanted. Only of an active preset.
    pub extraneous: u32,
    /// Start builds in flight.
    pub starting: u32,
    /// Stop builds in flight.
    pub stopping: u32,
    /// Delete builds in flight.
    pub deleting: u32,
}

impl State {
    /// Running members that still count.
    pub fn valid(&self) -> u32 {
        self.actual - self.expired.min(self.actual)
    }

    /// R5: what is neither running nor starting. Stops and deletions in flight never inhibit a creation.
    pub fn missing(&self) -> u32 {
        self.desired.saturating_sub(self.valid()).saturating_sub(self.starting)
    }

    /// Starting, but more than needed: builds in flight are never touched.
    pub fn starting_surplus(&self) -> u32 {
        self.starting.saturating_sub(self.desired.saturating_sub(self.valid()))
    }
}

/// The diagnosis for one preset at one instant.
pub fn calculate_state<M, P>(preset: &PresetSnapshot<M, P>, now: DateTime<Utc>) -> State {
    count(preset, &Target::of(preset, now), now)
}

pub(crate) fn count<M, P>(preset: &PresetSnapshot<M, P>, target: &Target, now: DateTime<Utc>) -> State {
    let (mut expired, mut eligible) = (0, 0);
    for member in &preset.running {
        match end_of(preset, member, now) {
            Some(_) => expired += 1,
            None => eligible += u32::from(member.ready),
        }
    }
    let actual = u32::try_from(preset.running.len()).unwrap_or(u32::MAX);
    let desired = target.wanted(now);
    let active = preset.is_active();
    State {
        actual,
        desired,
        eligible: if active { eligible } else { 0 },
        expired,
        extraneous: if active { (actual - expired).saturating_sub(desired) } else { 0 },
        starting: preset.in_progress.starting,
        stopping: preset.in_progress.stopping,
        deleting: preset.in_progress.deleting,
    }
}

/// Why a running member does not count any more: ready or not, nobody may claim it.
pub(crate) fn end_of<M, P>(
    preset: &PresetSnapshot<M, P>,
    member: &Member<M>,
    now: DateTime<Utc>,
) -> Option<DeleteReason> {
    if expires_at(preset, member).is_some_and(|expires_at| now > expires_at) {
        Some(DeleteReason::Expired)
    } else if is_invalidated(preset, member) {
        Some(DeleteReason::Invalidated)
    } else {
        None
    }
}

/// When the next running member gets too old. One that was invalidated counts as expired already, but is deleted
/// for another reason then, unless the preset is inactive and all are deleted for that.
pub(crate) fn expiry_edge<M, P>(preset: &PresetSnapshot<M, P>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let counting =
        preset.running.iter().filter(|member| preset.is_active() || !is_invalidated(preset, member));
    let ends = counting.filter_map(|member| expires_at(preset, member));
    ends.filter(|end| *end >= now).min().map(|end| end + instant::TICK)
}

fn is_invalidated<M, P>(preset: &PresetSnapshot<M, P>, member: &Member<M>) -> bool {
    preset.invalidated_at.is_some_and(|invalidated_at| member.created_at < invalidated_at)
}

/// S9: the last instant at which the member is young enough. A TTL of 0 means for ever.
fn expires_at<M, P>(preset: &PresetSnapshot<M, P>, member: &Member<M>) -> Option<DateTime<Utc>> {
    let ttl = preset.ttl_seconds.filter(|ttl| *ttl > 0)?;
    instant::after(member.created_at, ttl)
}
