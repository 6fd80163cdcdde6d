//! Scripts of the manifest: one run with its log lines and its report, and all of a kind together.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    process::{self, End, Job, Pipe},
    protocol::{LogLevel, Script, ScriptCompleted, ScriptStatus},
    round::Scene,
};

/// The worst of several runs. Later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Ok,
    TimedOut,
    Failed,
    /// The round is over: nobody wants to hear about it.
    Cancelled,
}

/// Runs all scripts that `wanted` picks, at the same time.
pub async fn run_all(
    scene: &Arc<Scene>,
    wanted: impl Fn(&Script) -> bool,
    cancel: &CancellationToken,
) -> Outcome {
    let chosen = scene.manifest.scripts.iter().filter(|script| wanted(script));
    let outcomes = join_all(chosen.map(|script| run(scene, script, cancel))).await;
    outcomes.into_iter().max().unwrap_or(Outcome::Ok)
}

/// Runs one script, with its output as log lines, and reports how it ended.
pub async fn run(scene: &Arc<Scene>, script: &Script, cancel: &CancellationToken) -> Outcome {
    let started_at = clock::now();
    let source = if script.display_name.is_empty() { "script" } else { &script.display_name };
    let (outcome, exit_code) = execute(scene, script, source, cancel).await;
    let status = match outcome {
        Outcome::Ok => ScriptStatus::Ok,
        Outcome::TimedOut => ScriptStatus::TimedOut,
        Outcome::Failed => ScriptStatus::ExitFailure,
        Outcome::Cancelled => return outcome,
    };
    let end = ScriptCompleted { started_at, finished_at: clock::now(), exit_code, status };
    scene.reports.completed(script.id, end);
    outcome
}

async fn execute(
    scene: &Arc<Scene>,
    script: &Script,
    source: &str,
    cancel: &CancellationToken,
) -> (Outcome, i32) {
    let logs = scene.logs.clone();
    let on_line = {
        let (logs, source) = (logs.clone(), source.to_owned());
        move |pipe, line| {
            let level = if pipe == Pipe::Out { LogLevel::Info } else { LogLevel::Error };
            logs.write(level, &source, line);
        }
    };
    let seconds = script.timeout_seconds;
    let job = Job {
        script: &script.script,
        surroundings: &scene.surroundings,
        scratch: &scene.scratch,
        timeout: (seconds > 0).then(|| Duration::from_secs(seconds)),
    };
    match process::run(job, on_line, cancel).await {
        Err(error) => {
            logs.say(LogLevel::Error, format!("{source} could not be started: {error}"));
            (Outcome::Failed, -1)
        }
        Ok((end, left)) => {
            scene.leftovers().extend(left);
            match end {
                End::Exited(0) => (Outcome::Ok, 0),
                End::Exited(code) => {
                    logs.say(LogLevel::Error, format!("{source} ended with exit code {code}"));
                    (Outcome::Failed, code)
                }
                End::TimedOut => {
                    logs.say(
                        LogLevel::Error,
                        format!("{source} was stopped: it took longer than {seconds} s"),
                    );
                    (Outcome::TimedOut, -1)
                }
                End::Cancelled => (Outcome::Cancelled, -1),
            }
        }
    }
}
