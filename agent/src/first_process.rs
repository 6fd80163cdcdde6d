//! The agent as the first process of a container.
//!
//! Every process whose parent ends becomes a child of the first one, which has to wait for it, else it stays a zombie
//! and fills the process table. A process that waits for any child cannot wait for certain ones too, so the agent
//! starts itself a second time and the first one only waits, and passes on what it is told.

use std::{io, process::Command};

use nix::{
    errno::Errno,
    sys::{
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{Pid, getpid},
};
use tokio::signal::unix::{SignalKind, signal};

pub fn is_this() -> bool {
    getpid() == Pid::from_raw(1)
}

/// Runs `command` and waits for it and for whatever falls to this process. Answers its exit code, or 128 + the signal
/// that ended it. No other child of this process can be waited for meanwhile.
pub async fn supervise(mut command: Command) -> io::Result<u8> {
    let mut child_ended = signal(SignalKind::child())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let child = Pid::from_raw(command.spawn()?.id().cast_signed());
    loop {
        let passed_on = tokio::select! {
            _ = child_ended.recv() => {
                if let Some(code) = reap(child)? {
                    return Ok(code);
                }
                continue;
            }
            _ = terminate.recv() => Signal::SIGTERM,
            _ = interrupt.recv() => Signal::SIGINT,
        };
        // An error means that it has just ended.
        let _ = kill(child, passed_on);
    }
}

/// Waits for everybody who has ended. One signal may stand for several.
fn reap(child: Pid) -> io::Result<Option<u8>> {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) if pid == child => {
                return Ok(Some(code.try_into().unwrap_or(u8::MAX)));
            }
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => {
                return Ok(Some(u8::try_from(128 + signal as i32).unwrap_or(u8::MAX)));
            }
            Ok(WaitStatus::StillAlive) => return Ok(None),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
