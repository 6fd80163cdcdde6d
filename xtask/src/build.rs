//! `cargo xtask build`.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{
    assets, css,
    front::{self, Profile},
    process::{cargo, run},
    steps::Steps,
    toolchain::Toolchain,
};

/// The browser's half, then the server with it inside.
pub fn command(release: bool) -> Result<()> {
    let mut steps = Steps::default();
    site(&mut steps, Profile::Small)?;
    server(&mut steps, if release { Build::Release } else { Build::Debug })?;
    steps.summary();
    Ok(())
}

/// Fills `target/site`.
pub fn site(steps: &mut Steps, profile: Profile) -> Result<()> {
    let toolchain = steps.run("find a toolchain for the browser", Toolchain::find)?;
    let wasm = steps.run("compile the dashboard for the browser", || front::compile(&toolchain, profile))?;
    steps.run("write the browser's files", || {
        let style = crate::root().join("style");
        let icon = style.join("icon.svg");
        let icon = fs::read(&icon).with_context(|| format!("cannot read {}", icon.display()))?;
        let compressed = matches!(profile, Profile::Small);
        assets::write(front::bind(&wasm)?, &css::bundle(&style.join("main.css"))?, &icon, compressed)
    })
}

/// Where a server for measurements is built.
const BENCH: &str = "target/bench";

/// Builds what tests ask of the server besides.
pub const TESTKIT: [&str; 2] = ["--features", "hearth-server/testkit"];

/// What the one binary is built for.
#[derive(Clone, Copy)]
pub enum Build {
    Debug,
    /// As it is shipped.
    Release,
    /// With what the browser tests ask of it besides.
    Testkit,
    /// The same, built for speed, in a folder of its own: it must never be shipped.
    Bench,
}

/// Builds the one binary.
pub fn server(steps: &mut Steps, build: Build) -> Result<()> {
    steps.run("build the server", || {
        let mut cargo = cargo();
        cargo.args(["build", "--locked", "--package", "hearth-server", "--bin", "hearth"]);
        match build {
            Build::Debug => {}
            Build::Release => _ = cargo.arg("--release"),
            Build::Testkit => _ = cargo.args(TESTKIT),
            Build::Bench => _ = cargo.arg("--release").args(TESTKIT).arg("--target-dir").arg(BENCH),
        }
        run(&mut cargo)
    })
}

/// Where [`server`] puts it.
pub fn binary(build: Build) -> PathBuf {
    let target = || env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let place = match build {
        Build::Debug | Build::Testkit => PathBuf::from(target()).join("debug"),
        Build::Release => PathBuf::from(target()).join("release"),
        Build::Bench => PathBuf::from(BENCH).join("release"),
    };
    crate::root().join(place).join("hearth")
}
