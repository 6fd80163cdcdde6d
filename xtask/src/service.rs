//! A server that tests need: it has a folder of its own and ends, with its folder, when the value is dropped.

use std::{
    fs::{self, File},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::process;

const START: Duration = Duration::from_secs(60);

/// A running server.
pub struct Service {
    name: &'static str,
    server: Child,
    /// What ends it at once.
    end: Signal,
    /// Is there as long as the server.
    _folder: TempDir,
}

impl Service {
    /// Returns once `is_ready`. What the server says lies in the folder, and in the error should it not start.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        end: Signal,
        folder: TempDir,
        is_ready: impl Fn() -> bool,
    ) -> Result<Self> {
        let path = folder.path().join("log");
        let log = File::create(&path)?;
        let server = process::spawn(command.stdout(log.try_clone()?).stderr(log))?;
        let mut service = Self { name, server, end, _folder: folder };
        let start = Instant::now();
        while !is_ready() {
            if service.server.try_wait()?.is_some() || start.elapsed() > START {
                let log = fs::read_to_string(&path).unwrap_or_default();
                bail!("{name} does not start:\n{}", log.trim());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(service)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Err(error) = process::stop(&mut self.server, self.end) {
            eprintln!("warning: cannot stop {}: {error:#}", self.name);
        }
    }
}
