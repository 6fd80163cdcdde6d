//! When people ask: the recorded instants in order, or a Poisson process whose rate follows the hours of the week.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::chance::Chance;

/// The rate is looked up so often: every zone's offset is a multiple of it.
const PIECE: TimeDelta = TimeDelta::minutes(15);

/// The arrivals of a stretch of time, one after the other.
pub(super) enum Arrivals<'a> {
    Recorded(std::vec::IntoIter<DateTime<Utc>>),
    Hourly(Poisson<'a>),
}

pub(super) struct Poisson<'a> {
    pub(super) zone: Tz,
    pub(super) rates: &'a [f64],
    pub(super) chance: Chance,
    /// Nobody has come between the last arrival and this instant.
    pub(super) at: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

impl Iterator for Arrivals<'_> {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        match self {
            Self::Recorded(instants) => instants.next(),
            Self::Hourly(poisson) => poisson.next(),
        }
    }
}

impl Poisson<'_> {
    /// A gap is drawn for a rate of one; an hour of rate r uses up r of it.
    fn next(&mut self) -> Option<DateTime<Utc>> {
        let mut gap = self.chance.exponential();
        while self.at < self.to {
            let end = piece_end(self.at);
            let rate = rate_at(self.zone, self.rates, self.at);
            let room = rate * hours(end - self.at);
            if gap < room {
                self.at = (self.at + microseconds(gap / rate * 3.6e9)).min(end);
                return (self.at < self.to).then_some(self.at);
            }
            gap -= room;
            self.at = end;
        }
        None
    }
}

/// How many are expected to come.
pub(super) fn expected(zone: Tz, rates: &[f64], from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    let pieces = std::iter::successors(Some(from), |at| Some(piece_end(*at)));
    let pieces = pieces.take_while(|at| *at < to);
    pieces.map(|at| rate_at(zone, rates, at) * hours(piece_end(at).min(to) - at)).sum()
}

fn rate_at(zone: Tz, rates: &[f64], at: DateTime<Utc>) -> f64 {
    let local = at.with_timezone(&zone).naive_local();
    let hour = local.weekday().num_days_from_monday() * 24 + local.hour();
    rates.get(hour as usize).copied().unwrap_or(0.0)
}

fn piece_end(at: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = PIECE.num_seconds();
    let start = at.timestamp().div_euclid(seconds) * seconds;
    DateTime::from_timestamp(start, 0).unwrap_or(at) + PIECE
}

fn hours(time: TimeDelta) -> f64 {
    time.num_microseconds().unwrap_or_default() as f64 / 3.6e9
}

fn microseconds(count: f64) -> TimeDelta {
    TimeDelta::microseconds(count as i64)
}
