//! Log lines on their way to the server.
//!
//! Lines get a sequence number when they are written and stay here until the server has said that they are durable,
//! so a lost answer costs a repetition, never a line and never a duplicate. Memory is bounded: while the server is
//! away for long, new lines are counted instead of kept, and the count is written as a line once there is room.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, task::JoinHandle};
use uuid::Uuid;

use crate::{
    client::{CallError, Client, insist},
    clock,
    protocol::{LogAcknowledged, LogBatch, LogLevel, LogLine},
};

const BATCH_LINES: usize = 100;
const BATCH_BYTES: usize = 256 * 1024;
/// How long a batch that is not full waits for more.
const GATHER: Duration = Duration::from_millis(100);
const KEPT_BYTES: usize = 4 * 1024 * 1024;
/// What a line costs besides its text.
const LINE_BYTES: usize = 64;

/// Where lines are written. Cheap to clone.
#[derive(Clone)]
pub struct Logs(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    /// The sequence of the first line.
    first: i64,
    lines: VecDeque<LogLine>,
    bytes: usize,
    dropped: u64,
    closed: bool,
}

impl Logs {
    pub fn spawn(client: Client) -> (Self, JoinHandle<()>) {
        let logs = Self(Arc::new(Shared { queue: Mutex::default(), changed: Notify::new() }));
        let task = tokio::spawn(send_all(client, logs.clone()));
        (logs, task)
    }

    /// Never waits.
    pub fn write(&self, level: LogLevel, source: &str, output: String) {
        let line = LogLine { created_at: clock::now(), level, source: source.to_owned(), output };
        self.queue().push(line);
        self.0.changed.notify_one();
    }

    /// A line of the agent itself.
    pub fn say(&self, level: LogLevel, output: impl Into<String>) {
        self.write(level, "agent", output.into());
    }

    /// The task ends when everything written so far is sent.
    pub fn close(&self) {
        self.queue().closed = true;
        self.0.changed.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push(&mut self, line: LogLine) {
        let cost = line.output.len() + LINE_BYTES;
        if self.bytes + cost > KEPT_BYTES {
            self.dropped += 1;
            return;
        }
        if self.dropped > 0 {
            let output = format!("{} lines were dropped while the server was away", self.dropped);
            self.dropped = 0;
            self.push(LogLine { level: LogLevel::Warn, source: "agent".to_owned(), output, ..line });
        }
        self.bytes += cost;
        self.lines.push_back(line);
    }

    fn is_full_batch(&self) -> bool {
        self.closed || self.lines.len() >= BATCH_LINES || self.bytes >= BATCH_BYTES
    }

    fn batch(&self, run_id: Uuid) -> LogBatch {
        let mut bytes = 0;
        let fits = |line: &&LogLine| {
            bytes += line.output.len();
            bytes <= BATCH_BYTES
        };
        let lines = self.lines.iter().take(BATCH_LINES).take_while(fits).cloned().collect();
        LogBatch { run_id, first: self.first, lines }
    }

    /// Forgets every line with a smaller sequence.
    fn forget_before(&mut self, next: i64) {
        while self.first < next
            && let Some(line) = self.lines.pop_front()
        {
            self.first += 1;
            self.bytes -= line.output.len() + LINE_BYTES;
        }
    }
}

async fn send_all(client: Client, logs: Logs) {
    let run_id = Uuid::new_v4();
    loop {
        let (empty, closed) = {
            let queue = logs.queue();
            (queue.lines.is_empty(), queue.closed)
        };
        match (empty, closed) {
            (true, true) => return,
            (true, false) => logs.0.changed.notified().await,
            (false, _) => {
                gather(&logs).await;
                let batch = logs.queue().batch(run_id);
                let next = send(&client, &batch).await;
                logs.queue().forget_before(next);
            }
        }
    }
}

async fn gather(logs: &Logs) {
    let full = async {
        while !logs.queue().is_full_batch() {
            logs.0.changed.notified().await;
        }
    };
    // Time being up is the usual end.
    let _ = tokio::time::timeout(GATHER, full).await;
}

/// The sequence from which the next batch starts.
async fn send(client: &Client, batch: &LogBatch) -> i64 {
    let end = batch.first + batch.lines.len() as i64;
    let call = || client.exchange::<LogAcknowledged>("logs", batch);
    match insist(call, CallError::is_worth_another_try).await {
        Ok(acknowledged) => acknowledged.next.clamp(batch.first, end),
        Err(error) => {
            tracing::warn!(%error, "the server does not want a batch of log lines");
            end
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(output: String) -> LogLine {
        LogLine { created_at: clock::now(), level: LogLevel::Info, source: "test".to_owned(), output }
    }

    #[test]
    fn memory_is_bounded_and_what_was_dropped_is_said() {
        let mut queue = Queue::default();
        for _ in 0..1000 {
            queue.push(line("x".repeat(32 * 1024)));
        }
        assert!(queue.bytes <= KEPT_BYTES);
        let kept = queue.lines.len();
        queue.forget_before(10);
        queue.push(line("after".to_owned()));
        assert_eq!(
            queue.lines[kept - 10].output,
            format!("{} lines were dropped while the server was away", 1000 - kept)
        );
        assert_eq!(queue.lines[kept - 9].output, "after");
    }

    #[test]
    fn forgetting_everything_leaves_nothing_counted() {
        let mut queue = Queue::default();
        queue.push(line("a".to_owned()));
        queue.push(line("bc".to_owned()));
        queue.forget_before(5);
        assert_eq!((queue.first, queue.bytes, queue.lines.len()), (2, 0, 0));
    }
}
