//! One's own notifications. Reading them changes nothing for anybody else, so it leaves no trace in the audit.

use chrono::TimeDelta;
use hearth_app::{
    backend::Actor,
    view::{InboxQuery, InboxView, NotificationRow},
};
use hearth_prebuilds::ids::CauseId;
use uuid::Uuid;

use super::frame;
use crate::{
    engine::KINDS,
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        drift,
        notifications::{self, Notification, PAGE, Wanted},
    },
};

/// A page of them, newest first, and how many are unread in all.
pub async fn list(hearth: &Hearth, actor: &Actor, wanted: &Wanted) -> Result<(Vec<Notification>, i64)> {
    let mut conn = hearth.db.snapshot().await?;
    let page = notifications::list(&mut conn, actor.user_id, wanted).await?;
    Ok((page, notifications::unread(&mut conn, actor.user_id).await?))
}

pub async fn set_read(hearth: &Hearth, actor: &Actor, id: Uuid, read: bool) -> Result<(Notification, i64)> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    notifications::set_read(&mut tx, actor.user_id, id, read.then_some(now)).await?;
    let changed = notifications::by_id(&mut tx, actor.user_id, id).await?;
    let changed = changed.ok_or(Error::NotFound("The notification"))?;
    let unread = notifications::unread(&mut tx, actor.user_id).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Inbox(actor.user_id));
    Ok((changed, unread))
}

pub async fn read_all(hearth: &Hearth, actor: &Actor) -> Result<()> {
    let mut tx = hearth.db.write().await?;
    notifications::read_all(&mut tx, actor.user_id, hearth.clock.now()).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Inbox(actor.user_id));
    Ok(())
}

/// So long a cause is muted.
const MUTE: TimeDelta = TimeDelta::days(7);

/// One hears no more of a cause of drift for a while; others do, and it is listed as before.
pub async fn mute(hearth: &Hearth, actor: &Actor, cause: CauseId) -> Result<()> {
    Error::unless(actor.role.reads_pools(), "Only template admins hear of drift.")?;
    let mut tx = hearth.db.write().await?;
    drift::cause(&mut tx, cause).await?.ok_or(Error::NotFound("The cause"))?;
    notifications::mute(&mut tx, actor.user_id, cause, hearth.clock.now() + MUTE).await?;
    Ok(tx.commit().await?)
}

/// The page.
pub async fn page(hearth: &Hearth, actor: &Actor, query: &InboxQuery) -> Result<InboxView> {
    let (wanted, ignored) = understand(query);
    let mut conn = hearth.db.snapshot().await?;
    let rows = notifications::list(&mut conn, actor.user_id, &wanted).await?;
    let frame = frame::read(&mut conn, hearth, actor, hearth.clock.now()).await?;
    let older = rows.last().filter(|_| rows.len() == PAGE).map(|row| row.id.to_string());
    let rows = rows.into_iter().map(|row| row_of(row, &hearth.access_url)).collect();
    Ok(InboxView { frame, rows, older, ignored })
}

fn understand(query: &InboxQuery) -> (Wanted, Vec<String>) {
    let (mut wanted, mut ignored) = (Wanted::default(), Vec::new());
    wanted.read = match query.status.as_str() {
        "all" => None,
        "" | "unread" => Some(false),
        other => {
            ignored.push(format!("status={other}"));
            Some(false)
        }
    };
    if !query.kind.is_empty() {
        match KINDS.iter().find(|(slug, _)| *slug == query.kind) {
            Some((_, id)) => wanted.templates.push(*id),
            None => ignored.push(format!("kind={}", query.kind)),
        }
    }
    wanted.before = query.before.parse().ok();
    if wanted.before.is_none() && !query.before.is_empty() {
        ignored.push(format!("before={}", query.before));
    }
    (wanted, ignored)
}

/// Links to this server become paths, so that they lead where the person is logged in.
fn row_of(row: Notification, access_url: &str) -> NotificationRow {
    let path = |url: String| match url.strip_prefix(access_url) {
        Some(path) if path.starts_with('/') => path.to_owned(),
        _ => url,
    };
    let action = row.actions.0.into_iter().next().map(|action| (action.label, path(action.url)));
    NotificationRow {
        id: row.id.to_string(),
        title: row.title,
        content: row.content,
        cause: action.as_ref().and_then(|(_, path)| path.strip_prefix("/drift/")?.parse().ok()),
        action,
        at: row.created_at,
        unread: row.read_at.is_none(),
    }
}
