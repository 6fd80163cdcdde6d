//! `cargo xtask e2e`: the real binary in a real browser.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    build::{self, Build},
    front::Profile,
    process::{self, install, on_path, output},
    steps::Steps,
    tally::{Runner, Tally},
    terraform,
};

/// Builds, then runs the browser tests whose file or title holds one of `filters`; all of them when there is none.
pub fn command(headed: bool, filters: &[String]) -> Result<()> {
    let terraform = terraform::program()?;
    let (mut steps, mut tally) = (Steps::default(), Tally::default());
    build::site(&mut steps, Profile::Small)?;
    build::server(&mut steps, Build::Testkit)?;
    let mut arguments = filters.to_vec();
    arguments.extend(headed.then(|| "--headed".to_owned()));
    let result = run(&mut steps, &mut tally, &terraform, &arguments);
    steps.summary();
    result
}

/// The browser tests alone, with the binary built before.
pub fn run(steps: &mut Steps, tally: &mut Tally, terraform: &Path, arguments: &[String]) -> Result<()> {
    let folder = folder();
    steps.run("fetch Playwright", || packages(&folder))?;
    steps.run("types of the browser tests", || {
        process::run(Command::new("node").current_dir(&folder).arg("node_modules/typescript/bin/tsc"))
    })?;
    let chromium = steps.run("find a browser", || chromium(&folder))?;
    steps.run("browser tests", || {
        let mut playwright = Command::new("node");
        playwright
            .current_dir(&folder)
            .arg("node_modules/@playwright/test/cli.js")
            .arg("test")
            .args(arguments);
        playwright.env("HEARTH_BINARY", build::binary(Build::Testkit)).env("HEARTH_CHROMIUM", chromium);
        playwright.env(terraform::VARIABLE, terraform);
        tally.run(Runner::Playwright, &mut playwright)
    })
}

/// Of the browser tests.
pub fn folder() -> PathBuf {
    crate::root().join("end2end")
}

/// Installs the locked packages, unless they are there already.
pub fn packages(folder: &Path) -> Result<()> {
    for program in ["node", "npm"] {
        if on_path(program).is_none() {
            bail!("{program} is missing: install Node.js 20 or newer with npm");
        }
    }
    let changed = |path: &str| fs::metadata(folder.join(path)).and_then(|file| file.modified()).ok();
    if changed("node_modules/.package-lock.json") > changed("package-lock.json") {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder)
        .args(["ci", "--no-audit", "--no-fund"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    output(&mut npm).map(drop)
}

/// Playwright's own Chromium if it was downloaded, else the system's; as root Debian's is installed.
pub fn chromium(folder: &Path) -> Result<PathBuf> {
    let own = "process.stdout.write(require('@playwright/test').chromium.executablePath())";
    let own = output(Command::new("node").current_dir(folder).args(["-e", own]))?;
    let system = || ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path);
    if let Some(found) = Some(PathBuf::from(own)).filter(|path| path.is_file()).or_else(system) {
        return Ok(found);
    }
    install("chromium", "a browser")?;
    system().context("Chromium was installed but is not on PATH")
}
