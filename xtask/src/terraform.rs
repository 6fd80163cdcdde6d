//! Terraform is what Hearth runs; without it neither the demo nor the tests have anything to show.

use std::{env, path::Path};

use anyhow::{Result, bail};

use crate::process::on_path;

/// Fails with what to do when neither terraform nor tofu is there.
pub fn require() -> Result<()> {
    if let Some(program) = env::var_os("HEARTH_TERRAFORM") {
        if Path::new(&program).is_file() {
            return Ok(());
        }
        bail!("HEARTH_TERRAFORM names {}, which is no file", program.display());
    }
    if on_path("terraform").or_else(|| on_path("tofu")).is_none() {
        bail!("neither terraform nor tofu is on PATH: install one, or set HEARTH_TERRAFORM to it");
    }
    Ok(())
}
