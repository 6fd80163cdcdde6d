//! Private folders for what a run needs while it runs: the plan, the provider's socket, a home, temporary files.
//!
//! A plan has secrets in clear, so nothing of this may stay behind. A folder is removed when its run ends in whatever
//! way, and all of them lie in one place that the next start empties, for a server that was killed.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Sockets have a path of at most 107 bytes, and providers make theirs in TMPDIR.
const LONGEST_BASE: usize = 64;

const PREFIX: &str = "hearth-";

/// The place of all scratch folders of one server.
pub(crate) struct ScratchBase(PathBuf);

impl ScratchBase {
    /// The run folder. When its path is too long for sockets, a folder of the system's temporary folder, the same one
    /// at every start. What a process that was killed left there is removed.
    pub fn prepare(run_dir: &Path) -> io::Result<Self> {
        let base = if run_dir.as_os_str().len() <= LONGEST_BASE {
            run_dir.to_owned()
        } else {
            let digest = Sha256::digest(run_dir.as_os_str().as_bytes());
            let base = env::temp_dir().join(format!("{PREFIX}{}", hex::encode(&digest[..8])));
            make_private(&base)?;
            base
        };
        remove_all(&base)?;
        Ok(Self(base))
    }

    /// A new folder, for one run.
    pub fn scratch(&self) -> io::Result<Scratch> {
        let folder = tempfile::Builder::new().prefix(PREFIX).rand_bytes(8).tempdir_in(&self.0)?;
        fs::create_dir(folder.path().join("home"))?;
        fs::create_dir(folder.path().join("tmp"))?;
        Ok(Scratch(folder))
    }
}

/// Everybody may write in the system's temporary folder, so what has the name already may be somebody else's trap.
fn make_private(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made,
    }
    let there = fs::symlink_metadata(folder)?;
    let is_ours = there.is_dir() && there.uid() == nix::unistd::geteuid().as_raw();
    if is_ours && there.mode() & 0o077 == 0 {
        return Ok(());
    }
    let words = format!("`{}` is not a folder that only this user can enter; remove it", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, words))
}

fn remove_all(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)? {
        let entry = entry?;
        let is_scratch = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_scratch && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Removed with all in it when dropped.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    pub fn temporary(&self) -> PathBuf {
        self.0.path().join("tmp")
    }

    pub fn plan(&self) -> String {
        self.0.path().join("plan").display().to_string()
    }

    /// Where the coder provider of this run listens.
    pub fn socket(&self) -> PathBuf {
        self.0.path().join("provider.sock")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn run_dirs(folder: &Path) -> [PathBuf; 2] {
        let run_dirs = ["run".to_owned(), "r".repeat(LONGEST_BASE)].map(|name| folder.join(name));
        run_dirs.iter().for_each(|run_dir| fs::create_dir(run_dir).unwrap());
        run_dirs
    }

    #[test]
    fn what_a_killed_process_left_is_gone_at_the_next_start_wherever_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        for run_dir in run_dirs(folder.path()) {
            let base = ScratchBase::prepare(&run_dir).unwrap();
            let scratch = base.scratch().unwrap();
            assert!(scratch.socket().as_os_str().len() < 107, "{}", scratch.socket().display());
            let plan = scratch.plan();
            fs::write(&plan, "a secret").unwrap();
            std::mem::forget(scratch);
            let again = ScratchBase::prepare(&run_dir).unwrap();
            assert!(!fs::exists(plan).unwrap());
            assert_eq!((again.0.as_path(), fs::read_dir(&base.0).unwrap().count()), (base.0.as_path(), 0));
            fs::remove_dir(&base.0).unwrap();
        }
    }

    #[test]
    fn a_folder_that_others_can_enter_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let [_, long] = run_dirs(folder.path());
        let base = ScratchBase::prepare(&long).unwrap().0;
        assert_eq!(fs::metadata(&base).unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&base, fs::Permissions::from_mode(0o755)).unwrap();
        let refused = ScratchBase::prepare(&long).err().unwrap();
        fs::remove_dir(&base).unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert!(refused.to_string().ends_with("remove it"), "{refused}");
    }
}
