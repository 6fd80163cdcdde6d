//! Uploads of template sources.

use hearth_app::backend::Actor;
use hearth_prebuilds::ids::FileId;
use hearth_provisioner::{
    archive::Limits,
    sources::{Keep, Sources},
};
use sha2::{Digest, Sha256};

use super::templates::require_admin;
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{audit, files},
};

/// Template sources are text; what is larger does not belong into one.
pub const LARGEST: usize = 20 * 1024 * 1024;

/// The tar of a zip, with every file as it is.
pub async fn tar_of_zip(actor: &Actor, zip: Vec<u8>) -> Result<Vec<u8>> {
    require_admin(actor)?;
    let convert = move || {
        let mut sources = Sources::new(Keep::All, Limits { bytes: LARGEST as u64, ..Limits::default() });
        sources.add_zip(&zip)?;
        sources.into_tar()
    };
    let tar = tokio::task::spawn_blocking(convert).await;
    let tar = tar.map_err(|error| Error::Internal(error.to_string()))?;
    tar.map_err(|error| Error::Refused(error.to_string()))
}

/// Keeps a tar archive. The id, and whether it is new.
pub async fn upload(hearth: &Hearth, actor: &Actor, data: &[u8]) -> Result<(FileId, bool)> {
    require_admin(actor)?;
    let hash = hex::encode(Sha256::digest(data));
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let (id, new) = files::insert(&mut tx, &hash, data, actor.user_id, now).await?;
    if new {
        let act = audit::Act {
            actor: actor.user_id,
            verb: "create",
            target_type: "file",
            target_id: id.to_string(),
            target_name: &hash,
            before: None,
            after: None,
        };
        audit::record(&mut tx, act, now).await?;
    }
    tx.commit().await?;
    Ok((id, new))
}

pub async fn download(hearth: &Hearth, actor: &Actor, id: FileId) -> Result<Vec<u8>> {
    require_admin(actor)?;
    files::data(&mut hearth.db.read().await?, id).await?.ok_or(Error::NotFound("The file"))
}
