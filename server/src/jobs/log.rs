//! The log of one job: lines are handed over at once and written in batches.

use std::time::Duration;

use hearth_prebuilds::ids::{JobId, WorkspaceId};
use hearth_provisioner::engine::{LogLevel, LogLine};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
    time::{Instant, sleep, timeout_at},
};

use super::level;
use crate::{
    error::Result,
    events::Event,
    hearth::Hearth,
    store::job_logs::{self, NewLine},
};

/// Lines that come within this time are one batch.
const BATCH: Duration = Duration::from_millis(100);
/// Lines in one statement.
const MOST: usize = 500;
/// Longer lines are cut into pieces, so that each fits into a message of a log stream.
const LONGEST: usize = 8 * 1024;
/// How often a batch is tried while the database does not answer.
const TRIES: u32 = 5;

/// What Terraform says.
const PROVISIONER: &str = "provisioner";
/// What Hearth says about its own work.
const DAEMON: &str = "provisioner_daemon";

/// Takes lines without blocking.
pub(super) struct Log {
    hearth: Hearth,
    lines: UnboundedSender<NewLine>,
    writer: JoinHandle<()>,
}

impl Log {
    pub fn open(hearth: &Hearth, job: JobId, workspace: Option<WorkspaceId>) -> Self {
        let (lines, receiver) = unbounded_channel();
        let writer = Writer { hearth: hearth.clone(), job, workspace, stage: String::new() };
        Self { hearth: hearth.clone(), lines, writer: tokio::spawn(writer.run(receiver)) }
    }

    /// A line of Terraform's.
    pub fn terraform(&self, line: &LogLine) {
        self.add(PROVISIONER, line.level, line.stage, &line.output);
    }

    /// A line of Hearth's own.
    pub fn hearth(&self, log_level: LogLevel, stage: &str, output: &str) {
        self.add(DAEMON, log_level, stage, output);
    }

    fn add(&self, source: &'static str, log_level: LogLevel, stage: &str, output: &str) {
        let at = self.hearth.clock.now().timestamp_micros();
        for output in pieces(output) {
            // The writer ends only after this sender is gone.
            let _ = self.lines.send(NewLine {
                at,
                source,
                level: level(log_level),
                stage: stage.to_owned(),
                output,
            });
        }
    }

    /// Returns when every line is written.
    pub async fn close(self) {
        drop(self.lines);
        if let Err(error) = self.writer.await {
            tracing::error!(%error, "the writer of a log ended early");
        }
    }
}

/// Lines of a size that can be stored and sent. PostgreSQL's text has no NUL.
fn pieces(output: &str) -> Vec<String> {
    let clean = output.replace('\0', "\u{fffd}");
    let mut pieces = Vec::new();
    for line in clean.lines() {
        let mut rest = line;
        while rest.len() > LONGEST {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(LONGEST));
            pieces.push(piece.to_owned());
            rest = after;
        }
        pieces.push(rest.to_owned());
    }
    pieces
}

struct Writer {
    hearth: Hearth,
    job: JobId,
    workspace: Option<WorkspaceId>,
    stage: String,
}

impl Writer {
    async fn run(mut self, mut lines: UnboundedReceiver<NewLine>) {
        let mut batch = Vec::new();
        while lines.recv_many(&mut batch, MOST).await > 0 {
            let until = Instant::now() + BATCH;
            while batch.len() < MOST {
                let room = MOST - batch.len();
                match timeout_at(until, lines.recv_many(&mut batch, room)).await {
                    Ok(1..) => {}
                    Ok(0) | Err(_) => break,
                }
            }
            let marked = self.with_markers(std::mem::take(&mut batch));
            self.write(&marked).await;
        }
    }

    /// Before the first line of each stage comes one without output: log viewers make a heading of it.
    fn with_markers(&mut self, lines: Vec<NewLine>) -> Vec<NewLine> {
        let mut marked = Vec::with_capacity(lines.len() + 1);
        for line in lines {
            if line.stage != self.stage {
                self.stage.clone_from(&line.stage);
                marked.push(NewLine { output: String::new(), level: "info", ..line.clone() });
            }
            marked.push(line);
        }
        marked
    }

    async fn write(&self, lines: &[NewLine]) {
        for attempt in 1..=TRIES {
            match self.try_write(lines).await {
                Ok(()) => {
                    self.hearth.events.publish(Event::Job(self.job));
                    if let Some(workspace) = self.workspace {
                        self.hearth.events.publish(Event::Workspace(workspace));
                    }
                    return;
                }
                Err(error) => {
                    tracing::warn!(job_id = %self.job, %error, attempt, "log lines were not written");
                }
            }
            sleep(BATCH * 2_u32.pow(attempt)).await;
        }
        tracing::error!(job_id = %self.job, lines = lines.len(), "log lines are lost");
    }

    async fn try_write(&self, lines: &[NewLine]) -> Result<()> {
        let mut tx = self.hearth.db.write().await?;
        job_logs::append(&mut tx, self.job, lines).await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_between_characters_and_nothing_is_lost() {
        let line = "ä".repeat(LONGEST);
        let cut = pieces(&line);
        assert!(cut.len() > 1 && cut.iter().all(|piece| piece.len() <= LONGEST));
        assert_eq!(cut.concat(), line);
        assert_eq!(pieces("a\0b\nc"), ["a\u{fffd}b", "c"]);
    }
}
