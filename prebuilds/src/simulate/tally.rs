//! Keeps count while a simulation runs.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::outcome::{Builds, Outcome, Part, Wait, Waits};
use crate::actions::DeleteReason;

/// No more parts than can be drawn.
const MOST_PARTS: i64 = 400;
/// Lengths of parts that people can read, in minutes.
const LENGTHS: [i64; 11] = [1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440];

/// What holds until the next event.
#[derive(Clone, Copy, Default)]
pub(super) struct Levels {
    pub wanted: u32,
    pub ready: u32,
}

pub(super) struct Tally {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    length: TimeDelta,
    parts: Vec<Sums>,
    machine_seconds: f64,
    claim_waits: Vec<f64>,
    cold_waits: Vec<f64>,
    pub builds: Builds,
    pub deletions: BTreeMap<DeleteReason, u32>,
    pub creation_stopped_at: Option<DateTime<Utc>>,
    pub decisions: u32,
}

/// Of one part: levels times their seconds, and people.
#[derive(Clone, Copy, Default)]
struct Sums {
    wanted: f64,
    ready: f64,
    claims: u32,
    misses: u32,
}

impl Tally {
    pub(super) fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let minutes = (to - from).num_minutes() + 1;
        let longest = LENGTHS[LENGTHS.len() - 1];
        let fits = |length: &i64| minutes.div_euclid(*length) < MOST_PARTS;
        let length =
            LENGTHS.into_iter().find(fits).unwrap_or(longest * (minutes / (longest * MOST_PARTS) + 1));
        let length = TimeDelta::minutes(length);
        let mut tally = Self {
            from,
            to,
            length,
            parts: Vec::new(),
            machine_seconds: 0.0,
            claim_waits: Vec::new(),
            cold_waits: Vec::new(),
            builds: Builds::default(),
            deletions: BTreeMap::new(),
            creation_stopped_at: None,
            decisions: 0,
        };
        tally.parts = vec![Sums::default(); tally.part_of(to - TimeDelta::microseconds(1)) + 1];
        tally
    }

    /// From `since` to `until` the levels were these, and so many machines ran.
    pub(super) fn pass(&mut self, since: DateTime<Utc>, until: DateTime<Utc>, levels: Levels, machines: u32) {
        self.machine_seconds += f64::from(machines) * (until - since).as_seconds_f64();
        let mut at = since;
        while at < until {
            let part = self.part_of(at);
            let end = self.part_end(part).min(until);
            let seconds = (end - at).as_seconds_f64();
            if let Some(sums) = self.parts.get_mut(part) {
                sums.wanted += f64::from(levels.wanted) * seconds;
                sums.ready += f64::from(levels.ready) * seconds;
            }
            at = end;
        }
    }

    pub(super) fn hit(&mut self, at: DateTime<Utc>, wait: f64) {
        self.claim_waits.push(wait);
        let part = self.part_of(at);
        self.parts[part].claims += 1;
    }

    pub(super) fn miss(&mut self, at: DateTime<Utc>, wait: f64) {
        self.cold_waits.push(wait);
        let part = self.part_of(at);
        self.parts[part].misses += 1;
    }

    pub(super) fn outcome(mut self) -> Outcome {
        let (hits, misses) = (self.claim_waits.len() as u32, self.cold_waits.len() as u32);
        let requests = hits + misses;
        let mut all = [self.claim_waits.as_slice(), self.cold_waits.as_slice()].concat();
        Outcome {
            from: self.from,
            to: self.to,
            requests,
            hits,
            misses,
            hit_rate: (requests > 0).then(|| f64::from(hits) / f64::from(requests)),
            waits: Waits {
                all: wait(&mut all),
                claim: wait(&mut self.claim_waits),
                cold: wait(&mut self.cold_waits),
            },
            machine_hours: rounded(self.machine_seconds / 3600.0),
            part_seconds: self.length.num_seconds() as u32,
            series: (0..self.parts.len()).map(|part| self.drawn(part)).collect(),
            builds: self.builds,
            deletions: self.deletions,
            creation_stopped_at: self.creation_stopped_at,
            decisions: self.decisions,
        }
    }

    fn drawn(&self, part: usize) -> Part {
        let (at, sums) = (self.from + self.length * part as i32, self.parts[part]);
        let seconds = (self.part_end(part).min(self.to) - at).as_seconds_f64();
        Part {
            at,
            wanted: rounded(sums.wanted / seconds),
            ready: rounded(sums.ready / seconds),
            claims: sums.claims,
            misses: sums.misses,
        }
    }

    fn part_of(&self, at: DateTime<Utc>) -> usize {
        let seconds = (at - self.from).num_seconds();
        (seconds / self.length.num_seconds()) as usize
    }

    fn part_end(&self, part: usize) -> DateTime<Utc> {
        self.from + self.length * (part as i32 + 1)
    }
}

/// Of sorted waits, the one that so many of a hundred do not exceed.
fn wait(waits: &mut [f64]) -> Option<Wait> {
    waits.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| {
        let rank = (waits.len() * percent).div_ceil(100);
        waits.get(rank.checked_sub(1)?).copied().map(rounded)
    };
    Some(Wait { p50: at(50)?, p95: at(95)? })
}

/// To a thousandth: what is beyond is noise.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
