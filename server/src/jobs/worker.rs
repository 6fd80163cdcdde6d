//! One worker: takes a job, runs it to its end, takes the next.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Me, build, import, keep_alive, recover, rehearse};
use crate::{
    error::Result,
    events::Event,
    hearth::Hearth,
    store::jobs::{self, JobKind, Lane, Lease},
};

/// A nudge may be lost, so the queue is looked at this often even if nobody calls.
const POLL: Duration = Duration::from_secs(1);
const GIVE_UP_AGAIN: Duration = Duration::from_secs(5);
/// What the person reads; the cause is in the server's log.
const FAULT: &str = "A fault of the server ended this job; its log says more.";

/// Serves the lanes up to `lane` until the server stops. A job that runs then is ended first.
pub(super) async fn run(hearth: Hearth, me: Me, lane: Lane) {
    let mut events = hearth.events.subscribe();
    while !hearth.shutdown.is_cancelled() {
        match next(&hearth, &me, lane).await {
            Ok(Some(lease)) => execute(&hearth, &lease).await,
            Ok(None) => idle(&hearth, &mut events).await,
            Err(error) => {
                tracing::error!(%error, "the queue cannot be read");
                sleep(POLL).await;
            }
        }
    }
}

pub(super) async fn next(hearth: &Hearth, me: &Me, lane: Lane) -> Result<Option<Lease>> {
    // Asked first without a transaction, because on SQLite that would make every writer wait.
    if !jobs::anything_pending(&mut hearth.db.read().await?, lane).await? {
        return Ok(None);
    }
    let mut tx = hearth.db.write().await?;
    let lease = jobs::lease(&mut tx, me, lane, hearth.clock.now()).await?;
    tx.commit().await?;
    Ok(lease)
}

async fn idle(hearth: &Hearth, events: &mut Receiver<Event>) {
    let called = async {
        loop {
            match events.recv().await {
                Ok(Event::JobQueued) | Err(RecvError::Lagged(_)) => return,
                Ok(_) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    tokio::select! {
        () = hearth.shutdown.cancelled() => {}
        _ = timeout(POLL, called) => {}
    }
}

pub(super) async fn execute(hearth: &Hearth, lease: &Lease) {
    let cancel = CancellationToken::new();
    let work = async {
        match lease.kind {
            JobKind::Import => import::run(hearth, lease, &cancel).await,
            JobKind::Build => build::run(hearth, lease, &cancel).await,
            JobKind::Rehearsal => rehearse::run(hearth, lease, &cancel).await,
        }
    };
    // A panic in one job must not take the worker with it.
    let caught = AssertUnwindSafe(work).catch_unwind();
    let ended = tokio::select! {
        ended = caught => ended,
        never = keep_alive::run(hearth, lease, &cancel) => match never {},
    };
    let error = match ended {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "a panic".to_owned(),
    };
    tracing::error!(job_id = %lease.id, error, "a job could not be run to its end");
    // Nobody else gives up what this process holds, so it tries until it has.
    while let Err(error) = recover::give_up(hearth, lease, FAULT).await {
        tracing::error!(job_id = %lease.id, %error, "the end of a job could not be written");
        tokio::select! {
            () = hearth.shutdown.cancelled() => return,
            () = sleep(GIVE_UP_AGAIN) => {}
        }
    }
}
