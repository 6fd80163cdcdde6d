use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A part of a log, with what is known of the whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogPart {
    /// In order.
    pub lines: Vec<LogLineView>,
    /// How many lines the whole log has.
    pub total: i64,
    /// The number of the first line that is an error.
    pub first_error: Option<i64>,
    /// No line is added any more.
    pub ended: bool,
}

impl LogPart {
    /// The most lines of a part.
    pub const LINES: i64 = 1000;

    /// After which line the part begins in which a line is shown. It is the same for neighbors, so that a link from
    /// one to the other moves nothing; and a line has as many lines before it as fit.
    pub fn start_for(line: i64) -> i64 {
        let half = Self::LINES / 2;
        ((line - 1).div_euclid(half) - 1).max(0) * half
    }

    /// The numbers of the first and the last line that are shown; the first is after the last where there is none.
    pub fn shown(&self) -> (i64, i64) {
        let number = |line: Option<&LogLineView>| line.map(|line| line.number);
        (number(self.lines.first()).unwrap_or(1), number(self.lines.last()).unwrap_or(0))
    }
}

/// A line of a log. One without output opens its stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLineView {
    /// Counted from 1 over the whole log, as in its text; it never changes.
    pub number: i64,
    pub at: DateTime<Utc>,
    pub level: String,
    /// Step of the build, or source of the agent's line.
    pub stage: String,
    pub output: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_lies_in_the_part_that_its_address_leads_to() {
        for line in 1..=5000 {
            let start = LogPart::start_for(line);
            assert!(start < line && line <= start + LogPart::LINES, "{line}");
            assert!(start == 0 || line - start > 500, "{line} has lines before it");
        }
        assert_eq!([0, -5, i64::MIN + 1].map(LogPart::start_for), [0; 3]);
    }
}
