//! What the reconciler has read: everything the decision for one preset depends on, as plain values.
//!
//! Their JSON is the input of `hearth decide`, so a stored snapshot can be exported and replayed as it is.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    ids::{PresetId, WorkspaceId},
    instant,
};

/// Limits that hold for every preset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether somebody told the reconciler to leave every pool alone.
    pub paused: GlobalPause,
    /// What one failure adds to the wait before the next creation (R8).
    pub backoff_interval_seconds: u64,
    /// How far back a failed start build still counts for back-off (S7).
    pub backoff_lookback_seconds: u64,
    /// So many failed start builds in a row stop creation (S8); 0 switches the limit off.
    pub failure_hard_limit: u32,
    /// How many failed members a preset keeps as evidence.
    pub failed_keep_count: u32,
    /// How long a failed member is kept as evidence.
    pub failed_keep_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            paused: GlobalPause::Running,
            backoff_interval_seconds: 60,
            backoff_lookback_seconds: 3600,
            failure_hard_limit: 3,
            failed_keep_count: 5,
            failed_keep_seconds: 7 * 24 * 3600,
        }
    }
}

/// The switch over all pools. Who paused is unknown when the decision is made from a bare document.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum GlobalPause {
    /// Pools are kept.
    #[default]
    Running,
    /// Nothing is created, deleted or cancelled.
    Paused(Option<Pause>),
}

/// Who paused, when and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// The username.
    pub by: String,
    /// When.
    #[serde(with = "instant")]
    pub at: DateTime<Utc>,
    /// Why, in the person's own words.
    pub note: String,
}

/// A person's temporary word on how many are wanted; beats schedule and instances until it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// How many are wanted.
    pub instances: u32,
    /// It has ended when `now >= until`.
    #[serde(with = "instant")]
    pub until: DateTime<Utc>,
}

/// When how many are wanted; unparsed, because an invalid schedule is a fact to report (R9), not an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduling {
    /// An IANA time zone name.
    pub timezone: String,
    /// The first one whose cron covers the instant wins.
    #[serde(default)]
    pub schedules: Vec<Schedule>,
}

/// One line of a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Five fields; minute is `*`.
    pub cron: String,
    /// How many are wanted while it covers the instant.
    pub instances: u32,
}

/// What was recorded about a preset before this decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresetHealth {
    /// Nothing is known against it.
    #[default]
    Healthy,
    /// The newest start builds all failed (S8); recomputed by each decision.
    HardLimited,
    /// A required parameter has no value: forbids creation until a new version.
    ValidationFailed,
}

/// A workspace of the pool whose latest build is a succeeded start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member<M = WorkspaceId> {
    /// Its id.
    pub id: M,
    /// When the workspace row was made; its age counts from here.
    #[serde(with = "instant")]
    pub created_at: DateTime<Utc>,
    /// Whether all its agents are ready (S3).
    pub ready: bool,
}

/// A workspace of the pool whose latest build is a failed start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedMember<M = WorkspaceId> {
    /// Its id.
    pub id: M,
    /// When that build ended.
    #[serde(with = "instant")]
    pub failed_at: DateTime<Utc>,
}

/// Builds in flight, by transition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InProgress {
    /// Start builds pending or running.
    pub starting: u32,
    /// Stop builds pending or running.
    pub stopping: u32,
    /// Delete builds pending or running.
    pub deleting: u32,
}

/// A start build that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartBuild {
    /// When it ended.
    #[serde(with = "instant")]
    pub finished_at: DateTime<Utc>,
    /// How.
    pub succeeded: bool,
}

/// Everything read about one preset. `M` is what names a member and `P` the preset: ids, or any text in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetSnapshot<M = WorkspaceId, P = PresetId> {
    /// Its id.
    pub id: P,
    /// The template's name.
    pub template: String,
    /// The version's name.
    pub version: String,
    /// The preset's name.
    pub name: String,
    /// Whether this version is the template's active one (R2).
    pub version_active: bool,
    /// Whether the template is deleted (R2).
    pub template_deleted: bool,
    /// Whether the template is deprecated (R2).
    pub template_deprecated: bool,
    /// How many are wanted when neither schedule nor override says otherwise.
    pub instances: u32,
    /// A member older than this is expired; 0 and `None` mean never.
    #[serde(default)]
    pub ttl_seconds: Option<u64>,
    /// Members made before this are invalidated.
    #[serde(default, with = "instant::optional")]
    pub invalidated_at: Option<DateTime<Utc>>,
    /// When how many are wanted.
    #[serde(default)]
    pub scheduling: Option<Scheduling>,
    /// What was recorded before.
    #[serde(default)]
    pub health: PresetHealth,
    /// A pause of this pool alone.
    #[serde(default)]
    pub paused: Option<Pause>,
    /// A temporary override.
    #[serde(default, rename = "override")]
    pub override_: Option<Override>,
    /// Running members, expired ones included.
    #[serde(default = "Vec::new")]
    pub running: Vec<Member<M>>,
    /// Failed members, kept as evidence for a while.
    #[serde(default = "Vec::new")]
    pub failed: Vec<FailedMember<M>>,
    /// Builds in flight.
    #[serde(default)]
    pub in_progress: InProgress,
    /// First start builds that no worker has taken (S10).
    #[serde(default = "Vec::new")]
    pub pending: Vec<M>,
    /// Ended start builds, in any order: at least the newest `failure_hard_limit`, and those of the look-back.
    #[serde(default)]
    pub start_builds: Vec<StartBuild>,
    /// Start builds that ended at or before this do not count for back-off and limit.
    #[serde(default, with = "instant::optional")]
    pub failures_reset_at: Option<DateTime<Utc>>,
}

impl<M, P> PresetSnapshot<M, P> {
    /// R2: the version is the active one of a template that is neither deleted nor deprecated.
    pub fn is_active(&self) -> bool {
        self.version_active && !self.template_deleted && !self.template_deprecated
    }
}

/// `true`, `false`, or who paused, when and why.
impl Serialize for GlobalPause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Running => serializer.serialize_bool(false),
            Self::Paused(None) => serializer.serialize_bool(true),
            Self::Paused(Some(pause)) => pause.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for GlobalPause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = GlobalPause;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, or an object with `by`, `at` and `note`")
            }

            fn visit_bool<E>(self, paused: bool) -> Result<GlobalPause, E> {
                Ok(if paused { GlobalPause::Paused(None) } else { GlobalPause::Running })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<GlobalPause, A::Error> {
                let pause = Pause::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(GlobalPause::Paused(Some(pause)))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}
