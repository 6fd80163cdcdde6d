//! Telling an agent that its workspace has a new owner.
//!
//! The claim is a fact in the database, the event only says "look now". So a stream subscribes first and looks then:
//! a claim that was done while nobody listened is found by the look, one that is done during the look is in the
//! buffer. It looks again at every ping too, because an event may be lost or happen in another replica.

use std::time::Duration;

use futures::{Stream, stream};
use hearth_agent::protocol::{PREBUILD_CLAIMED, Reinit};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::agents::{self, Caller},
};

const PING: Duration = Duration::from_secs(15);

/// What the stream says.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    Ping,
    Reinit(Reinit),
}

/// A stream for one agent: pings, and at most one order to begin again. It ends when the server stops, and when there
/// is nothing left to wait for.
/// An agent that has nothing to wait for is refused (409) and does not ask again.
pub async fn listen(hearth: &Hearth, caller: Caller) -> Result<impl Stream<Item = Signal> + use<>> {
    let events = hearth.events.subscribe();
    if look(hearth, &caller).await? == agents::Reinit::Never {
        return Err(Error::Conflict("This agent has no claim to wait for: do not ask again.".to_owned()));
    }
    let mut pings = interval(PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first ping comes at once, and with it the first look.
    let listener = Listener { hearth: hearth.clone(), caller, events, pings, told: false };
    Ok(stream::unfold(listener, |mut listener| async { Some((listener.next().await?, listener)) }))
}

async fn look(hearth: &Hearth, caller: &Caller) -> Result<agents::Reinit> {
    Ok(agents::reinit(&mut hearth.db.read().await?, caller.id).await?)
}

struct Listener {
    hearth: Hearth,
    caller: Caller,
    events: broadcast::Receiver<Event>,
    pings: Interval,
    told: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<Signal> {
        loop {
            let is_ping = self.wake().await?;
            if let Some(owner_id) = self.due().await? {
                self.told = true;
                return Some(Signal::Reinit(Reinit {
                    reason: PREBUILD_CLAIMED.to_owned(),
                    workspace_id: self.caller.workspace_id.0,
                    owner_id,
                }));
            }
            if is_ping {
                return Some(Signal::Ping);
            }
        }
    }

    /// Whether it is time for a ping; otherwise something may have happened. `None`: the server stops.
    async fn wake(&mut self) -> Option<bool> {
        loop {
            let event = tokio::select! {
                () = self.hearth.shutdown.cancelled() => return None,
                _ = self.pings.tick() => return Some(true),
                event = self.events.recv() => event,
            };
            match event {
                Ok(Event::Claimed(workspace)) if workspace == self.caller.workspace_id => return Some(false),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(false),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The new owner, if this agent has not heard of it on this stream. The outer `None`: nothing to wait for, or the
    /// database is away; the agent asks again and hears what holds.
    async fn due(&self) -> Option<Option<uuid::Uuid>> {
        if self.told {
            return Some(None);
        }
        match look(&self.hearth, &self.caller).await {
            Ok(agents::Reinit::Due { owner }) => Some(Some(owner)),
            Ok(agents::Reinit::Wait) => Some(None),
            Ok(agents::Reinit::Never) => None,
            Err(error) => {
                tracing::warn!(%error, agent_id = %self.caller.id, "could not look for a claim");
                None
            }
        }
    }
}
