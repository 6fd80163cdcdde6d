//! Time zones: the one that a person reads times in, and the one of a schedule.

use chrono::{DateTime, Datelike, NaiveDateTime, Offset, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// The zone that pages tell times in in this browser; a cookie carries the choice. All letters of a zone's name are
/// such as a cookie may have.
pub fn current() -> Tz {
    crate::caller::cookie("hearth_zone").and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// The zone of this name, whatever the case of its letters.
pub fn named(name: &str) -> Option<Tz> {
    TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name.trim()))
}

/// `Mon 08:00 Europe/Berlin`; in UTC when the zone is not known.
pub fn local(at: DateTime<Utc>, zone: &str) -> String {
    match zone.parse::<Tz>() {
        Ok(tz) => format!("{} {zone}", at.with_timezone(&tz).format("%a %H:%M")),
        Err(_) => format!("{} UTC", at.format("%a %H:%M")),
    }
}

/// When clocks show this: the first time where they show it twice. Where they skip it, they go on as before the change.
pub fn instant(shown: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&shown).earliest() {
        Some(at) => at.to_utc(),
        None => {
            let before = zone.offset_from_utc_datetime(&(shown - TimeDelta::days(1)));
            (shown - before.fix()).and_utc()
        }
    }
}

/// Of a field for date and time, which knows no zone, or with a zone of its own.
pub fn typed(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let shown = || {
        let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"];
        let shown = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
        // Far from the ends of what can be counted.
        (0..10_000).contains(&shown.year()).then(|| instant(shown, zone))
    };
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).ok().or_else(shown)
}

/// What was typed as the server takes it, in UTC; what is no instant stays as it is.
pub fn in_utc(text: String) -> String {
    typed(&text, current()).map_or(text, |at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_time_is_one_of_the_zone_also_where_clocks_change() {
        let berlin = Tz::Europe__Berlin;
        let cases = [
            ("2026-11-24T09:03", Tz::UTC, "2026-11-24T09:03:00Z"),
            ("2026-11-24T09:03:00.000", berlin, "2026-11-24T08:03:00Z"),
            ("2026-07-01T09:03:07", berlin, "2026-07-01T07:03:07Z"),
            ("2026-11-24T09:03", Tz::Asia__Kathmandu, "2026-11-24T03:18:00Z"),
            ("2026-11-24T10:03:00+01:00", Tz::Asia__Kathmandu, "2026-11-24T09:03:00Z"),
            // Twice: at 00:30 and at 01:30 UTC.
            ("2026-10-25T02:30", berlin, "2026-10-25T00:30:00Z"),
            // Never: clocks go from 02:00 to 03:00, or from 00:00 to 01:00.
            ("2026-03-29T02:30", berlin, "2026-03-29T01:30:00Z"),
            ("2026-09-06T00:00", Tz::America__Santiago, "2026-09-06T04:00:00Z"),
        ];
        for (text, zone, at) in cases {
            assert_eq!(typed(text, zone), at.parse().ok(), "{text} {zone}");
        }
        for text in
            ["", "9:03", "yesterday", "2026-13-24T09:03", "+262142-12-31T23:59", "-262143-01-01T00:00"]
        {
            assert_eq!(typed(text, berlin), None, "{text}");
        }
    }

    #[test]
    fn a_zone_is_found_whatever_the_case_of_its_letters() {
        assert_eq!(named(" europe/berlin "), Some(Tz::Europe__Berlin));
        assert_eq!(named("Europe/Berln"), None);
        assert_eq!(named(""), None);
        let is_cookie =
            |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
        assert!(TZ_VARIANTS.iter().all(|zone| is_cookie(zone.name())));
    }
}
