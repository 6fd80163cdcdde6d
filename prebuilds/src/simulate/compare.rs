//! Two outcomes side by side, in words.

use super::outcome::{Outcome, Wait};
use crate::words::duration;

/// What `then` changes: "3 misses fewer a day, 14 machine-hours more a day, p95 wait 4 min shorter". Each figure is
/// of an average day, so the two may be of different lengths.
pub fn compare(now: &Outcome, then: &Outcome) -> String {
    let a_day = |outcome: &Outcome, figure: f64| figure / outcome.days();
    let misses = a_day(then, f64::from(then.misses)) - a_day(now, f64::from(now.misses));
    let hours = a_day(then, then.machine_hours) - a_day(now, now.machine_hours);
    let p95 = |outcome: &Outcome| outcome.waits.all.map(|wait: Wait| wait.p95);
    let wait = p95(now).zip(p95(then)).and_then(|(now, then)| longer(then - now));
    let changes = [change(misses, "miss", "misses"), change(hours, "machine-hour", "machine-hours"), wait];
    let changes: Vec<String> = changes.into_iter().flatten().collect();
    if changes.is_empty() { "no difference".to_owned() } else { changes.join(", ") }
}

fn change(difference: f64, one: &str, many: &str) -> Option<String> {
    let figure = figure(difference.abs())?;
    let thing = if figure == "1" { one } else { many };
    let direction = if difference < 0.0 { "fewer" } else { "more" };
    Some(format!("{figure} {thing} {direction} a day"))
}

/// With one decimal where it tells something; `None` for what nobody would notice.
fn figure(number: f64) -> Option<String> {
    let tenths = (number * 10.0).round() / 10.0;
    if tenths == 0.0 {
        None
    } else if tenths < 10.0 {
        Some(tenths.to_string())
    } else {
        Some(number.round().to_string())
    }
}

fn longer(seconds: f64) -> Option<String> {
    let whole = seconds.abs().round() as u64;
    let direction = if seconds < 0.0 { "shorter" } else { "longer" };
    (whole > 0).then(|| format!("p95 wait {} {direction}", duration(whole)))
}
