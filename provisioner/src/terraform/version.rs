//! The folder of a template version: `src` with the sources and the lock file, `.terraform` beside it.
//!
//! It is initialised once. Neither plan nor apply writes into it, so any number of builds can share it; what belongs
//! to one workspace (the address of its state, the credentials) comes from the environment and is stored nowhere.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Put beside the sources. A backend in an override file takes the place of any other, and names are read in
/// alphabetical order.
const BACKEND: (&str, &str) = ("zz_hearth_backend_override.tf", "terraform {\n  backend \"http\" {}\n}\n");

#[derive(Clone, Debug)]
pub(crate) struct VersionFolder(PathBuf);

impl VersionFolder {
    pub fn new(path: &Path) -> io::Result<Self> {
        std::path::absolute(path).map(Self)
    }

    pub fn sources(&self) -> PathBuf {
        self.0.join("src")
    }

    /// `TF_DATA_DIR`.
    pub fn data(&self) -> PathBuf {
        self.0.join(".terraform")
    }

    /// Written last, so an initialisation that was cut off is done again.
    fn marker(&self) -> PathBuf {
        self.0.join("initialised")
    }

    pub fn is_initialised(&self) -> bool {
        self.marker().exists()
    }

    pub fn write_backend(&self) -> io::Result<()> {
        let (name, text) = BACKEND;
        fs::write(self.sources().join(name), text)
    }

    pub fn mark_initialised(&self) -> io::Result<()> {
        fs::write(self.marker(), "")
    }
}
