//! Presets of active versions, by their names.

use std::collections::BTreeMap;

use hearth_prebuilds::ids::{OrganizationId, PresetId, TemplateId, UserId, VersionId};
use hearth_provisioner::engine::Parameter;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    all, optional,
    store::{Conn, Result},
};

/// A preset of an active version.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ActivePreset {
    #[sqlx(try_from = "Uuid")]
    pub id: PresetId,
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    #[sqlx(try_from = "Uuid")]
    pub organization_id: OrganizationId,
    #[sqlx(try_from = "Uuid")]
    pub version_id: VersionId,
    pub template: String,
    pub version: String,
    pub name: String,
    pub description: String,
    pub parameters: Json<BTreeMap<String, String>>,
    /// Of the version.
    pub declared: Json<Vec<Parameter>>,
}

/// The preset of this name in the active version of a template that is not deleted.
pub async fn active(conn: &mut Conn, template: &str, preset: &str) -> Result<Option<ActivePreset>> {
    Ok(optional!(
        conn,
        ActivePreset,
        "SELECT p.id, t.id AS template_id, t.organization_id, v.id AS version_id, t.name AS template, v.name AS version, p.name,
             p.description, p.parameters, v.parameters AS declared
         FROM templates t JOIN template_versions v ON v.id = t.active_version_id JOIN presets p ON p.version_id = v.id
         WHERE NOT t.deleted AND lower(t.name) = lower($1) AND p.name = $2 ORDER BY t.created_at LIMIT 1",
        template,
        preset
    )?)
}

/// (template, preset) of everything that a new workspace can be made from.
pub async fn offered(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    Ok(all!(
        conn,
        (String, String),
        "SELECT t.name, p.name FROM templates t JOIN presets p ON p.version_id = t.active_version_id
         WHERE NOT t.deleted AND t.deprecation_message = '' ORDER BY t.name, p.name"
    )?)
}

/// Names that a person's workspaces have.
pub async fn taken_names(conn: &mut Conn, owner: UserId) -> Result<Vec<String>> {
    let names = all!(
        conn,
        (String,),
        "SELECT lower(name) FROM workspaces WHERE owner_id = $1 AND NOT deleted",
        owner.0
    )?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}
