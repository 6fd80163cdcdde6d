//! One pass: read, decide, act, record.
//!
//! The snapshot is read in one transaction that has ended before anything is done. Each action then runs in a
//! transaction of its own and asks again whether it is still right (the owner, the pause, the count), because claims
//! go on meanwhile and another replica may believe for a moment that it leads. What fails is logged with its preset and
//! never stops another one: the next pass sees the same need again.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    Action, Decision, decide,
    document::Document,
    ids::{PresetId, WorkspaceId},
    snapshot::{PresetHealth, Settings},
};
use uuid::Uuid;

use super::{create, health, remove};
use crate::{
    error::Result,
    events::Event,
    hearth::Hearth,
    store::{
        decisions::{self, NewDecision},
        pools,
        pulse::{self, Pass},
        snapshot::{self, Past, PresetRead},
    },
};

/// Runs passes, and remembers what it decided last so that only what differs is written.
pub struct Reconciler {
    hearth: Hearth,
    known: HashMap<PresetId, (Uuid, Decision)>,
    passes: u64,
}

impl Reconciler {
    pub async fn new(hearth: Hearth) -> Result<Self> {
        let newest = decisions::newest_of_active(&mut hearth.db.read().await?).await?;
        let known = newest.into_iter().filter_map(|row| {
            // A decision that this version cannot read counts as none: the next one is written.
            let decision = serde_json::from_value(row.decision.0).ok()?;
            Some((row.preset_id, (row.id, decision)))
        });
        Ok(Self { known: known.collect(), hearth, passes: 0 })
    }

    /// One pass over every pool. Returns the instant at which an answer can change by time alone.
    pub async fn pass(&mut self) -> Result<Option<DateTime<Utc>>> {
        let begun = self.hearth.clock.now();
        let mut settings = self.hearth.config.limits();
        let snapshot = snapshot::read(&self.hearth.db, Past::of(&settings, begun)).await?;
        settings.paused = snapshot.paused;
        let mut next_wake: Option<DateTime<Utc>> = None;
        let mut confirmed = Vec::with_capacity(snapshot.presets.len());
        let present: HashSet<PresetId> = snapshot.presets.iter().map(|read| read.snapshot.id).collect();
        self.known.retain(|preset, _| present.contains(preset));
        for read in &snapshot.presets {
            let decision = decide(&read.snapshot, &settings, begun);
            next_wake = next_wake.into_iter().chain(decision.next_wake).min();
            match self.settle(read, decision, (&settings, begun)).await {
                Ok(row) => confirmed.extend(row),
                Err(error) => {
                    tracing::error!(preset_id = %read.snapshot.id, %error, "the pass failed for this preset");
                }
            }
        }
        self.finish(&confirmed, begun, next_wake).await?;
        Ok(next_wake)
    }

    /// Acts on a decision and records it. Returns the row of an equal one that stands already.
    async fn settle(
        &mut self,
        read: &PresetRead,
        decision: Decision,
        basis: (&Settings, DateTime<Utc>),
    ) -> Result<Option<Uuid>> {
        if !read.has_pool {
            let mut tx = self.hearth.db.write().await?;
            pools::ensure(&mut tx, &read.pool, read.organization_id, self.hearth.clock.now()).await?;
            tx.commit().await?;
        }
        let preset = read.snapshot.id;
        let row = match self.known.get(&preset) {
            Some((row, known)) if *known == decision => Some(*row),
            _ => {
                let row = self.record(read, &decision, basis).await?;
                self.known.insert(preset, (row, decision.clone()));
                self.hearth.events.publish(Event::Decided(preset));
                None
            }
        };
        if decision.health != read.snapshot.health && decision.health != PresetHealth::ValidationFailed {
            health::change(&self.hearth, read, decision.health).await?;
        }
        self.act(read, &decision).await;
        Ok(row)
    }

    /// What is kept is a document of `hearth decide`, so that the decision can be taken again from it.
    async fn record(
        &self,
        read: &PresetRead,
        decision: &Decision,
        (settings, begun): (&Settings, DateTime<Utc>),
    ) -> Result<Uuid> {
        let unwritable = |error: serde_json::Error| crate::error::Error::Internal(error.to_string());
        let document =
            Document { now: begun, settings: settings.clone(), presets: vec![read.snapshot.clone()] };
        let snapshot = serde_json::to_value(&document).map_err(unwritable)?;
        let written = serde_json::to_value(decision).map_err(unwritable)?;
        let now = self.hearth.clock.now();
        let mut tx = self.hearth.db.write().await?;
        let new = NewDecision {
            pool: &read.pool,
            preset_id: read.snapshot.id,
            governs: read.snapshot.version_active,
            snapshot: &snapshot,
            decision: &written,
        };
        let row = decisions::insert(&mut tx, &new, now).await?;
        decisions::keep_newest(&mut tx, new.preset_id, self.hearth.config.decisions_keep_count).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Every action runs, whatever becomes of the others.
    async fn act(&self, read: &PresetRead, decision: &Decision) {
        for action in &decision.actions {
            match execute(&self.hearth, read, decision.state.desired, action).await {
                Ok(touched) => {
                    for workspace in &touched {
                        self.hearth.events.publish(Event::Workspace(*workspace));
                    }
                    if !touched.is_empty() {
                        self.hearth.events.publish(Event::JobQueued);
                    }
                }
                Err(error) => {
                    tracing::error!(preset_id = %read.snapshot.id, ?action, %error, "an action of the pass failed");
                }
            }
        }
    }

    /// Confirms the decisions that stand, and tells every replica of the pass.
    async fn finish(
        &mut self,
        confirmed: &[Uuid],
        begun: DateTime<Utc>,
        next_wake: Option<DateTime<Utc>>,
    ) -> Result<()> {
        self.passes += 1;
        let now = self.hearth.clock.now();
        let tick = now + self.hearth.config.reconcile_interval;
        let pass = Pass {
            number: self.passes,
            at: begun,
            took_ms: (now - begun).num_milliseconds().try_into().unwrap_or_default(),
            next: next_wake.into_iter().chain([tick]).min().unwrap_or(tick),
        };
        let mut tx = self.hearth.db.write().await?;
        if !confirmed.is_empty() {
            decisions::confirm(&mut tx, confirmed, begun).await?;
        }
        pulse::record(&mut tx, &pass).await?;
        tx.commit().await?;
        self.hearth.last_pass.set(pass);
        Ok(())
    }
}

async fn execute(
    hearth: &Hearth,
    read: &PresetRead,
    desired: u32,
    action: &Action,
) -> Result<Vec<WorkspaceId>> {
    match action {
        Action::CancelPending { workspaces } => remove::pending(hearth, read, workspaces).await,
        Action::Delete { workspaces, reason } => {
            remove::members(hearth, read, workspaces, (*reason, desired)).await
        }
        Action::Create { count } => create::members(hearth, read, (*count, desired)).await,
        Action::BackOff { .. } => Ok(Vec::new()),
    }
}
