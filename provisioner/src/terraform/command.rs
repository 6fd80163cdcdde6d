//! One run of terraform, from its start to the last of its descendants.
//!
//! Terraform must be stopped with care, because what it made is only in its memory until it saves its state:
//! - killed at once, it saves nothing, and what it made is orphaned;
//! - one SIGINT makes it finish what the providers are doing, save, unlock and end;
//! - a second SIGINT makes it unlock before the last save, which a strict backend must then refuse.
//!
//! So a cancel, and a step that takes too long, go the same way: SIGINT to terraform alone; after the grace period
//! SIGKILL to everybody in its group but itself, which makes it save and end; after another while SIGKILL to the group.
//! When the server itself stops there are seconds for all of this: the pauses are short then ([`crate::Engine::hurry`]).
//!
//! Whatever the end was, the group is swept: programs started by a provisioner outlive even a graceful stop.

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{self, Child},
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::group::Group;
use crate::error::Error;

/// Between the kill of the providers and the kill of everything.
const LAST_CHANCE: Duration = Duration::from_secs(30);
/// How long output may still arrive after the end of the process, from programs that kept the pipe.
const DRAIN: Duration = Duration::from_secs(2);
/// The grace, the last chance and the drain in a hurry: a killed provider lets terraform save within 0.1 s.
const HURRIED_GRACE: Duration = Duration::from_millis(1500);
const HURRIED_LAST_CHANCE: Duration = Duration::from_secs(1);
const HURRIED_DRAIN: Duration = Duration::from_millis(200);
/// Longer lines are cut into pieces of this size.
const LONGEST_LINE: usize = 1 << 20;

/// What to run, and how long.
pub(crate) struct Command {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub folder: PathBuf,
    /// The whole environment: nothing is inherited.
    pub environment: Vec<(OsString, OsString)>,
    pub limit: Duration,
    pub grace: Duration,
    pub cancel: CancellationToken,
    /// Makes the way to the end short, whenever it began; it begins nothing.
    pub hurry: CancellationToken,
}

/// A piece of output: a line without its end, or raw bytes.
pub(crate) enum Output {
    Standard(Vec<u8>),
    Error(Vec<u8>),
}

#[derive(Clone, Copy)]
enum Framing {
    Lines,
    Blocks,
}

/// How the process ended, and whether we made it end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub status: ExitStatus,
    pub stopped: Option<Stopped>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    Cancelled,
    TimedOut,
}

impl Command {
    /// Hands each line of output to `on_output` while the process runs.
    pub async fn stream(self, on_output: impl FnMut(Output) + Send) -> Result<Ended, Error> {
        self.run(Framing::Lines, on_output).await
    }

    /// Collects the standard output, which for JSON documents is one very long line, and the standard error.
    pub async fn capture(self) -> Result<(Ended, Vec<u8>, Vec<u8>), Error> {
        let (mut standard, mut error) = (Vec::new(), Vec::new());
        let ended = self.run(Framing::Blocks, |output| match output {
            Output::Standard(bytes) => standard.extend(bytes),
            Output::Error(bytes) => error.extend(bytes),
        });
        let ended = ended.await?;
        Ok((ended, standard, error))
    }

    async fn run(self, framing: Framing, mut on_output: impl FnMut(Output) + Send) -> Result<Ended, Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let mut running = self.start().map_err(|source| self.failed("cannot start", source))?;
        let (sender, mut receiver) = mpsc::channel(256);
        let _readers = [
            running.child.stdout.take().map(|pipe| read(pipe, framing, Output::Standard, sender.clone())),
            running.child.stderr.take().map(|pipe| read(pipe, framing, Output::Error, sender)),
        ];
        let ended = running.supervise(&self, &mut receiver, &mut on_output).await;
        let ended = ended.map_err(|source| self.failed("cannot wait for", source))?;
        let rest = async {
            while let Some(output) = receiver.recv().await {
                on_output(output);
            }
        };
        // Whoever still holds the pipe has left the group; its output is not ours to wait for.
        let drain = if self.hurry.is_cancelled() { HURRIED_DRAIN } else { DRAIN };
        let _ = timeout(drain, rest).await;
        Ok(ended)
    }

    fn start(&self) -> io::Result<Running> {
        let mut command = process::Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let child = command.spawn()?;
        let id = child.id().ok_or_else(|| io::Error::other("the process has no id"))?;
        Ok(Running { child, group: Group::of(id)?, phase: Phase::Working })
    }

    fn failed(&self, what: &str, source: io::Error) -> Error {
        Error::Io { what: format!("{what} `{}`", self.program.display()), source }
    }
}

/// How far the way to the end has been gone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Working,
    Interrupted,
    WithoutFollowers,
    Killed,
    Ended,
}

struct Running {
    child: Child,
    group: Group,
    phase: Phase,
}

impl Running {
    async fn supervise(
        &mut self,
        command: &Command,
        receiver: &mut mpsc::Receiver<Output>,
        on_output: &mut (impl FnMut(Output) + Send),
    ) -> io::Result<Ended> {
        let mut stopped = None;
        let mut hurried = false;
        let mut deadline = Instant::now() + command.limit;
        let status = loop {
            tokio::select! {
                status = self.child.wait() => break status?,
                Some(output) = receiver.recv() => on_output(output),
                () = command.cancel.cancelled(), if self.phase == Phase::Working => {
                    stopped = Some(Stopped::Cancelled);
                    self.escalate();
                    deadline = Instant::now() + self.pause(command);
                }
                () = command.hurry.cancelled(), if !hurried => {
                    hurried = true;
                    if self.phase != Phase::Working {
                        deadline = deadline.min(Instant::now() + self.pause(command));
                    }
                }
                () = sleep_until(deadline), if self.phase != Phase::Killed => {
                    stopped = stopped.or(Some(Stopped::TimedOut));
                    self.escalate();
                    deadline = Instant::now() + self.pause(command);
                }
            }
        };
        self.phase = Phase::Ended;
        self.group.kill_all();
        Ok(Ended { status, stopped })
    }

    /// One step further towards the end.
    fn escalate(&mut self) {
        self.phase = match self.phase {
            Phase::Working => {
                self.group.interrupt();
                Phase::Interrupted
            }
            Phase::Interrupted => {
                self.group.kill_followers();
                Phase::WithoutFollowers
            }
            Phase::WithoutFollowers | Phase::Killed | Phase::Ended => {
                self.group.kill_all();
                Phase::Killed
            }
        };
    }

    /// How long to wait before the next.
    fn pause(&self, command: &Command) -> Duration {
        match (self.phase, command.hurry.is_cancelled()) {
            (Phase::Interrupted, false) => command.grace,
            (Phase::Interrupted, true) => command.grace.min(HURRIED_GRACE),
            (_, false) => LAST_CHANCE,
            (_, true) => HURRIED_LAST_CHANCE,
        }
    }
}

/// A build that is dropped instead of cancelled still lets terraform save its state; only nobody sweeps after it.
impl Drop for Running {
    fn drop(&mut self) {
        if self.phase == Phase::Working {
            self.group.interrupt();
        }
    }
}

fn read(
    pipe: impl AsyncRead + Unpin + Send + 'static,
    framing: Framing,
    wrap: fn(Vec<u8>) -> Output,
    sender: mpsc::Sender<Output>,
) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut pipe = BufReader::with_capacity(64 << 10, pipe);
        // A pipe that cannot be read any more is at its end.
        while let Ok(Some(bytes)) = next(&mut pipe, framing).await {
            if sender.send(wrap(bytes)).await.is_err() {
                return;
            }
        }
    }))
}

async fn next(pipe: &mut (impl AsyncBufReadExt + Unpin), framing: Framing) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    loop {
        let ready = pipe.fill_buf().await?;
        if ready.is_empty() {
            return Ok(Some(bytes).filter(|bytes| !bytes.is_empty()));
        }
        let end = match framing {
            Framing::Blocks => Some(ready.len()),
            Framing::Lines => ready.iter().position(|byte| *byte == b'\n'),
        };
        bytes.extend_from_slice(&ready[..end.unwrap_or(ready.len())]);
        let line_end = usize::from(matches!(framing, Framing::Lines) && end.is_some());
        let used = end.unwrap_or(ready.len()) + line_end;
        pipe.consume(used);
        if end.is_some() || bytes.len() >= LONGEST_LINE {
            return Ok(Some(bytes));
        }
    }
}
