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

    /// Days are told apart rather than hours.
    pub fn is_week(&self) -> bool {
        self.slot_minutes >= 60
    }

    /// The same time in half as many slots, for a drawing with half the room.
    pub fn halved(&self) -> Self {
        Self {
            from: self.from,
            slot_minutes: self.slot_minutes * 2,
            slots: self.slots.chunks(2).map(SlotView::joined).collect(),
            versions: self.versions.iter().map(|(slot, name)| (slot / 2, name.clone())).collect(),
        }
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

impl SlotView {
    /// Consecutive slots as one.
    fn joined(slots: &[Self]) -> Self {
        Self {
            pool: slots.iter().filter_map(|slot| slot.pool).reduce(SlotPool::then),
            claims: slots.iter().map(|slot| slot.claims).sum(),
            misses: slots.iter().map(|slot| slot.misses).sum(),
        }
    }
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

impl SlotPool {
    fn then(self, later: Self) -> Self {
        Self {
            wanted: later.wanted,
            ready: self.ready.min(later.ready),
            held_back: self.held_back || later.held_back,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_slots_lose_no_claim_and_no_shortage() {
        let slot = |wanted, ready, claims| SlotView {
            pool: Some(SlotPool { wanted, ready, held_back: ready == 0 }),
            claims,
            misses: 1,
        };
        let history = HistoryView {
            from: DateTime::UNIX_EPOCH,
            slot_minutes: 15,
            slots: vec![slot(2, 0, 3), slot(1, 1, 4), SlotView::default(), slot(1, 1, 0), slot(5, 2, 1)],
            versions: vec![(3, "v2".to_owned())],
        };
        let halved = history.halved();
        assert_eq!(halved.at(2), history.at(4));
        assert_eq!(halved.versions, [(1, "v2".to_owned())]);
        let joined =
            SlotView { pool: Some(SlotPool { wanted: 1, ready: 0, held_back: true }), claims: 7, misses: 2 };
        assert_eq!(halved.slots, [joined, SlotView { misses: 1, ..slot(1, 1, 0) }, slot(5, 2, 1)]);
    }
}
