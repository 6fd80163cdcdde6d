//! Remembers what the engine told.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use hearth_provisioner::{
    Error, Observer,
    engine::{LogLevel, LogLine},
    plan::PlanSummary,
};
use tokio::sync::Notify;

#[derive(Default)]
pub struct Remembered {
    lines: Mutex<Vec<LogLine>>,
    plans: Mutex<Vec<PlanSummary>>,
    recovered: Mutex<Vec<Vec<u8>>>,
    /// Every plan is refused with these words.
    refusal: Option<String>,
    spoke: Notify,
}

#[async_trait]
impl Observer for Remembered {
    fn log(&self, line: LogLine) {
        self.lines.lock().unwrap().push(line);
        self.spoke.notify_waiters();
    }

    async fn planned(&self, plan: &PlanSummary) -> Result<(), Error> {
        self.plans.lock().unwrap().push(plan.clone());
        self.refusal.clone().map_or(Ok(()), |words| Err(Error::Refused(words)))
    }

    async fn recovered_state(&self, state: Vec<u8>) -> Result<(), Error> {
        self.recovered.lock().unwrap().push(state);
        Ok(())
    }
}

impl Remembered {
    pub fn refusing(words: &str) -> Self {
        Self { refusal: Some(words.to_owned()), ..Self::default() }
    }

    pub fn log(&self) -> String {
        let lines = self.lines.lock().unwrap();
        lines.iter().map(|line| format!("{} {:?} {}\n", line.stage, line.level, line.output)).collect()
    }

    pub fn has_errors(&self) -> bool {
        self.lines.lock().unwrap().iter().any(|line| line.level == LogLevel::Error)
    }

    /// Waits for the first plan.
    pub async fn was_told_a_plan(&self) {
        while self.plans.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn plan(&self) -> PlanSummary {
        self.plans.lock().unwrap().last().cloned().unwrap()
    }

    pub fn recovered(&self) -> Vec<Vec<u8>> {
        self.recovered.lock().unwrap().clone()
    }

    /// Waits until a log line contains `text`.
    pub async fn said(&self, text: &str) {
        loop {
            let spoke = self.spoke.notified();
            tokio::pin!(spoke);
            spoke.as_mut().enable();
            if self.log().contains(text) {
                return;
            }
            spoke.await;
        }
    }
}
