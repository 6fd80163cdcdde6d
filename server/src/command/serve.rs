//! `hearth serve`: runs until it is told to stop.

use std::io::{self, IsTerminal, Write};

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{config::Config, serve};

pub async fn run(config: Config) -> anyhow::Result<()> {
    log_to_stderr();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = serve::start(config).await?;
    if let Some(code) = &running.setup_code {
        eprintln!("No admin yet. Open {}/setup and enter this code: {code}", running.url);
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

/// `RUST_LOG` chooses what is told; people get colours, files do not.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
