//! One script as a process group of its own.
//!
//! The group is what makes an end an end: whatever a script starts belongs to it, unless it makes a session for
//! itself. A script may end and leave processes behind (a server put into the background); they go on, their output
//! goes on being read, and [`Group::end`] ends them with their round.

use std::{io, io::Write, path::Path, process::Stdio, time::Duration};

use futures::future::join_all;
use nix::{
    errno::Errno,
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::environment::Surroundings;

/// Longer lines are cut into several.
const LINE_BYTES: u64 = 32 * 1024;
/// How long after a script's end its output is waited for; what a process left behind writes comes later anyway.
const DRAIN: Duration = Duration::from_millis(250);
/// Between the request to end and the kill.
pub const GRACE: Duration = Duration::from_secs(1);
const FIRST_POLL: Duration = Duration::from_millis(1);
const LAST_POLL: Duration = Duration::from_millis(50);

/// What to run.
pub struct Job<'a> {
    pub script: &'a str,
    pub surroundings: &'a Surroundings,
    /// A folder that only this agent can read.
    pub scratch: &'a Path,
    pub timeout: Option<Duration>,
}

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    Out,
    Err,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The exit code, or 128 + the signal that ended it.
    Exited(i32),
    TimedOut,
    Cancelled,
}

/// Processes that a script has left behind.
pub struct Group {
    leader: Pid,
    readers: Vec<JoinHandle<()>>,
}

/// Runs a script to its end. An error means that it could not be started.
pub async fn run(
    job: Job<'_>,
    on_line: impl Fn(Pipe, String) + Clone + Send + 'static,
    cancel: &CancellationToken,
) -> io::Result<(End, Option<Group>)> {
    let mut file = tempfile::NamedTempFile::new_in(job.scratch)?;
    file.write_all(job.script.as_bytes())?;
    // Closed, but not removed: a shell reads its script as it goes.
    let file = file.into_temp_path();
    let mut child = command(&job, &file).spawn()?;
    let mut group = Group::of(&mut child, on_line);
    let limit = async {
        match job.timeout {
            Some(limit) => sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    let cut_short = tokio::select! {
        status = child.wait() => return Ok((End::Exited(exit_code(status?)), group.rest().await)),
        () = limit => End::TimedOut,
        () = cancel.cancelled() => End::Cancelled,
    };
    // The leader is waited for meanwhile, else it would count as alive for ever.
    let _ = tokio::join!(child.wait(), group.terminate(GRACE));
    Ok((cut_short, group.rest().await))
}

/// The interpreter is started with the file, as the kernel would do it for an executable one. Doing it here needs no
/// permission to execute in the folder, and cannot meet "text file busy" while other scripts are being started.
fn command(job: &Job<'_>, file: &Path) -> Command {
    let (interpreter, argument) = interpreter(job.script);
    let mut command = Command::new(interpreter);
    command
        .args(argument)
        .arg(file)
        .current_dir(&job.surroundings.directory)
        .envs(&job.surroundings.variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

fn interpreter(script: &str) -> (&str, Option<&str>) {
    let line = script.lines().next().unwrap_or_default();
    match line.strip_prefix("#!").map(str::trim) {
        None | Some("") => ("sh", None),
        Some(line) => match line.split_once(char::is_whitespace) {
            Some((interpreter, argument)) => (interpreter, Some(argument.trim())),
            None => (line, None),
        },
    }
}

fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

impl Group {
    fn of(child: &mut Child, on_line: impl Fn(Pipe, String) + Clone + Send + 'static) -> Self {
        // A child that has not been waited for has an id.
        let leader = Pid::from_raw(child.id().map_or(0, u32::cast_signed));
        let on_error = on_line.clone();
        let out = child
            .stdout
            .take()
            .map(|pipe| tokio::spawn(read_lines(pipe, move |line| on_line(Pipe::Out, line))));
        let err = child
            .stderr
            .take()
            .map(|pipe| tokio::spawn(read_lines(pipe, move |line| on_error(Pipe::Err, line))));
        Self { leader, readers: out.into_iter().chain(err).collect() }
    }

    fn signal(&self, signal: impl Into<Option<Signal>>) -> Result<(), Errno> {
        // Group 0 would be the agent's own.
        if self.leader.as_raw() > 0 { killpg(self.leader, signal) } else { Err(Errno::ESRCH) }
    }

    fn is_empty(&self) -> bool {
        self.signal(None) == Err(Errno::ESRCH) || only_zombies(self.leader)
    }

    /// Asks the group to end, and kills it when it has not after `grace`.
    async fn terminate(&self, grace: Duration) {
        let end = Instant::now() + grace;
        let mut poll = FIRST_POLL;
        // An error means that nobody is there.
        let _ = self.signal(Signal::SIGTERM);
        while !self.is_empty() {
            if Instant::now() >= end {
                let _ = self.signal(Signal::SIGKILL);
                return;
            }
            sleep(poll).await;
            poll = LAST_POLL.min(poll * 2);
        }
    }

    /// What is left of it when its leader has ended.
    async fn rest(&mut self) -> Option<Self> {
        // Being late only means that somebody still holds the pipe.
        let _ =
            timeout(DRAIN, join_all(self.readers.iter_mut().map(|reader| async { reader.await.ok() }))).await;
        let readers =
            std::mem::take(&mut self.readers).into_iter().filter(|reader| !reader.is_finished()).collect();
        let rest = Self { leader: self.leader, readers };
        (!rest.is_empty() || !rest.readers.is_empty()).then_some(rest)
    }

    /// Ends the processes that were left behind.
    pub async fn end(self, grace: Duration) {
        // While a group lives, the kernel gives its number to no new process. A process of this number is therefore a
        // stranger that came after the group had ended by itself.
        let is_strangers = kill(self.leader, None).is_ok();
        if !is_strangers {
            self.terminate(grace).await;
        }
        for reader in self.readers {
            reader.abort();
        }
    }
}

/// Dead processes still count as members until their parent has looked, and the first process of a container often
/// never does.
fn only_zombies(group: Pid) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    processes
        .filter_map(|process| std::fs::read_to_string(process.ok()?.path().join("stat")).ok())
        // `pid (name) state parent group ...`, and the name may hold anything.
        .filter_map(|stat| {
            let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
            Some((fields.next()? == "Z", fields.nth(1)?.parse() == Ok(group.as_raw())))
        })
        .all(|(is_zombie, is_member)| is_zombie || !is_member)
}

async fn read_lines(pipe: impl AsyncRead + Unpin, on_line: impl Fn(String)) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while matches!((&mut pipe).take(LINE_BYTES).read_until(b'\n', &mut line).await, Ok(1..)) {
        let text = String::from_utf8_lossy(&line);
        on_line(text.trim_end_matches(['\n', '\r']).to_owned());
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_names_the_interpreter() {
        for (script, expected) in [
            ("echo hi", ("sh", None)),
            ("#!/bin/bash\necho", ("/bin/bash", None)),
            ("#!/usr/bin/env python3 \nprint()", ("/usr/bin/env", Some("python3"))),
            ("#! /bin/sh -e x\r\n", ("/bin/sh", Some("-e x"))),
            ("#!\n", ("sh", None)),
            ("", ("sh", None)),
        ] {
            assert_eq!(interpreter(script), expected);
        }
    }
}
