//! Everything a worker has to know to execute a job.

use hearth_prebuilds::{
    ids::{BuildId, JobId, PresetId, TemplateId, UserId, VersionId, WorkspaceId},
    policy::DriftPolicy,
};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Conn, Result,
    builds::{Parameters, Stage},
    pools::PoolKey,
    versions::Variables,
};
use crate::{all, optional};

/// A build to execute.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BuildOrder {
    #[sqlx(try_from = "Uuid")]
    pub build_id: BuildId,
    pub number: i64,
    #[sqlx(try_from = "String")]
    pub stage: Stage,
    pub parameters: Json<Parameters>,
    /// Of the build before; `None` for the first one.
    pub previous_parameters: Option<Json<Parameters>>,
    #[sqlx(try_from = "Uuid")]
    pub workspace_id: WorkspaceId,
    pub workspace_name: String,
    pub is_member: bool,
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    pub template_name: String,
    #[sqlx(try_from = "Uuid")]
    pub version_id: VersionId,
    pub version_name: String,
    pub variables: Json<Variables>,
    pub preset_id: Option<Uuid>,
    pub preset_name: Option<String>,
    /// Of the pool that it belongs to, or once came from.
    #[sqlx(try_from = "String")]
    pub policy: DriftPolicy,
    #[sqlx(try_from = "Uuid")]
    pub owner_id: UserId,
    pub owner_username: String,
    pub owner_full_name: String,
    pub owner_email: String,
    pub owner_is_system: bool,
}

impl BuildOrder {
    pub fn preset(&self) -> Option<PresetId> {
        self.preset_id.map(PresetId)
    }

    /// The pool that the workspace belongs to, or once came from.
    pub fn pool(&self) -> Option<PoolKey> {
        let preset_name = self.preset_name.clone()?;
        Some(PoolKey { template_id: self.template_id, preset_name })
    }
}

pub async fn build(conn: &mut Conn, job: JobId) -> Result<Option<BuildOrder>> {
    Ok(optional!(
        conn,
        BuildOrder,
        "SELECT b.id AS build_id, b.number, b.stage, b.parameters,
             (SELECT parameters FROM builds WHERE workspace_id = w.id AND number = b.number - 1) AS previous_parameters, w.id AS workspace_id, w.name AS workspace_name,
             w.prebuilt_at IS NOT NULL AND w.claimed_at IS NULL AS is_member, t.id AS template_id,
             t.name AS template_name, v.id AS version_id, v.name AS version_name, v.variables, w.preset_id,
             p.name AS preset_name, COALESCE(k.policy, 'allow') AS policy, u.id AS owner_id, u.username AS owner_username, u.name AS owner_full_name,
             u.email AS owner_email, u.is_system AS owner_is_system
         FROM builds b JOIN workspaces w ON w.id = b.workspace_id JOIN template_versions v ON v.id = b.version_id
         JOIN templates t ON t.id = w.template_id JOIN users u ON u.id = w.owner_id
         LEFT JOIN presets p ON p.id = w.preset_id
         LEFT JOIN pools k ON k.template_id = t.id AND k.preset_name = p.name WHERE b.job_id = $1",
        job.0
    )?)
}

/// Names of the groups of a person.
pub async fn groups(conn: &mut Conn, user: UserId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = all!(
        conn,
        (String,),
        "SELECT g.name FROM groups g JOIN group_members m ON m.group_id = g.id WHERE m.user_id = $1 ORDER BY g.name",
        user.0
    )?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// The source of a version (a tar) and the values of its variables.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Source {
    pub data: Vec<u8>,
    pub variables: Json<Variables>,
}

pub async fn source(conn: &mut Conn, version: VersionId) -> Result<Option<Source>> {
    Ok(optional!(
        conn,
        Source,
        "SELECT f.data, v.variables FROM template_versions v JOIN files f ON f.id = v.file_id WHERE v.id = $1",
        version.0
    )?)
}
