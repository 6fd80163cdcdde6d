//! Time and fresh ids: the only place of the server that asks the machine for either.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Tells the time. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds added to the machine's time; only a test moves it.
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The instant now, cut to microseconds, which is what the database keeps.
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn now(&self) -> DateTime<Utc> {
        let micros = Utc::now().timestamp_micros() + self.offset.load(Ordering::Relaxed);
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// Moves this clock (and its clones) forward, for tests.
    pub fn advance(&self, by: chrono::TimeDelta) {
        self.offset.fetch_add(by.num_microseconds().unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

/// A fresh id that sorts by the time it was made.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn new_id<Id: From<Uuid>>() -> Id {
    Uuid::now_v7().into()
}
