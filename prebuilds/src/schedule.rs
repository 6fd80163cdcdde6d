//! Schedules: which line is active at an instant, and when that changes.
//!
//! A line is read in the schedule's own time zone, by the wall clock: `* 8-18 * * *` runs from 08:00:00 to 18:59:59
//! there, on the days when clocks change as well. Between two changes of the zone's offset the active line can only
//! change where a wall-clock hour begins, so the next edge is found a day at a time with bit sets; a day on which
//! the offset changes is walked by quarters of an hour, which every zone's offsets and changes are multiples of.

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc, Weekday,
};
use chrono_tz::Tz;

pub use crate::cron::CronError;
use crate::{
    cron::Cron,
    instant::TICK,
    pool_state::NextChange,
    snapshot::{Schedule, Scheduling},
};

/// Why a schedule cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No time zone.
    #[error("a time zone is required, such as `Europe/Berlin` or `UTC`")]
    NoTimezone,
    /// Not an IANA name.
    #[error("`{name}` is not a time zone of the IANA database, such as `Europe/Berlin` or `UTC`")]
    UnknownTimezone {
        /// What stands there.
        name: String,
    },
    /// A line that cannot be read.
    #[error("schedule \"{cron}\" cannot be read: {error}")]
    Line {
        /// Its place in the list, from 0.
        position: usize,
        /// The line.
        cron: String,
        /// What is wrong with it.
        error: CronError,
    },
    /// More lines than anybody can follow.
    #[error("{count} schedules are too many: at most {MOST_LINES}")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// Two lines that are active together.
    #[error("schedules \"{first}\" and \"{second}\" overlap: both are active at {at}")]
    Overlap {
        /// The earlier line.
        first: String,
        /// The later line.
        second: String,
        /// An hour at which both are active, by the schedule's wall clock.
        at: String,
    },
}

/// Checks a schedule when a template is imported.
pub fn validate(scheduling: &Scheduling) -> Result<(), ScheduleError> {
    Timetable::parse(scheduling).map(|_| ())
}

/// How many are wanted at an instant (R9): by the line that covers it, else `instances`.
pub fn desired_at(scheduling: &Scheduling, instances: u32, at: DateTime<Utc>) -> Result<u32, ScheduleError> {
    let timetable = Timetable::parse(scheduling)?;
    Ok(timetable.wanted_at(at, instances))
}

/// The first instant after `after` from which another number is wanted.
pub fn next_change(
    scheduling: &Scheduling,
    instances: u32,
    after: DateTime<Utc>,
) -> Result<Option<NextChange>, ScheduleError> {
    Ok(Timetable::parse(scheduling)?.next_change(instances, after))
}

/// How many are wanted in each hour of a calendar week, by the wall clock of the schedule's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its first day.
    pub monday: NaiveDate,
    /// 168 hours from Monday 00:00; `None` for one that the clock skips when it is put forward. An hour that comes
    /// twice when it is put back is one here.
    pub hours: Vec<Option<u32>>,
    /// The place of the instant that was asked for in `hours`.
    pub now: usize,
}

/// The calendar week that an instant lies in.
pub fn week(scheduling: &Scheduling, instances: u32, at: DateTime<Utc>) -> Result<Week, ScheduleError> {
    Ok(Timetable::parse(scheduling)?.week(instances, at))
}

/// A time zone by its IANA name.
pub(crate) fn timezone(name: &str) -> Result<Tz, ScheduleError> {
    match name.trim() {
        "" => Err(ScheduleError::NoTimezone),
        _ => name.parse().map_err(|_| ScheduleError::UnknownTimezone { name: name.to_owned() }),
    }
}

/// Whether there are few enough lines.
pub(crate) fn not_too_many(scheduling: &Scheduling) -> Result<(), ScheduleError> {
    match scheduling.schedules.len() {
        0..=MOST_LINES => Ok(()),
        count => Err(ScheduleError::TooMany { count }),
    }
}

/// One line of a schedule, read.
pub(crate) fn line(position: usize, schedule: &Schedule) -> Result<Cron, ScheduleError> {
    Cron::parse(&schedule.cron).map_err(|error| ScheduleError::Line {
        position,
        cron: schedule.cron.clone(),
        error,
    })
}

/// Each line is compared with each other line whenever something is decided.
const MOST_LINES: usize = 100;
/// How far ahead an edge is looked for: 29 February is never further away.
const HORIZON: Days = Days::new(8 * 366 + 1);
/// No schedule that means something has more edges without changing the number wanted.
const MOST_EDGES: usize = 10_000;

/// A schedule, read and found free of overlaps: at most one line covers an instant.
#[derive(Debug)]
pub(crate) struct Timetable<'a> {
    zone: Tz,
    scheduling: &'a Scheduling,
    lines: Vec<Cron>,
}

impl<'a> Timetable<'a> {
    pub(crate) fn parse(scheduling: &'a Scheduling) -> Result<Self, ScheduleError> {
        let zone = timezone(&scheduling.timezone)?;
        not_too_many(scheduling)?;
        let lines = scheduling.schedules.iter().enumerate();
        let lines = lines.map(|(position, schedule)| line(position, schedule)).collect::<Result<_, _>>()?;
        let timetable = Self { zone, scheduling, lines };
        timetable.check_overlaps()?;
        Ok(timetable)
    }

    pub(crate) fn zone_name(&self) -> &'static str {
        self.zone.name()
    }

    /// The line that covers an instant.
    pub(crate) fn active(&self, at: DateTime<Utc>) -> Option<&'a Schedule> {
        self.line_at(at).and_then(|line| self.scheduling.schedules.get(line))
    }

    /// The largest number that any line wants.
    pub(crate) fn largest(&self) -> u32 {
        self.scheduling.schedules.iter().map(|schedule| schedule.instances).max().unwrap_or(0)
    }

    pub(crate) fn wanted_at(&self, at: DateTime<Utc>, instances: u32) -> u32 {
        self.active(at).map_or(instances, |schedule| schedule.instances)
    }

    pub(crate) fn next_change(&self, instances: u32, after: DateTime<Utc>) -> Option<NextChange> {
        let from = self.wanted_at(after, instances);
        let schedules = &self.scheduling.schedules;
        if from == instances && schedules.iter().all(|schedule| schedule.instances == instances) {
            return None;
        }
        let edges = std::iter::successors(self.next_edge(after), |edge| self.next_edge(*edge));
        edges.take(MOST_EDGES).find_map(|at| {
            let to = self.wanted_at(at, instances);
            let timezone = self.scheduling.timezone.clone();
            (to != from).then_some(NextChange { at, from, to, timezone })
        })
    }

    /// The first instant after `after` at which another line, or none, becomes active.
    pub(crate) fn next_edge(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.lines.iter().all(Cron::is_always) {
            return None;
        }
        let active = self.line_at(after);
        let mut from = Cursor::at(self.zone, after);
        let last = from.date.checked_add_days(HORIZON)?;
        let mut next_hour = from.hour + 1;
        while from.date <= last {
            let hours = self.hours_without(active, from.date) & bits_from(next_hour);
            let tomorrow = Cursor::at(self.zone, from.next_midnight()?);
            if tomorrow.offset != from.offset {
                if let Some(edge) = self.edge_between(from.at.max(after + TICK), tomorrow.at, active) {
                    return Some(edge);
                }
                next_hour = tomorrow.hour + 1;
            } else if hours != 0 {
                return from.at_hour(hours.trailing_zeros());
            } else {
                next_hour = 0;
            }
            from = if active.is_none() { self.skip_month(&tomorrow) } else { tomorrow };
        }
        None
    }

    fn week(&self, instances: u32, at: DateTime<Utc>) -> Week {
        let local = at.with_timezone(&self.zone).naive_local();
        let monday = local.date().week(Weekday::Mon).first_day();
        let hours = monday.iter_days().take(7).flat_map(|date| (0..24).map(move |hour| (date, hour)));
        let wanted = |(date, hour)| {
            let line = self.line_on(date, hour).and_then(|line| self.scheduling.schedules.get(line));
            self.exists(date, hour).then(|| line.map_or(instances, |schedule| schedule.instances))
        };
        let now = local.date().weekday().num_days_from_monday() * 24 + local.hour();
        Week { monday, hours: hours.map(wanted).collect(), now: now as usize }
    }

    /// Whether some of this hour is on the zone's clock.
    fn exists(&self, date: NaiveDate, hour: u32) -> bool {
        let quarters = (0..60).step_by(15).filter_map(|minute| date.and_hms_opt(hour, minute, 0));
        quarters.into_iter().any(|local| self.zone.from_local_datetime(&local).earliest().is_some())
    }

    fn line_at(&self, at: DateTime<Utc>) -> Option<usize> {
        let local = at.with_timezone(&self.zone).naive_local();
        self.line_on(local.date(), local.hour())
    }

    fn line_on(&self, date: NaiveDate, hour: u32) -> Option<usize> {
        self.lines.iter().position(|line| line.hours_on(date) & (1 << hour) != 0)
    }

    /// The hours of a day at which the active line is another one than `active`, as bits.
    fn hours_without(&self, active: Option<usize>, date: NaiveDate) -> u32 {
        match active.and_then(|line| self.lines.get(line)) {
            Some(line) => !line.hours_on(date) & bits_from(0),
            None => self.lines.iter().fold(0, |hours, line| hours | line.hours_on(date)),
        }
    }

    /// Walks a day on which the zone's offset changes.
    fn edge_between(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        active: Option<usize>,
    ) -> Option<DateTime<Utc>> {
        const QUARTER: i64 = 15 * 60;
        let first = (from - TICK).timestamp().div_euclid(QUARTER) + 1;
        let last = until.timestamp().div_euclid(QUARTER);
        (first..=last)
            .filter_map(|quarter| DateTime::from_timestamp(quarter * QUARTER, 0))
            .find(|at| self.line_at(*at) != active)
    }

    /// Near the end of a month in which no line can become active; far enough from it that no change of the
    /// offset carries the cursor into the next.
    fn skip_month(&self, from: &Cursor) -> Cursor {
        const NEAR_THE_END: u32 = 26;
        let month = from.date.month();
        let days = NEAR_THE_END.saturating_sub(from.date.day());
        if days == 0 || self.lines.iter().any(|line| line.covers_month(month)) {
            return from.clone();
        }
        Cursor::at(self.zone, from.at + TimeDelta::days(i64::from(days)))
    }

    fn check_overlaps(&self) -> Result<(), ScheduleError> {
        for (position, second) in self.lines.iter().enumerate() {
            for (earlier, first) in self.lines.iter().take(position).enumerate() {
                if !first.overlaps(second) {
                    continue;
                }
                if let Some(at) = self.common_instant(first, second) {
                    let cron = |line: usize| self.scheduling.schedules[line].cron.clone();
                    return Err(ScheduleError::Overlap { first: cron(earlier), second: cron(position), at });
                }
            }
        }
        Ok(())
    }

    /// An hour of the wall clock that both lines cover. Within 28 years every date falls on every day of the week.
    fn common_instant(&self, first: &Cron, second: &Cron) -> Option<String> {
        let start = NaiveDate::from_ymd_opt(2026, 1, 1)?;
        start.iter_days().take(28 * 366).find_map(|date| {
            let hours = first.hours_on(date) & second.hours_on(date);
            (0..24).filter(|hour| hours & (1 << hour) != 0).find_map(|hour| {
                let local = date.and_hms_opt(hour, 0, 0)?;
                self.zone.from_local_datetime(&local).earliest()?;
                Some(format!("{} ({})", local.format("%Y-%m-%d %H:%M"), self.zone.name()))
            })
        })
    }
}

/// A position on the wall clock of a zone.
#[derive(Clone)]
struct Cursor {
    at: DateTime<Utc>,
    offset: i32,
    date: NaiveDate,
    hour: u32,
    since_midnight: TimeDelta,
}

impl Cursor {
    fn at(zone: Tz, at: DateTime<Utc>) -> Self {
        let local = at.with_timezone(&zone);
        let offset = local.offset().fix().local_minus_utc();
        let (date, time) = (local.date_naive(), local.time());
        Self { at, offset, date, hour: time.hour(), since_midnight: time - NaiveTime::MIN }
    }

    fn at_hour(&self, hour: u32) -> Option<DateTime<Utc>> {
        self.at.checked_add_signed(TimeDelta::hours(i64::from(hour)) - self.since_midnight)
    }

    /// The next midnight, if the offset stays as it is.
    fn next_midnight(&self) -> Option<DateTime<Utc>> {
        self.at_hour(24)
    }
}

/// The bits of the hours from `hour` to 23.
fn bits_from(hour: u32) -> u32 {
    const ALL: u32 = (1 << 24) - 1;
    ALL & !((1_u32 << hour.min(24)) - 1)
}
