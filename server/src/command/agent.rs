//! `hearth agent`: runs inside a workspace until it is told to stop.

use std::pin::pin;

use clap::Args;
use hearth_agent::AgentConfig;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Settings of `hearth agent`; mostly they come from the environment that the template makes.
#[derive(Args)]
pub struct Agent {
    /// Address of the server [env: CODER_AGENT_URL, HEARTH_AGENT_URL]
    #[arg(long)]
    url: Option<String>,

    /// The agent's token; better given in the environment, where other users of the machine do not see it
    /// [env: CODER_AGENT_TOKEN, HEARTH_AGENT_TOKEN]
    #[arg(long)]
    token: Option<String>,
}

pub async fn run(agent: Agent) -> anyhow::Result<()> {
    super::log_to_stderr();
    let config = AgentConfig::from_env(agent.url, agent.token)?;
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut life = pin!(hearth_agent::run(config, stop.clone()));
    tokio::select! {
        outcome = &mut life => return Ok(outcome?),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.cancel();
    Ok(life.await?)
}
