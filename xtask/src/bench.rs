//! `cargo xtask bench`: what is measured, how long it took, and what it may take. Nothing fails by being slow: a
//! busy machine measures badly.

use std::io::{Write, stdout};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{cargo, output, run};

const BENCH: [&str; 6] = ["bench", "--locked", "--package", "hearth-prebuilds", "--bench", "decisions"];

/// Runs the benchmarks and prints their table.
pub fn command() -> Result<()> {
    run(cargo().args(BENCH).arg("--no-run"))?;
    let lines = output(cargo().args(BENCH))?;
    let mut out = stdout().lock();
    writeln!(out, "{:<54}{:>12}{:>12}", "what", "measured", "target")?;
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).context("a benchmark printed something else")?;
        let what = line["what"].as_str().unwrap_or_default();
        let milliseconds = |key: &str| format!("{:.1} ms", line[key].as_f64().unwrap_or_default());
        writeln!(out, "{what:<54}{:>12}{:>12}", milliseconds("measured_ms"), milliseconds("target_ms"))?;
    }
    Ok(())
}
