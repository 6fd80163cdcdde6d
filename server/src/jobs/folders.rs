//! Folders that Terraform works in: one a version, shared by all its builds, and one a workspace, at a path that never
//! changes because templates may depend on it.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use hearth_prebuilds::ids::{VersionId, WorkspaceId};
use hearth_provisioner::archive::{self, Limits};
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::orders,
};

/// The folder of a version, with its source unpacked in `src`. Unpacked once; made again if somebody removed it.
pub(super) async fn version(hearth: &Hearth, version: VersionId) -> Result<PathBuf> {
    let folder = below(hearth, "versions")?.join(version.to_string());
    if folder.join("src").is_dir() {
        return Ok(folder);
    }
    let Some(source) = orders::source(&mut hearth.db.read().await?, version).await? else {
        return Err(Error::Internal(format!("template version {version} is gone")));
    };
    let target = folder.clone();
    let unpacked = tokio::task::spawn_blocking(move || unpack(&source.data, &target));
    unpacked.await.map_err(|error| Error::Internal(error.to_string()))??;
    Ok(folder)
}

/// The folder of a workspace; Terraform makes and removes it.
pub(super) fn workspace(hearth: &Hearth, workspace: WorkspaceId) -> Result<PathBuf> {
    Ok(below(hearth, "work")?.join(workspace.to_string()))
}

/// Keeps a state that Terraform left and that does not continue the stored one, for people to look at: readable by this
/// user alone, and also after its workspace is deleted. Returns its place in the data folder.
pub(super) fn set_aside(hearth: &Hearth, workspace: WorkspaceId, state: &[u8]) -> Result<String> {
    let digest = hex::encode(&Sha256::digest(state)[..6]);
    let name = format!("errored/{workspace}-{digest}.tfstate");
    let path = below(hearth, &name)?;
    let folder = path.parent().unwrap_or(&path);
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(state)?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|error| fault("write", &path, &error))?;
    Ok(name)
}

fn below(hearth: &Hearth, name: &str) -> Result<PathBuf> {
    let data = std::path::absolute(&hearth.config.data_dir).map_err(|error| fault("find", name, &error))?;
    Ok(data.join(name))
}

/// Unpacks beside the target and then renames, so that the folder is there completely or not at all.
fn unpack(tar: &[u8], folder: &Path) -> Result<()> {
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(|error| fault("make", parent, &error))?;
    let beside = tempfile::tempdir_in(parent).map_err(|error| fault("make a folder in", parent, &error))?;
    archive::unpack(tar, &beside.path().join("src"), &Limits::default())
        .map_err(|error| Error::Refused(error.to_string()))?;
    match fs::rename(beside.path(), folder) {
        // Another worker was faster; its folder holds the same.
        Err(_) if folder.join("src").is_dir() => Ok(()),
        other => other.map_err(|error| fault("make", folder, &error)),
    }
}

fn fault(verb: &str, path: impl AsRef<Path>, error: &io::Error) -> Error {
    Error::Internal(format!("cannot {verb} {}: {error}", path.as_ref().display()))
}
