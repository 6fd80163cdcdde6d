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
            eprintln!("hearth: {}", in_one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes; those that a sentence before has told already are not repeated.
fn in_one_line(error: &anyhow::Error) -> String {
    error.chain().skip(1).map(ToString::to_string).fold(error.to_string(), |told, cause| {
        if told.contains(&cause) { told } else { format!("{told}: {cause}") }
    })
}
