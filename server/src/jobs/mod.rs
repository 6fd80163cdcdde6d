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
mod worker;

use std::sync::Arc;

use hearth_provisioner::engine::LogLevel;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{clock, hearth::Hearth, store::jobs::Lane};

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

fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}
