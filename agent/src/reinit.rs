//! Waiting to be told that the workspace has a new owner.

use std::time::Duration;

use futures::StreamExt;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    client::{CallError, Client, waits},
    protocol::{PREBUILD_CLAIMED, Reinit},
};

/// The server says: begin again. `handled` is told when it knows that this was done.
pub struct Call {
    pub reinit: Reinit,
    pub handled: oneshot::Sender<()>,
}

/// A connection that lasted so long was a good one: the next wait is short again.
const STEADY: Duration = Duration::from_secs(5);

/// Asks until the server says that there is nothing to wait for, ever. It tells what happened while nobody listened,
/// so between two connections nothing is lost.
pub async fn listen(client: Client, calls: mpsc::Sender<Call>) {
    let mut wait = waits();
    loop {
        let since = Instant::now();
        match listen_once(&client, &calls).await {
            Ok(()) => {}
            Err(error) if error.is_conflict() => return,
            Err(error) => tracing::debug!(%error, "not connected"),
        }
        if since.elapsed() > STEADY {
            wait = waits();
        }
        // The waits have no end.
        tokio::time::sleep(wait.next().unwrap_or_default()).await;
    }
}

/// One call per connection. It asks again only when the acknowledgement has arrived, so that it does not hear the
/// same call twice.
async fn listen_once(client: &Client, calls: &mpsc::Sender<Call>) -> Result<(), CallError> {
    let mut reinits = client.reinits().await?;
    while let Some(reinit) = reinits.next().await {
        if reinit.reason != PREBUILD_CLAIMED {
            tracing::warn!(reason = reinit.reason, "the server has a wish that this agent does not know");
            continue;
        }
        let (handled, done) = oneshot::channel();
        if calls.send(Call { reinit, handled }).await.is_ok() {
            // An error: the acknowledgement was refused, and the next connection tells what holds now.
            let _ = done.await;
        }
        break;
    }
    Ok(())
}
