//! The week before the day of the scene: what was asked of each pool, and what the reconciler decided meanwhile.
//!
//! Nothing of it is built. Each decision is taken by the real rules on a pool that is made up for the moment, and written
//! as a pass would write it; requests fall by the time of day, the same way at every run.

use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Timelike, Utc};
use hearth_prebuilds::{
    Decision, decide,
    document::Document,
    ids::UserId,
    snapshot::{Member, PresetSnapshot, Settings},
};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use super::play::Play;
use crate::{
    clock::new_id,
    store::{
        Tx,
        decisions::{self, NewDecision},
        pool_demand,
        pool_events::{self, Missed, PoolEvent},
        pools::{self, Counter},
        snapshot::{self, Past, PresetRead},
    },
};

const QUARTER: TimeDelta = TimeDelta::minutes(15);
/// How long a pool takes to make up for a claim.
const REFILL: TimeDelta = TimeDelta::minutes(2);

/// Requests an hour at noon of a weekday, and how many of 100 find nothing even so.
const DEMAND: [(&str, f64, u32); 9] = [
    ("web/small", 5.0, 1),
    ("web/large", 1.6, 22),
    ("gpu/a100", 0.25, 100),
    ("data/default", 3.0, 5),
    ("data/notebook", 1.2, 2),
    ("docs/default", 0.6, 8),
    ("mobile/android", 0.5, 4),
    ("mobile/ios", 0.3, 10),
    ("ml/small", 0.9, 6),
];

/// Records the seven days until then.
pub async fn record(play: &Play, until: DateTime<Utc>) -> anyhow::Result<()> {
    let settings = play.hearth.config.limits();
    let pools = snapshot::read(&play.hearth.db, Past::of(&settings, until)).await?.presets;
    let mut people = Vec::new();
    for name in ["maria", "priya", "tom", "lena", "jonas", "wei"] {
        people.push(play.person(name)?.user_id);
    }
    let mut tx = play.hearth.db.write().await?;
    for pool in &pools {
        let name = format!("{}/{}", pool.snapshot.template, pool.snapshot.name);
        let Some((_, hourly, missed)) = DEMAND.into_iter().find(|(of, ..)| *of == name) else { continue };
        let seed = name.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        let chance = StdRng::seed_from_u64(seed);
        let mut week = Week {
            pool,
            settings: &settings,
            people: &people,
            demand: (hourly, missed),
            chance,
            newest: None,
        };
        let mut at = until - TimeDelta::days(7);
        while at < until {
            week.quarter(&mut tx, at).await?;
            at += QUARTER;
        }
    }
    Ok(tx.commit().await?)
}

/// One pool's.
struct Week<'a> {
    pool: &'a PresetRead,
    settings: &'a Settings,
    people: &'a [UserId],
    demand: (f64, u32),
    chance: StdRng,
    newest: Option<Decision>,
}

impl Week<'_> {
    /// The pool is full, people ask, it is full again a little later.
    async fn quarter(&mut self, tx: &mut Tx, at: DateTime<Utc>) -> anyhow::Result<()> {
        let wanted = decide(&self.like(at, 0, 0), self.settings, at).state.desired;
        let can_build = self.demand.1 < 100;
        let full = if can_build { wanted } else { 0 };
        self.decide(tx, at, full, 0).await?;
        if wanted == 0 {
            return Ok(());
        }
        let mut taken = 0;
        for asked_at in self.requests(at) {
            let missed = taken >= full || self.chance.random_range(0..100) < self.demand.1;
            self.ask(tx, asked_at, missed).await?;
            if missed {
                continue;
            }
            taken += 1;
            self.decide(tx, asked_at, full - taken, taken).await?;
        }
        if taken > 0 {
            self.decide(tx, at + QUARTER - REFILL, full, 0).await?;
        }
        Ok(())
    }

    /// When somebody asks within a quarter of an hour, in order.
    fn requests(&mut self, at: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let usual = self.demand.0 / 4.0 * busyness(at);
        let mut asked = Vec::new();
        for _ in 0..4 {
            if self.chance.random_bool((usual / 4.0).min(1.0)) {
                asked.push(at + TimeDelta::seconds(self.chance.random_range(20..700)));
            }
        }
        asked.sort_unstable();
        asked
    }

    async fn ask(&mut self, tx: &mut Tx, at: DateTime<Utc>, missed: bool) -> anyhow::Result<()> {
        let Some(who) = self.people.choose(&mut self.chance) else { return Ok(()) };
        let pool = &self.pool.pool;
        pool_events::insert(tx, pool, missed.then_some(Missed::Empty), (None, *who), at).await?;
        let (event, counter) =
            if missed { (PoolEvent::Miss, Counter::Missed) } else { (PoolEvent::Claim, Counter::Claimed) };
        pool_demand::add(tx, pool, event, at).await?;
        Ok(pools::count(tx, pool, counter).await?)
    }

    /// The pool with so many members that can be claimed, and so many that are made.
    fn like(&self, at: DateTime<Utc>, ready: u32, starting: u32) -> PresetSnapshot {
        let made = at.duration_trunc(TimeDelta::days(1)).unwrap_or(at);
        let member = |_| Member { id: new_id(), created_at: made, ready: true };
        let mut pool = self.pool.snapshot.clone();
        pool.running = (0..ready).map(member).collect();
        pool.in_progress.starting = starting;
        pool
    }

    /// What a pass decides then, if it differs from what was decided before.
    async fn decide(
        &mut self,
        tx: &mut Tx,
        at: DateTime<Utc>,
        ready: u32,
        starting: u32,
    ) -> anyhow::Result<()> {
        let pool = self.like(at, ready, starting);
        let decision = decide(&pool, self.settings, at);
        if self.newest.as_ref() == Some(&decision) {
            return Ok(());
        }
        let document = Document { now: at, settings: self.settings.clone(), presets: vec![pool] };
        let new = NewDecision {
            pool: &self.pool.pool,
            preset_id: self.pool.snapshot.id,
            governs: true,
            snapshot: &serde_json::to_value(&document)?,
            decision: &serde_json::to_value(&decision)?,
        };
        decisions::insert(tx, &new, at).await?;
        self.newest = Some(decision);
        Ok(())
    }
}

/// How much is asked for then, compared with noon of a weekday. It is an hour later in Berlin.
fn busyness(at: DateTime<Utc>) -> f64 {
    let weekend = at.weekday().number_from_monday() > 5;
    let of_the_day = match at.hour() {
        7 => 0.5,
        8..=10 | 13..=15 => 1.0,
        11 | 12 => 0.6,
        16 | 17 => 0.4,
        _ => 0.03,
    };
    if weekend { of_the_day * 0.1 } else { of_the_day }
}
