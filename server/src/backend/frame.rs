//! What every page shows around its content.

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{Frame, PassView, PauseView},
};
use hearth_prebuilds::snapshot::GlobalPause;

use crate::{
    engine::Pass,
    error::Result,
    hearth::Hearth,
    store::{Conn, count, drift, notifications, snapshot},
};

pub async fn frame(hearth: &Hearth, actor: &Actor) -> Result<Frame> {
    read(&mut hearth.db.read().await?, hearth, actor, hearth.clock.now()).await
}

/// The same on a connection and at an instant that a page reads with as well.
pub async fn read(conn: &mut Conn, hearth: &Hearth, actor: &Actor, now: DateTime<Utc>) -> Result<Frame> {
    let reads_pools = actor.role.reads_pools();
    let unread = notifications::unread(conn, actor.user_id).await?;
    let mut frame = Frame {
        now,
        username: actor.username.clone(),
        reads_pools,
        administers: actor.role.administers_templates(),
        paused_all: None,
        open_causes: 0,
        unread: count(unread),
        last_pass: None,
    };
    if reads_pools {
        if let GlobalPause::Paused(Some(pause)) = snapshot::global_pause(conn).await? {
            frame.paused_all = Some(PauseView { by: pause.by, at: pause.at, note: pause.note });
        }
        frame.open_causes = count(drift::open_causes(conn).await?);
        frame.last_pass = hearth.last_pass.get().map(pass);
    }
    Ok(frame)
}

fn pass(pass: Pass) -> PassView {
    PassView {
        number: pass.number,
        took_ms: u64::try_from(pass.took.as_millis()).unwrap_or(u64::MAX),
        at: pass.at,
        next: Some(pass.next),
    }
}
