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

/// Makes an older state the newest one again, under the next serial: nothing is taken away. Returns that serial.
pub async fn restore(hearth: &Hearth, tx: &mut Tx, of: (WorkspaceId, BuildId), serial: i64) -> Result<i64> {
    let newest = states::latest(tx, of.0).await?.ok_or(Error::NotFound("The state"))?;
    if newest.serial == serial {
        return Err(Error::Conflict("This state is the newest one already.".to_owned()));
    }
    let old = states::of_serial(tx, of.0, serial).await?.ok_or(Error::NotFound("The state"))?;
    let clear = hearth.secrets.open(&old.sealed, &old.key_id, &place(of.0, old.serial))?;
    let next = newest.serial + 1;
    let again = with_serial(&clear, serial, next)
        .ok_or_else(|| Error::Internal(format!("the serial of state {serial} of {} was not found", of.0)))?;
    let version = StateVersion { restored_from: Some(serial), ..seal(&hearth.secrets, of.0, &again)? };
    match states::append(tx, of.0, of.1, version, hearth.clock.now()).await? {
        Appended::Stored => Ok(next),
        _ => Err(Error::Conflict("The state has just changed. Look again.".to_owned())),
    }
}

/// The same text with another serial. It is not parsed and written again: numbers of providers may not survive that.
fn with_serial(clear: &[u8], from: i64, to: i64) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(clear).ok()?;
    // Terraform writes it before anything that a template or a provider has a say in.
    let key = text.find("\"serial\"")?;
    let digits = key + text[key..].find(|c: char| c.is_ascii_digit())?;
    let rest = text[digits..].strip_prefix(&from.to_string())?;
    let again = format!("{}{to}{rest}", &text[..digits]).into_bytes();
    let head: Head = serde_json::from_slice(&again).ok()?;
    (head.serial == to).then_some(again)
}

/// Seals with the present key what the one before has sealed.
pub async fn reseal(secrets: &Secrets, tx: &mut Tx, limit: i64) -> Result<usize> {
    let foreign = states::foreign(tx, secrets.key_id(), limit).await?;
    for version in &foreign {
        let place = place(version.workspace_id, version.serial);
        let clear = secrets.open(&version.sealed, &version.key_id, &place)?;
        states::reseal(tx, version, secrets.key_id(), secrets.seal(&clear, &place)?).await?;
    }
    Ok(foreign.len())
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
        restored_from: None,
    })
}

/// A state that somebody moves to another workspace, or to another serial, does not open.
fn place(workspace: WorkspaceId, serial: i64) -> Vec<u8> {
    [&b"state"[..], workspace.0.as_bytes(), &serial.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_serial_is_the_only_thing_that_changes() {
        let state = r#"{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "a",
  "resources": [{"serial": 7, "big": 12345678901234567890.10}]
}"#;
        let again = with_serial(state.as_bytes(), 7, 12).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), state.replacen(": 7", ": 12", 1));
        assert_eq!(with_serial(state.as_bytes(), 8, 12), None);
        let hidden = r#"{"version": 4, "lineage": "a", "outputs": {"serial": 7}, "serial": 7}"#;
        assert_eq!(with_serial(hidden.as_bytes(), 7, 12), None, "refused rather than guessed");
    }
}
