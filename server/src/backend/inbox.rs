//! One's own notifications. Reading them changes nothing for anybody else, so it leaves no trace in the audit.

use hearth_app::backend::Actor;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::notifications::{self, Notification, Wanted},
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
