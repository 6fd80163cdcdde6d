//! The queue's workers: they lease jobs, keep a heart-beat, run Terraform, and write down what came of it.
//!
//! A lease that ends in any other way than by its own worker's last write (the process was killed, the machine is gone,
//! the database was away for too long) is given up by [`recover`], and its fence makes a late result void.

mod build;
mod folders;
mod import;
mod keep_alive;
mod log;
mod recover;
mod rehearse;
mod worker;

use std::{sync::Arc, time::Duration};

use hearth_provisioner::engine::LogLevel;
use tokio::time::{Instant, sleep};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

#[cfg(feature = "testkit")]
use crate::store::jobs::Lease;
use crate::{
    clock,
    error::{Error, Result},
    hearth::Hearth,
    store::jobs::Lane,
};

/// The name under which this process holds leases.
type Me = Arc<str>;

/// Starts the workers. The first one serves people only, so that the pool's lane never occupies the last one.
pub fn spawn(hearth: &Hearth, tasks: &TaskTracker) {
    let me: Me = clock::new_id::<Uuid>().to_string().into();
    tasks.spawn(recover::run(hearth.clone(), me.clone()));
    for n in 0..hearth.config.workers {
        let lane = if n == 0 { Lane::People } else { Lane::Pool };
        tasks.spawn(worker::run(hearth.clone(), me.clone(), lane));
    }
}

/// Takes the next job and runs it to its end, for the test kit, which has no workers. `None`: nothing waits.
#[cfg(feature = "testkit")]
pub(crate) async fn work_off_one(hearth: &Hearth) -> Result<Option<Lease>> {
    let lease = worker::next(hearth, &Me::from("testkit"), Lane::Pool).await?;
    if let Some(lease) = &lease {
        worker::execute(hearth, lease).await;
    }
    Ok(lease)
}

/// How long the end of a job is tried to be written while the database does not answer.
const TRY_FOR: Duration = Duration::from_secs(60);
const TRY_EVERY: Duration = Duration::from_secs(1);

/// Does it again while the database is away: what Terraform did must not be forgotten for a restart of PostgreSQL.
async fn again_while_passing<T, Attempt>(mut attempt: impl FnMut() -> Attempt) -> Result<T>
where
    Attempt: Future<Output = Result<T>>,
{
    let until = Instant::now() + TRY_FOR;
    loop {
        match attempt().await {
            Err(Error::Store(error)) if error.is_passing() && Instant::now() < until => {
                tracing::warn!(%error, "the database does not answer; trying again");
                sleep(TRY_EVERY).await;
            }
            other => return other,
        }
    }
}

fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}
