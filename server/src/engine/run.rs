//! When a pass runs: at once when something changed, at the instant a schedule or a back-off says, and at every tick.
//!
//! Events are only nudges. One that is lost (a slow listener, another replica) is made good by the tick.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep, sleep_until, timeout_at},
};

use super::{elapsed, prune::Prune, reconcile::Reconciler, rehearsal};
use crate::{error::Result, events::Event, hearth::Hearth, store::leader::Leadership};

/// Events that come together are served by one pass.
const COALESCE: Duration = Duration::from_millis(20);
/// Between two tries when the database does not answer, or another replica leads.
const RETRY: Duration = Duration::from_secs(2);

/// Runs the reconciler until the server stops.
pub async fn run(hearth: Hearth) {
    while !hearth.shutdown.is_cancelled() {
        match Leadership::acquire(&hearth.db).await {
            Ok(Some(mut leadership)) => {
                if let Err(error) = lead(&hearth, &mut leadership).await {
                    tracing::error!(%error, "the reconciler stopped; it starts again");
                }
                leadership.release().await;
            }
            Ok(None) => tracing::debug!("another replica runs the reconciler"),
            Err(error) => tracing::error!(%error, "the leader's lock cannot be asked for"),
        }
        tokio::select! {
            () = hearth.shutdown.cancelled() => {}
            () = sleep(RETRY) => {}
        }
    }
}

/// Passes until the server stops (`Ok`), leadership is lost, or a pass fails.
async fn lead(hearth: &Hearth, leadership: &mut Leadership) -> Result<()> {
    let mut events = hearth.events.subscribe();
    let mut reconciler = Reconciler::new(hearth.clone()).await?;
    let mut prune = Prune::default();
    loop {
        let begun = Instant::now();
        let next_wake = reconciler.pass().await?;
        if let Err(error) = rehearsal::queue_due(hearth).await {
            tracing::error!(%error, "rehearsals could not be queued; it is tried again after the next pass");
        }
        if let Err(error) = elapsed::turn(hearth).await {
            tracing::error!(%error, "what has ended could not be told; it is tried again after the next pass");
        }
        if let Err(error) = prune.turn(hearth).await {
            tracing::warn!(%error, "old records could not be forgotten; it is tried again after the next pass");
        }
        // A pass that takes long must not follow itself without a pause: claims want the database too.
        let rest = Instant::now() + COALESCE.max(begun.elapsed());
        tokio::select! {
            () = hearth.shutdown.cancelled() => return Ok(()),
            () = something_changed(&mut events) => drain_until(&mut events, rest).await,
            () = sleep_until(Instant::now() + wait(hearth, next_wake)) => {}
        }
        if !leadership.is_held().await {
            tracing::warn!("the connection that holds the leader's lock is gone");
            return Ok(());
        }
    }
}

fn wait(hearth: &Hearth, next_wake: Option<DateTime<Utc>>) -> Duration {
    let until = next_wake.and_then(|at| (at - hearth.clock.now()).to_std().ok());
    let due = next_wake.is_some() && until.is_none();
    if due { COALESCE } else { until.unwrap_or(Duration::MAX).min(hearth.config.reconcile_interval) }
}

async fn something_changed(events: &mut Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(Event::Preset(_) | Event::Settings | Event::Templates) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            // The bus lives as long as the server.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn drain_until(events: &mut Receiver<Event>, until: Instant) {
    while timeout_at(until, events.recv()).await.is_ok() {}
}
