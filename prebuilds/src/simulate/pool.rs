//! The simulated pool: what the reconciler sees, and what happens to it.

use std::{cmp::Reverse, collections::BinaryHeap};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    chance::{Chance, Stream},
    scenario::{Scenario, Wakes},
    tally::{Levels, Tally},
};
use crate::{
    actions::{Action, DeleteReason},
    decide::decide,
    instant::{self, TICK},
    snapshot::{FailedMember, InProgress, Member, PresetHealth, PresetSnapshot, StartBuild},
    state::{calculate_state, end_of},
};

type Id = u64;

pub(super) struct Pool<'a> {
    scenario: &'a Scenario,
    preset: PresetSnapshot<Id, ()>,
    /// Builds in flight, the next to end on top.
    builds: BinaryHeap<Reverse<Build>>,
    made: Id,
    outcomes: Chance,
    waits: Chance,
    levels: Levels,
    /// When the reconciler looks next.
    pub(super) due: Option<DateTime<Utc>>,
    pub(super) tally: Tally,
}

/// Ordered by its end.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Build {
    end: DateTime<Utc>,
    member: Id,
    created_at: DateTime<Utc>,
    fails: bool,
}

impl<'a> Pool<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        let mut pool = Self {
            scenario,
            preset: preset(scenario),
            builds: BinaryHeap::new(),
            made: 0,
            outcomes: Chance::new(scenario.seed, Stream::Builds),
            waits: Chance::new(scenario.seed, Stream::Waits),
            levels: Levels::default(),
            due: Some(scenario.from),
            tally: Tally::new(scenario.from, scenario.to),
        };
        let wanted = calculate_state(&pool.preset, scenario.from).desired;
        let ready = scenario.ready_at_start.unwrap_or(wanted);
        pool.made = Id::from(ready);
        pool.preset.running =
            (0..pool.made).map(|id| Member { id, created_at: scenario.from, ready: true }).collect();
        pool.levels = Levels { wanted, ready };
        pool
    }

    /// When something happens next, whoever comes meanwhile.
    pub(super) fn next_event(&self) -> Option<DateTime<Utc>> {
        self.due.into_iter().chain(self.builds.peek().map(|Reverse(build)| build.end)).min()
    }

    /// How much there is to read for one decision, in steps of about 10 ns.
    fn work(&self) -> u64 {
        const AT_LEAST: usize = 200;
        const LINE: usize = 50;
        let preset = &self.preset;
        let lines = preset.scheduling.as_ref().map_or(0, |scheduling| scheduling.schedules.len());
        let things = preset.running.len() + preset.failed.len() + preset.start_builds.len();
        (AT_LEAST + things + lines * LINE + lines * lines) as u64
    }

    /// Nothing happened from `since` to `until`.
    pub(super) fn pass_time(&mut self, since: DateTime<Utc>, until: DateTime<Utc>) {
        let machines = self.preset.running.len() as u32 + self.preset.in_progress.starting;
        self.tally.pass(since, until, self.levels, machines);
    }

    /// The builds that have ended. A failed member stays as evidence.
    pub(super) fn end_builds(&mut self, now: DateTime<Utc>) {
        while self.builds.peek().is_some_and(|Reverse(build)| build.end <= now) {
            let Some(Reverse(build)) = self.builds.pop() else { return };
            self.preset.in_progress.starting -= 1;
            self.preset.start_builds.push(StartBuild { finished_at: build.end, succeeded: !build.fails });
            if build.fails {
                self.preset.failed.push(FailedMember { id: build.member, failed_at: build.end });
                self.tally.builds.failed += 1;
            } else {
                let (id, created_at) = (build.member, build.created_at);
                self.preset.running.push(Member { id, created_at, ready: true });
                self.levels.ready += 1;
            }
            self.wake(now);
        }
    }

    /// Somebody asks: the oldest member is theirs, else they wait for a cold build. Returns the steps it took.
    pub(super) fn request(&mut self, now: DateTime<Utc>) -> u64 {
        let steps = self.preset.running.len() as u64 + 1;
        // Both are drawn for everybody, so that who gets a member changes nobody else's wait.
        let claim = self.waits.seconds(&self.scenario.claim_seconds);
        let cold = self.scenario.cold_build_seconds.as_ref().unwrap_or(&self.scenario.build_seconds);
        let cold = self.waits.seconds(cold);
        let members = self.preset.running.iter().enumerate();
        let eligible = members.filter(|(_, member)| end_of(&self.preset, member, now).is_none());
        match eligible.min_by_key(|(_, member)| (member.created_at, member.id)).map(|(position, _)| position)
        {
            Some(position) => {
                self.preset.running.remove(position);
                self.levels.ready = self.levels.ready.saturating_sub(1);
                self.tally.hit(now, claim);
                self.wake(now);
            }
            None => self.tally.miss(now, cold),
        }
        steps
    }

    /// The reconciler looks, and what it decides is done at once. Returns the steps it took.
    pub(super) fn reconcile(&mut self, now: DateTime<Utc>) -> u64 {
        self.forget_builds(now);
        let work = self.work();
        let decision = decide(&self.preset, &self.scenario.settings, now);
        self.tally.decisions += 1;
        if decision.health == PresetHealth::HardLimited {
            self.tally.creation_stopped_at.get_or_insert(now);
        }
        let created = decision.created();
        let (mut ready, wanted) = (decision.state.eligible, decision.state.desired);
        for action in decision.actions {
            match action {
                Action::Create { count } => (0..count).for_each(|_| self.create(now)),
                Action::Delete { workspaces, reason } => {
                    if reason == DeleteReason::Extraneous {
                        ready -= workspaces.len() as u32;
                    }
                    self.delete(workspaces, reason);
                }
                Action::CancelPending { .. } | Action::BackOff { .. } => {}
            }
        }
        self.levels = Levels { wanted, ready };
        self.due = None;
        if let Some(at) = decision.next_wake {
            self.wake(at.max(now + TICK));
        }
        work + u64::from(created)
    }

    fn create(&mut self, now: DateTime<Utc>) {
        let seconds = self.outcomes.seconds(&self.scenario.build_seconds);
        let fails = self.outcomes.happens(self.scenario.failure_probability);
        let time = TimeDelta::microseconds((seconds * 1e6) as i64).max(TICK);
        self.builds.push(Reverse(Build { end: now + time, member: self.made, created_at: now, fails }));
        self.made += 1;
        self.preset.in_progress.starting += 1;
        self.tally.builds.started += 1;
    }

    fn delete(&mut self, mut members: Vec<Id>, reason: DeleteReason) {
        *self.tally.deletions.entry(reason).or_default() += members.len() as u32;
        members.sort_unstable();
        let stays = |id: &Id| members.binary_search(id).is_err();
        self.preset.running.retain(|member| stays(&member.id));
        self.preset.failed.retain(|member| stays(&member.id));
    }

    /// The reconciler is to look at `at`, or at the first tick from then on.
    fn wake(&mut self, at: DateTime<Utc>) {
        let at = match self.scenario.wakes {
            // The tick comes too, and finds nothing to do: a decision changes by events and at its next wake alone.
            Wakes::Events => Some(at),
            Wakes::Tick => self.tick_from(at),
        };
        self.due = self.due.into_iter().chain(at).min();
    }

    fn tick_from(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let interval = self.scenario.reconcile_interval_seconds;
        let elapsed = u64::try_from((at - self.scenario.from).num_microseconds()?).ok()?;
        let ticks = elapsed.div_ceil(interval.saturating_mul(1_000_000));
        instant::after(self.scenario.from, ticks.saturating_mul(interval))
    }

    /// As the store does: what neither the look-back nor the limit reaches is not read.
    fn forget_builds(&mut self, now: DateTime<Utc>) {
        let settings = &self.scenario.settings;
        let builds = &self.preset.start_builds;
        let lookback = settings.backoff_lookback_seconds;
        let old =
            |build: &StartBuild| instant::after(build.finished_at, lookback).is_some_and(|end| end < now);
        let most = builds.len().saturating_sub(settings.failure_hard_limit as usize);
        let forgotten = builds.partition_point(old).min(most);
        self.preset.start_builds.drain(..forgotten);
    }
}

fn preset(scenario: &Scenario) -> PresetSnapshot<Id, ()> {
    let settings = scenario.preset.clone();
    PresetSnapshot {
        id: (),
        template: String::new(),
        version: String::new(),
        name: String::new(),
        version_active: true,
        template_deleted: false,
        template_deprecated: false,
        instances: settings.instances,
        ttl_seconds: settings.ttl_seconds,
        invalidated_at: None,
        scheduling: settings.scheduling,
        health: PresetHealth::Healthy,
        paused: None,
        override_: settings.override_,
        running: Vec::new(),
        failed: Vec::new(),
        in_progress: InProgress::default(),
        pending: Vec::new(),
        start_builds: Vec::new(),
        failures_reset_at: None,
    }
}
