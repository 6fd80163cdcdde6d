//! How many tests passed and failed, read off the closing lines of the runners.

use std::{
    io::{BufRead, BufReader, Write, pipe, stderr},
    process::Command,
};

use anyhow::{Result, bail};

use crate::process;

/// Whose closing lines are to be read.
#[derive(Clone, Copy)]
pub enum Runner {
    Nextest,
    Cargo,
    Playwright,
}

/// A sum over the runners of one command.
#[derive(Debug, Default, PartialEq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    /// Runs a test runner, shows what it prints and adds up its closing lines.
    pub fn run(&mut self, runner: Runner, command: &mut Command) -> Result<()> {
        let (reader, writer) = pipe()?;
        let mut child = process::spawn(command.stdout(writer.try_clone()?).stderr(writer))?;
        // The command holds the pipe's other end too: without it the reading ends with the child.
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            stderr().write_all(&line)?;
            self.add(runner, &String::from_utf8_lossy(&line));
            line.clear();
        }
        let status = process::wait(&mut child)?;
        if !status.success() {
            bail!("not all tests passed ({status})");
        }
        Ok(())
    }

    fn add(&mut self, runner: Runner, line: &str) {
        let line = line.trim();
        let closing = match runner {
            Runner::Nextest => line.starts_with("Summary ["),
            Runner::Cargo => line.starts_with("test result:"),
            Runner::Playwright => line.starts_with(|first: char| first.is_ascii_digit()),
        };
        if !closing {
            return;
        }
        let words = line.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut words: Vec<&str> = words.collect();
        if matches!(runner, Runner::Playwright) {
            words.truncate(2);
        }
        for (count, what) in words.windows(2).filter_map(|pair| Some((pair[0].parse::<u32>().ok()?, pair[1])))
        {
            match what {
                "passed" => self.passed += count,
                "failed" | "timed" => self.failed += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_each_runner_are_added_up() {
        let mut tally = Tally::default();
        tally.add(
            Runner::Nextest,
            "     Summary [  12.345s] 12 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 3 skipped\n",
        );
        tally.add(Runner::Nextest, "test result: FAILED. 0 passed; 1 failed; 0 ignored");
        assert_eq!(tally, Tally { passed: 9, failed: 3 });
        tally.add(
            Runner::Cargo,
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.0s",
        );
        assert_eq!(tally, Tally { passed: 14, failed: 3 });
        tally.add(Runner::Playwright, "  4 passed (10.2s)\n");
        tally.add(Runner::Playwright, "  1 failed\n");
        tally.add(Runner::Playwright, "    [chromium] › claim.spec.ts:3:5 › 7 failed claims are shown");
        assert_eq!(tally, Tally { passed: 18, failed: 4 });
    }
}
