//! The browser's half of the dashboard: cargo for wasm, then wasm-bindgen. The latter is a library here, pinned to
//! the version of the crate in the wasm, so the two cannot drift apart and nothing is fetched at build time.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    process::run,
    toolchain::{TARGET, Toolchain},
};

/// How the wasm is compiled.
#[derive(Clone, Copy)]
pub enum Profile {
    /// Small, as it is shipped.
    Small,
    /// Quick to rebuild, for working on pages.
    Quick,
}

/// What the browser loads.
pub struct Front {
    pub js: String,
    pub wasm: Vec<u8>,
}

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Small => "wasm-release",
            Self::Quick => "wasm-dev",
        }
    }
}

/// Compiles the crate `frontend`.
pub fn compile(toolchain: &Toolchain, profile: Profile) -> Result<PathBuf> {
    let folder = crate::root().join("target/wasm");
    let mut cargo = toolchain.cargo();
    cargo.args(["build", "--locked", "--package", "hearth-frontend", "--target", TARGET]);
    cargo.args(["--profile", profile.name(), "--target-dir"]).arg(&folder);
    run(&mut cargo)?;
    Ok(folder.join(TARGET).join(profile.name()).join("hearth_frontend.wasm"))
}

/// Writes the script that loads the compiled wasm.
pub fn bind(wasm: &Path) -> Result<Front> {
    let mut output = Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .generate_output()
        .with_context(|| format!("wasm-bindgen cannot read {}", wasm.display()))?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a crate of the dashboard brings JavaScript files of its own; teach xtask/src/front.rs to ship them"
    );
    Ok(Front { js: output.js().to_owned(), wasm: output.wasm_mut().emit_wasm() })
}
