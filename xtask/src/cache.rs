//! What was fetched once is kept for all checkouts.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The user's cache.
pub fn folder() -> Result<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    Ok(base.context("neither XDG_CACHE_HOME nor HOME is set")?.join("hearth"))
}

/// Makes a folder. `fill` gets one to work in and one in it that becomes the folder at the end, so that an interrupted
/// attempt leaves nothing half-made.
pub fn complete(folder: &Path, fill: impl FnOnce(&Path, &Path) -> Result<()>) -> Result<()> {
    let parent = folder.parent().context("the cache has no parent folder")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let work = tempfile::Builder::new().prefix(".fetch-").tempdir_in(parent)?;
    let done = work.path().join("done");
    fs::create_dir(&done)?;
    fill(work.path(), &done)?;
    fs::rename(&done, folder).with_context(|| format!("cannot write {}", folder.display()))
}
