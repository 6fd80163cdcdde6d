//! Ages, and what is left until an instant: words that change with time alone. The server writes them, and the browser
//! writes them anew as time passes.

use chrono::{DateTime, Utc};

/// How an age is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// `just now`, `3 min ago`, `in 23 h`.
    Relative,
    /// `3 min`.
    Span,
}

impl Age {
    /// The name that the browser knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relative => "relative",
            Self::Span => "span",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Relative, Self::Span].into_iter().find(|age| age.name() == name)
    }

    pub fn text(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let apart = (now - at).num_milliseconds();
        let text = coarse(apart.unsigned_abs());
        match self {
            Self::Span => text,
            Self::Relative if apart.unsigned_abs() < 1000 => "just\u{a0}now".to_owned(),
            Self::Relative if apart < 0 => format!("in\u{a0}{text}"),
            Self::Relative => format!("{text}\u{a0}ago"),
        }
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
