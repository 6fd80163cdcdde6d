//! Looks at the site from beside the reconciler: whether passes come, and whether people wait behind pools. Every
//! replica looks, as the one that leads may be the one that stands still. Whoever sees trouble begin writes that down,
//! and tells of it in the same transaction; the others find it written.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::words::moment;
use tokio::time::sleep;
use uuid::Uuid;

use super::tell;
use crate::{
    error::Result,
    events::Event,
    hearth::Hearth,
    store::{
        Conn,
        notifications::{Action, NewNotification},
        pulse::{self, Pass, Pulse},
        settings,
    },
};

/// How often a replica looks.
const EVERY: Duration = Duration::from_secs(15);
/// Whoever waits longer for a worker waits too long.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);
/// A pass may come so much later than it was due: another replica has to notice that it is to lead.
const GRACE: TimeDelta = TimeDelta::minutes(1);

/// Looks until the server stops.
pub async fn run(hearth: Hearth) {
    loop {
        tokio::select! {
            () = hearth.shutdown.cancelled() => return,
            () = sleep(EVERY) => {}
        }
        if let Err(error) = turn(&hearth).await {
            tracing::warn!(%error, "it could not be seen whether the reconciler runs; it is tried again");
        }
    }
}

/// The newest pass and the queue as they are now.
pub async fn pulse(conn: &mut Conn, now: DateTime<Utc>) -> Result<Pulse> {
    Ok(pulse::read(conn, now - PATIENCE).await?)
}

pub fn is_overdue(pass: &Pass, now: DateTime<Utc>) -> bool {
    pass.next + GRACE < now
}

pub fn is_saturated(pulse: &Pulse) -> bool {
    pulse.waiting > 0 && pulse.pool_jobs > 0
}

/// What people are told of when it begins.
struct Trouble {
    template_id: Uuid,
    title: &'static str,
    content: String,
    /// Label and path.
    action: (&'static str, &'static str),
}

/// Looks once.
pub async fn turn(hearth: &Hearth) -> Result<()> {
    let now = hearth.clock.now();
    let seen = pulse(&mut hearth.db.read().await?, now).await?;
    let pass = seen.pass.as_ref().map(|pass| pass.0).filter(|pass| is_overdue(pass, now));
    settle(hearth, "trouble.stalled", pass.map(stalled)).await?;
    settle(hearth, "trouble.queue", is_saturated(&seen).then(|| saturated(&seen))).await
}

fn stalled(pass: Pass) -> Trouble {
    Trouble {
        template_id: tell::STALLED,
        title: "The reconciler stands still",
        content: format!(
            "No pass has ended since {}, though one was due. Pools are neither filled nor emptied, so people wait for \
             builds from nothing as soon as the ready ones are claimed. The server's log says why.",
            moment(pass.at)
        ),
        action: ("View the reconciler", "/settings/reconciler"),
    }
}

fn saturated(seen: &Pulse) -> Trouble {
    Trouble {
        template_id: tell::SATURATED,
        title: "People wait behind prebuild jobs",
        content: format!(
            "People have waited for a worker for more than a minute (**{}**) while prebuild jobs are open (**{}**). More \
             workers help, and so does a pause of all prebuilds.",
            seen.waiting, seen.pool_jobs
        ),
        action: ("View overview", "/"),
    }
}

/// Tells of trouble that begins, and forgets what is over.
async fn settle(hearth: &Hearth, name: &str, trouble: Option<Trouble>) -> Result<()> {
    let known: Option<DateTime<Utc>> = settings::get(&mut hearth.db.read().await?, name).await?;
    match trouble {
        Some(trouble) if known.is_none() => begin(hearth, name, &trouble).await,
        None if known.is_some() => {
            let mut tx = hearth.db.write().await?;
            settings::remove(&mut tx, name).await?;
            tx.commit().await?;
            hearth.events.publish(Event::Settings);
            Ok(())
        }
        Some(_) | None => Ok(()),
    }
}

async fn begin(hearth: &Hearth, name: &str, trouble: &Trouble) -> Result<()> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !settings::insert(&mut tx, name, &now, now).await? {
        return Ok(());
    }
    let (label, path) = trouble.action;
    let what = NewNotification {
        template_id: trouble.template_id,
        dedupe: &format!("{name}:{}", now.timestamp_micros()),
        title: trouble.title,
        content: &trouble.content,
        icon: "DEFAULT_ICON_TEMPLATE",
        targets: &[],
        actions: &[Action { label: label.to_owned(), url: format!("{}{path}", hearth.access_url) }],
    };
    let told = tell::template_admins(&mut tx, &what, now).await?;
    tx.commit().await?;
    hearth.events.publish_inboxes(told);
    Ok(())
}
