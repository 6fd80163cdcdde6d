//! Values of Terraform variables: often credentials, so they lie sealed in the database.

use std::{collections::BTreeMap, fmt::Display};

use hearth_prebuilds::ids::VersionId;

use crate::{
    error::{Error, Result},
    secrets::Secrets,
    store::versions::Variables,
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

fn place(version: VersionId) -> Vec<u8> {
    format!("template_versions/{version}/variables").into_bytes()
}

fn fault(version: VersionId, error: &dyn Display) -> Error {
    Error::Internal(format!("variables of template version {version}: {error}"))
}
