//! Alone in its binary, because it waits for every child of the process.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::Command;

use hearth_agent::first_process::supervise;

#[tokio::test]
async fn orphans_are_waited_for_and_the_exit_code_is_passed_on() {
    nix::sys::prctl::set_child_subreaper(true).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    // An orphan can be signalled until somebody has waited for it.
    let script = "(sleep 0.05 & echo $! > orphan); while kill -0 $(cat orphan) 2> /dev/null; do sleep 0.01; done; exit 7";
    command.args(["-c", script]).current_dir(folder.path());
    assert_eq!(supervise(command).await.unwrap(), 7);
}
