//! Instants as documents write them, and arithmetic on them that cannot overflow.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serializer, de};

/// The smallest step of time that Hearth knows: what the database keeps.
pub(crate) const TICK: TimeDelta = TimeDelta::microseconds(1);

/// 9999-12-31T23:59:59Z: the last instant that every reader of RFC 3339 understands.
const LAST: i64 = 253_402_300_799;

/// `seconds` after `at`; `None` when that is later than any clock will show.
pub(crate) fn after(at: DateTime<Utc>, seconds: u64) -> Option<DateTime<Utc>> {
    let later = at.checked_add_signed(TimeDelta::try_seconds(i64::try_from(seconds).ok()?)?)?;
    (later.timestamp() <= LAST).then_some(later)
}

/// The last instant there is.
pub(crate) fn last() -> DateTime<Utc> {
    DateTime::from_timestamp(LAST, 0).unwrap_or_default()
}

/// Serde for an instant: RFC 3339 with a zone, cut to [`TICK`].
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    parse(&String::deserialize(deserializer)?)
}

pub(crate) fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

fn parse<E: de::Error>(text: &str) -> Result<DateTime<Utc>, E> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .and_then(|at| DateTime::from_timestamp_micros(at.timestamp_micros()))
        .filter(|at| at.timestamp() <= LAST)
        .ok_or_else(|| {
            E::custom(format_args!("{text:?} is not an instant with a zone, such as 2026-01-05T09:00:00Z"))
        })
}

/// The same for an instant that may be null or absent.
pub(crate) mod optional {
    use super::{DateTime, Deserialize, Deserializer, Serializer, Utc};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        Option::<String>::deserialize(deserializer)?.map(|text| super::parse(&text)).transpose()
    }

    pub(crate) fn serialize<S: Serializer>(
        at: &Option<DateTime<Utc>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }
}

/// The same for a list of instants.
pub(crate) mod list {
    use serde::Serialize;

    use super::{DateTime, Deserialize, Deserializer, Serializer, Utc};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Instant(#[serde(with = "super")] DateTime<Utc>);

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<DateTime<Utc>>, D::Error> {
        let instants = Vec::<Instant>::deserialize(deserializer)?;
        Ok(instants.into_iter().map(|instant| instant.0).collect())
    }

    pub(crate) fn serialize<S: Serializer>(
        instants: &[DateTime<Utc>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(instants.iter().map(|at| Instant(*at)))
    }
}
