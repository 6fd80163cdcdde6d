use serde::{Deserialize, Serialize};

use super::{Frame, HistoryView};

/// The query string of a preset's what-if page, as typed; empty values stand for what is so now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SimulateQuery {
    /// So many wanted at all times, instead of preset and schedule.
    pub desired: String,
    /// Instead of the schedule: `cron: wanted`, one a line.
    pub schedule: String,
    /// Of the schedule and of the parts of a day.
    pub timezone: String,
    /// Of each hour of the week; used with `from=typed`.
    pub claims_per_hour: String,
    /// Of each hour from 0 to 6, 6 to 12, 12 to 18 and 18 to 24, where it is not as in the others.
    pub claims_night: String,
    pub claims_morning: String,
    pub claims_afternoon: String,
    pub claims_evening: String,
    /// Half of the builds take so many minutes at most, or all of them without `build_p95`.
    pub build_min: String,
    /// 95 of 100 builds take so many minutes at most.
    pub build_p95: String,
    /// In percent of the builds.
    pub failures: String,
    /// The reconciler looks every so many seconds, and at no event.
    pub interval: String,
    /// Hours; 0 means never.
    pub ttl: String,
    /// `history` (default): the requests of the last 7 days; `typed`.
    pub from: String,
}

impl SimulateQuery {
    /// (name, value) of each part of a day.
    pub fn parts_of_a_day(&self) -> [(&'static str, &str); 4] {
        [
            ("claims_night", &self.claims_night),
            ("claims_morning", &self.claims_morning),
            ("claims_afternoon", &self.claims_afternoon),
            ("claims_evening", &self.claims_evening),
        ]
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulateView {
    pub frame: Frame,
    pub template: String,
    pub preset: String,
    /// What holds now, in words for the form's hints.
    pub now_wanted: String,
    pub now_ttl: String,
    pub now_build: String,
    pub now_failures: String,
    /// The zone that the form is read in.
    pub timezone: String,
    /// Requests of the last 7 days.
    pub asked: u32,
    /// (field, what is wrong with it).
    pub problems: Vec<(String, String)>,
    /// `None` where something is wrong.
    pub answer: Option<SimulatedView>,
}

/// What would happen in a week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulatedView {
    /// The difference in a sentence.
    pub verdict: String,
    pub now: FiguresView,
    pub then: FiguresView,
    /// The block that asks for it.
    pub hcl: String,
}

/// Of an average day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FiguresView {
    pub requests: f64,
    pub misses: f64,
    /// Of all requests, from 0 to 1; `None` when nobody asks.
    pub hit_rate: Option<f64>,
    pub machine_hours: f64,
    /// Seconds.
    pub wait_p50: Option<f64>,
    pub wait_p95: Option<f64>,
    /// The week in slots, at most 168, with averages of wanted and ready.
    pub history: HistoryView,
}
