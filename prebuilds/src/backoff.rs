//! Failures: the wait that each adds, and the limit at which creation stops.
//!
//! Of two start builds that ended at the same instant, the succeeded one counts as the newer.

use chrono::{DateTime, Utc};

use crate::{
    instant,
    snapshot::{PresetHealth, PresetSnapshot, Settings, StartBuild},
};

/// A wait before the next creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BackOff {
    /// Failures in the look-back, each of which stretches the wait.
    pub failures: u32,
    /// When the newest of them ended.
    pub last_failure: DateTime<Utc>,
    /// Creation resumes strictly after this.
    pub until: DateTime<Utc>,
}

/// R8, S7: while it lasts, the wait after a failure among the newest `largest` start builds of the look-back.
/// Every failure of the look-back stretches it.
pub(crate) fn back_off<M, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    largest: u32,
    now: DateTime<Utc>,
) -> Option<BackOff> {
    let recent = || counted(preset).filter(|build| in_lookback(build, settings, now));
    let last_failure = recent().filter(|build| !build.succeeded).map(|build| build.finished_at).max()?;
    let newer = recent().filter(|build| build.succeeded && build.finished_at >= last_failure).count();
    let failures = recent().filter(|build| !build.succeeded).count() as u32;
    let wait = settings.backoff_interval_seconds.saturating_mul(u64::from(failures));
    let until = instant::after(last_failure, wait).unwrap_or_else(instant::last);
    (newer < largest as usize && now <= until).then_some(BackOff { failures, last_failure, until })
}

/// S8: `hard_limited` when the newest start builds, as many as the limit says, all failed.
pub(crate) fn health<M, P>(preset: &PresetSnapshot<M, P>, settings: &Settings) -> PresetHealth {
    let limit = settings.failure_hard_limit;
    if preset.health == PresetHealth::ValidationFailed {
        PresetHealth::ValidationFailed
    } else if limit > 0 && failures_in_a_row(preset) >= limit {
        PresetHealth::HardLimited
    } else {
        PresetHealth::Healthy
    }
}

/// How many start builds failed since the last that succeeded.
pub fn failures_in_a_row<M, P>(preset: &PresetSnapshot<M, P>) -> u32 {
    let success = counted(preset).filter(|build| build.succeeded).map(|build| build.finished_at).max();
    let failed = counted(preset).filter(|build| !build.succeeded);
    failed.filter(|build| success.is_none_or(|success| build.finished_at > success)).count() as u32
}

/// How many failures an admin's reset has taken out of the count.
pub(crate) fn failures_reset<M, P>(preset: &PresetSnapshot<M, P>) -> u32 {
    preset.start_builds.iter().filter(|build| !build.succeeded && is_reset(preset, build)).count() as u32
}

/// When the wait gets shorter by time alone: a failure leaves the look-back, or the wait is over.
pub(crate) fn next_edge<M, P>(
    preset: &PresetSnapshot<M, P>,
    settings: &Settings,
    back_off: &BackOff,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let leaves = counted(preset)
        .filter(|build| !build.succeeded && in_lookback(build, settings, now))
        .filter_map(|build| instant::after(build.finished_at, settings.backoff_lookback_seconds));
    leaves.chain([back_off.until]).min().map(|at| at + instant::TICK)
}

fn counted<M, P>(preset: &PresetSnapshot<M, P>) -> impl Iterator<Item = &StartBuild> {
    preset.start_builds.iter().filter(|build| !is_reset(preset, build))
}

fn is_reset<M, P>(preset: &PresetSnapshot<M, P>, build: &StartBuild) -> bool {
    preset.failures_reset_at.is_some_and(|reset_at| build.finished_at <= reset_at)
}

fn in_lookback(build: &StartBuild, settings: &Settings, now: DateTime<Utc>) -> bool {
    instant::after(build.finished_at, settings.backoff_lookback_seconds).is_none_or(|leaves| now <= leaves)
}
