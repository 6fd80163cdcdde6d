//! Finds the terraform or tofu binary and checks that it can be used.

use std::{
    env,
    path::{Path, PathBuf},
    process,
};

use serde::Deserialize;

use crate::error::Error;

/// The first minor version of either tool that does all Hearth asks for (`init -json` is the newest part).
const OLDEST: (u32, u32) = (1, 9);

/// A binary that answered `version -json` with a version that is new enough.
#[derive(Clone, Debug)]
pub(crate) struct Binary {
    pub path: PathBuf,
    pub version: String,
}

/// The binary at `wished`, or else the first `terraform` or `tofu` on PATH.
pub(crate) fn find(wished: Option<&Path>) -> Result<Binary, Error> {
    let path = match wished {
        Some(path) => path.to_owned(),
        None => on_path("terraform").or_else(|| on_path("tofu")).ok_or(Error::TerraformNotFound)?,
    };
    match version_of(&path) {
        Ok(version) => Ok(Binary { path, version }),
        Err(reason) => Err(Error::TerraformUnusable { path: path.display().to_string(), reason }),
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

#[derive(Deserialize)]
struct Version {
    terraform_version: String,
}

fn version_of(path: &Path) -> Result<String, String> {
    let mut command = process::Command::new(path);
    let command = command.args(["version", "-json"]).env("CHECKPOINT_DISABLE", "1");
    let output = command.output().map_err(|error| error.to_string())?;
    let version: Version = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("`version -json` ended with {} and no version", output.status))?;
    let version = version.terraform_version;
    if parse(&version).is_some_and(|version| version >= OLDEST) {
        Ok(version)
    } else {
        Err(format!("it is version {version}, and {}.{} or newer is needed", OLDEST.0, OLDEST.1))
    }
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wished_binary_is_checked_and_named_in_the_error() {
        let Err(error) = find(Some(Path::new("/bin/true"))) else { panic!("/bin/true is no terraform") };
        assert!(error.to_string().starts_with("`/bin/true` is not a usable terraform"), "{error}");
        let Err(error) = find(Some(Path::new("/nowhere/terraform"))) else { panic!("there is no such file") };
        assert!(error.to_string().contains("/nowhere/terraform"), "{error}");
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(parse("1.11.4") >= Some(OLDEST));
        assert!(parse("1.10.0-beta1") >= Some(OLDEST));
        assert!(parse("1.8.5") < Some(OLDEST));
        assert_eq!(parse("nonsense"), None);
    }
}
