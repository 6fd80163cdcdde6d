//! Runs one import: reads what a template version declares.

use async_trait::async_trait;
use hearth_prebuilds::ids::VersionId;
use hearth_provisioner::{
    Error as Failure, Observer,
    engine::{ImportRequest, Imported, LogLevel, LogLine},
    plan::PlanSummary,
};
use tokio_util::sync::CancellationToken;

use super::{again_while_passing, folders, log::Log};
use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    import,
    store::{
        jobs::{self, Ending, JobStatus, Lease},
        orders,
    },
    variables::{self, Values},
};

pub(super) async fn run(hearth: &Hearth, lease: &Lease, cancel: &CancellationToken) -> Result<()> {
    let version = VersionId(lease.subject_id);
    let log = Log::open(hearth, lease.id, None);
    let imported = read(hearth, version, (cancel, &log)).await;
    if let Err(failure) = &imported {
        // Diagnostics are in the log already, word for word.
        if !matches!(failure, Failure::Diagnostics(_)) {
            log.hearth(LogLevel::Error, "Import", &failure.to_string());
        }
    }
    log.close().await;
    if !again_while_passing(|| finish(hearth, lease, version, &imported)).await? {
        tracing::warn!(job_id = %lease.id, "this attempt was given up meanwhile; its result is refused");
    }
    hearth.events.publish(Event::Job(lease.id));
    hearth.events.publish(Event::Templates);
    Ok(())
}

async fn read(
    hearth: &Hearth,
    version: VersionId,
    (cancel, log): (&CancellationToken, &Log),
) -> Result<Imported, Failure> {
    let refused = |error: Error| Failure::Refused(error.to_string());
    let version_dir = folders::version(hearth, version).await.map_err(refused)?;
    let variables = given_variables(hearth, version).await.map_err(refused)?;
    let request = ImportRequest { version_dir, variables, cancel: cancel.clone() };
    let imported = hearth.provisioner.import(request, &ImportObserver { log }).await?;
    import::check(&imported).map_err(refused)?;
    Ok(imported)
}

async fn given_variables(hearth: &Hearth, version: VersionId) -> Result<Values> {
    let source = orders::source(&mut hearth.db.read().await?, version).await?;
    let Some(source) = source else { return Ok(Values::new()) };
    variables::open(&hearth.secrets, version, &source.variables)
}

/// False: the attempt was given up meanwhile, and nothing was written.
async fn finish(
    hearth: &Hearth,
    lease: &Lease,
    version: VersionId,
    imported: &Result<Imported, Failure>,
) -> Result<bool> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let asked = jobs::held_status(&mut tx, lease.id, lease.fence).await? == Some(JobStatus::Canceling);
    let ending = match imported {
        Ok(_) => Ending::succeeded(),
        Err(Failure::Cancelled) if asked => Ending::canceled(),
        // The server stops; the next one to start imports it.
        Err(Failure::Cancelled) => {
            let requeued = jobs::requeue(&mut tx, lease.id, lease.fence).await?;
            tx.commit().await?;
            return Ok(requeued);
        }
        Err(failure) => Ending::failed(failure.to_string().lines().next().unwrap_or_default()),
    };
    if !jobs::finish(&mut tx, lease.id, lease.fence, &ending, now).await? {
        return Ok(false);
    }
    if let Ok(imported) = imported {
        import::keep(&mut tx, version, imported, now).await?;
    }
    tx.commit().await?;
    Ok(true)
}

struct ImportObserver<'a> {
    log: &'a Log,
}

#[async_trait]
impl Observer for ImportObserver<'_> {
    fn log(&self, line: LogLine) {
        self.log.terraform(&line);
    }

    async fn planned(&self, _plan: &PlanSummary) -> Result<(), Failure> {
        Ok(())
    }

    async fn recovered_state(&self, _state: Vec<u8>) -> Result<(), Failure> {
        // An import applies nothing, so it has no state.
        Ok(())
    }
}
