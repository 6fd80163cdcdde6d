//! The decision for one preset at one instant: diagnosis, actions, and the reason of each rule that fired.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    actions::{Action, DeleteReason, Hold, act, failed_edge, holds},
    backoff,
    ids::WorkspaceId,
    instant,
    reason::Reason,
    snapshot::{PresetHealth, PresetSnapshot, Settings},
    state::{State, count, end_of, expiry_edge},
    target::Target,
    words::{moment, plural},
};

/// What to do for one preset, and why. Its JSON is an answer of `hearth decide`, and what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision<M = WorkspaceId> {
    /// The diagnosis.
    pub state: State,
    /// To be executed in this order.
    pub actions: Vec<Action<M>>,
    /// What is to be recorded about the preset.
    pub health: PresetHealth,
    /// The earliest instant at which the answer can change by time alone; `None` when only an event can.
    #[serde(with = "instant::optional")]
    pub next_wake: Option<DateTime<Utc>>,
    /// Each rule that fired.
    #[serde(serialize_with = "write_reasons", deserialize_with = "read_reasons")]
    pub reasons: Vec<Reason>,
}

/// Decides. Pure: the same snapshot, settings and instant give the same decision, in whatever order lists come.
pub fn decide<M: Clone + Ord, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Decision<M> {
    let target = Target::of(preset, now);
    let state = count(preset, &target, now);
    let holds = holds(preset, settings, &target, &state, now);
    let actions = act(preset, &state, settings, &holds, now);
    let mut reasons = Vec::with_capacity(8);
    explain_counts(preset, &target, &state, now, &mut reasons);
    explain_actions(preset, settings, &actions, &mut reasons);
    explain_holds(preset, settings, &state, &holds, &mut reasons);
    if actions.is_empty() && holds.is_empty() {
        reasons.push(Reason::NothingToDo);
    }
    let health = backoff::health(preset, settings);
    let next_wake = next_wake(preset, settings, &target, &holds, now);
    Decision { state, actions, health, next_wake, reasons }
}

impl<M> Decision<M> {
    /// One sentence: what is done now.
    pub fn verdict(&self) -> String {
        let created = self.created();
        let deleted: usize = self.actions.iter().map(Action::removes).sum();
        let deleted = u32::try_from(deleted).unwrap_or(u32::MAX);
        let wait = self.actions.iter().find_map(|action| match action {
            Action::BackOff { until } => Some(*until),
            _ => None,
        });
        match (created, self.actions.len(), wait) {
            (0, 0, _) if self.is_paused() => "Paused. Nothing is created or deleted.".to_owned(),
            (0, 0, _) if self.state.missing() == 0 => "Nothing is to be done.".to_owned(),
            (0, 0, _) => format!("Creation is stopped. {} missing.", self.state.missing()),
            (0, _, Some(until)) => format!("Wait until {}. No new workspace is created.", moment(until)),
            (0, ..) => format!("Remove {}.", plural(deleted, "workspace")),
            (_, 1, _) => format!("Create {}.", plural(created, "workspace")),
            _ => format!("Create {} and remove {deleted}.", plural(created, "workspace")),
        }
    }

    /// How many to create.
    pub fn created(&self) -> u32 {
        let counts = self.actions.iter().map(|action| match action {
            Action::Create { count } => *count,
            _ => 0,
        });
        counts.sum()
    }

    fn is_paused(&self) -> bool {
        self.reasons.iter().any(|reason| matches!(reason, Reason::Paused { .. } | Reason::PausedAll { .. }))
    }
}

impl<M> Action<M> {
    fn removes(&self) -> usize {
        match self {
            Self::CancelPending { workspaces } | Self::Delete { workspaces, .. } => workspaces.len(),
            Self::Create { .. } | Self::BackOff { .. } => 0,
        }
    }
}

/// The sum: what is wanted, less what there is.
fn explain_counts<M, P>(
    preset: &PresetSnapshot<M, P>,
    target: &Target,
    state: &State,
    now: DateTime<Utc>,
    reasons: &mut Vec<Reason>,
) {
    reasons.push(target.reason(now));
    if !preset.is_active() {
        return;
    }
    reasons.push(Reason::Running { count: state.valid(), ready: state.eligible });
    if state.starting > 0 {
        reasons.push(Reason::Starting { count: state.starting });
    }
    if state.starting_surplus() > 0 {
        reasons.push(Reason::StartingSurplus { count: state.starting_surplus() });
    }
    if state.extraneous > 0 {
        reasons.push(Reason::Extraneous { count: state.extraneous });
    }
    if state.expired > 0 {
        let ended = preset.running.iter().filter_map(|member| end_of(preset, member, now));
        let expired = ended.filter(|reason| *reason == DeleteReason::Expired).count() as u32;
        if let Some(ttl_seconds) = preset.ttl_seconds.filter(|_| expired > 0) {
            reasons.push(Reason::Expired { count: expired, ttl_seconds });
        }
        if let Some(at) = preset.invalidated_at.filter(|_| state.expired > expired) {
            reasons.push(Reason::Invalidated { count: state.expired - expired, at });
        }
    }
}

/// What actions do beyond the sum.
fn explain_actions<M, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    actions: &[Action<M>],
    reasons: &mut Vec<Reason>,
) {
    for action in actions {
        let count = action.removes() as u32;
        match action {
            Action::CancelPending { .. } => reasons.push(Reason::PendingCancelled { count }),
            Action::Delete { reason: DeleteReason::Inactive, .. } => {
                reasons.push(Reason::InactiveDeleted { count });
            }
            Action::Delete { reason: DeleteReason::FailedRetention, .. } => {
                reasons.push(Reason::FailedRetention {
                    count,
                    keep_count: settings.failed_keep_count,
                    keep_seconds: settings.failed_keep_seconds,
                });
            }
            // These are in the sum.
            Action::Delete {
                reason: DeleteReason::Expired | DeleteReason::Invalidated | DeleteReason::Extraneous,
                ..
            }
            | Action::Create { .. }
            | Action::BackOff { .. } => {}
        }
    }
    if let (Some(at), count @ 1..) = (preset.failures_reset_at, backoff::failures_reset(preset)) {
        reasons.push(Reason::FailuresReset { count, at });
    }
}

/// What forbids creation; the first of them takes the whole of what is missing.
fn explain_holds<M, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    state: &State,
    holds: &[Hold],
    reasons: &mut Vec<Reason>,
) {
    let mut missing = state.missing();
    for hold in holds {
        let held_back = std::mem::take(&mut missing);
        reasons.push(match hold {
            Hold::PausedAll(pause) => Reason::PausedAll { pause: pause.clone(), held_back },
            Hold::Paused(pause) => Reason::Paused { pause: pause.clone(), held_back },
            Hold::HardLimited => Reason::HardLimited {
                failures: backoff::failures_in_a_row(preset),
                limit: settings.failure_hard_limit,
                held_back,
            },
            Hold::ValidationFailed => Reason::ValidationFailed { held_back },
            Hold::BackingOff(back_off) => Reason::BackingOff {
                failures: back_off.failures,
                last_failure: back_off.last_failure,
                interval_seconds: settings.backoff_interval_seconds,
                until: back_off.until,
                held_back,
            },
        });
    }
}

/// The earliest of: a schedule's edge or an override's end, a member's expiry, a failed member's, a back-off's.
fn next_wake<M: Ord, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    target: &Target,
    holds: &[Hold],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let back_off = holds.iter().find_map(|hold| match hold {
        Hold::BackingOff(back_off) => backoff::next_edge(preset, settings, back_off, now),
        _ => None,
    });
    let paused = holds.iter().any(Hold::is_pause);
    let failed = if paused { None } else { failed_edge(preset, settings, now) };
    [target.next_edge(now), expiry_edge(preset, now), failed, back_off].into_iter().flatten().min()
}

/// A reason as JSON: its numbers, and the sentence and figure made from them.
#[derive(Serialize, Deserialize)]
struct Line<R> {
    #[serde(flatten)]
    reason: R,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    figure: Option<i64>,
}

fn write_reasons<S: Serializer>(reasons: &[Reason], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(reasons.iter().map(|reason| Line {
        reason,
        text: reason.text(),
        figure: reason.figure(),
    }))
}

fn read_reasons<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Reason>, D::Error> {
    Ok(Vec::<Line<Reason>>::deserialize(deserializer)?.into_iter().map(|line| line.reason).collect())
}
