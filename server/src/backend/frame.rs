//! What every page shows around its content.

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{Frame, PassView, PauseView, QueueView, SlowPass, SystemNotices},
};
use hearth_prebuilds::snapshot::GlobalPause;

use crate::{
    engine::watch,
    error::Result,
    hearth::Hearth,
    store::{
        Conn, count, drift, notifications,
        pulse::{Pass, Pulse},
        snapshot,
    },
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
        notices: SystemNotices::default(),
    };
    if reads_pools {
        if let GlobalPause::Paused(Some(pause)) = snapshot::global_pause(conn).await? {
            frame.paused_all = Some(PauseView { by: pause.by, at: pause.at, note: pause.note });
        }
        frame.open_causes = count(drift::open_causes(conn).await?);
        let pulse = watch::pulse(conn, now).await?;
        // That of this process, unless another one leads by now.
        let told = pulse.pass.map(|pass| pass.0);
        let pass = told.into_iter().chain(hearth.last_pass.get()).max_by_key(|pass| pass.at);
        if frame.administers {
            frame.notices = notices(hearth, &pulse, pass.as_ref(), now);
        }
        frame.last_pass =
            pass.map(|Pass { number, at, took_ms, next }| PassView { number, took_ms, at, next: Some(next) });
    }
    Ok(frame)
}

fn notices(hearth: &Hearth, pulse: &Pulse, pass: Option<&Pass>, now: DateTime<Utc>) -> SystemNotices {
    let interval_ms = u64::try_from(hearth.config.reconcile_interval.as_millis()).unwrap_or(u64::MAX);
    SystemNotices {
        stalled_since: pass.filter(|pass| watch::is_overdue(pass, now)).map(|pass| pass.at),
        slow_pass: pass
            .filter(|pass| pass.took_ms > interval_ms)
            .map(|pass| SlowPass { took_ms: pass.took_ms, interval_ms }),
        queue: watch::is_saturated(pulse).then(|| QueueView {
            people: count(pulse.waiting),
            prebuild_jobs: count(pulse.pool_jobs),
            pending: count(pulse.pending_prebuilds),
        }),
    }
}
