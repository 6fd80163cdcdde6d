//! What goes on beside a job: the heart-beat, and three reasons to cancel it.

use std::{convert::Infallible, time::Duration};

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Result,
    hearth::Hearth,
    store::jobs::{self, JobStatus, Lease},
};

/// A third of what others wait before they give the job up.
const BEAT: Duration = Duration::from_secs(5);
/// How soon a person's cancel is seen.
const LOOK: Duration = Duration::from_secs(1);
/// What a running job is given to end by itself when the server stops. Of the time for that it leaves enough for
/// Terraform to be made to save its state and end, which takes up to 3 s.
const LAST_CALL: Duration = Duration::from_secs(3);

/// Beats until the job is dropped. Cancels it when a person asks, when the lease is lost, and when the server stops.
pub(super) async fn run(hearth: &Hearth, lease: &Lease, cancel: &CancellationToken) -> Infallible {
    let mut beaten = Instant::now();
    loop {
        tokio::select! {
            () = sleep(LOOK) => {}
            () = hearth.shutdown.cancelled() => {
                sleep(LAST_CALL).await;
                cancel.cancel();
                return std::future::pending().await;
            }
        }
        let due = beaten.elapsed() >= BEAT;
        match look(hearth, lease, due).await {
            Ok(Some(JobStatus::Running)) => {}
            // Asked to stop, or given up by others: its result would be refused.
            Ok(_) => cancel.cancel(),
            Err(error) => {
                tracing::warn!(job_id = %lease.id, %error, "the heart-beat failed");
                continue;
            }
        }
        if due {
            beaten = Instant::now();
        }
    }
}

async fn look(hearth: &Hearth, lease: &Lease, beat: bool) -> Result<Option<JobStatus>> {
    if !beat {
        return Ok(jobs::held_status(&mut hearth.db.read().await?, lease.id, lease.fence).await?);
    }
    let mut tx = hearth.db.write().await?;
    let status = jobs::beat(&mut tx, lease.id, lease.fence, hearth.clock.now()).await?;
    tx.commit().await?;
    Ok(status)
}
