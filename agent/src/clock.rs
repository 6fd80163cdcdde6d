//! The only place of the agent that asks the machine for the time.

use chrono::{DateTime, Utc};

#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
