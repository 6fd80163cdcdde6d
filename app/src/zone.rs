//! Instants in the zone that people think of them in.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// `Mon 08:00 Europe/Berlin`; in UTC when the zone is not known.
pub fn local(at: DateTime<Utc>, zone: &str) -> String {
    match zone.parse::<Tz>() {
        Ok(tz) => format!("{} {zone}", at.with_timezone(&tz).format("%a %H:%M")),
        Err(_) => format!("{} UTC", at.format("%a %H:%M")),
    }
}
