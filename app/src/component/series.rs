//! A pool over time as lines in a field: what the chart and the small drawing in a row have in common.

use std::fmt::Write;

use crate::{
    time::Now,
    view::{HistoryView, SlotPool, SlotView},
};

/// Where a drawing has its lines, in its own units.
#[derive(Clone, Copy)]
pub struct Field {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub floor: f64,
}

/// Where things lie in a field.
#[derive(Clone, Copy)]
pub struct Scale {
    field: Field,
    slots: usize,
    /// The largest number to draw.
    pub most: u32,
}

/// With one digit after the point, where it needs one.
fn short(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

impl Scale {
    pub fn of(history: &HistoryView, field: Field) -> Self {
        let pools = history.slots.iter().filter_map(|slot| slot.pool);
        let most = pools.map(|pool| pool.wanted.max(pool.ready)).max().unwrap_or(0).max(1);
        Self { field, slots: history.slots.len().max(1), most }
    }

    /// With room for numbers up to this, as in a drawing beside it.
    #[must_use]
    pub fn up_to(self, most: u32) -> Self {
        Self { most: self.most.max(most), ..self }
    }

    /// Where a slot begins.
    pub fn x(self, slot: usize) -> f64 {
        self.between(slot as f64)
    }

    /// What lies so many slots from the left.
    pub fn between(self, slots: f64) -> f64 {
        let Field { left, right, .. } = self.field;
        short(left + (right - left) * slots / self.slots as f64)
    }

    pub fn y(self, count: u32) -> f64 {
        let Field { top, floor, .. } = self.field;
        short(floor - (floor - top) * f64::from(count) / f64::from(self.most))
    }

    /// A stepped line through the wanted numbers on record, broken where nothing is.
    pub fn wanted(self, history: &HistoryView) -> String {
        let mut path = String::new();
        for (from, to) in runs(history, |slot| slot.pool.is_some()) {
            let _ = write!(path, "M{} ", self.x(from));
            self.step(&mut path, history, (from, to), |pool| pool.wanted, "");
        }
        path
    }

    /// The ready numbers as an area for each stretch that is on record.
    pub fn areas(self, history: &HistoryView) -> Vec<String> {
        let area = |(from, to)| {
            let floor = self.field.floor;
            let mut path = format!("M{} {floor}", self.x(from));
            self.step(&mut path, history, (from, to), |pool| pool.ready, "V");
            let _ = write!(path, "V{floor}Z");
            path
        };
        runs(history, |slot| slot.pool.is_some()).into_iter().map(area).collect()
    }

    /// Steps through a stretch; `to_first` leads to the height of the first.
    fn step(
        self,
        path: &mut String,
        history: &HistoryView,
        (from, to): (usize, usize),
        of: fn(SlotPool) -> u32,
        to_first: &str,
    ) {
        let height = |at: usize| self.y(history.slots[at].pool.map_or(0, of));
        let _ = write!(path, "{to_first}{}", height(from));
        for at in from + 1..to {
            if height(at).to_bits() != height(at - 1).to_bits() {
                let _ = write!(path, "H{}V{}", self.x(at), height(at));
            }
        }
        let _ = write!(path, "H{}", self.x(to));
    }
}

/// Consecutive slots that agree.
pub fn runs(history: &HistoryView, holds: impl Fn(&SlotView) -> bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in history.slots.iter().enumerate().filter(|(_, slot)| holds(slot)) {
        match runs.last_mut() {
            Some((_, to)) if *to == at => *to = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

/// When fewer were ready than wanted, in a sentence.
pub fn shortfall(history: &HistoryView, now: Now) -> String {
    let short = runs(history, |slot| slot.pool.is_some_and(|pool| pool.ready < pool.wanted));
    let known = history.slots.iter().any(|slot| slot.pool.is_some());
    let clock = |slot| now.short(history.at(slot));
    let span = |(from, to): &(usize, usize)| format!("{} to {} {}", clock(*from), clock(*to), now.zone());
    match short.as_slice() {
        _ if !known => "Nothing is on record yet.".to_owned(),
        [] => "As many were ready as were wanted, at all times.".to_owned(),
        [one] => format!("Fewer were ready than wanted from {}.", span(one)),
        [.., last] => {
            format!("Fewer were ready than wanted {} times, last from {}.", short.len(), span(last))
        }
    }
}

#[cfg(test)]
pub mod tests {
    use chrono_tz::Tz;

    use super::*;

    /// Quarters of an hour from midnight, as (wanted, ready).
    pub fn history(pools: &[Option<(u32, u32)>]) -> HistoryView {
        let slot = |pool: &Option<(u32, u32)>| SlotView {
            pool: pool.map(|(wanted, ready)| SlotPool { wanted, ready, held_back: false }),
            ..SlotView::default()
        };
        let from = "2026-11-24T00:00:00Z".parse().unwrap();
        HistoryView { from, slot_minutes: 15, slots: pools.iter().map(slot).collect(), versions: vec![] }
    }

    #[test]
    fn lines_are_broken_where_nothing_is_on_record_and_turn_only_where_a_number_changes() {
        let history = history(&[Some((1, 1)), None, Some((2, 1)), Some((2, 1)), Some((1, 0))]);
        let scale = Scale::of(&history, Field { left: 0.0, right: 50.0, top: 2.0, floor: 17.0 });
        assert_eq!(scale.wanted(&history), "M0 9.5H10M20 2H40V9.5H50");
        assert_eq!(scale.areas(&history), ["M0 17V9.5H10V17Z", "M20 17V9.5H40V17H50V17Z"]);
    }

    #[test]
    fn the_words_say_when_fewer_were_ready_than_wanted() {
        let one = history(&[None, Some((2, 2)), Some((2, 0)), Some((2, 1)), Some((2, 2))]);
        let words = |history: &HistoryView, zone| shortfall(history, Now::new(history.from, zone));
        assert_eq!(words(&one, Tz::UTC), "Fewer were ready than wanted from 00:30 to 01:00 UTC.");
        let kathmandu = words(&one, Tz::Asia__Kathmandu);
        assert_eq!(kathmandu, "Fewer were ready than wanted from 06:15 to 06:45 Asia/Kathmandu.");
        assert!(words(&history(&[Some((1, 1))]), Tz::UTC).starts_with("As many were ready"));
        assert_eq!(words(&history(&[None]), Tz::UTC), "Nothing is on record yet.");
    }
}
