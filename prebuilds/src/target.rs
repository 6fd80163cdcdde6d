//! How many are wanted now, and on whose word: an override, else the schedule, else the preset's own number.

use chrono::{DateTime, Utc};

use crate::{
    pool_state::NextChange,
    reason::{InactiveCause, Reason},
    schedule::{ScheduleError, Timetable},
    snapshot::{Override, PresetSnapshot},
};

/// The number wanted, and what it came from.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    instances: u32,
    inactive: Option<InactiveCause>,
    override_: Option<&'a Override>,
    timetable: Option<Result<Timetable<'a>, ScheduleError>>,
}

impl<'a> Target<'a> {
    pub(crate) fn of<M, P>(preset: &'a PresetSnapshot<M, P>, now: DateTime<Utc>) -> Self {
        Self {
            instances: preset.instances,
            inactive: inactive_cause(preset),
            override_: preset.override_.as_ref().filter(|o| now < o.until),
            timetable: preset.scheduling.as_ref().filter(|s| !s.schedules.is_empty()).map(Timetable::parse),
        }
    }

    /// R3, R9: none for an inactive preset; a schedule that cannot be followed leaves the preset's own number.
    pub(crate) fn wanted(&self, now: DateTime<Utc>) -> u32 {
        match (&self.inactive, self.override_) {
            (Some(_), _) => 0,
            (None, Some(override_)) => override_.instances,
            (None, None) => self.scheduled(now),
        }
    }

    /// The largest number that the pool may want: how many start builds the back-off looks at, at least one.
    pub(crate) fn largest(&self) -> u32 {
        let scheduled = self.timetable().map_or(0, Timetable::largest);
        let overridden = self.override_.map_or(0, |o| o.instances);
        self.instances.max(scheduled).max(overridden).max(1)
    }

    /// Why so many are wanted.
    pub(crate) fn reason(&self, now: DateTime<Utc>) -> Reason {
        if let Some(cause) = self.inactive {
            return Reason::Inactive { cause };
        }
        if let Some(override_) = self.override_ {
            return Reason::Overridden { wanted: override_.instances, until: override_.until };
        }
        match &self.timetable {
            None => Reason::Instances { wanted: self.instances, outside_schedule: false },
            Some(Err(error)) => Reason::ScheduleInvalid { wanted: self.instances, error: error.to_string() },
            Some(Ok(timetable)) => match timetable.active(now) {
                None => Reason::Instances { wanted: self.instances, outside_schedule: true },
                Some(schedule) => Reason::Scheduled {
                    cron: schedule.cron.clone(),
                    timezone: timetable.zone_name().to_owned(),
                    wanted: schedule.instances,
                },
            },
        }
    }

    /// When another reason holds, by time alone.
    pub(crate) fn next_edge(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match (&self.inactive, self.override_) {
            (Some(_), _) => None,
            (None, Some(override_)) => Some(override_.until),
            (None, None) => self.timetable()?.next_edge(now),
        }
    }

    /// When another number is wanted, by time alone.
    pub(crate) fn next_change(&self, now: DateTime<Utc>) -> Option<NextChange> {
        if self.inactive.is_some() {
            return None;
        }
        let Some(override_) = self.override_ else {
            return self.timetable()?.next_change(self.instances, now);
        };
        let (at, from, to) = (override_.until, override_.instances, self.scheduled(override_.until));
        let timezone = self.timetable().map_or("UTC", Timetable::zone_name).to_owned();
        if to != from {
            return Some(NextChange { at, from, to, timezone });
        }
        self.timetable()?.next_change(self.instances, at)
    }

    fn timetable(&self) -> Option<&Timetable<'a>> {
        self.timetable.as_ref().and_then(|timetable| timetable.as_ref().ok())
    }

    fn scheduled(&self, at: DateTime<Utc>) -> u32 {
        self.timetable().map_or(self.instances, |timetable| timetable.wanted_at(at, self.instances))
    }
}

/// R2: what makes a preset inactive; the hardest to undo first.
fn inactive_cause<M, P>(preset: &PresetSnapshot<M, P>) -> Option<InactiveCause> {
    if preset.template_deleted {
        Some(InactiveCause::TemplateDeleted)
    } else if preset.template_deprecated {
        Some(InactiveCause::TemplateDeprecated)
    } else if !preset.version_active {
        Some(InactiveCause::VersionInactive)
    } else {
        None
    }
}

/// When another number is wanted, by time alone: an override that ends, or a schedule's edge.
pub fn next_change<M, P>(preset: &PresetSnapshot<M, P>, now: DateTime<Utc>) -> Option<NextChange> {
    Target::of(preset, now).next_change(now)
}
