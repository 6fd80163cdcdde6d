//! Values of Terraform variables: often credentials, so they lie sealed in the database.

use std::{collections::BTreeMap, fmt::Display};

use hearth_prebuilds::ids::VersionId;

use crate::{
    error::{Error, Result},
    secrets::Secrets,
    store::{
        Tx,
        versions::{self, Variables},
    },
};

pub type Values = BTreeMap<String, String>;

pub fn seal(secrets: &Secrets, version: VersionId, values: &Values) -> Result<Variables> {
    if values.is_empty() {
        return Ok(Variables::default());
    }
    let clear = serde_json::to_vec(values).map_err(|error| fault(version, &error))?;
    let sealed = secrets.seal(&clear, &place(version)).map_err(|error| fault(version, &error))?;
    Ok(Variables { key_id: secrets.key_id().to_owned(), sealed: hex::encode(sealed), declared: Vec::new() })
}

pub fn open(secrets: &Secrets, version: VersionId, stored: &Variables) -> Result<Values> {
    if stored.sealed.is_empty() {
        return Ok(Values::new());
    }
    let sealed = hex::decode(&stored.sealed).map_err(|error| fault(version, &error))?;
    let clear =
        secrets.open(&sealed, &stored.key_id, &place(version)).map_err(|error| fault(version, &error))?;
    serde_json::from_slice(&clear).map_err(|error| fault(version, &error))
}

/// Seals with the present key what the one before has sealed.
pub async fn reseal(secrets: &Secrets, tx: &mut Tx, limit: i64) -> Result<usize> {
    let foreign = versions::foreign_variables(tx, secrets.key_id(), limit).await?;
    for (version, stored) in &foreign {
        let values = open(secrets, *version, stored)?;
        let again = Variables { declared: stored.declared.clone(), ..seal(secrets, *version, &values)? };
        versions::set_variables(tx, *version, &again).await?;
    }
    Ok(foreign.len())
}

fn place(version: VersionId) -> Vec<u8> {
    format!("template_versions/{version}/variables").into_bytes()
}

fn fault(version: VersionId, error: &dyn Display) -> Error {
    Error::Internal(format!("variables of template version {version}: {error}"))
}
