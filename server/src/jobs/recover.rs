//! What becomes of a job whose worker is gone: its process was killed, or the machine, or the network between.
//!
//! A build is never tried again by itself, because nobody knows how far Terraform came: it ends as failed, with a text
//! that says so, and its lock and credentials are void with it. A member of a pool whose build was cut off is then
//! deleted, which destroys whatever its last saved state names. An import and a rehearsal change nothing outside, so an
//! import is queued again, a few times, and a rehearsal is due again at once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::ids::WorkspaceId;
use hearth_provisioner::engine::LogLevel;
use serde_json::json;
use tokio::time::sleep;

use super::{Me, log::Log, rehearse};
use crate::{
    engine::{record, remove, tell},
    error::Result,
    events::Event,
    hearth::Hearth,
    store::{
        Db, Tx,
        builds::{self, Outcome, Stage},
        jobs::{self, Ending, JobKind, Lease},
        orders::{self, BuildOrder},
    },
};

/// What the person reads in place of an error of Terraform's.
pub(super) const SERVER_STOPPED: &str = "The server stopped while this build ran. Resources created after the last \
     saved state are unknown to it: look for leftovers.";
/// How often leases are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// A worker that was not heard of for this long is dead: three heart-beats.
const DEAD_AFTER: TimeDelta = TimeDelta::seconds(15);
/// Attempts of one import.
const IMPORT_TRIES: i64 = 3;

/// Gives up what dead workers held, until the server stops.
pub(super) async fn run(hearth: Hearth, me: Me) {
    let mut before = at_start(&hearth);
    while !hearth.shutdown.is_cancelled() {
        if let Err(error) = sweep(&hearth, &me, before).await {
            tracing::error!(%error, "jobs of dead workers cannot be looked for");
        }
        tokio::select! {
            () = hearth.shutdown.cancelled() => {}
            () = sleep(LOOK) => {}
        }
        before = hearth.clock.now() - DEAD_AFTER;
    }
}

/// SQLite belongs to one process, so at its start every other holder is dead, however fresh its heart-beat.
fn at_start(hearth: &Hearth) -> DateTime<Utc> {
    match hearth.db {
        Db::Sqlite { .. } => DateTime::<Utc>::MAX_UTC,
        Db::Postgres(_) => hearth.clock.now() - DEAD_AFTER,
    }
}

async fn sweep(hearth: &Hearth, me: &Me, before: DateTime<Utc>) -> Result<()> {
    let abandoned = jobs::abandoned(&mut hearth.db.read().await?, me, before).await?;
    for lease in abandoned {
        tracing::warn!(job_id = %lease.id, "the worker of this job is gone");
        give_up(hearth, &lease, SERVER_STOPPED).await?;
    }
    Ok(())
}

/// Ends an attempt that nobody works on any more.
pub(super) async fn give_up(hearth: &Hearth, lease: &Lease, reason: &str) -> Result<()> {
    match lease.kind {
        JobKind::Import => give_up_import(hearth, lease, reason).await,
        JobKind::Build => give_up_build(hearth, lease, reason).await,
        JobKind::Rehearsal => rehearse::give_up(hearth, lease, reason).await,
    }
}

async fn give_up_import(hearth: &Hearth, lease: &Lease, reason: &str) -> Result<()> {
    let mut tx = hearth.db.write().await?;
    if lease.fence >= IMPORT_TRIES || !jobs::requeue(&mut tx, lease.id, lease.fence).await? {
        jobs::finish(&mut tx, lease.id, lease.fence, &Ending::failed(reason), hearth.clock.now()).await?;
    }
    tx.commit().await?;
    hearth.events.publish(Event::Job(lease.id));
    hearth.events.publish(Event::JobQueued);
    Ok(())
}

async fn give_up_build(hearth: &Hearth, lease: &Lease, reason: &str) -> Result<()> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !builds::finish(&mut tx, lease, &Ending::failed(reason), Outcome::Interrupted, now).await? {
        return Ok(());
    }
    let order = orders::build(&mut tx, lease.id).await?;
    if let Some(order) = &order {
        clear_away(&mut tx, order, reason, now).await?;
        if order.stage == Stage::Claim {
            tell::claim_failed(&mut tx, &hearth.access_url, order, reason, now).await?;
        }
    }
    tx.commit().await?;
    let workspace = WorkspaceId(lease.subject_id);
    let log = Log::open(hearth, lease.id, Some(workspace));
    log.hearth(LogLevel::Error, "Interrupted", reason);
    log.close().await;
    hearth.events.publish(Event::Job(lease.id));
    hearth.events.publish(Event::Workspace(workspace));
    if let Some(order) = order {
        order.preset().into_iter().for_each(|preset| hearth.events.publish(Event::Preset(preset)));
        hearth.events.publish(Event::Inbox(order.owner_id));
    }
    hearth.events.publish(Event::JobQueued);
    Ok(())
}

/// Records that a build was cut off. A member that was being made or deleted is deleted (again); one that was being
/// stopped stays parked. A person's workspace is left to the person.
pub(super) async fn clear_away(
    tx: &mut Tx,
    order: &BuildOrder,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let workspace = (order.workspace_id, order.workspace_name.as_str());
    let pool = json!({ "template": order.template_name, "preset": order.preset_name });
    let mut after = pool.clone();
    after["build_number"] = order.number.into();
    after["error"] = reason.into();
    record::workspace(tx, "interrupt", workspace, after, now).await?;
    let removed = match order.stage {
        Stage::Create | Stage::Start | Stage::Delete => remove::delete(tx, order.workspace_id, now).await?,
        Stage::Claim | Stage::Stop => None,
    };
    if removed.is_some() {
        record::workspace(tx, "clear_away", workspace, pool, now).await?;
    }
    Ok(())
}
