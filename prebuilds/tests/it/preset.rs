//! Presets that read as sentences: `preset().wanting(3).running("w1", "08:00", READY)`.

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    Action, Decision, DeleteReason, decide,
    snapshot::{
        FailedMember, Member, Override, Pause, PresetSnapshot, Schedule, Scheduling, Settings, StartBuild,
    },
};

pub const READY: bool = true;
pub const NOT_READY: bool = false;

/// An instant of Monday, 5 January 2026 in UTC, `HH:MM` or `HH:MM:SS`, or a whole RFC 3339 instant.
pub fn at(text: &str) -> DateTime<Utc> {
    let full = match text.len() {
        5 => format!("2026-01-05T{text}:00Z"),
        8 => format!("2026-01-05T{text}Z"),
        _ => text.to_owned(),
    };
    DateTime::parse_from_rfc3339(&full).unwrap().to_utc()
}

pub fn now() -> DateTime<Utc> {
    at("09:00")
}

#[derive(Clone)]
pub struct Preset(pub PresetSnapshot<String, String>);

/// An active preset that wants none.
pub fn preset() -> Preset {
    Preset(PresetSnapshot {
        id: "p1".to_owned(),
        template: "web".to_owned(),
        version: "v14".to_owned(),
        name: "large".to_owned(),
        version_active: true,
        template_deleted: false,
        template_deprecated: false,
        instances: 0,
        ttl_seconds: None,
        invalidated_at: None,
        scheduling: None,
        health: Default::default(),
        paused: None,
        override_: None,
        running: Vec::new(),
        failed: Vec::new(),
        in_progress: Default::default(),
        pending: Vec::new(),
        start_builds: Vec::new(),
        failures_reset_at: None,
    })
}

pub fn pause() -> Pause {
    Pause { by: "maria".to_owned(), at: at("08:00"), note: "quota work".to_owned() }
}

impl Preset {
    pub fn with(mut self, change: impl FnOnce(&mut PresetSnapshot<String, String>)) -> Self {
        change(&mut self.0);
        self
    }

    pub fn wanting(self, instances: u32) -> Self {
        self.with(|p| p.instances = instances)
    }

    pub fn running(self, id: &str, created_at: &str, ready: bool) -> Self {
        let member = Member { id: id.to_owned(), created_at: at(created_at), ready };
        self.with(|p| p.running.push(member))
    }

    pub fn failed_member(self, id: &str, failed_at: &str) -> Self {
        let member = FailedMember { id: id.to_owned(), failed_at: at(failed_at) };
        self.with(|p| p.failed.push(member))
    }

    pub fn starting(self, count: u32) -> Self {
        self.with(|p| p.in_progress.starting = count)
    }

    pub fn failed_build(self, finished_at: &str) -> Self {
        self.build(finished_at, false)
    }

    pub fn succeeded_build(self, finished_at: &str) -> Self {
        self.build(finished_at, true)
    }

    fn build(self, finished_at: &str, succeeded: bool) -> Self {
        let build = StartBuild { finished_at: at(finished_at), succeeded };
        self.with(|p| p.start_builds.push(build))
    }

    pub fn scheduled(self, timezone: &str, lines: &[(&str, u32)]) -> Self {
        let scheduling = scheduling(timezone, lines);
        self.with(|p| p.scheduling = Some(scheduling))
    }

    pub fn overridden(self, instances: u32, until: &str) -> Self {
        let until = at(until);
        self.with(|p| p.override_ = Some(Override { instances, until }))
    }

    pub fn paused(self) -> Self {
        self.with(|p| p.paused = Some(pause()))
    }

    pub fn inactive(self) -> Self {
        self.with(|p| p.version_active = false)
    }

    pub fn decide(&self) -> Decision<String> {
        self.decide_at(now())
    }

    pub fn decide_at(&self, now: DateTime<Utc>) -> Decision<String> {
        decide(&self.0, &Settings::default(), now)
    }
}

pub fn scheduling(timezone: &str, lines: &[(&str, u32)]) -> Scheduling {
    let schedules =
        lines.iter().map(|(cron, instances)| Schedule { cron: (*cron).to_owned(), instances: *instances });
    Scheduling { timezone: timezone.to_owned(), schedules: schedules.collect() }
}

pub fn create(count: u32) -> Action<String> {
    Action::Create { count }
}

pub fn delete(reason: DeleteReason, ids: &[&str]) -> Action<String> {
    Action::Delete { workspaces: names(ids), reason }
}

pub fn cancel(ids: &[&str]) -> Action<String> {
    Action::CancelPending { workspaces: names(ids) }
}

pub fn back_off(until: &str) -> Action<String> {
    Action::BackOff { until: at(until) }
}

fn names(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}
