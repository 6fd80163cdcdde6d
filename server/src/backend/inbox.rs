//! One's own notifications. Reading them changes nothing for anybody else, so it leaves no trace in the audit; what one
//! wants to be told of does.

use chrono::TimeDelta;
use hearth_app::{
    backend::{Actor, Role},
    view::{InboxQuery, InboxView, NotificationRow},
};
use hearth_prebuilds::ids::CauseId;
use serde_json::json;
use uuid::Uuid;

use super::{frame, identity::accounts};
use crate::{
    engine::{KINDS, ONES_OWN},
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

/// What people of this role can be told of.
fn kinds_of(role: Role) -> impl Iterator<Item = (&'static str, Uuid)> {
    KINDS.into_iter().filter(move |(_, id)| role.administers_templates() || ONES_OWN.contains(id))
}

/// Each kind that one can be told of, and whether one is.
pub async fn kinds(hearth: &Hearth, actor: &Actor) -> Result<Vec<(String, bool)>> {
    let muted = notifications::muted_kinds(&mut hearth.db.read().await?, actor.user_id).await?;
    Ok(kinds_of(actor.role).map(|(slug, id)| (slug.to_owned(), !muted.contains(&id))).collect())
}

/// One is told of these kinds from now on and of no others. What one was told before stays.
pub async fn choose_kinds(hearth: &Hearth, actor: &Actor, wanted: &[String]) -> Result<()> {
    let known = |wanted: &&String| kinds_of(actor.role).any(|(slug, _)| slug == **wanted);
    if let Some(unknown) = wanted.iter().find(|wanted| !known(wanted)) {
        return Err(Error::invalid("kinds", format!("`{unknown}` is no kind that you can be told of.")));
    }
    let slugs = |muted: &[Uuid]| {
        let muted = KINDS.iter().filter(|(_, id)| muted.contains(id)).map(|(slug, _)| *slug);
        Some(json!({ "muted_kinds": muted.collect::<Vec<_>>() }))
    };
    let unwanted = kinds_of(actor.role).filter(|(slug, _)| !wanted.iter().any(|wanted| wanted == slug));
    let unwanted: Vec<Uuid> = unwanted.map(|(_, id)| id).collect();
    let mut tx = hearth.db.write().await?;
    let before = notifications::muted_kinds(&mut tx, actor.user_id).await?;
    notifications::mute_kinds(&mut tx, actor.user_id, &unwanted).await?;
    let own = ("write", actor.user_id, actor.username.as_str());
    accounts::record(&mut tx, hearth, actor, own, (slugs(&before), slugs(&unwanted))).await?;
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
