use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use hearth_prebuilds::schedule::{desired_at, next_change, validate, week};
use insta::assert_snapshot;
use pretty_assertions::assert_eq;

use crate::preset::{at, scheduling};

#[test]
fn what_an_import_refuses_says_what_to_write_instead() {
    let refused = [
        ("UTC", vec!["5 8 * * *"]),
        ("UTC", vec!["* 8 * *"]),
        ("UTC", vec!["* 8 * * * *"]),
        ("UTC", vec!["* 24 * * *"]),
        ("UTC", vec!["* 8 0 * *"]),
        ("UTC", vec!["* 8 * 13 *"]),
        ("UTC", vec!["* 8 * * 7"]),
        ("UTC", vec!["* 8 * * 1-7"]),
        ("UTC", vec!["* 8 * * MON"]),
        ("UTC", vec!["* 22-6 * * *"]),
        ("UTC", vec!["* */0 * * *"]),
        ("UTC", vec!["* 8/2 * * *"]),
        ("UTC", vec!["* 8,, * * *"]),
        ("UTC", vec!["* +8 * * *"]),
        ("UTC", vec![""]),
        ("", vec!["* 8 * * *"]),
        ("Europe/Hamburg", vec!["* 8 * * *"]),
        ("Europe/Berlin", vec!["* 8-18 * * 1-5", "* 18-20 * * *"]),
        ("UTC", vec!["* 8 13 * 5", "* 8 * * 1"]),
        ("UTC", vec!["* * 29 2 *", "* 3 * * 6"]),
    ];
    let said: Vec<String> = refused
        .iter()
        .map(|(zone, lines)| {
            let lines: Vec<_> = lines.iter().map(|line| (*line, 1)).collect();
            validate(&scheduling(zone, &lines)).unwrap_err().to_string()
        })
        .collect();
    assert_snapshot!(said.join("\n"), @r#"
    schedule "5 8 * * *" cannot be read: the minute is `5` but must be `*`: a schedule covers whole hours
    schedule "* 8 * *" cannot be read: it has 4 fields instead of five: minute, hour, day of month, month, day of week
    schedule "* 8 * * * *" cannot be read: it has 6 fields instead of five: minute, hour, day of month, month, day of week
    schedule "* 24 * * *" cannot be read: hour `24` is not a whole number from 0 to 23
    schedule "* 8 0 * *" cannot be read: day of month `0` is not a whole number from 1 to 31
    schedule "* 8 * 13 *" cannot be read: month `13` is not a whole number from 1 to 12
    schedule "* 8 * * 7" cannot be read: day of week 7 is not known: Sunday is 0
    schedule "* 8 * * 1-7" cannot be read: day of week 7 is not known: Sunday is 0
    schedule "* 8 * * MON" cannot be read: day of week `MON` is not a whole number from 0 to 6
    schedule "* 22-6 * * *" cannot be read: hour range `22-6` runs backwards: write `22-23,0-6`
    schedule "* */0 * * *" cannot be read: hour step `*/0` is not known: write `*/2` or `8-18/2`
    schedule "* 8/2 * * *" cannot be read: hour step `8/2` is not known: write `*/2` or `8-18/2`
    schedule "* 8,, * * *" cannot be read: hour `` is not a whole number from 0 to 23
    schedule "* +8 * * *" cannot be read: hour `+8` is not a whole number from 0 to 23
    schedule "" cannot be read: it has 0 fields instead of five: minute, hour, day of month, month, day of week
    a time zone is required, such as `Europe/Berlin` or `UTC`
    `Europe/Hamburg` is not a time zone of the IANA database, such as `Europe/Berlin` or `UTC`
    schedules "* 8-18 * * 1-5" and "* 18-20 * * *" overlap: both are active at 2026-01-01 18:00 (Europe/Berlin)
    schedules "* 8 13 * 5" and "* 8 * * 1" overlap: both are active at 2026-04-13 08:00 (UTC)
    schedules "* * 29 2 *" and "* 3 * * 6" overlap: both are active at 2048-02-29 03:00 (UTC)
    "#);
}

#[test]
fn lines_that_never_meet_do_not_overlap() {
    let accepted = [
        vec!["* 8-18 * * 1-5", "* 19-23,0-7 * * 1-5", "* * * * 0,6"],
        vec!["* 8 * 1-6 *", "* 8 * 7-12 *"],
        vec!["* * 31 * *", "* * 1-30 * *"],
        vec!["* * 31 2,4,6 *", "* * * 2,4,6 *"],
    ];
    for lines in accepted {
        let lines: Vec<_> = lines.iter().map(|line| (*line, 1)).collect();
        assert_eq!(validate(&scheduling("Europe/Berlin", &lines)), Ok(()), "{lines:?}");
    }
}

#[test]
fn when_day_of_month_and_day_of_week_are_both_restricted_either_matches() {
    let line = [("* 8-9 13 * 1", 1)];
    let at_hour = |day: &str| desired_at(&scheduling("UTC", &line), 0, at(&format!("{day}T08:30:00Z")));
    assert_eq!(at_hour("2026-01-13"), Ok(1), "the 13th, a Tuesday");
    assert_eq!(at_hour("2026-01-12"), Ok(1), "a Monday");
    assert_eq!(at_hour("2026-01-14"), Ok(0), "a Wednesday");
}

#[test]
fn hours_are_those_of_the_zones_wall_clock_on_the_days_when_clocks_change() {
    let night = scheduling("Europe/Berlin", &[("* 2 * * *", 1)]);
    let wanted = |instant: &str| desired_at(&night, 0, at(instant)).unwrap();
    // 29 March 2026: 02:00 to 03:00 does not exist.
    assert_eq!(wanted("2026-03-29T00:59:59Z"), 0);
    assert_eq!(wanted("2026-03-29T01:00:00Z"), 0);
    // 25 October 2026: 02:00 to 03:00 happens twice.
    assert_eq!(wanted("2026-10-24T23:59:59Z"), 0);
    assert_eq!(wanted("2026-10-25T00:30:00Z"), 1);
    assert_eq!(wanted("2026-10-25T01:30:00Z"), 1);
    assert_eq!(wanted("2026-10-25T02:00:00Z"), 0);
}

#[test]
fn the_next_change_names_both_numbers_and_the_instant() {
    let office = scheduling("Europe/Berlin", &[("* 8-18 * * 1-5", 4), ("* 19 * * 1-5", 4)]);
    let change = next_change(&office, 1, at("09:00")).unwrap().unwrap();
    assert_eq!((change.at, change.from, change.to), (at("19:00"), 4, 1));
    assert_eq!(change.timezone, "Europe/Berlin");
    let friday_evening = next_change(&office, 1, at("2026-01-09T19:30:00Z")).unwrap().unwrap();
    assert_eq!((friday_evening.at, friday_evening.to), (at("2026-01-12T07:00:00Z"), 4));
}

#[test]
fn a_schedule_that_never_changes_anything_has_no_next_change() {
    let same = [("* 8 * * *", 2)];
    let always = [("* * * * *", 3)];
    let never = [("* * 30 2 *", 3)];
    for lines in [same, always, never] {
        assert_eq!(next_change(&scheduling("UTC", &lines), 2, at("09:00")), Ok(None), "{lines:?}");
    }
    let leap_day = next_change(&scheduling("UTC", &[("* * 29 2 *", 3)]), 2, at("09:00")).unwrap().unwrap();
    assert_eq!(leap_day.at, at("2028-02-29T00:00:00Z"));
}

/// Reads cron lines with another implementation over two years. A quarter of an hour is the smallest step, because
/// minute is `*` and every zone's offset is a multiple of it.
#[test]
fn answers_equal_a_reading_of_each_quarter_of_an_hour() {
    let cases: [(&str, &[&str]); 8] = [
        ("Europe/Berlin", &["* 8-18 * * 1-5", "* 2 * * 0,6"]),
        ("America/New_York", &["* 1-2 * * *", "* 23 * * *"]),
        ("Australia/Lord_Howe", &["* */3 * * *", "* 1 * 4,10 0"]),
        ("Asia/Kathmandu", &["* 0,12 1-7 * 1"]),
        ("Antarctica/Troll", &["* 1 * * *", "* 2 * * *"]),
        ("America/Havana", &["* 0 * * 0"]),
        ("Africa/Casablanca", &["* 2 * * *", "* 4-8/2 10-20/5 */2 *"]),
        ("UTC", &["* 23 31 * *", "* 0 1 * *"]),
    ];
    for (zone, crons) in cases {
        let lines: Vec<_> = crons.iter().zip(1..).map(|(cron, wanted)| (*cron, wanted)).collect();
        let scheduling = scheduling(zone, &lines);
        let read: Vec<_> = crons.iter().map(|cron| croner::Cron::from_str(cron).unwrap()).collect();
        let tz: Tz = zone.parse().unwrap();
        let oracle = |at: DateTime<Utc>| {
            let local = at.with_timezone(&tz);
            let line = read.iter().position(|cron| cron.is_time_matching(&local).unwrap());
            line.map_or(0, |line| line as u32 + 1)
        };
        let start = at("2026-01-01T00:00:00Z");
        let mut wanted = oracle(start);
        let mut change = next_change(&scheduling, 0, start).unwrap().unwrap();
        for quarter in 1..2 * 365 * 96 {
            let now = start + TimeDelta::minutes(15 * quarter);
            let expected = oracle(now);
            assert_eq!(desired_at(&scheduling, 0, now), Ok(expected), "{zone} at {now}");
            if expected != wanted {
                assert_eq!((change.at, change.from, change.to), (now, wanted, expected), "{zone}");
                change = next_change(&scheduling, 0, now).unwrap().unwrap();
                wanted = expected;
            }
        }
    }
}

/// Every minute of two years, read off the line's own words: what is in force must be what the last change said.
fn assert_each_minute_of_two_years(zone: &str, crons: &[&str]) {
    let lines: Vec<_> = crons.iter().zip(1..).map(|(cron, wanted)| (*cron, wanted)).collect();
    let (scheduling, tz) = (scheduling(zone, &lines), zone.parse::<Tz>().unwrap());
    let words: Vec<_> = crons.iter().map(|cron| Words::of(cron)).collect();
    let oracle = |at: DateTime<Utc>| {
        let local = at.with_timezone(&tz).naive_local();
        words.iter().position(|words| words.cover(local)).map_or(0, |line| line as u32 + 1)
    };
    let start = at("2026-01-01T00:00:00Z");
    let mut wanted = oracle(start);
    let mut next = next_change(&scheduling, 0, start).unwrap();
    for minute in 0..2 * 365 * 24 * 60 {
        let now = start + TimeDelta::minutes(minute);
        let changes = next.as_ref().filter(|change| change.at <= now);
        // Asking is slow, so every instant around a change is asked for, and some of the others.
        let asked = changes.is_some() || minute % 97 == 0;
        if let Some(change) = changes {
            assert_eq!((change.at, change.from), (now, wanted), "{zone}");
            wanted = change.to;
            next = next_change(&scheduling, 0, now).unwrap();
            let before = now - TimeDelta::microseconds(1);
            assert_ne!(desired_at(&scheduling, 0, before), Ok(wanted), "{zone} before {now}");
        }
        assert_eq!(oracle(now), wanted, "{zone} at {now}");
        if asked {
            assert_eq!(desired_at(&scheduling, 0, now), Ok(wanted), "{zone} at {now}");
        }
    }
}

/// The numbers that a cron line names, field by field.
struct Words {
    fields: Vec<Vec<u32>>,
    day_of_either: bool,
}

impl Words {
    fn of(cron: &str) -> Self {
        let fields: Vec<&str> = cron.split(' ').collect();
        let day_of_either = !fields[2].starts_with('*') && !fields[4].starts_with('*');
        let ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
        let named = |(field, range): (&str, (u32, u32))| {
            field.split(',').flat_map(|item| Self::item(item, range)).collect::<Vec<u32>>()
        };
        Self { fields: fields.into_iter().zip(ranges).map(named).collect(), day_of_either }
    }

    fn item(item: &str, (low, high): (u32, u32)) -> impl Iterator<Item = u32> {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let number = |text: &str| text.parse::<u32>().unwrap();
        let (low, high) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((low, high)) => (number(low), number(high)),
            None => (number(range), number(range)),
        };
        (low..=high).step_by(step.parse().unwrap())
    }

    fn cover(&self, local: NaiveDateTime) -> bool {
        let names = |field: usize, number: u32| self.fields[field].contains(&number);
        let (day, weekday) = (names(2, local.day()), names(4, local.weekday().num_days_from_sunday()));
        let on_day = if self.day_of_either { day || weekday } else { day && weekday };
        names(1, local.hour()) && names(3, local.month()) && on_day
    }
}

#[test]
fn every_minute_of_two_years_in_berlin_is_as_the_line_says() {
    assert_each_minute_of_two_years("Europe/Berlin", &["* 8-18 * * 1-5", "* 2 * * 0,6"]);
}

#[test]
fn every_minute_of_two_years_in_new_york_is_as_the_line_says() {
    assert_each_minute_of_two_years("America/New_York", &["* 1-2 1-7 * 0", "* 23 */2 * *"]);
}

/// Its clocks change by half an hour.
#[test]
fn every_minute_of_two_years_on_lord_howe_island_is_as_the_line_says() {
    assert_each_minute_of_two_years("Australia/Lord_Howe", &["* */3 * * *", "* 1 * 4,10 0"]);
}

#[test]
fn a_week_tells_each_hour_of_the_wall_clock_and_leaves_out_what_the_clock_skips() {
    let office = scheduling("Europe/Berlin", &[("* 1-3 * * 0", 4), ("* 8-18 * * 1-5", 2)]);
    for (day, monday, sunday_at_2) in [
        ("2026-03-29T12:00:00Z", "2026-03-23", None),
        ("2026-10-25T12:00:00Z", "2026-10-19", Some(4)),
        ("2026-11-01T12:00:00Z", "2026-10-26", Some(4)),
        ("2026-10-25T23:30:00Z", "2026-10-26", Some(4)),
    ] {
        let week = week(&office, 1, at(day)).unwrap();
        assert_eq!((week.monday.to_string(), week.hours.len()), (monday.to_owned(), 168), "{day}");
        assert_eq!(
            (week.hours[7], week.hours[8], week.hours[18], week.hours[19]),
            (Some(1), Some(2), Some(2), Some(1))
        );
        let sunday = 6 * 24;
        assert_eq!(
            week.hours[sunday..sunday + 5],
            [Some(1), Some(4), sunday_at_2, Some(4), Some(1)],
            "{day}"
        );
    }
    assert_eq!(week(&office, 1, at("2026-10-25T23:30:00Z")).unwrap().now, 0);
    assert_eq!(week(&office, 1, at("2026-10-25T22:30:00Z")).unwrap().now, 6 * 24 + 23);
    assert!(week(&scheduling("Europe/Hamburg", &[]), 1, at("2026-10-25T22:30:00Z")).is_err());
}

#[test]
fn a_week_says_of_every_instant_what_is_wanted_then() {
    // Clocks change by an hour, by half an hour, and not at all.
    for (zone, start) in [
        ("Europe/Berlin", "2026-03-22T00:00:00Z"),
        ("Europe/Berlin", "2026-10-18T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-03-29T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-09-27T00:00:00Z"),
        ("Asia/Kathmandu", "2026-03-22T00:00:00Z"),
    ] {
        let scheduling = scheduling(zone, &[("* */2 * * 0,6", 5), ("* 2-9 * * 1-5", 3)]);
        for quarter in 0..16 * 24 * 4 {
            let instant = at(start) + TimeDelta::minutes(15 * quarter);
            let week = week(&scheduling, 1, instant).unwrap();
            assert_eq!(week.hours[week.now], desired_at(&scheduling, 1, instant).ok(), "{zone} {instant}");
        }
    }
}
