//! Every pool as it is now: what is read for the pages is what a pass would read, decided the same way.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{
    backend::Actor,
    view::{DemandView, FailedBuild, PauseView, PoolRow, PoolSettingsView},
};
use hearth_prebuilds::{
    Decision, decide,
    ids::{PresetId, WorkspaceId},
    next_change,
    policy::{Blocked, DriftPolicy},
    pool_state::{DriftState, NextChange, PoolState},
    snapshot::{PresetHealth, PresetSnapshot, Settings},
};

use super::pool_acts;
use crate::{
    engine::known_drift::{self, KnownDrift},
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn, count,
        page::{
            pools::{self, Took},
            presets::ActivePreset,
        },
        pool_demand::{self, Day, Demand, window_lengths},
        pools::{PoolKey, PoolSettings, all_settings, settings},
        snapshot::{self, Past, PresetRead},
    },
};

/// How many of the newest claims speak for how long a claim takes.
pub const NEWEST_CLAIMS: i64 = 100;

/// One pool with the decision that holds now.
pub struct PoolNow {
    pub key: PoolKey,
    pub preset: PresetSnapshot,
    pub decision: Decision,
    pub state: PoolState,
    pub policy: DriftPolicy,
}

impl PoolNow {
    pub fn of(read: PresetRead, settings: &Settings, now: DateTime<Utc>) -> Self {
        let PresetRead { pool: key, policy, snapshot: preset, .. } = read;
        let decision = decide(&preset, settings, now);
        let state = PoolState::of(&preset, settings, &decision, now);
        Self { key, preset, decision, state, policy }
    }

    /// That of a preset that has none: nothing is wanted, nothing is there.
    pub fn without(preset: &ActivePreset, now: DateTime<Utc>) -> Self {
        Self::of(without_pool(preset), &Settings::default(), now)
    }

    /// The failed member that explains the state, where the state speaks of failures.
    fn failed_member(&self) -> Option<WorkspaceId> {
        let speaks = matches!(self.state, PoolState::HardLimited { .. } | PoolState::BackingOff { .. });
        let newest = self.preset.failed.iter().max_by_key(|member| (member.failed_at, member.id));
        newest.filter(|_| speaks).map(|member| member.id)
    }
}

/// Every pool once, by template and preset: the active version's, else what is left of older ones.
pub async fn read(hearth: &Hearth, now: DateTime<Utc>) -> Result<Vec<PoolNow>> {
    let limits = hearth.config.limits();
    let snapshot = snapshot::read(&hearth.db, Past::of(&limits, now)).await?;
    let settings = Settings { paused: snapshot.paused, ..limits };
    let mut newest: BTreeMap<(String, PoolKey), PresetRead> = BTreeMap::new();
    for read in snapshot.presets.into_iter().filter(|read| !read.snapshot.template_deleted) {
        let place = (read.snapshot.template.clone(), read.pool.clone());
        // They come by age of the version, so the last one is the newest.
        if !newest.get(&place).is_some_and(|kept| kept.snapshot.version_active) {
            newest.insert(place, read);
        }
    }
    let pools = newest.into_values().map(|read| PoolNow::of(read, &settings, now));
    Ok(pools.collect())
}

/// A pool with what was asked of it.
pub struct Asked {
    pub pool: PoolNow,
    /// In each window.
    pub demand: Vec<DemandView>,
    pub next_change: Option<NextChange>,
    pub settings: PoolSettingsView,
    /// Why no member is handed over now.
    pub blocked: Option<Blocked>,
}

impl Asked {
    fn of(
        pool: PoolNow,
        asked: [Demand; 4],
        (settings, drift): (Option<&PoolSettings>, &DriftState),
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            demand: demand(asked),
            next_change: next_change(&pool.preset, now),
            settings: settings.map(|stored| pool_acts::settings(stored, now)).unwrap_or_default(),
            blocked: pool.policy.blocks(drift),
            pool,
        }
    }
}

fn check_reads(actor: &Actor) -> Result<()> {
    Error::unless(actor.role.reads_pools(), "Only template admins see pools.")
}

/// Every pool, for those who read pools.
pub async fn list(hearth: &Hearth, actor: &Actor) -> Result<Vec<Asked>> {
    check_reads(actor)?;
    let now = hearth.clock.now();
    let pools = read(hearth, now).await?;
    let mut conn = hearth.db.snapshot().await?;
    let settings = all_settings(&mut conn).await?;
    let drift = KnownDrift::read(&mut conn).await?;
    let windows = pool_demand::windows(&mut conn, None, now).await?;
    let windows: HashMap<PoolKey, [Demand; 4]> =
        windows.into_iter().map(|windows| (windows.pool, windows.demand)).collect();
    let asked = |pool: PoolNow| {
        let demand = windows.get(&pool.key).copied().unwrap_or_default();
        let settings = settings.get(&pool.key);
        let drift = drift.of(pool.preset.id);
        Asked::of(pool, demand, (settings, &drift), now)
    };
    Ok(pools.into_iter().map(asked).collect())
}

/// The pool of a template and a preset, by their names.
pub async fn one(hearth: &Hearth, actor: &Actor, (template, preset): (&str, &str)) -> Result<Asked> {
    check_reads(actor)?;
    let now = hearth.clock.now();
    let is_it =
        |pool: &PoolNow| pool.preset.template.eq_ignore_ascii_case(template) && pool.preset.name == preset;
    let pool = read(hearth, now).await?.into_iter().find(is_it).ok_or(Error::NotFound("The pool"))?;
    let mut conn = hearth.db.snapshot().await?;
    let settings = settings(&mut conn, &pool.key).await?;
    let drift = known_drift::of_preset(&mut conn, pool.preset.id).await?;
    let asked = pool_demand::windows(&mut conn, Some(&pool.key), now).await?.pop();
    let asked = asked.map(|windows| windows.demand).unwrap_or_default();
    Ok(Asked::of(pool, asked, (settings.as_ref(), &drift), now))
}

/// The pool of one preset; a preset without one has an empty pool in which none is wanted.
pub async fn read_one(hearth: &Hearth, preset: &ActivePreset, now: DateTime<Utc>) -> Result<PoolNow> {
    let limits = hearth.config.limits();
    let (paused, read) = snapshot::read_one(&hearth.db, Past::of(&limits, now), preset.id).await?;
    let read = read.unwrap_or_else(|| without_pool(preset));
    Ok(PoolNow::of(read, &Settings { paused, ..limits }, now))
}

fn without_pool(preset: &ActivePreset) -> PresetRead {
    PresetRead {
        version_id: preset.version_id,
        organization_id: preset.organization_id,
        pool: PoolKey { template_id: preset.template_id, preset_name: preset.name.clone() },
        has_pool: false,
        policy: DriftPolicy::default(),
        snapshot: PresetSnapshot {
            id: preset.id,
            template: preset.template.clone(),
            version: preset.version.clone(),
            name: preset.name.clone(),
            version_active: true,
            template_deleted: false,
            template_deprecated: false,
            instances: 0,
            ttl_seconds: None,
            invalidated_at: None,
            scheduling: None,
            health: PresetHealth::Healthy,
            paused: None,
            override_: None,
            running: Vec::new(),
            failed: Vec::new(),
            in_progress: Default::default(),
            pending: Vec::new(),
            start_builds: Vec::new(),
            failures_reset_at: None,
        },
    }
}

/// What stands beside each pool.
pub struct Beside {
    day: HashMap<PoolKey, Day>,
    drift: KnownDrift,
    failed: HashMap<WorkspaceId, pools::FailedBuild>,
    cold: HashMap<PresetId, Vec<u64>>,
}

impl Beside {
    /// `cold_builds` are builds from nothing of these pools.
    pub async fn read(
        conn: &mut Conn,
        pools: &[PoolNow],
        cold_builds: &[Took],
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let midnight = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        let failed: Vec<WorkspaceId> = pools.iter().filter_map(PoolNow::failed_member).collect();
        let mut cold: HashMap<PresetId, Vec<u64>> = HashMap::new();
        for took in cold_builds {
            cold.entry(took.preset()).or_default().push(took.millis());
        }
        Ok(Self {
            day: pool_demand::last_day(conn, midnight, now).await?.into_iter().map(by_pool).collect(),
            drift: KnownDrift::read(conn).await?,
            failed: pools::failed_builds(conn, &failed)
                .await?
                .into_iter()
                .map(|build| (build.workspace_id, build))
                .collect(),
            cold,
        })
    }

    /// What a build from nothing usually takes, over all pools.
    pub fn median_cold(&self) -> Option<u64> {
        median(self.cold.values().flatten().copied().collect())
    }

    /// The row of a pool, as far as this person may see it: who may not read pools learns how many there are, and
    /// nothing of failures, drift, demand or who paused.
    pub fn row(&self, pool: &PoolNow, actor: &Actor) -> PoolRow {
        let reads = actor.role.reads_pools();
        let day = self.day.get(&pool.key).filter(|_| reads);
        let state = &pool.decision.state;
        let paused = pool.preset.paused.clone().filter(|_| reads);
        PoolRow {
            template: pool.preset.template.clone(),
            preset: pool.preset.name.clone(),
            state: pool.state.clone(),
            pause: paused.map(|pause| PauseView { by: pause.by, at: pause.at, note: pause.note }),
            ready: state.eligible,
            running: state.actual,
            starting: state.starting,
            leaving: if pool.preset.is_active() { state.expired } else { state.actual },
            wanted: state.desired,
            claims_today: day.map_or(0, |day| count(day.claims_today)),
            served_24h: day.map_or(0, |day| count(day.claims)),
            requests_24h: day.map_or(0, |day| count(day.claims + day.misses)),
            drift: if reads { self.drift.of(pool.preset.id) } else { DriftState::NotRehearsed },
            failed_build: self.failed_of(pool).filter(|_| reads),
            cold_ms: self.cold.get(&pool.preset.id).cloned().and_then(median),
        }
    }

    fn failed_of(&self, pool: &PoolNow) -> Option<FailedBuild> {
        let build = self.failed.get(&pool.failed_member()?)?;
        Some(FailedBuild {
            workspace_id: build.workspace_id.to_string(),
            build_number: build.number,
            error: build.error.clone(),
        })
    }
}

fn by_pool(day: Day) -> (PoolKey, Day) {
    (PoolKey { template_id: day.template_id, preset_name: day.preset_name.clone() }, day)
}

/// Demand with the length of each window.
pub fn demand(demand: [Demand; 4]) -> Vec<DemandView> {
    let windows = window_lengths().into_iter().zip(demand);
    let view = |(length, demand): (TimeDelta, Demand)| DemandView {
        seconds: length.num_seconds().unsigned_abs(),
        claims: count(demand.claims),
        misses: count(demand.misses),
    };
    windows.map(view).collect()
}

pub fn millis(took: &[Took]) -> Vec<u64> {
    took.iter().map(Took::millis).collect()
}

pub fn median(values: Vec<u64>) -> Option<u64> {
    percentile(values, 50)
}

/// The smallest value that so many percent do not exceed.
pub fn percentile(mut values: Vec<u64>, percent: usize) -> Option<u64> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        assert_eq!(percentile(vec![], 50), None);
        assert_eq!(percentile(vec![7], 95), Some(7));
        assert_eq!(percentile(vec![3, 1, 2], 50), Some(2));
        assert_eq!(percentile((1..=100).collect(), 95), Some(95));
    }
}
