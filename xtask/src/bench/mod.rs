//! `cargo xtask bench`: what is measured, how long it took, and what it may take. Nothing fails by being slow: a busy
//! machine measures badly.

mod pages;

use std::io::{Write, stdout};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    process::{cargo, output, run},
    steps::Steps,
};

const DECISIONS: [&str; 6] = ["bench", "--locked", "--package", "hearth-prebuilds", "--bench", "decisions"];

/// Rows of what, measured, target; each is printed when it is known.
#[derive(Default)]
struct Table {
    begun: bool,
}

impl Table {
    fn row(&mut self, what: &str, measured: &str, target: &str) -> Result<()> {
        let mut out = stdout().lock();
        if !self.begun {
            self.begun = true;
            writeln!(out, "{:<64}{:>12}{:>12}", "what", "measured", "target")?;
        }
        writeln!(out, "{what:<64}{measured:>12}{target:>12}")?;
        Ok(())
    }
}

/// Runs the benchmarks and prints their table.
pub fn command() -> Result<()> {
    let (mut steps, mut table) = (Steps::default(), Table::default());
    decisions(&mut table)?;
    pages::run(&mut steps, &mut table)?;
    steps.summary();
    Ok(())
}

fn decisions(table: &mut Table) -> Result<()> {
    run(cargo().args(DECISIONS).arg("--no-run"))?;
    for line in output(cargo().args(DECISIONS))?.lines() {
        let line: Value = serde_json::from_str(line).context("a benchmark printed something else")?;
        let milliseconds = |key: &str| format!("{:.1} ms", line[key].as_f64().unwrap_or_default());
        let what = line["what"].as_str().unwrap_or_default();
        table.row(what, &milliseconds("measured_ms"), &milliseconds("target_ms"))?;
    }
    Ok(())
}
