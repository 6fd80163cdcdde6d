//! Time, fresh ids and chance for names: the only place of the server that asks the machine for any of them.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use rand::{SeedableRng, rngs::StdRng};
use uuid::Uuid;

/// Tells the time. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds added to the machine's time, or to 1970 where the clock stands; only a test moves it.
    offset: Arc<AtomicI64>,
    stands: bool,
    /// How often chance was asked for.
    draws: Arc<AtomicU64>,
}

impl Clock {
    /// A clock that stands still until a test moves it.
    pub fn standing(at: DateTime<Utc>) -> Self {
        let clock = Self { stands: true, ..Self::default() };
        clock.set(at);
        clock
    }

    /// Whether only a test moves it. Then nothing happens by itself either: no pass, no build.
    pub fn stands(&self) -> bool {
        self.stands
    }

    /// The instant now, cut to microseconds, which is what the database keeps.
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn now(&self) -> DateTime<Utc> {
        let machine = if self.stands { 0 } else { Utc::now().timestamp_micros() };
        DateTime::from_timestamp_micros(machine + self.offset.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Moves this clock (and its clones) forward, for tests.
    pub fn advance(&self, by: chrono::TimeDelta) {
        self.offset.fetch_add(by.num_microseconds().unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Sets a clock that stands (and its clones) to an instant.
    pub fn set(&self, at: DateTime<Utc>) {
        self.offset.store(at.timestamp_micros(), Ordering::Relaxed);
    }

    /// Chance. With a clock that stands it falls the same way at every run.
    pub fn chance(&self) -> StdRng {
        if !self.stands {
            return StdRng::from_rng(&mut rand::rng());
        }
        let draw = self.draws.fetch_add(1, Ordering::Relaxed);
        StdRng::seed_from_u64(self.now().timestamp_micros().unsigned_abs() ^ draw)
    }
}

/// A fresh id that sorts by the time it was made.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn new_id<Id: From<Uuid>>() -> Id {
    Uuid::now_v7().into()
}
