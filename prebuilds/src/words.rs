//! Numbers, durations and instants as people read them.

use chrono::{DateTime, SubsecRound, Utc};

/// `1 is`, `3 are`.
pub(crate) fn number(count: u32) -> String {
    if count == 1 { "1 is".to_owned() } else { format!("{count} are") }
}

/// `1 build`, `3 builds`.
pub(crate) fn plural(count: u32, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// Two units at most: `45 s`, `1 min 30 s`, `24 h`, `7 d`.
pub fn duration(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (minutes, hours, days) {
        (0, ..) => format!("{seconds} s"),
        (_, 0, _) => two(minutes, "min", seconds % 60, "s"),
        (_, _, 0 | 1) => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

fn two(first: u64, unit: &str, second: u64, smaller: &str) -> String {
    if second == 0 { format!("{first} {unit}") } else { format!("{first} {unit} {second} {smaller}") }
}

/// To the second, with its zone: a stored sentence is read on another day and elsewhere.
pub fn moment(at: DateTime<Utc>) -> String {
    at.trunc_subsecs(0).format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A person's words in a sentence: one line, and not without end.
pub(crate) fn cut(text: &str) -> String {
    const LONGEST: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
