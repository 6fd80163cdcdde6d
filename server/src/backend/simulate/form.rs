//! The form of the what-if page: what is typed, checked field by field.

use hearth_app::view::SimulateQuery;
use hearth_prebuilds::{
    schedule,
    simulate::Spread,
    snapshot::{Schedule, Scheduling},
};

use super::super::scenario::Known;

const MOST_WANTED: u32 = 1000;
const MOST_AN_HOUR: f64 = 1000.0;
const MOST_MINUTES: f64 = 1440.0;
const MOST_TTL_HOURS: f64 = 8760.0;
const MOST_SECONDS: f64 = 86_400.0;
/// Night, morning, afternoon and evening.
const HOURS_OF_A_PART: usize = 6;
const DAYS: usize = 7;

/// What the form asks to be otherwise; `None`: as it is.
#[derive(Default)]
pub struct Wish {
    pub desired: Option<u32>,
    pub scheduling: Option<Scheduling>,
    /// The zone of the schedule and of the parts of a day.
    pub timezone: String,
    /// Requests in each hour of a week.
    pub rates: Option<Vec<f64>>,
    pub build: Option<Spread>,
    /// From 0 to 1.
    pub failures: Option<f64>,
    pub ttl_seconds: Option<u64>,
    /// The reconciler looks so often, and at no event.
    pub every_seconds: Option<u64>,
}

/// Reads the form. What is wrong with it comes as (field, words).
#[derive(Default)]
pub struct Form {
    pub problems: Vec<(String, String)>,
}

impl Form {
    pub fn read(&mut self, query: &SimulateQuery, known: &Known) -> Wish {
        let rates = self.rates(query);
        let desired = self.whole("desired", &query.desired, f64::from(MOST_WANTED));
        let timezone = self.timezone(query, known);
        let scheduling = self.scheduling(&query.schedule, &timezone);
        let build = self.build(query, known.built);
        let percent = self.number("failures", &query.failures, (0.0, 100.0));
        let hours = self.number("ttl", &query.ttl, (0.0, MOST_TTL_HOURS));
        let every = self.whole("interval", &query.interval, MOST_SECONDS);
        if every == Some(0) {
            self.refuse("interval", "Must be at least 1.");
        }
        Wish {
            desired,
            scheduling,
            timezone,
            rates,
            build,
            failures: percent.map(|percent| percent / 100.0),
            ttl_seconds: hours.map(|hours| (hours * 3600.0) as u64),
            every_seconds: every.map(u64::from),
        }
    }

    /// Who asks, where that is typed.
    fn rates(&mut self, query: &SimulateQuery) -> Option<Vec<f64>> {
        let all = self.number("claims_per_hour", &query.claims_per_hour, (0.0, MOST_AN_HOUR));
        let parts = query.parts_of_a_day().map(|(name, text)| self.number(name, text, (0.0, MOST_AN_HOUR)));
        let any = all.is_some() || parts.iter().any(Option::is_some);
        let typed = match query.from.as_str() {
            "typed" => true,
            "" => any,
            "history" => false,
            _ => {
                self.refuse("from", "Must be `history` or `typed`.");
                false
            }
        };
        if typed && !any && self.problems.is_empty() {
            self.refuse("claims_per_hour", "Say how many ask in an hour.");
        }
        let hours = parts.into_iter().flat_map(|part| [part.or(all).unwrap_or(0.0); HOURS_OF_A_PART]);
        typed.then(|| hours.collect::<Vec<_>>().repeat(DAYS))
    }

    fn timezone(&mut self, query: &SimulateQuery, known: &Known) -> String {
        let typed = query.timezone.trim();
        let own = known.scenario.preset.scheduling.as_ref().map(|scheduling| scheduling.timezone.as_str());
        let timezone = if typed.is_empty() { own.unwrap_or("UTC") } else { typed }.to_owned();
        if let Err(error) =
            schedule::validate(&Scheduling { timezone: timezone.clone(), schedules: Vec::new() })
        {
            self.refuse("timezone", error.to_string());
        }
        timezone
    }

    /// One `cron: wanted` a line.
    fn scheduling(&mut self, typed: &str, timezone: &str) -> Option<Scheduling> {
        let mut schedules = Vec::new();
        for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let parts = line.rsplit_once(':').and_then(|(cron, wanted)| {
                let wanted = wanted.trim().parse().ok().filter(|wanted| *wanted <= MOST_WANTED)?;
                Some(Schedule { cron: cron.trim().to_owned(), instances: wanted })
            });
            let Some(schedule) = parts else {
                self.refuse(
                    "schedule",
                    format!("`{line}` is not like `* 8-18 * * 1-5: 4`, with {MOST_WANTED} at most."),
                );
                return None;
            };
            schedules.push(schedule);
        }
        let scheduling = Scheduling { timezone: timezone.to_owned(), schedules };
        if scheduling.schedules.is_empty() {
            return None;
        }
        let wrong = self.problems.iter().any(|(field, _)| field == "timezone");
        if let Err(error) = schedule::validate(&scheduling)
            && !wrong
        {
            self.refuse("schedule", error.to_string());
        }
        Some(scheduling)
    }

    fn build(&mut self, query: &SimulateQuery, built: bool) -> Option<Spread> {
        let [p50, p95] = [("build_min", &query.build_min), ("build_p95", &query.build_p95)]
            .map(|(name, text)| self.number(name, text, (0.1, MOST_MINUTES)).map(|minutes| minutes * 60.0));
        if !built && query.build_min.trim().is_empty() {
            self.refuse(
                "build_min",
                "Nothing was built in the last 7 days: say how many minutes a build takes.",
            );
        } else if query.build_min.trim().is_empty() && p95.is_some() {
            self.refuse("build_min", "Say how long half of the builds take, too.");
        }
        match (p50, p95) {
            (Some(p50), Some(p95)) if p95 < p50 => {
                self.refuse("build_p95", "Must be at least what half of the builds take.");
                None
            }
            (Some(p50), Some(p95)) => Some(Spread::Percentiles { p50, p95 }),
            (p50, _) => p50.map(Spread::Fixed),
        }
    }

    fn whole(&mut self, field: &str, text: &str, most: f64) -> Option<u32> {
        let number = self.number(field, text, (0.0, most))?;
        if number.fract() != 0.0 {
            self.refuse(field, "Must be a whole number.");
        }
        Some(number as u32)
    }

    fn number(&mut self, field: &str, text: &str, (least, most): (f64, f64)) -> Option<f64> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse::<f64>().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.refuse(field, format!("Must be a number from {least} to {most}."));
        }
        number
    }

    fn refuse(&mut self, field: &str, words: impl Into<String>) {
        self.problems.push((field.to_owned(), words.into()));
    }
}
