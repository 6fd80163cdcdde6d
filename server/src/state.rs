//! Terraform states at rest: read what they say about themselves, check, seal, append. Nothing is ever overwritten.

use hearth_prebuilds::ids::{BuildId, WorkspaceId};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
    secrets::Secrets,
    store::{
        Tx,
        states::{self, Appended, StateVersion},
    },
};

/// The newest state of a workspace, in clear.
pub async fn latest(hearth: &Hearth, workspace: WorkspaceId) -> Result<Option<Vec<u8>>> {
    let Some(version) = states::latest(&mut hearth.db.read().await?, workspace).await? else {
        return Ok(None);
    };
    let place = place(workspace, version.serial);
    Ok(Some(hearth.secrets.open(&version.sealed, &version.key_id, &place)?))
}

/// Appends a state that continues the newest one; durable when it returns. For one that Terraform could not save
/// itself; its own requests come through `http::state`.
pub async fn save(hearth: &Hearth, workspace: WorkspaceId, build: BuildId, clear: &[u8]) -> Result<()> {
    let mut tx = hearth.db.write().await?;
    append(hearth, &mut tx, (workspace, build), clear).await?;
    tx.commit().await?;
    Ok(())
}

/// The same content under the same serial again is fine: the answer to the first request was lost.
pub async fn append(hearth: &Hearth, tx: &mut Tx, of: (WorkspaceId, BuildId), clear: &[u8]) -> Result<()> {
    let version = seal(&hearth.secrets, of.0, clear)?;
    let (serial, lineage) = (version.serial, version.lineage.clone());
    match states::append(tx, of.0, of.1, version, hearth.clock.now()).await? {
        Appended::Stored | Appended::AlreadyThere => Ok(()),
        Appended::OtherLineage(ours) => {
            Err(Error::Conflict(format!("The state has lineage {lineage}, but this workspace's has {ours}.")))
        }
        Appended::NotNewer(newest) => Err(Error::Conflict(format!(
            "The state has serial {serial}, but there is one with serial {newest} and other content."
        ))),
    }
}

/// What every state says about itself.
#[derive(Deserialize)]
struct Head {
    version: u32,
    serial: i64,
    lineage: String,
}

fn seal(secrets: &Secrets, workspace: WorkspaceId, clear: &[u8]) -> Result<StateVersion> {
    let malformed = |detail: String| Error::Malformed { message: "This is not a Terraform state.", detail };
    let head: Head = serde_json::from_slice(clear).map_err(|error| malformed(error.to_string()))?;
    if head.version != 4 {
        return Err(malformed(format!("version {} is not known, only 4 is", head.version)));
    }
    let sealed = secrets.seal(clear, &place(workspace, head.serial))?;
    Ok(StateVersion {
        serial: head.serial,
        lineage: head.lineage,
        digest: Sha256::digest(clear).to_vec(),
        key_id: secrets.key_id().to_owned(),
        sealed,
    })
}

/// A state that somebody moves to another workspace, or to another serial, does not open.
fn place(workspace: WorkspaceId, serial: i64) -> Vec<u8> {
    [&b"state"[..], workspace.0.as_bytes(), &serial.to_be_bytes()].concat()
}
