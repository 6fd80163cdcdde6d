use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What a pool was like over time, in slots of one length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    pub from: DateTime<Utc>,
    pub slot_minutes: u32,
    pub slots: Vec<SlotView>,
    /// The slot in which a version took over, and its name.
    pub versions: Vec<(usize, String)>,
}

impl HistoryView {
    /// When a slot begins.
    pub fn at(&self, slot: usize) -> DateTime<Utc> {
        self.from + TimeDelta::minutes(i64::from(self.slot_minutes) * slot as i64)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotView {
    /// `None` where nothing is on record.
    pub pool: Option<SlotPool>,
    /// Served from the pool.
    pub claims: u32,
    /// Found nothing ready.
    pub misses: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotPool {
    /// At the end of the slot.
    pub wanted: u32,
    /// The fewest that were ready in it.
    pub ready: u32,
    /// Creation was held back by failures.
    pub held_back: bool,
}
