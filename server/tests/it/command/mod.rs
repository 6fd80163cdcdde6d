//! The commands that need no server, as a person runs them.

mod decide;
mod simulate;

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

fn hearth(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that has read enough closes its end.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Refused: nothing on stdout, and one line for each problem.
fn assert_refused(output: Output, expected: &[&str]) {
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty());
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{said}");
    for (line, start) in lines.iter().zip(expected) {
        assert!(line.starts_with(start), "{line:?} does not start with {start:?}");
    }
}

/// The browser tests build it with more.
#[cfg(not(feature = "testkit"))]
#[test]
fn what_is_shipped_has_no_commands_for_tests() {
    for arguments in [&["seed"][..], &["serve", "--test-now", "2026-11-24T12:04:31Z"]] {
        let refused = hearth(arguments, b"");
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8(refused.stderr).unwrap().contains("error: un"), "{arguments:?}");
    }
}
