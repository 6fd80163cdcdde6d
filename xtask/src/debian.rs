//! A toolchain for the browser out of Debian's packages, for machines that reach Debian's archive but not rustup's.
//!
//! Debian ships a recent rustc for building web browsers (`rustc-web`), with the source of its library but no wasm
//! build of it. The packages are unpacked into the user's cache, nothing is installed; the library is then built once
//! for wasm. About 140 MB down and less than a minute, once per machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    cache,
    process::{is_root, on_path, output, run},
    toolchain::TARGET,
};

/// The cached toolchain's folder; makes it when there is none. There is one per version of the active toolchain,
/// whose linker it borrows.
pub fn toolchain() -> Result<PathBuf> {
    let version = output(Command::new("rustc").arg("--version").current_dir(crate::root()))?;
    let version = version.split_whitespace().nth(1).context("rustc does not tell its version")?;
    let folder = cache::folder()?.join(format!("wasm-toolchain-{version}"));
    if !folder.is_dir() {
        eprintln!("    making a toolchain for the browser from Debian's packages (once, about a minute)");
        let packages = packages()?;
        cache::complete(&folder, |work, toolchain| make(work, toolchain, &packages))?;
    }
    Ok(folder)
}

/// Makes `cargo` compile with the toolchain in `folder`.
pub fn use_rustc(cargo: &mut Command, folder: &Path) {
    cargo.env("RUSTC", folder.join("bin/rustc")).env("LD_LIBRARY_PATH", folder.join("lib"));
}

/// What to download: compiler, its libraries, and the source of the standard library.
fn packages() -> Result<Vec<String>> {
    if on_path("apt-get").is_none() || on_path("dpkg").is_none() {
        bail!("this is no Debian system");
    }
    let library = dependency("libstd-rust-web-dev", "libstd-rust-web-").or_else(|error| {
        if !is_root() {
            return Err(error);
        }
        // The lists of a new machine are empty or old.
        output(Command::new("apt-get").args(["-q", "update"]))?;
        dependency("libstd-rust-web-dev", "libstd-rust-web-")
    })?;
    let llvm = dependency(&library, "libllvm")?;
    Ok(vec!["rustc-web".into(), "libstd-rust-web-dev".into(), "rust-web-src".into(), library, llvm])
}

fn dependency(package: &str, prefix: &str) -> Result<String> {
    let listing = output(Command::new("apt-cache").args(["depends", package]))?;
    listing
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|name| name.starts_with(prefix))
        .map(str::to_owned)
        .with_context(|| format!("Debian's {package} names no {prefix}*"))
}

fn make(work: &Path, toolchain: &Path, packages: &[String]) -> Result<()> {
    output(Command::new("apt-get").args(["-q", "download"]).args(packages).current_dir(work))?;
    let root = work.join("root");
    for entry in fs::read_dir(work)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            output(Command::new("dpkg").arg("-x").arg(&path).arg(&root))?;
        }
    }
    assemble(&root, toolchain)?;
    build_library(toolchain, &only(&root.join("usr/src"), "rustc-")?, &work.join("library"))
}

/// rustc finds its library by its own place (`../lib/rustlib`), and its linker for wasm in there too.
fn assemble(root: &Path, toolchain: &Path) -> Result<()> {
    let active = output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(crate::root()))?;
    let host = only(&root.join("usr/lib/rustlib"), "-linux-gnu")?;
    let host = host.file_name().context("the package has no library for this machine")?;
    fs::create_dir_all(toolchain.join("bin"))?;
    fs::create_dir_all(toolchain.join("lib"))?;
    fs::rename(root.join("usr/bin/rustc"), toolchain.join("bin/rustc"))?;
    fs::rename(root.join("usr/lib/rustlib"), toolchain.join("lib/rustlib"))?;
    for entry in fs::read_dir(only(&root.join("usr/lib"), "-linux-gnu")?)? {
        let entry = entry?;
        fs::rename(entry.path(), toolchain.join("lib").join(entry.file_name()))?;
    }
    let linker = Path::new("lib/rustlib").join(host).join("bin/rust-lld");
    let to = toolchain.join(&linker);
    fs::create_dir_all(to.parent().context("the linker has no folder")?)?;
    let from = Path::new(active.trim()).join(&linker);
    fs::copy(&from, &to).with_context(|| format!("there is no linker at {}", from.display()))?;
    Ok(())
}

/// The standard library for wasm, built once into the toolchain: afterwards it is one like any other.
fn build_library(toolchain: &Path, source: &Path, target: &Path) -> Result<()> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    use_rustc(&mut cargo, toolchain);
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes")
        .args(["build", "--quiet", "--locked", "--release", "--target", TARGET])
        .args(["--no-default-features", "--features", "panic-unwind"])
        .arg("--manifest-path")
        .arg(source.join("library/sysroot/Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .current_dir(source);
    run(&mut cargo)?;
    let built = target.join(TARGET).join("release/deps");
    let into = toolchain.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&into)?;
    for entry in fs::read_dir(built)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "rlib") {
            fs::copy(entry.path(), into.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// The one entry of a folder whose name holds `part`.
fn only(folder: &Path, part: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let found = paths.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(part)));
    found.with_context(|| format!("no *{part}* in {}", folder.display()))
}
