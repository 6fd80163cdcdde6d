//! `hearth agent`: runs inside a workspace until it is told to stop.

use std::{
    env,
    pin::pin,
    process::{Command, ExitCode},
};

use clap::Args;
use hearth_agent::{AgentConfig, first_process};
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

pub async fn run(settings: Agent) -> anyhow::Result<ExitCode> {
    super::log_to_stderr();
    let config = AgentConfig::from_env(settings.url, settings.token)?;
    if first_process::is_this() {
        let mut again = Command::new(env::current_exe()?);
        again.args(env::args_os().skip(1));
        return Ok(first_process::supervise(again).await?.into());
    }
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut life = pin!(hearth_agent::run(config, stop.clone()));
    tokio::select! {
        outcome = &mut life => return Ok(outcome.map(|()| ExitCode::SUCCESS)?),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.cancel();
    life.await?;
    Ok(ExitCode::SUCCESS)
}
