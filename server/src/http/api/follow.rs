//! A web socket that tells more whenever something may have changed.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Interval, interval, sleep},
};

use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
};

/// Clients refuse larger messages.
pub const LARGEST_MESSAGE: usize = 32_768;
/// Events may be lost: look again anyway.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const PING: Duration = Duration::from_secs(15);

/// Of a request that may be for a socket.
pub type Upgrade = std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// The socket of a request that asks to follow something.
pub fn socket(upgrade: Upgrade) -> Result<WebSocketUpgrade> {
    upgrade.map_err(|rejection| Error::Malformed {
        message: "Following a log needs a web socket.",
        detail: rejection.body_text(),
    })
}

pub struct Follower {
    pub hearth: Hearth,
    socket: WebSocket,
    events: Receiver<Event>,
    topic: Event,
    ping: Interval,
}

impl Follower {
    pub fn new(hearth: Hearth, socket: WebSocket, topic: Event) -> Self {
        Self { events: hearth.events.subscribe(), hearth, socket, topic, ping: interval(PING) }
    }

    /// False: the client is gone.
    pub async fn send(&mut self, json: String) -> bool {
        self.socket.send(Message::text(json)).await.is_ok()
    }

    pub async fn close(mut self) {
        let _ = self.socket.send(Message::Close(None)).await;
    }

    /// Returns when there may be more to tell. False: the client is gone, or the server stops.
    pub async fn wait(&mut self) -> bool {
        tokio::select! {
            () = changed(&mut self.events, &self.topic) => true,
            () = sleep(LOOK_AGAIN) => true,
            _ = self.ping.tick() => self.socket.send(Message::Ping(Default::default())).await.is_ok(),
            heard = self.socket.recv() => !matches!(heard, Some(Ok(Message::Close(_)) | Err(_)) | None),
            () = self.hearth.shutdown.cancelled() => false,
        }
    }
}

async fn changed(events: &mut Receiver<Event>, topic: &Event) {
    loop {
        match events.recv().await {
            Ok(event) if event == *topic => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}
