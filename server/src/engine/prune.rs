//! Forgets what is too old to be asked for. Done by whoever leads, between passes, a bounded piece at a time: a
//! server that was off for a month catches up over many passes and holds nobody up.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    error::Result,
    hearth::Hearth,
    store::{audit, decisions, pool_demand},
};

/// How many rows of each kind one turn forgets at most.
const PIECE: u32 = 500;
/// How long what Hearth did by itself stays on record; each prebuild adds a few rows.
const OWN_ACTS_KEPT: TimeDelta = TimeDelta::days(90);
/// Between two turns when there was less than that.
const REST: TimeDelta = TimeDelta::minutes(5);

/// When the next turn is due.
#[derive(Debug, Default)]
pub struct Prune {
    due: Option<DateTime<Utc>>,
}

impl Prune {
    /// One turn, if it is due.
    pub async fn turn(&mut self, hearth: &Hearth) -> Result<()> {
        let now = hearth.clock.now();
        if self.due.is_some_and(|due| now < due) {
            return Ok(());
        }
        let keep = TimeDelta::days(i64::from(hearth.config.decisions_keep_days));
        let mut tx = hearth.db.write().await?;
        let decisions = decisions::forget_before(&mut tx, now - keep, PIECE).await?;
        let demand = pool_demand::forget(&mut tx, now, PIECE).await?;
        let acts = audit::forget_own(&mut tx, now - OWN_ACTS_KEPT, PIECE).await?;
        tx.commit().await?;
        let more = decisions.max(demand).max(acts) >= u64::from(PIECE);
        self.due = (!more).then(|| now + REST);
        Ok(())
    }
}
