//! `cargo xtask check`, and the steps it shares with `cargo xtask test`.

use anyhow::Result;

use crate::{
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
        // With everything that is only built for tests.
        let all = ["clippy", "--locked", "--all-targets", "--features", "hearth-server/testkit", "--quiet"];
        run(cargo().args(all).args(["--", "--deny", "warnings"]))
    })
}
