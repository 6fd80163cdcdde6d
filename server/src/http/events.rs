//! `GET /events`: tells an open page which of the things it may show have changed, never what they are now.
//!
//! A message is a JSON list of keys. What happens within a quarter of a second becomes one message, translated from
//! the server's events once for all pages. The stream ends when the server stops and when the session ends.

use std::{collections::HashSet, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event as Message, KeepAlive},
    },
    routing::get,
};
use futures::{Stream, stream};
use hearth_app::backend::Actor;
use http::{HeaderName, HeaderValue};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

use super::auth::{Caller, SessionToken};
use crate::{
    backend::identity,
    events::{Audience, Change, Event},
    hearth::Hearth,
    store::workspaces,
};

/// How long changes are gathered before they are told.
const GATHER: Duration = Duration::from_millis(250);
/// How often a stream looks whether its session still counts.
const SESSION_CHECK: Duration = Duration::from_secs(5);

pub fn routes() -> Router<Hearth> {
    Router::new().route("/events", get(events))
}

/// One open page.
struct Page {
    hearth: Hearth,
    actor: Actor,
    token: SessionToken,
    changes: Receiver<Arc<[Change]>>,
    check: Interval,
}

async fn events(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    axum::Extension(token): axum::Extension<SessionToken>,
) -> Response {
    let mut check = interval_at(Instant::now() + SESSION_CHECK, SESSION_CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let page = Page { changes: hearth.changes.subscribe(), hearth, actor, token, check };
    let mut response = Sse::new(messages(page)).keep_alive(KeepAlive::default()).into_response();
    // Proxies must not gather what is meant to be told at once.
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn messages(page: Page) -> impl Stream<Item = Result<Message, Infallible>> {
    stream::unfold(page, |mut page| async move {
        loop {
            let keys = tokio::select! {
                () = page.hearth.shutdown.cancelled() => return None,
                changes = page.changes.recv() => match changes {
                    Ok(changes) => keys(&changes, &page.actor),
                    // Too slow: anything may have changed.
                    Err(RecvError::Lagged(_)) => vec!["*".to_owned()],
                    Err(RecvError::Closed) => return None,
                },
                _ = page.check.tick() => match identity::authenticate(&page.hearth, &page.token.0).await {
                    Ok(Some(session)) => {
                        page.actor = session.actor;
                        continue;
                    }
                    Ok(None) | Err(_) => return None,
                },
            };
            if !keys.is_empty() {
                let message = Message::default().json_data(keys).ok()?;
                return Some((Ok(message), page));
            }
        }
    })
}

/// What of these changes a person may hear, each once.
fn keys(changes: &[Change], actor: &Actor) -> Vec<String> {
    let reads = actor.role.reads_pools();
    let mut keys: Vec<_> = changes
        .iter()
        .filter(|change| match change.audience {
            Audience::Everybody => true,
            Audience::Readers => reads,
            Audience::Owner(owner) => reads || owner == actor.user_id,
            Audience::Person(person) => person == actor.user_id,
        })
        .map(|change| change.key.clone())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Translates the server's events for all pages, until the server stops.
pub async fn translate(hearth: Hearth) {
    let mut events = hearth.events.subscribe();
    loop {
        let first = tokio::select! {
            () = hearth.shutdown.cancelled() => return,
            event = events.recv() => event,
        };
        if matches!(first, Err(RecvError::Closed)) {
            return;
        }
        tokio::time::sleep(GATHER).await;
        let (mut seen, mut lost) = (HashSet::new(), false);
        let mut next = first;
        loop {
            match next {
                Ok(event) => _ = seen.insert(event),
                Err(RecvError::Lagged(_)) => lost = true,
                Err(RecvError::Closed) => return,
            }
            match events.try_recv() {
                Ok(event) => next = Ok(event),
                Err(tokio::sync::broadcast::error::TryRecvError::Lagged(count)) => {
                    next = Err(RecvError::Lagged(count));
                }
                Err(_) => break,
            }
        }
        if !hearth.changes.wanted() {
            continue;
        }
        let changes = if lost { everything() } else { changes(&hearth, seen).await };
        if !changes.is_empty() {
            hearth.changes.publish(changes);
        }
    }
}

/// Events were lost: every page reads again.
fn everything() -> Vec<Change> {
    vec![Change { key: "*".to_owned(), audience: Audience::Everybody }]
}

async fn changes(hearth: &Hearth, events: HashSet<Event>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut tell = |key: String, audience| changes.push(Change { key, audience });
    for event in events {
        match event {
            Event::Preset(id) | Event::Decided(id) => {
                tell(format!("pool:{id}"), Audience::Everybody);
                tell("pools".to_owned(), Audience::Everybody);
            }
            Event::Settings => tell("settings".to_owned(), Audience::Everybody),
            Event::Templates => tell("templates".to_owned(), Audience::Everybody),
            Event::Workspace(id) | Event::Claimed(id) => {
                let audience = audience(hearth, id).await;
                tell(format!("workspace:{id}"), audience);
                tell("workspaces".to_owned(), audience);
            }
            Event::Drift => tell("drift".to_owned(), Audience::Readers),
            Event::Inbox(person) => tell("inbox".to_owned(), Audience::Person(person)),
            Event::Job(id) => tell(format!("job:{id}"), Audience::Readers),
            Event::JobQueued => {}
        }
    }
    changes
}

/// Who may hear of a workspace: its owner now, and who reads pools.
async fn audience(hearth: &Hearth, id: hearth_prebuilds::ids::WorkspaceId) -> Audience {
    let owner = async { workspaces::owner(&mut hearth.db.read().await?, id).await };
    match owner.await {
        Ok(Some(owner)) => Audience::Owner(owner),
        Ok(None) => Audience::Readers,
        Err(error) => {
            tracing::warn!(%error, workspace_id = %id, "cannot tell the owner of a change");
            Audience::Readers
        }
    }
}

#[cfg(test)]
mod tests {
    use hearth_app::backend::Role;
    use hearth_prebuilds::ids::UserId;
    use uuid::Uuid;

    use super::*;

    fn person(number: u128, role: Role) -> Actor {
        Actor { user_id: UserId(Uuid::from_u128(number)), username: "x".to_owned(), role }
    }

    #[test]
    fn a_member_hears_of_own_workspaces_and_of_what_everybody_sees() {
        let change = |key: &str, audience| Change { key: key.to_owned(), audience };
        let owner = Audience::Owner(UserId(Uuid::from_u128(1)));
        let told = [
            change("workspaces", owner),
            change("pools", Audience::Everybody),
            change("workspaces", owner),
            change("drift", Audience::Readers),
            change("inbox", Audience::Person(UserId(Uuid::from_u128(2)))),
        ];
        assert_eq!(keys(&told, &person(1, Role::Member)), ["pools", "workspaces"]);
        assert_eq!(keys(&told, &person(2, Role::Member)), ["inbox", "pools"]);
        assert_eq!(keys(&told, &person(3, Role::Auditor)), ["drift", "pools", "workspaces"]);
    }
}
