//! The agent against a server that remembers what it is told.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::{fs, path::Path, time::Duration};

use hearth_agent::protocol::{Lifecycle::*, LogLevel, MetadataItem, Script, ScriptStatus};
use nix::{errno::Errno, sys::signal::kill, unistd::Pid};
use pretty_assertions::assert_eq;
use support::{Server, TOKEN, pool_member, start_script};

const SHOW_OWNER: &str = "echo \"owner $CODER_WORKSPACE_OWNER_NAME\"";

#[tokio::test]
async fn start_scripts_run_in_the_environment_of_the_workspace_and_the_agent_gets_ready() {
    let script =
        "echo \"$CODER $CODER_WORKSPACE_NAME $CODER_AGENT_NAME $CODER_AGENT_TOKEN $GREETING\"; echo oops >&2";
    let mut manifest = pool_member(&[script]);
    manifest.environment.insert("GREETING".to_owned(), "hello-${CODER_WORKSPACE_OWNER_NAME}".to_owned());
    let server = Server::start(manifest);
    let agent = server.agent();
    server.until_lifecycle(&[Starting, Ready]).await;
    agent.stop().await;
    server.change(|world| {
        let mut lines: Vec<_> = world.lines.values().filter(|line| line.source == "Set-up").collect();
        lines.sort_by_key(|line| line.level == LogLevel::Error);
        assert_eq!(lines[0].output, format!("true prebuild-1 main {TOKEN} hello-prebuilds"));
        assert_eq!((lines[1].output.as_str(), lines[1].level), ("oops", LogLevel::Error));
        assert_eq!((world.completed[0].1.status, world.completed[0].1.exit_code), (ScriptStatus::Ok, 0));
        assert!(world.heartbeats > 0);
    });
}

#[tokio::test]
async fn a_script_may_name_its_interpreter_and_a_folder_that_exists() {
    let folder = tempfile::tempdir().unwrap();
    let mut manifest = pool_member(&["#!/usr/bin/env -S bash -e\nx=(a b); echo ${x[1]} $PWD"]);
    manifest.directory = folder.path().to_str().unwrap().to_owned();
    let server = Server::start(manifest);
    let agent = server.agent();
    server.until_lifecycle(&[Ready]).await;
    agent.stop().await;
    let expected = format!("b {}", folder.path().display());
    server.change(|world| assert_eq!(world.output(), [expected]));
}

#[tokio::test]
async fn a_failing_start_script_is_a_start_error_with_its_exit_code() {
    let server = Server::start(pool_member(&["echo fine", "exit 3"]));
    let agent = server.agent();
    server.until_lifecycle(&[Starting, StartError]).await;
    agent.stop().await;
    server.change(|world| {
        let ends: Vec<_> = world.completed.iter().map(|(_, end)| (end.exit_code, end.status)).collect();
        assert!(
            ends.contains(&(0, ScriptStatus::Ok)) && ends.contains(&(3, ScriptStatus::ExitFailure)),
            "{ends:?}"
        );
        assert!(world.lines.values().any(|line| line.output == "Set-up ended with exit code 3"));
    });
}

#[tokio::test]
async fn a_script_that_takes_too_long_is_ended_with_everything_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let mut manifest = pool_member(&[&format!("sleep 600 & echo $! > {}; wait", pid.display())]);
    manifest.scripts[0].timeout_seconds = 1;
    let server = Server::start(manifest);
    let agent = server.agent();
    server.until_lifecycle(&[Starting, StartTimeout]).await;
    assert_gone(&pid).await;
    server.change(|world| assert_eq!(world.completed[0].1.status, ScriptStatus::TimedOut));
    agent.stop().await;
}

#[tokio::test]
async fn lines_whose_answer_was_lost_are_sent_again_and_stay_single() {
    let server =
        Server::start(pool_member(&["i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done"]));
    server.change(|world| world.lose_answers = 3);
    let agent = server.agent();
    server.until_lifecycle(&[Ready]).await;
    agent.stop().await;
    server.change(|world| {
        let expected: Vec<_> = (0..500).map(|i| format!("line {i}")).collect();
        assert_eq!(world.output(), expected);
        assert!(world.batches >= 3 + 5, "{} batches", world.batches);
        let sequences: Vec<_> = world.lines.keys().map(|(_, sequence)| *sequence).collect();
        assert_eq!(sequences, (0..sequences.len() as i64).collect::<Vec<_>>());
    });
}

#[tokio::test]
async fn a_very_long_line_is_cut_and_nothing_of_it_is_lost() {
    let server = Server::start(pool_member(&["head -c 100000 /dev/zero | tr '\\0' x; echo"]));
    let agent = server.agent();
    server.until_lifecycle(&[Ready]).await;
    agent.stop().await;
    server.change(|world| {
        let lengths: Vec<_> = world.output().iter().map(|line| line.len()).collect();
        assert_eq!(lengths.iter().sum::<usize>(), 100_000);
        assert!(lengths.iter().all(|length| *length <= 32 * 1024));
    });
}

#[tokio::test]
async fn a_claim_runs_the_start_scripts_again_as_the_new_owners() {
    let server = Server::start(pool_member(&[SHOW_OWNER]));
    let agent = server.agent();
    server.until_lifecycle(&[Starting, Ready]).await;
    let build = server.claim("alice");
    server.until_lifecycle(&[Starting, Ready, Starting, Ready]).await;
    server.until("the agent asks again", |world| world.asked_for_reinit == 2).await;
    agent.stop().await;
    server.change(|world| {
        assert_eq!(world.output(), ["owner prebuilds", "owner alice"]);
        assert_eq!(world.acknowledged[1..], [build]);
    });
}

#[tokio::test]
async fn a_claim_ends_what_the_previous_owners_scripts_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (left, running) = (folder.path().join("left"), folder.path().join("running"));
    let background = format!("nohup sleep 600 >/dev/null 2>&1 & echo $! > {}", left.display());
    let first = format!("[ $CODER_WORKSPACE_OWNER_NAME = alice ] || {{ {background}; }}");
    let mut manifest = pool_member(&[&first]);
    let every_second = format!("echo $$ > {}; sleep 600", running.display());
    let scheduled =
        Script { cron: "* * * * * *".to_owned(), run_on_start: false, ..start_script(&every_second) };
    manifest.scripts.push(scheduled);
    let server = Server::start(manifest);
    let agent = server.agent();
    server.until_lifecycle(&[Ready]).await;
    until(|| running.exists() && fs::read_to_string(&running).unwrap().ends_with('\n')).await;
    let (left_pid, running_pid) = (pid_in(&left), pid_in(&running));
    assert!(!is_gone(left_pid));
    server.change(|world| world.manifest.as_mut().unwrap().scripts.truncate(1));
    server.claim("alice");
    server.until_lifecycle(&[Starting, Ready, Starting, Ready]).await;
    until(|| is_gone(left_pid) && is_gone(running_pid)).await;
    agent.stop().await;
}

#[tokio::test]
async fn a_build_that_changes_what_the_agent_reads_runs_the_start_scripts_once_more() {
    let server = Server::start(pool_member(&["echo color $COLOR"]));
    server.change(|world| {
        world.repeat_claim = 1;
        world.environment_later = [("COLOR".to_owned(), "blue".to_owned())].into();
    });
    let agent = server.agent();
    server.until_lifecycle(&[Ready]).await;
    server.claim("alice");
    server.until("the last question", |world| world.asked_for_reinit == 3 && world.is_ordinary).await;
    server.until_lifecycle(&[Starting, Ready]).await;
    agent.stop().await;
    server.change(|world| assert_eq!(world.output().last(), Some(&"color blue")));
}

#[tokio::test]
async fn the_same_claim_told_twice_is_acted_upon_once() {
    let server = Server::start(pool_member(&[SHOW_OWNER]));
    server.change(|world| world.repeat_claim = 2);
    let agent = server.agent();
    server.until_lifecycle(&[Ready]).await;
    let build = server.claim("alice");
    server.until("the last question", |world| world.asked_for_reinit == 4 && world.is_ordinary).await;
    agent.stop().await;
    server.change(|world| {
        assert_eq!(world.acknowledged[1..], [build, build, build]);
        assert_eq!(world.output(), ["owner prebuilds", "owner alice"]);
    });
}

#[tokio::test]
async fn a_claim_while_the_stream_was_down_is_told_at_the_next_connection() {
    let server = Server::start(pool_member(&[SHOW_OWNER]));
    let agent = server.agent();
    server.until_lifecycle(&[Starting, Ready]).await;
    server.go_away();
    server.claim("alice");
    server.come_back();
    server.until_lifecycle(&[Starting, Ready, Starting, Ready]).await;
    agent.stop().await;
    server.change(|world| assert_eq!(world.output(), ["owner prebuilds", "owner alice"]));
}

#[tokio::test]
async fn an_agent_that_was_told_to_never_ask_again_does_not() {
    let mut manifest = pool_member(&[]);
    manifest.scripts.push(Script {
        cron: "* * * * * *".to_owned(),
        run_on_start: false,
        ..start_script("echo tick")
    });
    let server = Server::start(manifest);
    server.change(|world| world.is_ordinary = true);
    let agent = server.agent();
    server.until("three runs of the schedule", |world| world.output().len() >= 3).await;
    agent.stop().await;
    server.change(|world| assert_eq!(world.asked_for_reinit, 1));
}

#[tokio::test]
async fn an_agent_that_is_not_known_yet_keeps_asking() {
    let server = Server::start(pool_member(&[SHOW_OWNER]));
    let manifest = server.change(|world| world.manifest.take());
    let agent = server.agent();
    server.until("three questions", |world| world.manifests == 3).await;
    server.change(|world| world.manifest = manifest);
    server.until_lifecycle(&[Starting, Ready]).await;
    agent.stop().await;
}

#[tokio::test]
async fn the_server_may_be_away_while_scripts_run() {
    let folder = tempfile::tempdir().unwrap();
    let (begun, go_on) = (folder.path().join("begun"), folder.path().join("go-on"));
    let (b, g) = (begun.display(), go_on.display());
    let script = format!("echo one; touch {b}; until [ -e {g} ]; do sleep 0.02; done; echo two");
    let server = Server::away(pool_member(&[&script]));
    let agent = server.agent();
    server.come_back();
    until(|| begun.exists()).await;
    server.go_away();
    fs::write(&go_on, "").unwrap();
    server.come_back();
    server.until_lifecycle(&[Starting, Ready]).await;
    agent.stop().await;
    server.change(|world| assert_eq!(world.output(), ["one", "two"]));
}

#[tokio::test]
async fn a_stop_runs_the_stop_scripts_and_leaves_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let (background, running) = (folder.path().join("background"), folder.path().join("running"));
    let start = format!("sleep 600 >/dev/null 2>&1 & echo $! > {}", background.display());
    let stuck = format!("trap '' TERM; echo $$ > {}; while :; do sleep 0.1; done", running.display());
    let mut manifest = pool_member(&[&start, &stuck]);
    manifest.scripts.push(Script { run_on_start: false, run_on_stop: true, ..start_script("echo good bye") });
    let server = Server::start(manifest);
    let agent = server.agent();
    until(|| {
        [&background, &running].iter().all(|file| fs::read_to_string(file).is_ok_and(|s| s.ends_with('\n')))
    })
    .await;
    server.until_lifecycle(&[Starting]).await;
    agent.stop().await;
    server.change(|world| {
        assert_eq!(world.lifecycle, [Starting, ShuttingDown, Off]);
        assert_eq!(world.output(), ["good bye"]);
    });
    assert_gone(&background).await;
    assert_gone(&running).await;
}

#[tokio::test]
async fn a_failing_stop_script_is_a_shutdown_error() {
    let mut manifest = pool_member(&[]);
    manifest.scripts.push(Script { run_on_start: false, run_on_stop: true, ..start_script("exit 1") });
    let server = Server::start(manifest);
    let agent = server.agent();
    server.until_lifecycle(&[Ready]).await;
    agent.stop().await;
    server.change(|world| assert_eq!(world.lifecycle, [Starting, Ready, ShuttingDown, ShutdownError]));
}

#[tokio::test]
async fn metadata_is_collected_again_and_again_with_its_errors() {
    let item = |key: &str, script: &str| MetadataItem {
        key: key.to_owned(),
        script: script.to_owned(),
        interval_seconds: 1,
        timeout_seconds: 0,
    };
    let mut manifest = pool_member(&[]);
    manifest.metadata = vec![item("load", "echo ' 0.5 '"), item("broken", "echo partly; exit 4")];
    let server = Server::start(manifest);
    let agent = server.agent();
    server.until("two values of each", |world| world.metadata.len() >= 4).await;
    agent.stop().await;
    server.change(|world| {
        let value = |key: &str| world.metadata.iter().rfind(|value| value.key == key).unwrap();
        assert_eq!((value("load").value.as_str(), value("load").error.as_str()), ("0.5", ""));
        assert_eq!(
            (value("broken").value.as_str(), value("broken").error.as_str()),
            ("partly", "exit code 4")
        );
    });
}

fn pid_in(file: &Path) -> Pid {
    Pid::from_raw(fs::read_to_string(file).unwrap().trim().parse().unwrap())
}

async fn assert_gone(file: &Path) {
    let pid = pid_in(file);
    until(|| is_gone(pid)).await;
}

/// Gone, or dead and not yet noticed by the first process of the machine.
fn is_gone(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    kill(pid, None) == Err(Errno::ESRCH) || status.contains("State:\tZ")
}

async fn until(condition: impl Fn() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), holds).await.expect("the condition never held");
}
