//! `cargo xtask check`, and the steps it shares with `cargo xtask test`.

use anyhow::Result;

use crate::{
    build::TESTKIT,
    process::{cargo, run},
    steps::Steps,
};

/// Formatting, lints and the tests that need neither database nor browser.
pub fn command() -> Result<()> {
    let mut steps = Steps::default();
    lints(&mut steps)?;
    steps.run("unit tests", || run(cargo().args(["test", "--quiet", "--locked", "--lib", "--bins"])))?;
    steps.summary();
    Ok(())
}

/// Formatting and lints.
pub fn lints(steps: &mut Steps) -> Result<()> {
    steps.run("formatting", || run(cargo().args(["fmt", "--all", "--check"])))?;
    steps.run("lints", || {
        let clippy = |what: &[&str]| {
            run(cargo().args(["clippy", "--locked", "--quiet"]).args(what).args(["--", "--deny", "warnings"]))
        };
        // With everything that is only built for tests, and as it is shipped.
        clippy(&[&["--all-targets"], &TESTKIT[..]].concat())?;
        clippy(&[])
    })
}
