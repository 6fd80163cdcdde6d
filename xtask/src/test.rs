//! `cargo xtask test`: everything that must hold before a change is taken, from formatting to the browser.

use std::{
    io::{Write, stdout},
    process::{Command, ExitCode},
};

use anyhow::Result;

use crate::{
    build::{self, TESTKIT},
    check, cloud, e2e,
    front::Profile,
    postgres::Postgres,
    process::{cargo, on_path},
    steps::Steps,
    tally::{Runner, Tally},
    terraform,
};

/// Runs all steps. Whatever is missing for one of them fails it.
pub fn command() -> Result<ExitCode> {
    let (mut steps, mut tally) = (Steps::default(), Tally::default());
    let result = all(&mut steps, &mut tally);
    steps.summary();
    if let Err(error) = &result {
        eprintln!("error: {error:#}");
    }
    // The last line is for machines.
    writeln!(stdout(), "{} passed, {} failed", tally.passed, tally.failed)?;
    Ok(if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn all(steps: &mut Steps, tally: &mut Tally) -> Result<()> {
    let terraform = steps.run("look for Terraform", terraform::program)?;
    // Before the lints: they compile the server, which embeds the browser's files.
    build::site(steps, Profile::Small)?;
    check::lints(steps)?;
    let postgres = steps.run("start PostgreSQL", Postgres::start)?;
    steps.run("tests on both databases", || {
        let (runner, mut tests) = rust(None);
        tests.env("HEARTH_TEST_POSTGRES", postgres.url()).env(terraform::VARIABLE, &terraform);
        tally.run(runner, &mut tests)
    })?;
    drop(postgres);
    // What these have built serves the browser too.
    cloud::run(steps, tally, &terraform)?;
    e2e::run(steps, tally, &terraform, &[])
}

/// What runs the tests in Rust; or, of those that are left out otherwise, the ones named so.
pub fn rust(left_out: Option<&str>) -> (Runner, Command) {
    let mut tests = cargo();
    let runner = if on_path("cargo-nextest").is_some() {
        tests.args(["nextest", "run"]);
        Runner::Nextest
    } else {
        tests.arg("test");
        Runner::Cargo
    };
    // Always built alike, so that nothing is built twice.
    tests.args(["--locked", "--no-fail-fast"]).args(TESTKIT);
    match (left_out, &runner) {
        (None, _) => {}
        (Some(name), Runner::Nextest) => _ = tests.args(["--run-ignored=only", "--no-capture", name]),
        (Some(name), _) => _ = tests.args(["--test=it", name, "--", "--ignored", "--nocapture"]),
    }
    (runner, tests)
}
