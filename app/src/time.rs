//! Instants and durations as people read them. All of it is computed from the server's `now`, which travels with
//! the page: the browser goes on from there, whatever its own clock says.

use chrono::{DateTime, Datelike, Timelike, Utc};
use leptos::prelude::*;

/// The server's clock when it drew the page: every age on it is as of this one instant.
#[derive(Clone, Copy, Debug)]
pub struct Now(pub DateTime<Utc>);

impl Now {
    pub fn get(self) -> DateTime<Utc> {
        self.0
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Tue 24 Nov 2026, 04:45:38 UTC`.
pub fn full(at: DateTime<Utc>) -> String {
    let month = MONTHS[at.month0() as usize];
    format!("{} {} {month} {}, {} UTC", at.weekday(), at.day(), at.year(), clock(at))
}

/// `04:45:38`, in UTC.
pub fn clock(at: DateTime<Utc>) -> String {
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// `04:45` today, `24 Nov, 04:45` on another day; in UTC.
pub fn short(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    if at.date_naive() == now.date_naive() {
        time
    } else {
        format!("{}\u{a0}{}, {time}", at.day(), MONTHS[at.month0() as usize])
    }
}

/// The same to the second.
fn exact(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{}:{:02}", short(at, now), at.second())
}

/// `24 Nov 2026`.
fn date(at: DateTime<Utc>) -> String {
    format!("{}\u{a0}{}\u{a0}{}", at.day(), MONTHS[at.month0() as usize], at.year())
}

/// `just now`, `3 min ago`, `in 23 h`; from a week on the date.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let apart = (now - at).num_milliseconds();
    let text = coarse(apart.unsigned_abs());
    if apart.unsigned_abs() > 7 * 86_400_000 {
        date(at)
    } else if apart.unsigned_abs() < 1000 {
        "just\u{a0}now".to_owned()
    } else if apart < 0 {
        format!("in\u{a0}{text}")
    } else {
        format!("{text}\u{a0}ago")
    }
}

/// One unit: `12 s`, `3 min`, `5 h`, `2 d`.
pub fn coarse(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{seconds}\u{a0}s"),
        60..3600 => format!("{}\u{a0}min", seconds / 60),
        3600..172_800 => format!("{}\u{a0}h", seconds / 3600),
        _ => format!("{}\u{a0}d", seconds / 86_400),
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
    /// `12:01:07` UTC.
    Clock,
    /// `12:01`, with the day when it is not today.
    Short,
    /// `12:01:07`, with the day when it is not today.
    Exact,
}

impl Style {
    /// Of a text that changes with time alone, the name that the browser knows it by.
    fn tick(self) -> Option<&'static str> {
        match self {
            Self::Relative => Some("relative"),
            Self::Span => Some("span"),
            Self::Clock | Self::Short | Self::Exact => None,
        }
    }

    /// The style of that name.
    pub fn ticking(name: &str) -> Option<Self> {
        [Self::Relative, Self::Span].into_iter().find(|style| style.tick() == Some(name))
    }

    pub fn text(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        match self {
            Self::Relative => relative(at, now),
            Self::Span => coarse((now - at).num_milliseconds().unsigned_abs()),
            Self::Clock => clock(at),
            Self::Short => short(at, now),
            Self::Exact => exact(at, now),
        }
    }
}

/// An instant: the words tick, the title has the absolute time.
#[component]
pub fn Time(at: DateTime<Utc>, now: Now, #[prop(default = Style::Relative)] style: Style) -> impl IntoView {
    let datetime = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    view! {
        <time datetime=datetime title=full(at) data-tick=style.tick()>{style.text(at, now.get())}</time>
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

    #[test]
    fn old_instants_show_their_date() {
        let now = "2026-11-24T11:04:31Z".parse().unwrap();
        let at = |text: &str| relative(text.parse().unwrap(), now).replace('\u{a0}', " ");
        assert_eq!(at("2026-11-24T11:01:31Z"), "3 min ago");
        assert_eq!(at("2026-11-25T10:04:31Z"), "in 23 h");
        assert_eq!(at("2026-11-24T11:04:31Z"), "just now");
        assert_eq!(at("2026-09-03T11:04:31Z"), "3 Sep 2026");
        assert_eq!(full("2026-11-24T04:45:38Z".parse().unwrap()), "Tue 24 Nov 2026, 04:45:38 UTC");
    }
}
