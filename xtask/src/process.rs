//! Child processes. Whatever ends xtask ends its children first, so that what they guard (a database, servers,
//! temporary folders) is cleaned up by the ordinary unwinding of the command that was running.

use std::{
    env,
    ffi::OsStr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid},
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

/// The children that a signal to xtask is passed on to.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on a signal ends the running children instead of xtask itself: the command then fails like any other and
/// its guards are dropped. Ctrl-C needs no passing on, the terminal sends it to the children too.
pub fn outlive_signals() -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("cannot watch for signals")?;
    thread::spawn(move || {
        for signal in signals.forever() {
            INTERRUPTED.store(true, Ordering::Relaxed);
            for child in running().iter().filter(|_| signal != SIGINT) {
                // The child may have ended in the meantime.
                let _ = kill(*child, Signal::SIGTERM);
            }
        }
    });
    Ok(())
}

/// Whether a signal has asked xtask to end.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

fn running() -> MutexGuard<'static, Vec<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a child that a signal to xtask ends too.
pub fn spawn(command: &mut Command) -> Result<Child> {
    if interrupted() {
        bail!("interrupted");
    }
    let child = command.spawn().with_context(|| format!("cannot start {}", name(command)))?;
    running().push(pid(&child));
    Ok(child)
}

/// Waits for a child of [`spawn`].
pub fn wait(child: &mut Child) -> Result<ExitStatus> {
    let status = child.wait().context("cannot wait for a child process")?;
    running().retain(|pid| *pid != self::pid(child));
    Ok(status)
}

/// Asks a child of [`spawn`] to end and waits until it has.
pub fn stop(child: &mut Child, signal: Signal) -> Result<()> {
    // It may have ended by itself.
    let _ = kill(pid(child), signal);
    wait(child).map(drop)
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

/// Runs a command that talks to the terminal itself.
pub fn run(command: &mut Command) -> Result<()> {
    let mut child = spawn(command)?;
    let status = wait(&mut child)?;
    if !status.success() {
        bail!("{} failed ({status})", name(command));
    }
    Ok(())
}

/// Runs a command silently and returns what it printed; its complaints become the error.
pub fn output(command: &mut Command) -> Result<String> {
    let child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let pid = pid(&child);
    let output = child.wait_with_output().with_context(|| format!("cannot read from {}", name(command)))?;
    running().retain(|running| *running != pid);
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}): {}", name(command), output.status, complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn name(command: &Command) -> String {
    let arguments = command.get_args().take(2).map(OsStr::to_string_lossy);
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or(&program).to_owned();
    std::iter::once(program.into()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// The cargo that runs xtask, in the repository's root.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::root());
    // What cargo tells xtask of xtask: some build scripts run again when it is there and was not before, or vice versa.
    let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(told)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Where a program lies on PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

pub fn is_root() -> bool {
    Uid::effective().is_root()
}

/// Installs a Debian package that a step needs. Only as root; otherwise the person is told what is missing.
pub fn install(package: &str, why: &str) -> Result<()> {
    if !is_root() || on_path("apt-get").is_none() {
        bail!("{why} is missing: install it (on Debian: apt-get install {package})");
    }
    eprintln!("    installing {package}");
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-y"]);
        apt
    };
    let install = || output(apt().args(["install", "--no-install-recommends", package])).map(drop);
    // The lists of a new machine are empty or old.
    install().or_else(|_| output(apt().arg("update")).and_then(|_| install()))
}
