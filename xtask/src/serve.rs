//! `cargo xtask demo` and `cargo xtask dev`: a server in the foreground.

use std::{
    path::Path,
    process::{Child, Command},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use notify::{Event, RecursiveMode, Watcher};

use crate::{
    build::{self, Build},
    front::Profile,
    process,
    steps::Steps,
    terraform,
};

/// What a change in makes `dev` rebuild.
const SOURCES: [&str; 10] = [
    "Cargo.toml",
    "agent",
    "app",
    "frontend",
    "migrations",
    "prebuilds",
    "provisioner",
    "server",
    "style",
    "templates",
];

/// So long nothing must change before a rebuild: editors save in several steps.
const QUIET: Duration = Duration::from_millis(200);

/// Builds everything and serves the sample templates.
pub fn demo(arguments: &[String]) -> Result<()> {
    let terraform = terraform::program()?;
    let mut steps = Steps::default();
    build::site(&mut steps, Profile::Small)?;
    build::server(&mut steps, Build::Debug)?;
    steps.summary();
    process::run(hearth("target/demo-data", &terraform).arg("--demo").args(arguments))
}

/// Serves, and rebuilds and restarts at every change. While a build fails the last good server goes on.
pub fn dev(arguments: &[String]) -> Result<()> {
    let terraform = terraform::program()?;
    let (sender, changes) = channel();
    let mut watcher = notify::recommended_watcher(sender).context("cannot watch the sources")?;
    for source in SOURCES {
        let path = crate::root().join(source);
        if path.exists() {
            watcher
                .watch(&path, RecursiveMode::Recursive)
                .with_context(|| format!("cannot watch {source}"))?;
        }
    }
    let mut server: Option<Child> = None;
    loop {
        match rebuild() {
            Ok(()) => {
                stop(server.take())?;
                server = Some(process::spawn(hearth("target/dev-data", &terraform).args(arguments))?);
            }
            Err(error) => eprintln!("error: {error:#}"),
        }
        if !changed(&changes) {
            return stop(server);
        }
    }
}

fn hearth(data: &str, terraform: &Path) -> Command {
    let mut hearth = Command::new(build::binary(Build::Debug));
    hearth.env(terraform::VARIABLE, terraform);
    hearth.args(["serve", "--data-dir"]).arg(Path::new(crate::root()).join(data));
    hearth
}

fn rebuild() -> Result<()> {
    let mut steps = Steps::default();
    build::site(&mut steps, Profile::Quick)?;
    build::server(&mut steps, Build::Debug)
}

fn stop(server: Option<Child>) -> Result<()> {
    server.map_or(Ok(()), |mut server| process::stop(&mut server, Signal::SIGTERM))
}

/// Waits until sources have changed and are quiet again; false when a signal says that it is time to end.
fn changed(changes: &Receiver<notify::Result<Event>>) -> bool {
    let mut dirty = false;
    while !process::interrupted() {
        match changes.recv_timeout(QUIET) {
            Ok(event) => dirty |= event.is_ok_and(|event| !event.kind.is_access()),
            Err(RecvTimeoutError::Timeout) if dirty => return true,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    false
}
