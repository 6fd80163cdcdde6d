//! The process group of one terraform run, and the signals that it may get.

use std::{fs, io, os::unix::ffi::OsStrExt, path::Path};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};

use super::environment::RUN_DIR;

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

/// Kills the groups that a server which was killed has left: those of `program`, and those whose terraform is gone
/// already, as it ends by itself when it can no longer write. The environment names the run folder; so it does in what
/// a template has started in a session of its own, which goes on.
pub(crate) fn kill_left_behind(run_dir: &Path, program: &Path) {
    let ours = [RUN_DIR.as_bytes(), b"=", run_dir.as_os_str().as_bytes()].concat();
    let left = |process: &Process| {
        let ended =
            process.group != process.session && !Path::new("/proc").join(process.group.to_string()).exists();
        (ended || process.runs(program)) && process.has_variable(&ours)
    };
    for process in processes().into_iter().filter(left) {
        tracing::warn!(process = process.id, "ended what a build of an earlier server had left");
        ignore_gone(killpg(Pid::from_raw(process.group), Signal::SIGKILL));
    }
}

fn members(group: Pid) -> Vec<Pid> {
    let members = processes().into_iter().filter(|process| process.group == group.as_raw());
    members.map(|process| Pid::from_raw(process.id)).collect()
}

/// A process as /proc shows it.
struct Process {
    id: i32,
    group: i32,
    session: i32,
}

impl Process {
    /// Fields 5 and 6 of /proc/ID/stat. The name (field 2) may hold anything, so counting starts behind its last
    /// parenthesis.
    fn read(id: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (_, after_name) = stat.rsplit_once(')')?;
        let mut fields = after_name.split_whitespace().skip(2).map(str::parse);
        Some(Self { id, group: fields.next()?.ok()?, session: fields.next()?.ok()? })
    }

    fn runs(&self, program: &Path) -> bool {
        let exe = fs::read_link(format!("/proc/{}/exe", self.id));
        exe.is_ok_and(|exe| fs::canonicalize(program).is_ok_and(|program| program == exe))
    }

    fn has_variable(&self, wanted: &[u8]) -> bool {
        let variables = fs::read(format!("/proc/{}/environ", self.id)).unwrap_or_default();
        variables.split(|byte| *byte == 0).any(|variable| variable == wanted)
    }
}

fn processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(Process::read).collect()
}
