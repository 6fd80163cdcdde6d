//! The environment of a terraform process: an allow-list of the server's own, and what each run adds.
//!
//! Templates are programs, and whatever stands in this environment is theirs to read. So nothing is inherited that is
//! not named here, and the credentials of providers come from the operator's own list.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use crate::engine::StateEndpoint;

/// Passed on when set: where programs and certificates are, which language, which proxy.
const PASSED: [&str; 13] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The same for every run.
const FIXED: [(&str, &str); 6] = [
    ("TF_IN_AUTOMATION", "1"),
    ("TF_INPUT", "0"),
    // Otherwise terraform reports to its maker.
    ("CHECKPOINT_DISABLE", "1"),
    // Together about half a minute, so that a restart of the server's database costs no state.
    ("TF_HTTP_RETRY_MAX", "5"),
    ("TF_HTTP_RETRY_WAIT_MIN", "1"),
    ("TF_HTTP_RETRY_WAIT_MAX", "10"),
];

/// What terraform reads its provider mirrors and registries from.
const CLI_CONFIG: &str = "TF_CLI_CONFIG_FILE";

/// Names and values, in the order in which they were set: the last of a name counts.
#[derive(Clone, Default)]
pub(crate) struct Environment(Vec<(OsString, OsString)>);

/// Tells by whose run a process was started.
pub(super) const RUN_DIR: &str = "HEARTH_RUN_DIR";

impl Environment {
    /// The part that all runs share. `extra` names the operator's additions; a missing CLI configuration is replaced
    /// by an empty one in `folder`, since terraform warns about a missing file.
    pub fn ambient(extra: &[String], folder: &Path) -> io::Result<Self> {
        let mut environment = Self::default();
        environment.set(CLI_CONFIG, cli_config(folder)?);
        environment.set(RUN_DIR, folder);
        for (name, value) in FIXED {
            environment.set(name, value);
        }
        for name in PASSED.into_iter().chain(extra.iter().map(String::as_str)) {
            if let Some(value) = env::var_os(name) {
                environment.set(name, value);
            }
        }
        Ok(environment)
    }

    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.0.push((name.into(), value.into()));
    }

    /// For what the operator may have chosen already.
    pub fn set_default(&mut self, name: &str, value: impl Into<OsString>) {
        if !self.0.iter().any(|(set, _)| set == name) {
            self.set(name, value);
        }
    }

    /// Where the state of this run's workspace is.
    pub fn set_state(&mut self, state: &StateEndpoint) {
        for name in ["TF_HTTP_ADDRESS", "TF_HTTP_LOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS"] {
            self.set(name, &state.address);
        }
        self.set("TF_HTTP_USERNAME", &state.username);
        self.set("TF_HTTP_PASSWORD", &state.password);
    }

    pub fn entries(&self) -> Vec<(OsString, OsString)> {
        self.0.clone()
    }
}

fn cli_config(folder: &Path) -> io::Result<PathBuf> {
    if let Some(own) = env::var_os(CLI_CONFIG).map(PathBuf::from).filter(|own| own.is_file()) {
        return Ok(own);
    }
    let empty = folder.join("terraform.rc");
    fs::write(&empty, "")?;
    Ok(empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_inherited_that_is_not_on_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let extra = ["CARGO_MANIFEST_DIR".to_owned(), "HEARTH_NOT_SET_ANYWHERE".to_owned()];
        let environment = Environment::ambient(&extra, folder.path()).unwrap();
        let names = Vec::from_iter(environment.0.iter().filter_map(|(name, _)| name.to_str()));
        assert!(names.contains(&"PATH") && names.contains(&"CARGO_MANIFEST_DIR"));
        assert!(!names.contains(&"CARGO_PKG_NAME") && !names.contains(&"HEARTH_NOT_SET_ANYWHERE"));
        assert!(!names.contains(&"HOME"), "each run gets an empty home of its own");
    }
}
