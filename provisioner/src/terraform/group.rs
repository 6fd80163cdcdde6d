//! The process group of one terraform run, and the signals that it may get.

use std::{fs, io};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};

/// A process group whose leader is terraform itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group(Pid);

impl Group {
    /// The group that `process_group(0)` made for the process `id`.
    pub fn of(id: u32) -> io::Result<Self> {
        i32::try_from(id).map(|id| Self(Pid::from_raw(id))).map_err(io::Error::other)
    }

    /// SIGINT to terraform alone. Never twice: at a second one it unlocks the state before its last save.
    pub fn interrupt(self) {
        ignore_gone(kill(self.0, Signal::SIGINT));
    }

    /// Kills everything in the group except terraform: without its providers it saves the state and ends.
    /// Where there is no /proc nobody is found, and the next step (the whole group) follows.
    pub fn kill_followers(self) {
        for member in members(self.0).into_iter().filter(|member| *member != self.0) {
            ignore_gone(kill(member, Signal::SIGKILL));
        }
    }

    /// Kills the whole group.
    pub fn kill_all(self) {
        ignore_gone(killpg(self.0, Signal::SIGKILL));
    }
}

/// A process that is gone already needs no signal, and there is nothing else to do about any other failure.
fn ignore_gone(result: nix::Result<()>) {
    if let Err(error) = result
        && error != Errno::ESRCH
    {
        tracing::warn!(%error, "cannot signal a terraform process");
    }
}

fn members(group: Pid) -> Vec<Pid> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id: &i32| group_of(*id) == Some(group.as_raw()))
        .map(Pid::from_raw)
        .collect()
}

/// Field 5 of /proc/ID/stat. The name (field 2) may hold anything, so counting starts behind its last parenthesis.
fn group_of(id: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(2)?.parse().ok()
}
