//! Checks of `coder_workspace_preset` that a table row cannot express. Whether a time zone exists and whether schedules
//! overlap is decided where pools are: by the server.

use super::{
    validate::Problem,
    values::{Fields, Object},
};

/// What [`is_schedule`] wants, in words.
pub const SCHEDULE_FORM: &str =
    "a schedule: five fields \"* HOUR DAY-OF-MONTH MONTH DAY-OF-WEEK\", the first of which is always *";

const HOUR: f64 = 3600.0;
const YEAR: f64 = 365.0 * 24.0 * HOUR;

/// A schedule names hours, never minutes.
pub fn is_schedule(cron: &str) -> bool {
    let fields: Vec<_> = cron.split_whitespace().collect();
    fields.len() == 5 && fields[0] == "*"
}

pub fn check_parameters(preset: &Object) -> Vec<Problem> {
    let Some(parameters) = preset.value("parameters").as_object() else { return Vec::new() };
    let empty = parameters.iter().filter(|(_, value)| value.as_str() == Some(""));
    empty
        .map(|(name, _)| Problem::of("parameters", format!("The value of \"{name}\" must not be empty.")))
        .collect()
}

/// 0 means that prebuilds never expire.
pub fn check_ttl(policy: &Object) -> Vec<Problem> {
    match policy.value("ttl").as_number() {
        Some(ttl) if ttl != 0.0 && !(HOUR..=YEAR).contains(&ttl) => {
            vec![Problem::of("ttl", format!("{ttl} is neither 0 nor between {HOUR} and {YEAR} seconds."))]
        }
        _ => Vec::new(),
    }
}
