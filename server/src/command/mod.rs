//! The sub-commands of `hearth`, one file each.

pub mod agent;
mod decide;
mod document;
mod serve;
mod simulate;

use std::{
    future::Future,
    io::{self, IsTerminal},
    process::ExitCode,
};

use clap::Subcommand;
use hearth_provisioner::provider;
use tracing_subscriber::EnvFilter;

use crate::config::Config;

#[derive(Subcommand)]
pub enum Command {
    /// Run inside a workspace as its agent
    Agent(agent::Agent),
    /// Say what the reconciler would do for the presets of a JSON document on stdin
    Decide,
    /// Fill a fresh database with a scene for tests and pictures
    #[cfg(feature = "testkit")]
    #[command(hide = true)]
    Seed(Box<crate::testkit::Seed>),
    /// Run the server
    Serve(Box<Config>),
    /// Say what a pool would do over weeks, for a JSON scenario on stdin
    Simulate(simulate::Simulate),
}

/// Runs a command to its end.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Agent(settings) => block_on(agent::run(settings)),
        Command::Decide => Ok(decide::run(std::io::stdin(), std::io::stdout(), std::io::stderr())?),
        #[cfg(feature = "testkit")]
        Command::Seed(seed) => block_on(crate::testkit::seed(*seed)).map(|()| ExitCode::SUCCESS),
        Command::Serve(config) => block_on(serve::run(*config)).map(|()| ExitCode::SUCCESS),
        Command::Simulate(settings) => {
            Ok(simulate::run(&settings, std::io::stdin(), std::io::stdout(), std::io::stderr())?)
        }
    }
}

/// Serves as the `coder/coder` provider of the Terraform that has started this process.
pub fn run_provider() -> anyhow::Result<ExitCode> {
    block_on(async { Ok(provider::run_as_plugin().await?) }).map(|()| ExitCode::SUCCESS)
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // An error means that somebody has chosen one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(work);
    // What still runs after the command has ended must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    outcome
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
