//! Template versions: a source, the job that imports it, and what the import found.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{FileId, JobId, OrganizationId, TemplateId, UserId, VersionId};
use hearth_provisioner::engine::{Parameter, Resource, Variable};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, jobs::Job};
use crate::{all, execute, one, optional};

/// Values of Terraform variables may be credentials: they are sealed. What the template declares is not secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variables {
    pub key_id: String,
    /// Hex.
    pub sealed: String,
    /// Filled by the import.
    pub declared: Vec<Variable>,
}

/// A version to store, with its import job.
pub struct NewVersion<'a> {
    pub id: VersionId,
    pub organization_id: OrganizationId,
    pub template_id: Option<TemplateId>,
    pub name: &'a str,
    pub message: &'a str,
    pub file_id: FileId,
    pub job_id: JobId,
    pub variables: &'a Variables,
    pub created_by: UserId,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Version {
    #[sqlx(try_from = "Uuid")]
    pub id: VersionId,
    pub template_id: Option<Uuid>,
    #[sqlx(try_from = "Uuid")]
    pub organization_id: OrganizationId,
    pub name: String,
    pub message: String,
    pub readme: String,
    #[sqlx(try_from = "Uuid")]
    pub file_id: FileId,
    #[sqlx(try_from = "Uuid")]
    pub job_id: JobId,
    pub archived: bool,
    pub variables: Json<Variables>,
    pub parameters: Json<Vec<Parameter>>,
    pub resources: Json<Vec<Resource>>,
    pub warnings: Json<Vec<String>>,
    #[sqlx(try_from = "Uuid")]
    pub created_by: UserId,
    pub creator_username: String,
    pub creator_name: String,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    #[sqlx(try_from = "Timestamp")]
    pub updated_at: DateTime<Utc>,
    /// Who made it the active one, and when; of several times the last.
    pub promoter_username: Option<String>,
    pub promoted_at: Option<Timestamp>,
}

/// What an import found, to be kept.
pub struct Found<'a> {
    pub declared: &'a [Variable],
    pub parameters: &'a [Parameter],
    pub resources: &'a [Resource],
    pub warnings: &'a [String],
    pub readme: &'a str,
}

macro_rules! versions {
    ($rest:literal) => {
        concat!(
            "SELECT v.*, u.username AS creator_username, u.name AS creator_name, p.username AS promoter_username
             FROM template_versions v JOIN users u ON u.id = v.created_by LEFT JOIN users p ON p.id = v.promoted_by ",
            $rest
        )
    };
}

pub async fn insert(tx: &mut Tx, version: &NewVersion<'_>, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO template_versions (id, template_id, organization_id, name, message, file_id, job_id, variables,
             parameters, resources, warnings, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', '[]', '[]', $9, $10, $10)",
        version.id.0,
        version.template_id.map(|id| id.0),
        version.organization_id.0,
        version.name,
        version.message,
        version.file_id.0,
        version.job_id.0,
        Json(version.variables),
        version.created_by.0,
        Timestamp::from(now)
    )?;
    Ok(())
}

pub async fn by_id(conn: &mut Conn, id: VersionId) -> Result<Option<Version>> {
    Ok(optional!(conn, Version, versions!("WHERE v.id = $1"), id.0)?)
}

pub async fn by_name(conn: &mut Conn, template: TemplateId, name: &str) -> Result<Option<Version>> {
    Ok(optional!(
        conn,
        Version,
        versions!("WHERE v.template_id = $1 AND lower(v.name) = lower($2)"),
        template.0,
        name
    )?)
}

/// Oldest first.
pub async fn of_template(conn: &mut Conn, template: TemplateId) -> Result<Vec<Version>> {
    Ok(all!(conn, Version, versions!("WHERE v.template_id = $1 ORDER BY v.created_at, v.id"), template.0)?)
}

/// So many of the newest, newest first; those that came before another one.
pub async fn newest(
    conn: &mut Conn,
    template: TemplateId,
    before: Option<&Version>,
    limit: u32,
) -> Result<Vec<Version>> {
    let (at, id) = before.map_or((i64::MAX, Uuid::max()), |it| (it.created_at.timestamp_micros(), it.id.0));
    Ok(all!(
        conn,
        Version,
        versions!(
            "WHERE v.template_id = $1 AND (v.created_at < $2 OR (v.created_at = $2 AND v.id < $3))
             ORDER BY v.created_at DESC, v.id DESC LIMIT $4"
        ),
        template.0,
        at,
        id,
        i64::from(limit)
    )?)
}

/// Those that belong to no template, newest first.
pub async fn without_template(conn: &mut Conn, limit: u32) -> Result<Vec<Version>> {
    Ok(all!(
        conn,
        Version,
        versions!("WHERE v.template_id IS NULL ORDER BY v.created_at DESC, v.id DESC LIMIT $1"),
        i64::from(limit)
    )?)
}

/// The import jobs of all versions of a template.
pub async fn jobs_of_template(conn: &mut Conn, template: TemplateId) -> Result<Vec<Job>> {
    Ok(all!(
        conn,
        Job,
        "SELECT j.* FROM jobs j JOIN template_versions v ON v.job_id = j.id WHERE v.template_id = $1",
        template.0
    )?)
}

pub async fn count(conn: &mut Conn, template: TemplateId) -> Result<i64> {
    let (count,) =
        one!(conn, (i64,), "SELECT COUNT(*) FROM template_versions WHERE template_id = $1", template.0)?;
    Ok(count)
}

/// False: the version belongs to a template already.
pub async fn attach(
    tx: &mut Tx,
    version: VersionId,
    template: TemplateId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let attached = execute!(
        tx,
        "UPDATE template_versions SET template_id = $2, updated_at = $3 WHERE id = $1 AND template_id IS NULL",
        version.0,
        template.0,
        Timestamp::from(now)
    )?;
    Ok(attached > 0)
}

/// Remembers who made it the active one.
pub async fn mark_promoted(tx: &mut Tx, id: VersionId, by: UserId, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE template_versions SET promoted_by = $2, promoted_at = $3 WHERE id = $1",
        id.0,
        by.0,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Whether it is out of the way. False: it is so already.
pub async fn set_archived(tx: &mut Tx, id: VersionId, archived: bool, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE template_versions SET archived = $2, updated_at = $3 WHERE id = $1 AND archived <> $2",
        id.0,
        archived,
        Timestamp::from(now)
    )?;
    Ok(changed > 0)
}

pub async fn keep_import(
    tx: &mut Tx,
    version: &Version,
    found: &Found<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let variables = Variables { declared: found.declared.to_vec(), ..version.variables.0.clone() };
    execute!(
        tx,
        "UPDATE template_versions
         SET variables = $2, parameters = $3, resources = $4, warnings = $5, readme = $6, updated_at = $7
         WHERE id = $1",
        version.id.0,
        Json(variables),
        Json(found.parameters),
        Json(found.resources),
        Json(found.warnings),
        found.readme,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Some versions whose variables are not sealed with this key.
pub async fn foreign_variables(
    conn: &mut Conn,
    key_id: &str,
    limit: i64,
) -> Result<Vec<(VersionId, Variables)>> {
    macro_rules! foreign {
        ($key_id:literal, $sealed:literal) => {
            concat!(
                "SELECT id, variables FROM template_versions WHERE ",
                $sealed,
                " <> '' AND ",
                $key_id,
                " <> $1 ORDER BY id LIMIT $2"
            )
        };
    }
    let sql = conn.pick(
        foreign!("json_extract(variables, '$.key_id')", "json_extract(variables, '$.sealed')"),
        foreign!("variables->>'key_id'", "variables->>'sealed'"),
    );
    let rows = all!(conn, (Uuid, Json<Variables>), sql, key_id, limit)?;
    Ok(rows.into_iter().map(|(id, Json(variables))| (VersionId(id), variables)).collect())
}

pub async fn set_variables(tx: &mut Tx, version: VersionId, variables: &Variables) -> Result<()> {
    execute!(tx, "UPDATE template_versions SET variables = $2 WHERE id = $1", version.0, Json(variables))?;
    Ok(())
}
