//! What a workspace is made from: a template version with its parameters and presets, read by two queries.

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    ids::{OrganizationId, PresetId, TemplateId, VersionId},
    policy::DriftPolicy,
};
use hearth_provisioner::engine::Parameter;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, builds::Parameters, jobs::JobStatus, members, pools::PoolKey};
use crate::{all, optional};

/// A version and its template.
#[derive(Clone, Debug, PartialEq)]
pub struct Blueprint {
    pub template_id: TemplateId,
    pub template_name: String,
    pub organization_id: OrganizationId,
    pub deleted: bool,
    /// Empty: not deprecated.
    pub deprecation: String,
    pub default_ttl_ms: i64,
    pub active_version_id: VersionId,
    pub version_id: VersionId,
    pub version_name: String,
    /// Of the import.
    pub status: JobStatus,
    /// What the version declares.
    pub parameters: Vec<Parameter>,
    pub presets: Vec<Preset>,
}

impl Blueprint {
    pub fn is_active(&self) -> bool {
        self.active_version_id == self.version_id
    }

    pub fn preset(&self, id: PresetId) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.id == id)
    }

    pub fn preset_named(&self, name: &str) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.name == name)
    }

    pub fn pool(&self, preset: &Preset) -> PoolKey {
        PoolKey { template_id: self.template_id, preset_name: preset.name.clone() }
    }
}

/// A preset of the version.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Preset {
    #[sqlx(try_from = "Uuid")]
    pub id: PresetId,
    pub name: String,
    pub parameters: Json<Parameters>,
    /// `None`: it has no pool.
    pub instances: Option<i64>,
    pub ttl_seconds: Option<i64>,
    pub invalidated_at: Option<Timestamp>,
    pub health: String,
    /// Of its pool.
    #[sqlx(try_from = "String")]
    pub policy: DriftPolicy,
}

impl Preset {
    /// Members made before this cannot be claimed any more.
    pub fn not_before(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        members::not_before(self.ttl_seconds, self.invalidated_at.map(Into::into), now)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    template_id: Uuid,
    template_name: String,
    organization_id: Uuid,
    deleted: bool,
    deprecation: String,
    default_ttl_ms: i64,
    active_version_id: Uuid,
    version_id: Uuid,
    version_name: String,
    #[sqlx(try_from = "String")]
    status: JobStatus,
    parameters: Json<Vec<Parameter>>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.id AS template_id, t.name AS template_name, t.organization_id, t.deleted,
                 t.deprecation_message AS deprecation, t.default_ttl_ms, t.active_version_id, v.id AS version_id,
                 v.name AS version_name, j.status, v.parameters
             FROM templates t JOIN template_versions v ON v.template_id = t.id JOIN jobs j ON j.id = v.job_id ",
            $rest
        )
    };
}

/// Of any version that belongs to a template.
pub async fn of_version(conn: &mut Conn, version: VersionId) -> Result<Option<Blueprint>> {
    let row = optional!(conn, Row, select!("WHERE v.id = $1"), version.0)?;
    with_presets(conn, row).await
}

/// Of a template's active version.
pub async fn of_template(conn: &mut Conn, template: TemplateId) -> Result<Option<Blueprint>> {
    let row = optional!(conn, Row, select!("WHERE t.id = $1 AND v.id = t.active_version_id"), template.0)?;
    with_presets(conn, row).await
}

/// Of the version that has this preset.
pub async fn of_preset(conn: &mut Conn, preset: PresetId) -> Result<Option<Blueprint>> {
    let sql = select!("WHERE v.id = (SELECT version_id FROM presets WHERE id = $1)");
    let row = optional!(conn, Row, sql, preset.0)?;
    with_presets(conn, row).await
}

/// Of the active version of the template that has this name and is not deleted.
pub async fn of_template_named(conn: &mut Conn, name: &str) -> Result<Option<Blueprint>> {
    let sql = select!("WHERE lower(t.name) = lower($1) AND NOT t.deleted AND v.id = t.active_version_id");
    let row = optional!(conn, Row, sql, name)?;
    with_presets(conn, row).await
}

async fn with_presets(conn: &mut Conn, row: Option<Row>) -> Result<Option<Blueprint>> {
    let Some(row) = row else { return Ok(None) };
    let presets = all!(
        conn,
        Preset,
        "SELECT p.id, p.name, p.parameters, p.instances, p.ttl_seconds, p.invalidated_at, p.health,
             COALESCE(k.policy, 'allow') AS policy
         FROM presets p LEFT JOIN pools k ON k.template_id = $2 AND k.preset_name = p.name
         WHERE p.version_id = $1 ORDER BY p.name",
        row.version_id,
        row.template_id
    )?;
    Ok(Some(Blueprint {
        template_id: row.template_id.into(),
        template_name: row.template_name,
        organization_id: row.organization_id.into(),
        deleted: row.deleted,
        deprecation: row.deprecation,
        default_ttl_ms: row.default_ttl_ms,
        active_version_id: row.active_version_id.into(),
        version_id: row.version_id.into(),
        version_name: row.version_name,
        status: row.status,
        parameters: row.parameters.0,
        presets,
    }))
}
