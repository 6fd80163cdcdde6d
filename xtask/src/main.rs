//! The developer's commands. `cargo xtask help` lists them.

mod assets;
mod bench;
mod build;
mod cache;
mod check;
mod cloud;
mod css;
mod debian;
mod e2e;
mod front;
mod postgres;
mod process;
mod serve;
mod service;
mod steps;
mod tally;
mod terraform;
mod test;
mod toolchain;

use std::{path::Path, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The developer's commands of Hearth")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the browser's half, then the one binary `hearth` with it inside
    Build {
        /// Build the server for speed, as it is shipped
        #[arg(long)]
        release: bool,
    },
    /// Build, then serve the sample templates with a demo admin
    Demo {
        /// More arguments for `hearth serve`
        #[arg(last = true)]
        serve: Vec<String>,
    },
    /// Serve, and rebuild and restart at every change
    Dev {
        /// More arguments for `hearth serve`
        #[arg(last = true)]
        serve: Vec<String>,
    },
    /// Formatting, lints and unit tests: what to run before a commit
    Check,
    /// Everything: formatting, lints, all tests on both databases, and the browser tests
    Test,
    /// Only the tests against a pretended AWS; `test` runs them too
    TestCloud,
    /// Measure what has a target; on a quiet machine
    Bench,
    /// Build, then run the browser tests
    E2e {
        /// Show the browser
        #[arg(long)]
        headed: bool,
        /// Only files or titles that hold one of these; after `--` options of Playwright as well
        filters: Vec<String>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    process::outlive_signals().and_then(|()| dispatch(&cli.command)).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn dispatch(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Build { release } => build::command(*release)?,
        Command::Demo { serve } => serve::demo(serve)?,
        Command::Dev { serve } => serve::dev(serve)?,
        Command::Check => check::command()?,
        Command::Test => return test::command(),
        Command::TestCloud => return cloud::command(),
        Command::Bench => bench::command()?,
        Command::E2e { headed, filters } => e2e::command(*headed, filters)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The repository's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
