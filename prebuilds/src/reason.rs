//! Why: each rule that fired, with its numbers, and the one place that turns it into a sentence for people.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    instant,
    snapshot::Pause,
    words::{cut, duration, moment, number, plural},
};

/// A rule that fired. The figures of one decision add up to the number it creates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// The preset's own number counts: it has no schedule, or no line of it is active.
    Instances {
        /// Wanted.
        wanted: u32,
        /// Whether there is a schedule, and none of its lines is active.
        outside_schedule: bool,
    },
    /// A line of the schedule is active.
    Scheduled {
        /// The line.
        cron: String,
        /// The schedule's zone.
        timezone: String,
        /// Wanted.
        wanted: u32,
    },
    /// The schedule cannot be followed, so the preset's own number counts.
    ScheduleInvalid {
        /// Wanted.
        wanted: u32,
        /// What is wrong with it.
        error: String,
    },
    /// A person's number counts until it ends.
    Overridden {
        /// Wanted.
        wanted: u32,
        /// When it ends.
        #[serde(with = "instant")]
        until: DateTime<Utc>,
    },
    /// None is wanted of an inactive preset.
    Inactive {
        /// What made it inactive.
        cause: InactiveCause,
    },
    /// Running members that count.
    Running {
        /// How many.
        count: u32,
        /// How many of them are ready.
        ready: u32,
    },
    /// Start builds in flight.
    Starting {
        /// How many.
        count: u32,
    },
    /// Start builds in flight that are not needed any more.
    StartingSurplus {
        /// How many.
        count: u32,
    },
    /// Valid members above the number wanted.
    Extraneous {
        /// How many.
        count: u32,
    },
    /// Members past their time.
    Expired {
        /// How many.
        count: u32,
        /// The preset's TTL.
        ttl_seconds: u64,
    },
    /// Members made before the preset was invalidated.
    Invalidated {
        /// How many.
        count: u32,
        /// When it was invalidated.
        #[serde(with = "instant")]
        at: DateTime<Utc>,
    },
    /// Members of an inactive preset are deleted.
    InactiveDeleted {
        /// How many.
        count: u32,
    },
    /// Builds of an inactive preset that no worker has taken are closed.
    PendingCancelled {
        /// How many.
        count: u32,
    },
    /// Failed members that are not kept as evidence any longer.
    FailedRetention {
        /// How many.
        count: u32,
        /// So many of the newest are kept.
        keep_count: u32,
        /// For so long.
        keep_seconds: u64,
    },
    /// Every pool is paused.
    PausedAll {
        /// Who, when and why, where that is known.
        pause: Option<Pause>,
        /// Missing, and not created because of it.
        held_back: u32,
    },
    /// This pool is paused.
    Paused {
        /// Who, when and why.
        pause: Pause,
        /// Missing, and not created because of it.
        held_back: u32,
    },
    /// The newest start builds all failed.
    HardLimited {
        /// How many in a row.
        failures: u32,
        /// So many are the limit.
        limit: u32,
        /// Missing, and not created because of it.
        held_back: u32,
    },
    /// A required parameter has no value.
    ValidationFailed {
        /// Missing, and not created because of it.
        held_back: u32,
    },
    /// Recent failures hold creation back.
    BackingOff {
        /// Failures in the look-back.
        failures: u32,
        /// When the newest of them ended.
        #[serde(with = "instant")]
        last_failure: DateTime<Utc>,
        /// What each adds to the wait.
        interval_seconds: u64,
        /// Creation resumes strictly after this.
        #[serde(with = "instant")]
        until: DateTime<Utc>,
        /// Missing, and not created because of it.
        held_back: u32,
    },
    /// Failures that an admin's reset has taken out of the count.
    FailuresReset {
        /// How many.
        count: u32,
        /// When it was reset.
        #[serde(with = "instant")]
        at: DateTime<Utc>,
    },
    /// Nothing is to be created, deleted or cancelled.
    NothingToDo,
}

/// What makes a preset inactive (R2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InactiveCause {
    /// Another version is the active one.
    VersionInactive,
    /// The template is deprecated.
    TemplateDeprecated,
    /// The template is deleted.
    TemplateDeleted,
}

impl Reason {
    /// Its name in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Instances { .. } => "instances",
            Self::Scheduled { .. } => "scheduled",
            Self::ScheduleInvalid { .. } => "schedule_invalid",
            Self::Overridden { .. } => "overridden",
            Self::Inactive { .. } => "inactive",
            Self::Running { .. } => "running",
            Self::Starting { .. } => "starting",
            Self::StartingSurplus { .. } => "starting_surplus",
            Self::Extraneous { .. } => "extraneous",
            Self::Expired { .. } => "expired",
            Self::Invalidated { .. } => "invalidated",
            Self::InactiveDeleted { .. } => "inactive_deleted",
            Self::PendingCancelled { .. } => "pending_cancelled",
            Self::FailedRetention { .. } => "failed_retention",
            Self::PausedAll { .. } => "paused_all",
            Self::Paused { .. } => "paused",
            Self::HardLimited { .. } => "hard_limited",
            Self::ValidationFailed { .. } => "validation_failed",
            Self::BackingOff { .. } => "backing_off",
            Self::FailuresReset { .. } => "failures_reset",
            Self::NothingToDo => "nothing_to_do",
        }
    }

    /// What it adds to or takes from the number to create.
    pub fn figure(&self) -> Option<i64> {
        match self {
            Self::Instances { wanted, .. }
            | Self::Scheduled { wanted, .. }
            | Self::ScheduleInvalid { wanted, .. }
            | Self::Overridden { wanted, .. } => Some(i64::from(*wanted)),
            Self::Inactive { .. } => Some(0),
            Self::Running { count, .. } | Self::Starting { count } => Some(-i64::from(*count)),
            Self::StartingSurplus { count } | Self::Extraneous { count } => Some(i64::from(*count)),
            Self::PausedAll { held_back, .. }
            | Self::Paused { held_back, .. }
            | Self::HardLimited { held_back, .. }
            | Self::ValidationFailed { held_back }
            | Self::BackingOff { held_back, .. } => (*held_back > 0).then_some(-i64::from(*held_back)),
            Self::Expired { .. }
            | Self::Invalidated { .. }
            | Self::InactiveDeleted { .. }
            | Self::PendingCancelled { .. }
            | Self::FailedRetention { .. }
            | Self::FailuresReset { .. }
            | Self::NothingToDo => None,
        }
    }

    /// The sentence for people.
    pub fn text(&self) -> String {
        match self {
            Self::Instances { wanted, outside_schedule: false } => {
                format!("The preset asks for {wanted} at all times.")
            }
            Self::Instances { wanted, outside_schedule: true } => {
                format!("No schedule is active, so the preset's own number counts: {wanted} wanted.")
            }
            Self::Scheduled { cron, timezone, wanted } => {
                format!("Schedule \"{}\" ({timezone}) is active: {wanted} wanted.", cut(cron))
            }
            Self::ScheduleInvalid { wanted, error } => format!(
                "The schedule cannot be followed, so the preset's own number counts: {wanted} wanted. What is wrong: {}.",
                cut(error)
            ),
            Self::Overridden { wanted, until } => {
                format!("An override beats the schedule until {}: {wanted} wanted.", moment(*until))
            }
            Self::Inactive { cause } => format!("{} None is wanted.", cause.text()),
            Self::Running { .. } | Self::Starting { .. } | Self::StartingSurplus { .. } => self.count_text(),
            Self::Extraneous { .. }
            | Self::Expired { .. }
            | Self::Invalidated { .. }
            | Self::InactiveDeleted { .. }
            | Self::PendingCancelled { .. }
            | Self::FailedRetention { .. } => self.removal_text(),
            Self::PausedAll { .. }
            | Self::Paused { .. }
            | Self::HardLimited { .. }
            | Self::ValidationFailed { .. }
            | Self::BackingOff { .. }
            | Self::FailuresReset { .. } => self.hold_text(),
            Self::NothingToDo => "Nothing is to be done.".to_owned(),
        }
    }

    fn count_text(&self) -> String {
        match self {
            Self::Running { count: 0, .. } => "None is running.".to_owned(),
            Self::Running { count, ready } if count == ready => {
                format!("{} running and ready.", number(*count))
            }
            Self::Running { count, ready: 0 } => format!("{} running but not ready.", number(*count)),
            Self::Running { count, ready } => format!("{} running, {ready} of them ready.", number(*count)),
            Self::Starting { count } => format!("{} starting.", number(*count)),
            Self::StartingSurplus { count } => {
                format!(
                    "{} starting that nobody needs any more; builds in flight are not touched.",
                    number(*count)
                )
            }
            _ => String::new(),
        }
    }

    fn removal_text(&self) -> String {
        match self {
            Self::Extraneous { count } => format!("{count} more than wanted: the oldest go first."),
            Self::Expired { count, ttl_seconds } => {
                format!("Not counted: {count} unclaimed for more than {}.", duration(*ttl_seconds))
            }
            Self::Invalidated { count, at } => {
                format!("Not counted: {count} made before the invalidation of {}.", moment(*at))
            }
            Self::InactiveDeleted { count } => format!("{count} left over: all are deleted."),
            Self::PendingCancelled { count } => {
                format!("{} waiting for a worker: closed before anything is built.", plural(*count, "build"))
            }
            Self::FailedRetention { count, keep_count, keep_seconds } => format!(
                "{} deleted: the newest {keep_count} are kept as evidence, for {}.",
                plural(*count, "failed workspace"),
                duration(*keep_seconds)
            ),
            _ => String::new(),
        }
    }

    fn hold_text(&self) -> String {
        match self {
            Self::PausedAll { pause: None, .. } => {
                "All prebuilds are paused. Ready ones can still be claimed.".to_owned()
            }
            Self::PausedAll { pause: Some(pause), .. } => paused("all prebuilds", pause),
            Self::Paused { pause, .. } => paused("this pool", pause),
            Self::HardLimited { failures, limit, .. } => format!(
                "{} failed in a row (the limit is {limit}), so creation stopped. Ready ones can still be claimed.",
                plural(*failures, "build")
            ),
            Self::ValidationFailed { .. } => {
                "A required parameter has no value, so nothing can be created until a new version.".to_owned()
            }
            Self::BackingOff { failures, last_failure, interval_seconds, until, .. } => format!(
                "{} failed, the last at {}: creation waits {failures} × {}, until {}.",
                plural(*failures, "build"),
                moment(*last_failure),
                duration(*interval_seconds),
                moment(*until)
            ),
            Self::FailuresReset { count, at } => {
                format!("Not counted: {count} failed before the reset of {}.", moment(*at))
            }
            _ => String::new(),
        }
    }
}

impl InactiveCause {
    fn text(self) -> &'static str {
        match self {
            Self::VersionInactive => "This is not the active version.",
            Self::TemplateDeprecated => "The template is deprecated.",
            Self::TemplateDeleted => "The template is deleted.",
        }
    }
}

fn paused(what: &str, pause: &Pause) -> String {
    let (by, at) = (&pause.by, moment(pause.at));
    let note = if pause.note.is_empty() { String::new() } else { format!(": \"{}\"", cut(&pause.note)) };
    format!("{by} paused {what} at {at}{note}. Ready ones can still be claimed.")
}
