//! `hearth serve`: runs until it is told to stop.

use std::io::{self, Write};

use tokio::signal::unix::{SignalKind, signal};

use crate::{config::Config, serve};

pub async fn run(config: Config) -> anyhow::Result<()> {
    super::log_to_stderr();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = serve::start(config).await?;
    if let Some(code) = &running.setup_code {
        eprintln!("No admin yet. Open {}/setup and enter this code: {code}", running.url);
    }
    if let Some((name, password)) = &running.demo_admin {
        eprintln!("Demo admin: {name}, password: {password}");
    }
    // The only line on stdout: scripts wait for it.
    writeln!(io::stdout(), "Hearth is ready at {}", running.url)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.shutdown().await;
    Ok(())
}
