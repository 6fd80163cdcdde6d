//! `cargo xtask test`: everything that must hold before a change is taken, from formatting to the browser.

use std::{
    io::{Write, stdout},
    process::ExitCode,
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
        let (runner, arguments): (_, &[&str]) = match on_path("cargo-nextest") {
            Some(_) => (Runner::Nextest, &["nextest", "run", "--locked", "--no-fail-fast"]),
            None => (Runner::Cargo, &["test", "--locked", "--no-fail-fast"]),
        };
        let mut tests = cargo();
        tests
            .args(arguments)
            .args(TESTKIT)
            .env("HEARTH_TEST_POSTGRES", postgres.url())
            .env(terraform::VARIABLE, &terraform);
        tally.run(runner, &mut tests)
    })?;
    drop(postgres);
    // What these have built serves the browser too.
    cloud::run(steps, tally, &terraform)?;
    e2e::run(steps, tally, &terraform, &[])
}
