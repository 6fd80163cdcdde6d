//! A pool as it is, with what really happened to it in the last seven days, as a scenario of `hearth simulate`.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::backend::Actor;
use hearth_prebuilds::{
    simulate::{Demand, MOST_REQUESTS, MOST_SAMPLES, PoolSettings, Scenario, Spread, Wakes},
    snapshot::{GlobalPause, Settings},
};

use super::pools::{self, NEWEST_CLAIMS};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        page::{self, scenario::Built},
        pool_events,
    },
};

/// How far back it looks.
const DAYS: i64 = 7;
/// No duration is shorter; the simulation refuses none at all.
const SHORTEST: f64 = 0.001;
/// A claim takes so many seconds where nobody has claimed yet.
const UNSEEN_CLAIM: f64 = 1.0;

/// A member takes so many seconds where none was built yet.
const UNSEEN_BUILD: f64 = 60.0;

/// What is known of a pool.
pub struct Known {
    pub scenario: Scenario,
    /// False: nothing was built in that time, so nobody knows how long it takes.
    pub built: bool,
}

/// Of the pool of this template and preset.
pub async fn scenario(hearth: &Hearth, actor: &Actor, place: (&str, &str)) -> Result<Scenario> {
    let known = known(hearth, actor, place).await?;
    if known.built { Ok(known.scenario) } else { Err(nothing_built()) }
}

/// The same, with a guess where nothing was built.
pub async fn known(hearth: &Hearth, actor: &Actor, place: (&str, &str)) -> Result<Known> {
    let pool = pools::one(hearth, actor, place).await?.pool;
    let now = hearth.clock.now();
    let since = now - TimeDelta::days(DAYS);
    let mut conn = hearth.db.snapshot().await?;
    let requests = pool_events::since(&mut conn, &pool.key, since, MOST_REQUESTS as u32).await?;
    let built = page::scenario::built(&mut conn, &pool.key, since, MOST_SAMPLES as u32).await?;
    let claims =
        page::pools::claims_of(&mut conn, pool.key.template_id, &pool.key.preset_name, NEWEST_CLAIMS).await?;
    drop(conn);
    let (members, cold): (Vec<Built>, Vec<Built>) = built.into_iter().partition(|build| build.prebuilt);
    let failed = members.iter().filter(|build| build.failed).count();
    let claims: Vec<f64> = pools::millis(&claims).into_iter().map(|ms| ms as f64 / 1000.0).collect();
    let limits = hearth.config.limits();
    let build_seconds = samples(seconds(&members));
    let built = build_seconds.is_some();
    let scenario = Scenario {
        from: since,
        to: now,
        seed: 0,
        preset: PoolSettings {
            instances: pool.preset.instances,
            ttl_seconds: pool.preset.ttl_seconds,
            scheduling: pool.preset.scheduling,
            override_: None,
        },
        settings: Settings { paused: GlobalPause::Running, ..limits },
        wakes: Wakes::Events,
        reconcile_interval_seconds: hearth.config.reconcile_interval.as_secs(),
        demand: Demand::Recorded(requests),
        build_seconds: build_seconds.unwrap_or(Spread::Fixed(UNSEEN_BUILD)),
        failure_probability: failed as f64 / members.len().max(1) as f64,
        claim_seconds: samples(claims).unwrap_or(Spread::Fixed(UNSEEN_CLAIM)),
        cold_build_seconds: samples(seconds(&cold)),
        ready_at_start: None,
    };
    Ok(Known { scenario, built })
}

fn nothing_built() -> Error {
    Error::Refused(format!(
        "Nothing was built for this pool in the last {DAYS} days, so nobody knows how long it takes."
    ))
}

fn seconds(built: &[Built]) -> Vec<f64> {
    built.iter().map(|build| micros(build.from_at.into(), build.usable_at.into())).collect()
}

fn micros(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).num_microseconds().unwrap_or(0) as f64 / 1_000_000.0
}

fn samples(seconds: Vec<f64>) -> Option<Spread> {
    let samples: Vec<f64> = seconds.into_iter().map(|seconds| seconds.max(SHORTEST)).collect();
    (!samples.is_empty()).then_some(Spread::Samples(samples))
}
