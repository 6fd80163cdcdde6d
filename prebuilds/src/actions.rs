//! What to do about a diagnosis: cancel, delete, create, or wait. One function a rule.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    backoff::{self, BackOff},
    ids::WorkspaceId,
    instant,
    snapshot::{FailedMember, GlobalPause, Member, Pause, PresetHealth, PresetSnapshot, Settings},
    state::{State, end_of},
    target::Target,
};

/// One thing for the engine to do. An action that would do nothing does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action<M = WorkspaceId> {
    /// Close first start builds that no worker has taken, without running Terraform (R10).
    CancelPending {
        /// Which.
        workspaces: Vec<M>,
    },
    /// Delete members.
    Delete {
        /// Which, oldest first (R7).
        workspaces: Vec<M>,
        /// Why.
        reason: DeleteReason,
    },
    /// Create members.
    Create {
        /// How many.
        count: u32,
    },
    /// Create nothing yet, although something is missing.
    BackOff {
        /// Creation resumes strictly after this.
        #[serde(with = "instant")]
        until: DateTime<Utc>,
    },
}

/// Why members are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteReason {
    /// Older than the preset's TTL.
    Expired,
    /// Made before somebody invalidated the preset's members.
    Invalidated,
    /// More than wanted.
    Extraneous,
    /// The preset is not active any more.
    Inactive,
    /// Failed long enough ago, or followed by enough newer failures.
    FailedRetention,
}

/// Something that forbids creation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Hold {
    PausedAll(Option<Pause>),
    Paused(Pause),
    HardLimited,
    ValidationFailed,
    BackingOff(BackOff),
}

/// What to do for one preset at one instant, given its diagnosis. Deletions and cancellations never wait for a
/// back-off or a limit; only a pause holds them.
pub fn calculate_actions<M: Clone + Ord, P>(
    preset: &PresetSnapshot<M, P>,
    state: &State,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Vec<Action<M>> {
    let holds = holds(preset, settings, &Target::of(preset, now), state, now);
    act(preset, state, settings, &holds, now)
}

pub(crate) fn act<M: Clone + Ord, P>(
    preset: &PresetSnapshot<M, P>,
    state: &State,
    settings: &Settings,
    holds: &[Hold],
    now: DateTime<Utc>,
) -> Vec<Action<M>> {
    if holds.iter().any(Hold::is_pause) {
        return Vec::new();
    }
    let mut actions = Vec::new();
    if preset.is_active() {
        actions.extend(delete_ended(preset, DeleteReason::Expired, state, now));
        actions.extend(delete_ended(preset, DeleteReason::Invalidated, state, now));
        actions.extend(delete_extraneous(preset, state, now));
    } else {
        actions.extend(cancel_pending(preset));
        actions.extend(delete_inactive(preset));
    }
    actions.extend(delete_failed(preset, settings, now));
    actions.extend(create(state, holds));
    actions
}

/// What forbids creation, the strongest first. A back-off is one only where it is the only one and something is
/// missing.
pub(crate) fn holds<M, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    target: &Target,
    state: &State,
    now: DateTime<Utc>,
) -> Vec<Hold> {
    let mut holds = Vec::new();
    if let GlobalPause::Paused(pause) = &settings.paused {
        holds.push(Hold::PausedAll(pause.clone()));
    }
    holds.extend(preset.paused.clone().map(Hold::Paused));
    match backoff::health(preset, settings) {
        PresetHealth::Healthy => {}
        PresetHealth::HardLimited => holds.push(Hold::HardLimited),
        PresetHealth::ValidationFailed => holds.push(Hold::ValidationFailed),
    }
    if holds.is_empty() && state.missing() > 0 {
        let back_off = backoff::back_off(preset, settings, target.largest(), now);
        holds.extend(back_off.map(Hold::BackingOff));
    }
    holds
}

impl Hold {
    pub(crate) fn is_pause(&self) -> bool {
        matches!(self, Self::PausedAll(_) | Self::Paused(_))
    }
}

/// R10: first start builds of an inactive preset that no worker has taken.
fn cancel_pending<M: Clone + Ord, P>(preset: &PresetSnapshot<M, P>) -> Option<Action<M>> {
    let mut workspaces = preset.pending.clone();
    workspaces.sort_unstable();
    (!workspaces.is_empty()).then_some(Action::CancelPending { workspaces })
}

/// S9: members past their time, or invalidated.
fn delete_ended<M: Clone + Ord, P>(
    preset: &PresetSnapshot<M, P>,
    reason: DeleteReason,
    state: &State,
    now: DateTime<Utc>,
) -> Option<Action<M>> {
    if state.expired == 0 {
        return None;
    }
    delete(preset.running.iter().filter(|member| end_of(preset, member, now) == Some(reason)), reason)
}

/// R4, R6, R7: valid members above the number wanted, oldest first; deletions in flight do not lessen it, because
/// what is being deleted is not running.
fn delete_extraneous<M: Clone + Ord, P>(
    preset: &PresetSnapshot<M, P>,
    state: &State,
    now: DateTime<Utc>,
) -> Option<Action<M>> {
    if state.extraneous == 0 {
        return None;
    }
    let valid = preset.running.iter().filter(|member| end_of(preset, member, now).is_none());
    let oldest = oldest_first(valid).into_iter().take(state.extraneous as usize);
    Some(Action::Delete {
        workspaces: oldest.map(|member| member.id.clone()).collect(),
        reason: DeleteReason::Extraneous,
    })
}

/// R1: every member of an inactive preset.
fn delete_inactive<M: Clone + Ord, P>(preset: &PresetSnapshot<M, P>) -> Option<Action<M>> {
    delete(preset.running.iter(), DeleteReason::Inactive)
}

/// Failed members are evidence: the newest few are kept, for a while.
fn delete_failed<M: Clone + Ord, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Option<Action<M>> {
    let (surplus, newest) = failed_by_age(preset, settings);
    let too_old =
        newest.iter().filter(|member| failed_keep_until(member, settings).is_some_and(|at| now > at));
    let workspaces: Vec<M> = surplus.iter().chain(too_old).map(|member| member.id.clone()).collect();
    (!workspaces.is_empty()).then_some(Action::Delete { workspaces, reason: DeleteReason::FailedRetention })
}

/// When the next failed member gets too old to be kept.
pub(crate) fn failed_edge<M: Ord, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let (_, newest) = failed_by_age(preset, settings);
    let ends = newest.iter().filter_map(|member| failed_keep_until(member, settings));
    ends.filter(|end| *end >= now).min().map(|end| end + instant::TICK)
}

type Failed<'a, M> = Vec<&'a FailedMember<M>>;

/// The failed members, oldest first: those too many to keep, and those few enough.
fn failed_by_age<'a, M: Ord, P>(
    preset: &'a PresetSnapshot<M, P>,
    settings: &Settings,
) -> (Failed<'a, M>, Failed<'a, M>) {
    let mut failed: Failed<M> = preset.failed.iter().collect();
    failed.sort_unstable_by_key(|member| (member.failed_at, &member.id));
    let newest = failed.split_off(failed.len().saturating_sub(settings.failed_keep_count as usize));
    (failed, newest)
}

/// The last instant at which a failed member is kept, however few there are.
fn failed_keep_until<M>(member: &FailedMember<M>, settings: &Settings) -> Option<DateTime<Utc>> {
    instant::after(member.failed_at, settings.failed_keep_seconds)
}

/// R5: what is missing, unless something forbids it.
fn create<M>(state: &State, holds: &[Hold]) -> Option<Action<M>> {
    match (state.missing(), holds.first()) {
        (0, _) => None,
        (count, None) => Some(Action::Create { count }),
        (_, Some(Hold::BackingOff(back_off))) => Some(Action::BackOff { until: back_off.until }),
        (_, Some(_)) => None,
    }
}

fn delete<'a, M: Clone + Ord + 'a>(
    members: impl Iterator<Item = &'a Member<M>>,
    reason: DeleteReason,
) -> Option<Action<M>> {
    let workspaces: Vec<M> = oldest_first(members).into_iter().map(|member| member.id.clone()).collect();
    (!workspaces.is_empty()).then_some(Action::Delete { workspaces, reason })
}

fn oldest_first<'a, M: Ord + 'a>(members: impl Iterator<Item = &'a Member<M>>) -> Vec<&'a Member<M>> {
    let mut members: Vec<_> = members.collect();
    members.sort_unstable_by_key(|member| (member.created_at, &member.id));
    members
}
