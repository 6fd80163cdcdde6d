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
    server(&mut steps, release)?;
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

/// Builds the one binary.
pub fn server(steps: &mut Steps, release: bool) -> Result<()> {
    steps.run("build the server", || {
        let mut cargo = cargo();
        cargo.args(["build", "--locked", "--package", "hearth-server", "--bin", "hearth"]);
        if release {
            cargo.arg("--release");
        }
        run(&mut cargo)
    })
}

/// Where [`server`] puts it.
pub fn binary(release: bool) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    crate::root().join(target).join(if release { "release" } else { "debug" }).join("hearth")
}
