//! What the pages of templates read: numbers of all, and what several versions declare.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{PresetId, RehearsalId, TemplateId, VersionId};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    all, optional,
    store::{
        Conn, Result, Timestamp,
        jobs::{Job, JobStatus},
        rehearsals::{Known, Verdict},
    },
};

/// A template with its active version.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Listed {
    #[sqlx(try_from = "Uuid")]
    pub id: TemplateId,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub deprecation_message: String,
    pub version: String,
    pub promoted_by: Option<String>,
    pub promoted_at: Option<Timestamp>,
    /// Of the active version.
    pub presets: i64,
    /// Workspaces of people.
    pub workspaces: i64,
}

/// By name.
pub async fn list(conn: &mut Conn) -> Result<Vec<Listed>> {
    Ok(all!(
        conn,
        Listed,
        "SELECT t.id, t.name, t.display_name, t.description, t.deprecation_message, v.name AS version,
             u.username AS promoted_by, v.promoted_at,
             (SELECT COUNT(*) FROM presets p WHERE p.version_id = v.id) AS presets,
             (SELECT COUNT(*) FROM workspaces w JOIN users owner ON owner.id = w.owner_id
              WHERE w.template_id = t.id AND NOT w.deleted AND NOT owner.is_system) AS workspaces
         FROM templates t JOIN template_versions v ON v.id = t.active_version_id
         LEFT JOIN users u ON u.id = v.promoted_by
         WHERE NOT t.deleted ORDER BY lower(t.name), t.id"
    )?)
}

/// Whether there is one that is not deleted.
pub async fn any(conn: &mut Conn) -> Result<bool> {
    Ok(optional!(conn, (Uuid,), "SELECT id FROM templates WHERE NOT deleted LIMIT 1")?.is_some())
}

/// A query about several versions, whose ids are `$1`.
macro_rules! of_versions {
    ($conn:expr, $row:ty, $versions:expr, $before:literal, $after:literal) => {{
        let sql = $conn.pick(
            concat!($before, "(SELECT unhex(replace(value, '-', '')) FROM json_each($1))", $after),
            concat!($before, "(SELECT value::uuid FROM jsonb_array_elements_text($1))", $after),
        );
        all!($conn, $row, sql, Json($versions))
    }};
}

/// A preset as a version declares it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DeclaredPreset {
    #[sqlx(try_from = "Uuid")]
    pub id: PresetId,
    #[sqlx(try_from = "Uuid")]
    pub version_id: VersionId,
    pub name: String,
    pub is_default: bool,
    pub parameters: Json<BTreeMap<String, String>>,
    /// `None`: no pool.
    pub instances: Option<i64>,
    pub ttl_seconds: Option<i64>,
    pub schedule_timezone: Option<String>,
}

/// As Terraform lists them.
pub async fn presets(conn: &mut Conn, versions: &[VersionId]) -> Result<Vec<DeclaredPreset>> {
    Ok(of_versions!(
        conn,
        DeclaredPreset,
        versions,
        "SELECT id, version_id, name, is_default, parameters, instances, ttl_seconds, schedule_timezone FROM presets
         WHERE version_id IN ",
        " ORDER BY id"
    )?)
}

/// (preset, cron, wanted), in the order written.
pub async fn schedules(conn: &mut Conn, versions: &[VersionId]) -> Result<Vec<(Uuid, String, i64)>> {
    Ok(of_versions!(
        conn,
        (Uuid, String, i64),
        versions,
        "SELECT s.preset_id, s.cron, s.instances FROM presets p JOIN preset_schedules s ON s.preset_id = p.id
         WHERE p.version_id IN ",
        " ORDER BY s.preset_id, s.position"
    )?)
}

/// The import of each.
pub async fn imports(conn: &mut Conn, versions: &[VersionId]) -> Result<Vec<Job>> {
    Ok(of_versions!(
        conn,
        Job,
        versions,
        "SELECT j.* FROM template_versions v JOIN jobs j ON j.id = v.job_id WHERE v.id IN ",
        ""
    )?)
}

/// For every preset the newest rehearsal that found out; where none did, the newest.
pub async fn rehearsed(conn: &mut Conn, versions: &[VersionId]) -> Result<Vec<Known>> {
    Ok(of_versions!(
        conn,
        Known,
        versions,
        "SELECT p.id AS preset_id, r.verdict, r.finished_at AS at, r.replaced, r.resource, r.attribute, r.why
         FROM presets p JOIN rehearsals r ON r.id = (
             SELECT id FROM rehearsals WHERE preset_id = p.id AND finished_at IS NOT NULL
             ORDER BY CASE WHEN verdict = 'unknown' THEN 1 ELSE 0 END, finished_at DESC, id LIMIT 1)
         WHERE p.version_id IN ",
        ""
    )?)
}

/// One line about a rehearsal.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Rehearsal {
    #[sqlx(try_from = "Uuid")]
    pub id: RehearsalId,
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    pub preset_name: String,
    pub version_name: String,
    #[sqlx(try_from = "String")]
    pub status: JobStatus,
    pub verdict: Option<String>,
    pub replaced: i64,
    pub resource: String,
    pub attribute: String,
    pub why: String,
    pub member: Option<String>,
    pub asked_by: String,
    pub asked_by_id: Uuid,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<Timestamp>,
}

impl Rehearsal {
    /// What is known by it; nothing while it waits or runs.
    pub fn known(&self) -> Option<Known> {
        Some(Known {
            preset_id: self.preset_id,
            verdict: Verdict::try_from(self.verdict.clone()?).ok()?,
            at: self.finished_at?.into(),
            replaced: self.replaced,
            resource: self.resource.clone(),
            attribute: self.attribute.clone(),
            why: self.why.clone(),
        })
    }
}

/// The newest rehearsals of a template, newest first.
pub async fn rehearsals(conn: &mut Conn, template: TemplateId, limit: u32) -> Result<Vec<Rehearsal>> {
    Ok(all!(
        conn,
        Rehearsal,
        "SELECT r.id, p.id AS preset_id, p.name AS preset_name, v.name AS version_name, j.status, r.verdict, r.replaced, r.resource,
             r.attribute, r.why, COALESCE(w.prebuild_name, w.name) AS member, u.username AS asked_by, u.id AS asked_by_id,
             r.created_at, r.finished_at
         FROM template_versions v JOIN presets p ON p.version_id = v.id JOIN rehearsals r ON r.preset_id = p.id
         JOIN jobs j ON j.id = r.job_id JOIN users u ON u.id = r.asked_by
         LEFT JOIN workspaces w ON w.id = r.workspace_id
         WHERE v.template_id = $1 ORDER BY r.created_at DESC, r.id DESC LIMIT $2",
        template.0,
        i64::from(limit)
    )?)
}

/// (preset, how many): members of the template's pools that were not built from this version.
pub async fn members_of_others(
    conn: &mut Conn,
    template: TemplateId,
    version: VersionId,
) -> Result<Vec<(String, i64)>> {
    Ok(all!(
        conn,
        (String, i64),
        "SELECT p.name, COUNT(*) FROM workspaces w JOIN presets p ON p.id = w.preset_id
         WHERE w.template_id = $1 AND p.version_id <> $2 AND w.prebuilt_at IS NOT NULL AND w.claimed_at IS NULL
             AND NOT w.deleted
         GROUP BY p.name ORDER BY p.name",
        template.0,
        version.0
    )?)
}
