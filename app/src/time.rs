//! Instants and durations as people read them. All of it is computed from the server's `now`, which travels with
//! the page: the browser goes on from there, whatever its own clock says. It knows no zones, and counts ages only.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::age::Age;
pub use crate::age::coarse;

/// The server's clock when it drew the page: every age on it is as of this one instant. Every time of day and every date
/// are those of the person's zone.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    at: DateTime<Utc>,
    zone: Tz,
}

/// From so long before or after on, an instant is told as a date.
const DATED: TimeDelta = TimeDelta::days(7);

impl Now {
    pub fn new(at: DateTime<Utc>, zone: Tz) -> Self {
        Self { at, zone }
    }

    pub fn get(self) -> DateTime<Utc> {
        self.at
    }

    /// `Europe/Berlin`.
    pub fn zone(self) -> &'static str {
        self.zone.name()
    }

    /// What clocks show in the zone.
    pub fn local(self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.zone)
    }

    /// When the day ends in the zone.
    pub fn midnight(self) -> DateTime<Utc> {
        let tomorrow = self.local(self.at).date_naive() + TimeDelta::days(1);
        crate::zone::instant(tomorrow.into(), self.zone)
    }

    /// `Tue 24 Nov 2026, 05:45:38 Europe/Berlin`.
    pub fn full(self, at: DateTime<Utc>) -> String {
        format!("{} {}", self.local(at).format("%a %-d %b %Y, %H:%M:%S"), self.zone())
    }

    /// `05:45` today, `24 Nov, 05:45` on another day.
    pub fn short(self, at: DateTime<Utc>) -> String {
        self.day_and(at, "%H:%M")
    }

    /// A time of day, with the day when it is not today.
    fn day_and(self, at: DateTime<Utc>, time: &str) -> String {
        let shown = self.local(at);
        let time = shown.format(time);
        if shown.date_naive() == self.local(self.at).date_naive() {
            time.to_string()
        } else {
            format!("{}, {time}", shown.format("%-d\u{a0}%b"))
        }
    }

    /// `just now`, `3 min ago`, `in 23 h`; from a week on the date: `24 Nov 2026`.
    pub fn relative(self, at: DateTime<Utc>) -> String {
        if self.is_dated(at) {
            self.local(at).format("%-d\u{a0}%b\u{a0}%Y").to_string()
        } else {
            Age::Relative.text(at, self.at)
        }
    }

    fn is_dated(self, at: DateTime<Utc>) -> bool {
        (self.at - at).abs() > DATED
    }

    /// A recorded sentence, which has its instants as [`hearth_prebuilds::words::moment`] writes them, with those of the
    /// zone.
    pub fn retold(self, sentence: &str) -> String {
        const FORMAT: &str = "%Y-%m-%d %H:%M:%S";
        let mut told = String::new();
        let mut rest = sentence;
        while let Some((before, after)) = rest.split_once(" UTC") {
            let start = before.len().checked_sub("2026-11-24 04:45:38".len());
            let parts = start.and_then(|start| before.split_at_checked(start));
            let found =
                parts.and_then(|(words, at)| Some((words, NaiveDateTime::parse_from_str(at, FORMAT).ok()?)));
            told += &match found {
                Some((words, at)) => {
                    format!("{words}{} {}", self.local(at.and_utc()).format(FORMAT), self.zone())
                }
                None => format!("{before} UTC"),
            };
            rest = after;
        }
        told + rest
    }
}

/// Two units at most: `0.4 s`, `22 s`, `1 min 48 s`, `1 h 03 min`, `2 d 4 h`.
pub fn duration(ms: u64) -> String {
    let tenths = (ms + 50) / 100;
    let seconds = (ms + 500) / 1000;
    if tenths < 100 {
        return format!("{}.{}\u{a0}s", tenths / 10, tenths % 10);
    }
    match seconds {
        0..60 => format!("{seconds}\u{a0}s"),
        60..3600 => format!("{}\u{a0}min\u{a0}{:02}\u{a0}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}\u{a0}h\u{a0}{:02}\u{a0}min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}\u{a0}d\u{a0}{}\u{a0}h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// How to write an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `3 min ago`, `in 23 h`.
    Relative,
    /// `3 min`: an age, or what is left.
    Span,
    /// `12:01:07`.
    Clock,
    /// `12:01`, with the day when it is not today.
    Short,
    /// `12:01:07`, with the day when it is not today.
    Exact,
}

impl Style {
    /// Of a text that changes with time alone, how it does. A date does not.
    fn age(self, at: DateTime<Utc>, now: Now) -> Option<Age> {
        match self {
            Self::Relative => (!now.is_dated(at)).then_some(Age::Relative),
            Self::Span => Some(Age::Span),
            Self::Clock | Self::Short | Self::Exact => None,
        }
    }

    fn text(self, at: DateTime<Utc>, now: Now) -> String {
        match self {
            Self::Relative => now.relative(at),
            Self::Span => Age::Span.text(at, now.get()),
            Self::Clock => now.local(at).format(CLOCK).to_string(),
            Self::Short => now.short(at),
            Self::Exact => now.day_and(at, CLOCK),
        }
    }
}

const CLOCK: &str = "%H:%M:%S";

/// An instant: the words tick, the title has the absolute time and its zone.
#[component]
pub fn Time(at: DateTime<Utc>, now: Now, #[prop(default = Style::Relative)] style: Style) -> impl IntoView {
    let datetime = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let tick = style.age(at, now).map(Age::name);
    view! {
        <time datetime=datetime title=now.full(at) data-tick=tick>{style.text(at, now)}</time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [
            (0, "0.0 s"),
            (420, "0.4 s"),
            (2_100, "2.1 s"),
            (9_960, "10 s"),
            (22_000, "22 s"),
            (108_000, "1 min 48 s"),
            (3_780_000, "1 h 03 min"),
            (187_200_000, "2 d 4 h"),
        ];
        for (ms, text) in cases {
            assert_eq!(duration(ms).replace('\u{a0}', " "), text);
        }
    }

    const UTC: Tz = Tz::UTC;
    const BERLIN: Tz = Tz::Europe__Berlin;
    const KATHMANDU: Tz = Tz::Asia__Kathmandu;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn now(zone: Tz) -> Now {
        Now::new(at("2026-11-24T11:04:31Z"), zone)
    }

    #[test]
    fn old_instants_show_their_date_in_the_zone_and_do_not_tick() {
        let cases = [
            (UTC, "2026-11-24T11:01:31Z", "3 min ago", true),
            (UTC, "2026-11-25T10:04:31Z", "in 23 h", true),
            (UTC, "2026-11-24T11:04:31Z", "just now", true),
            (UTC, "2026-09-03T22:30:00Z", "3 Sep 2026", false),
            (BERLIN, "2026-09-03T22:30:00Z", "4 Sep 2026", false),
            (KATHMANDU, "2026-12-31T18:15:00Z", "1 Jan 2027", false),
        ];
        for (zone, instant, text, ticks) in cases {
            assert_eq!(now(zone).relative(at(instant)).replace('\u{a0}', " "), text);
            assert_eq!(Style::Relative.age(at(instant), now(zone)).is_some(), ticks, "{text}");
        }
    }

    #[test]
    fn an_instant_is_told_in_the_zone_by_name() {
        let cases = [
            (UTC, "2026-11-24T04:45:38Z", "Tue 24 Nov 2026, 04:45:38 UTC", "04:45"),
            (KATHMANDU, "2026-11-24T18:30:00Z", "Wed 25 Nov 2026, 00:15:00 Asia/Kathmandu", "25 Nov, 00:15"),
            (BERLIN, "2026-11-24T04:45:38Z", "Tue 24 Nov 2026, 05:45:38 Europe/Berlin", "05:45"),
            // Clocks go back at 01:00 UTC.
            (BERLIN, "2026-10-25T00:59:59Z", "Sun 25 Oct 2026, 02:59:59 Europe/Berlin", "25 Oct, 02:59"),
            (BERLIN, "2026-10-25T01:00:00Z", "Sun 25 Oct 2026, 02:00:00 Europe/Berlin", "25 Oct, 02:00"),
            // And forward at 01:00 UTC.
            (BERLIN, "2026-03-29T01:00:00Z", "Sun 29 Mar 2026, 03:00:00 Europe/Berlin", "29 Mar, 03:00"),
        ];
        for (zone, instant, full, short) in cases {
            assert_eq!(now(zone).full(at(instant)), full);
            assert_eq!(now(zone).short(at(instant)).replace('\u{a0}', " "), short);
        }
    }

    #[test]
    fn the_day_ends_at_midnight_of_the_zone() {
        let midnight = |instant: &str, zone| Now::new(at(instant), zone).midnight();
        assert_eq!(midnight("2026-11-24T23:30:00Z", UTC), at("2026-11-25T00:00:00Z"));
        assert_eq!(midnight("2026-11-24T23:30:00Z", BERLIN), at("2026-11-25T23:00:00Z"));
        assert_eq!(midnight("2026-11-24T11:00:00Z", KATHMANDU), at("2026-11-24T18:15:00Z"));
        // The day of 25 hours, and the one whose midnight clocks skip.
        assert_eq!(midnight("2026-10-24T22:00:00Z", BERLIN), at("2026-10-25T23:00:00Z"));
        assert_eq!(midnight("2026-09-05T12:00:00Z", Tz::America__Santiago), at("2026-09-06T04:00:00Z"));
    }

    #[test]
    fn a_recorded_sentence_is_told_in_the_zone() {
        let cases = [
            (
                "2 builds failed, the last at 2026-11-24 11:58:00 UTC: creation waits until 2026-11-24 23:07:00 UTC.",
                "2 builds failed, the last at 2026-11-24 12:58:00 Europe/Berlin: creation waits until 2026-11-25 \
                 00:07:00 Europe/Berlin.",
            ),
            ("Schedule (UTC) is active.", "Schedule (UTC) is active."),
            ("At 08:00 UTC, ü UTC, 2026-13-24 11:58:00 UTC", "At 08:00 UTC, ü UTC, 2026-13-24 11:58:00 UTC"),
        ];
        for (recorded, told) in cases {
            assert_eq!(now(BERLIN).retold(recorded), told);
            assert_eq!(now(UTC).retold(recorded), recorded);
        }
    }
}
