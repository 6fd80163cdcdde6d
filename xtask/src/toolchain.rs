//! Finds a Rust toolchain that builds for the browser, in this order: the active one has the target; `rustup target
//! add` brings it; Debian's packages do. The target is not listed in rust-toolchain.toml, because rustup would then
//! try to fetch it at every cargo call and fail without network.

use std::{path::Path, path::PathBuf, process::Command};

use anyhow::{Result, bail};

use crate::{
    debian,
    process::{cargo, output},
};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// A toolchain that builds for [`TARGET`].
pub enum Toolchain {
    /// The one that runs xtask.
    Active,
    /// One made of Debian's packages, in this folder.
    Debian(PathBuf),
}

impl Toolchain {
    pub fn find() -> Result<Self> {
        if active_has_target() || rustup_adds_target() {
            return Ok(Self::Active);
        }
        match debian::toolchain() {
            Ok(folder) => Ok(Self::Debian(folder)),
            Err(error) => bail!(
                "no Rust toolchain here builds for the browser: run `rustup target add {TARGET}` \
                 (Debian's packages were tried too: {error:#})"
            ),
        }
    }

    /// A cargo that uses this toolchain.
    pub fn cargo(&self) -> Command {
        let mut cargo = cargo();
        if let Self::Debian(folder) = self {
            debian::use_rustc(&mut cargo, folder);
        }
        cargo
    }
}

fn active_has_target() -> bool {
    let libraries = output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    libraries.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

/// Without network this fails at once, and silently: the next way is tried.
fn rustup_adds_target() -> bool {
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "0").current_dir(crate::root());
    output(&mut rustup).is_ok() && active_has_target()
}
