//! Finds the terraform or tofu binary and checks that it can be used.

use std::{
    env,
    ffi::OsStr,
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
        None => env::var_os("PATH").and_then(|path| on_path(&path)).ok_or(Error::TerraformNotFound)?,
    };
    match version_of(&path) {
        Ok(version) => Ok(Binary { path, version }),
        Err(reason) => Err(Error::TerraformUnusable { path: path.display().to_string(), reason }),
    }
}

/// `terraform` wherever it is, else `tofu`.
fn on_path(path: &OsStr) -> Option<PathBuf> {
    let first = |name: &str| env::split_paths(path).map(|folder| folder.join(name)).find(|it| it.is_file());
    first("terraform").or_else(|| first("tofu"))
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
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn the_wished_binary_is_checked_and_named_in_the_error() {
        let Err(error) = find(Some(Path::new("/bin/true"))) else { panic!("/bin/true is no terraform") };
        assert!(error.to_string().starts_with("`/bin/true` is not a usable terraform"), "{error}");
        let Err(error) = find(Some(Path::new("/nowhere/terraform"))) else { panic!("there is no such file") };
        assert!(error.to_string().contains("/nowhere/terraform"), "{error}");
    }

    #[test]
    fn tofu_serves_where_there_is_no_terraform() {
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [early, late] = folders.each_ref().map(|folder| folder.path());
        let path = env::join_paths([early, late]).unwrap();
        assert_eq!(on_path(&path), None);
        // What `tofu version -json` prints.
        let version = r#"{"terraform_version":"1.10.6","platform":"linux_amd64","provider_selections":{}}"#;
        let tofu = early.join("tofu");
        fs::write(&tofu, format!("#!/bin/sh\necho '{version}'\n")).unwrap();
        fs::set_permissions(&tofu, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(on_path(&path).as_ref(), Some(&tofu));
        assert_eq!(find(Some(&tofu)).unwrap().version, "1.10.6");
        fs::write(late.join("terraform"), "").unwrap();
        assert_eq!(on_path(&path), Some(late.join("terraform")));
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(parse("1.11.4") >= Some(OLDEST));
        assert!(parse("1.10.0-beta1") >= Some(OLDEST));
        assert!(parse("1.8.5") < Some(OLDEST));
        assert_eq!(parse("nonsense"), None);
    }
}
