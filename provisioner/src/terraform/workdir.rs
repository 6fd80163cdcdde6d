//! The folder of a workspace, in which terraform runs: links to the sources of a version, at a path that never
//! changes, because a template may use `path.cwd` or `abspath`. What the template writes there stays there.

use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// The state that terraform could not save.
const ERRORED_STATE: &str = "errored.tfstate";

#[derive(Clone, Debug)]
pub(crate) struct WorkFolder(PathBuf);

impl WorkFolder {
    /// Makes the folder if needed, and links to every file of `sources`. Links to another version's files go.
    pub fn prepare(path: &Path, sources: &Path) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        fs::create_dir_all(&path)?;
        remove_old_links(&path, sources, Path::new(""))?;
        link(&path, sources, Path::new(""))?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What terraform left when the backend did not answer.
    pub fn errored_state(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.0.join(ERRORED_STATE)) {
            Ok(state) => Ok(Some(state)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub fn remove_errored_state(&self) -> io::Result<()> {
        fs::remove_file(self.0.join(ERRORED_STATE))
    }

    pub fn remove(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.0)
    }
}

/// Our links point to a file at the same place below a folder `src`; others are the template's own.
fn remove_old_links(work: &Path, sources: &Path, below: &Path) -> io::Result<()> {
    for entry in fs::read_dir(work.join(below))? {
        let entry = entry?;
        let place = below.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            remove_old_links(work, sources, &place)?;
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path())?;
            let ours = target.ends_with(Path::new("src").join(&place));
            if ours && (target != sources.join(&place) || !target.exists()) {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

fn link(work: &Path, sources: &Path, below: &Path) -> io::Result<()> {
    for entry in fs::read_dir(sources.join(below))? {
        let entry = entry?;
        let place = below.join(entry.file_name());
        let (source, target) = (entry.path(), work.join(&place));
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            link(work, sources, &place)?;
            continue;
        }
        match fs::symlink_metadata(&target) {
            Ok(found) if found.is_symlink() => continue,
            // The template wrote a file where this version has a source: the source counts.
            Ok(_) => fs::remove_file(&target)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        symlink(source, target)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_follow_the_version_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let version = |name: &str, files: &[&str]| {
            let sources = folder.path().join(name).join("src");
            fs::create_dir_all(sources.join("mod")).unwrap();
            for file in files {
                fs::write(sources.join(file), name).unwrap();
            }
            sources
        };
        let old = version("old", &["main.tf", "mod/gone.tf", "made.txt"]);
        let new = version("new", &["main.tf", "mod/m.tf", "made.txt"]);
        let work = folder.path().join("work");

        WorkFolder::prepare(&work, &old).unwrap();
        fs::write(work.join("left"), "x").unwrap();
        fs::remove_file(work.join("made.txt")).unwrap();
        fs::write(work.join("made.txt"), "by the template").unwrap();
        symlink("/etc/hostname", work.join("own")).unwrap();
        WorkFolder::prepare(&work, &new).unwrap();
        WorkFolder::prepare(&work, &new).unwrap();

        for file in ["main.tf", "mod/m.tf", "made.txt"] {
            assert_eq!(fs::read_to_string(work.join(file)).unwrap(), "new");
        }
        assert!(fs::symlink_metadata(work.join("mod/gone.tf")).is_err());
        assert!(work.join("left").exists());
        assert!(fs::symlink_metadata(work.join("own")).is_ok());
    }
}
