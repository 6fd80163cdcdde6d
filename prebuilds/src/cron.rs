//! The cron line of a schedule. It names ranges of time, not points: minute is `*`, so a line covers whole hours.

use chrono::{Datelike, NaiveDate};

/// What is wrong with a cron line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields.
    #[error("it has {found} fields instead of five: minute, hour, day of month, month, day of week")]
    Fields {
        /// How many there are.
        found: usize,
    },
    /// The minute is not `*`.
    #[error("the minute is `{found}` but must be `*`: a schedule covers whole hours")]
    Minute {
        /// What stands there.
        found: String,
    },
    /// Not a number of this field.
    #[error("{field} `{found}` is not a whole number from {low} to {high}")]
    Number {
        /// The field.
        field: &'static str,
        /// What stands there.
        found: String,
        /// Its smallest number.
        low: u32,
        /// Its largest number.
        high: u32,
    },
    /// Day of week 7.
    #[error("day of week 7 is not known: Sunday is 0")]
    SundayIsZero,
    /// A range that runs backwards.
    #[error("{field} range `{found}` runs backwards: write `{instead}`")]
    Backwards {
        /// The field.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What is meant.
        instead: String,
    },
    /// A step that is not one.
    #[error("{field} step `{found}` is not known: write `*/2` or `8-18/2`")]
    Step {
        /// The field.
        field: &'static str,
        /// What stands there.
        found: String,
    },
}

/// A parsed line: for each field the set of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    hours: u32,
    days: Field,
    months: u32,
    weekdays: Field,
}

/// A set of numbers, and whether the field says more than "any".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    bits: u32,
    restricted: bool,
}

struct Unit {
    name: &'static str,
    low: u32,
    high: u32,
}

const HOUR: Unit = Unit { name: "hour", low: 0, high: 23 };
const DAY: Unit = Unit { name: "day of month", low: 1, high: 31 };
const MONTH: Unit = Unit { name: "month", low: 1, high: 12 };
const WEEKDAY: Unit = Unit { name: "day of week", low: 0, high: 6 };

const ALL_HOURS: u32 = (1 << 24) - 1;
const ALL_MONTHS: u32 = 0b1_1111_1111_1110;
const ALL_WEEKDAYS: u32 = 0b111_1111;

impl Cron {
    pub(crate) fn parse(line: &str) -> Result<Self, CronError> {
        let mut fields = line.split_ascii_whitespace();
        let (Some(minute), Some(hour), Some(day), Some(month), Some(weekday), None) =
            (fields.next(), fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(CronError::Fields { found: line.split_ascii_whitespace().count() });
        };
        if minute != "*" {
            return Err(CronError::Minute { found: minute.to_owned() });
        }
        let hours = HOUR.parse(hour)?.bits;
        let (days, months, weekdays) = (DAY.parse(day)?, MONTH.parse(month)?.bits, WEEKDAY.parse(weekday)?);
        // A month without any of the days is not covered: nobody has to look for them in it.
        let first = if weekdays.restricted { 1 } else { days.bits.trailing_zeros() };
        Ok(Self { hours, days, months: months & months_with_day(first), weekdays })
    }

    /// The hours of this day which the line covers, as bits. Empty on a day that does not match.
    pub(crate) fn hours_on(&self, date: NaiveDate) -> u32 {
        let weekday = 1 << date.weekday().num_days_from_sunday();
        let covered = self.covers_month(date.month()) && self.weekdays_on(date.day()) & weekday != 0;
        if covered { self.hours } else { 0 }
    }

    pub(crate) fn covers_month(&self, month: u32) -> bool {
        self.months & (1 << month) != 0
    }

    /// Whether the line covers every instant there is.
    pub(crate) fn is_always(&self) -> bool {
        let every_day = !self.days.restricted && self.weekdays.bits == ALL_WEEKDAYS;
        self.hours == ALL_HOURS && self.months == ALL_MONTHS && every_day
    }

    /// Whether some hour of some calendar day is covered by both lines.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let months = self.months & other.months;
        self.hours & other.hours != 0
            && (1..=31).any(|day| {
                months & months_with_day(day) != 0 && self.weekdays_on(day) & other.weekdays_on(day) != 0
            })
    }

    /// The days of the week on which this day of a month is covered, as bits. When day of month and day of week
    /// are both restricted, either matches.
    fn weekdays_on(&self, day: u32) -> u32 {
        let named = self.days.bits & (1 << day) != 0;
        match (self.days.restricted, self.weekdays.restricted) {
            (true, true) if named => ALL_WEEKDAYS,
            (true, false) if !named => 0,
            _ => self.weekdays.bits,
        }
    }
}

/// The months that have this day, as bits.
fn months_with_day(day: u32) -> u32 {
    const THIRTY_DAYS: u32 = 1 << 4 | 1 << 6 | 1 << 9 | 1 << 11;
    const FEBRUARY: u32 = 1 << 2;
    match day {
        31 => ALL_MONTHS & !THIRTY_DAYS & !FEBRUARY,
        30 => ALL_MONTHS & !FEBRUARY,
        _ => ALL_MONTHS,
    }
}

impl Unit {
    fn parse(&self, text: &str) -> Result<Field, CronError> {
        let mut field = Field { bits: 0, restricted: true };
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, self.step(step, item)?),
                None => (item, 1),
            };
            let (low, high) = match range.split_once('-') {
                _ if range == "*" => (self.low, self.high),
                Some((low, high)) => (self.number(low)?, self.number(high)?),
                None if item.contains('/') => return Err(self.bad_step(item)),
                None => (self.number(range)?, self.number(range)?),
            };
            if low > high {
                let instead = format!("{low}-{},{}-{high}", self.high, self.low);
                return Err(CronError::Backwards { field: self.name, found: range.to_owned(), instead });
            }
            field.restricted &= !(range == "*" && step == 1);
            field.bits |= (low..=high).step_by(step).fold(0, |bits, number| bits | 1 << number);
        }
        Ok(field)
    }

    fn number(&self, text: &str) -> Result<u32, CronError> {
        match digits(text) {
            Some(number) if (self.low..=self.high).contains(&number) => Ok(number),
            Some(7) if self.name == WEEKDAY.name => Err(CronError::SundayIsZero),
            _ => Err(CronError::Number {
                field: self.name,
                found: text.to_owned(),
                low: self.low,
                high: self.high,
            }),
        }
    }

    fn step(&self, text: &str, item: &str) -> Result<usize, CronError> {
        digits(text).filter(|step| *step > 0).map(|step| step as usize).ok_or_else(|| self.bad_step(item))
    }

    fn bad_step(&self, item: &str) -> CronError {
        CronError::Step { field: self.name, found: item.to_owned() }
    }
}

/// Only digits: `parse` alone would take `+8` as well.
fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
