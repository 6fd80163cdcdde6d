//! The one binary: reads the command line and hands over to the command.

use std::process::ExitCode;

use clap::Parser;
use hearth_provisioner::provider;
use hearth_server::command::{self, Command};

/// Keeps pools of ready-made developer workspaces warm, and hands one over in an instant.
#[derive(Parser)]
#[command(name = "hearth", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    // Terraform starts its providers without arguments.
    let outcome = if provider::started_as_plugin() {
        command::run_provider()
    } else {
        command::run(Cli::parse().command)
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hearth: {error:#}");
            ExitCode::FAILURE
        }
    }
}
