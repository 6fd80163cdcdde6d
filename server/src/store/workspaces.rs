//! Workspaces. The `latest_*` columns repeat the newest build, so that a pass and a claim read one table.
//!
//! A member of a pool has `prebuilt_at` and no `claimed_at`; the same condition stands in the partial indexes, so
//! queries must repeat it word for word.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{BuildId, OrganizationId, PresetId, TemplateId, UserId, VersionId, WorkspaceId};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Conn, Result, Timestamp, Tx,
    builds::{Stage, Transition},
    jobs::JobStatus,
    pattern::{self, literally},
};
use crate::{all, execute, optional};

/// A workspace to make. Its first build is inserted in the same transaction.
#[derive(Clone, Debug)]
pub struct NewWorkspace<'a> {
    pub id: WorkspaceId,
    pub owner_id: UserId,
    pub organization_id: OrganizationId,
    pub template_id: TemplateId,
    pub version_id: VersionId,
    pub preset_id: Option<PresetId>,
    pub name: &'a str,
    pub build_id: BuildId,
    /// A member of the pool; its lifecycle fields stay empty until the claim.
    pub prebuilt: bool,
    pub autostart_schedule: Option<&'a str>,
    pub ttl_ms: Option<i64>,
}

/// A workspace with the names of what it belongs to.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Workspace {
    #[sqlx(try_from = "Uuid")]
    pub id: WorkspaceId,
    pub name: String,
    #[sqlx(try_from = "Uuid")]
    pub owner_id: UserId,
    pub owner_name: String,
    #[sqlx(try_from = "Uuid")]
    pub organization_id: OrganizationId,
    pub organization_name: String,
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    pub template_name: String,
    pub template_display_name: String,
    pub template_icon: String,
    #[sqlx(try_from = "Uuid")]
    pub active_version_id: VersionId,
    pub preset_id: Option<Uuid>,
    pub preset_name: Option<String>,
    pub preset_ttl_seconds: Option<i64>,
    pub preset_invalidated_at: Option<Timestamp>,
    #[sqlx(try_from = "Uuid")]
    pub latest_build_id: BuildId,
    pub latest_number: i64,
    #[sqlx(try_from = "Uuid")]
    pub latest_version_id: VersionId,
    pub latest_version_name: String,
    #[sqlx(try_from = "String")]
    pub latest_transition: Transition,
    #[sqlx(try_from = "String")]
    pub latest_status: JobStatus,
    pub ready: bool,
    pub prebuilt_at: Option<Timestamp>,
    pub claimed_at: Option<Timestamp>,
    pub prebuild_name: Option<String>,
    pub autostart_schedule: Option<String>,
    pub next_start_at: Option<Timestamp>,
    pub ttl_ms: Option<i64>,
    #[sqlx(try_from = "Timestamp")]
    pub last_used_at: DateTime<Utc>,
    pub dormant_at: Option<Timestamp>,
    pub deleting_at: Option<Timestamp>,
    pub deleted: bool,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    #[sqlx(try_from = "Timestamp")]
    pub updated_at: DateTime<Utc>,
}

macro_rules! select_workspace {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.name, w.owner_id, u.username AS owner_name, w.organization_id, o.name AS organization_name,
                 w.template_id, t.name AS template_name, t.display_name AS template_display_name, t.icon AS template_icon,
                 t.active_version_id, w.preset_id, p.name AS preset_name, p.ttl_seconds AS preset_ttl_seconds,
                 p.invalidated_at AS preset_invalidated_at, w.latest_build_id, w.latest_number, w.latest_version_id,
                 v.name AS latest_version_name, w.latest_transition, w.latest_status, w.ready, w.prebuilt_at, w.claimed_at,
                 w.prebuild_name, w.autostart_schedule, w.next_start_at, w.ttl_ms, w.last_used_at, w.dormant_at,
                 w.deleting_at, w.deleted, w.created_at, w.updated_at
             FROM workspaces w JOIN users u ON u.id = w.owner_id JOIN organizations o ON o.id = w.organization_id
             JOIN templates t ON t.id = w.template_id JOIN template_versions v ON v.id = w.latest_version_id
             LEFT JOIN presets p ON p.id = w.preset_id ",
            $rest
        )
    };
}

/// False: the owner has a workspace of this name.
pub async fn insert(tx: &mut Tx, new: &NewWorkspace<'_>, now: DateTime<Utc>) -> Result<bool> {
    let now = Timestamp::from(now);
    let inserted = execute!(
        tx,
        "INSERT INTO workspaces (id, owner_id, organization_id, template_id, preset_id, name, latest_build_id,
             latest_number, latest_version_id, latest_transition, latest_status, prebuilt_at, autostart_schedule, ttl_ms,
             last_used_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, 'start', 'pending', $9, $10, $11, $12, $12, $12)
         ON CONFLICT DO NOTHING",
        new.id.0,
        new.owner_id.0,
        new.organization_id.0,
        new.template_id.0,
        new.preset_id.map(|id| id.0),
        new.name,
        new.build_id.0,
        new.version_id.0,
        new.prebuilt.then_some(now),
        new.autostart_schedule,
        new.ttl_ms,
        now
    )?;
    Ok(inserted > 0)
}

/// The next build of a workspace that has one already.
#[derive(Clone, Copy, Debug)]
pub struct NextBuild {
    pub workspace_id: WorkspaceId,
    /// Whoever owned it when the caller looked: if that changed, nothing happens (X9).
    pub owner_id: UserId,
    pub build_id: BuildId,
    pub stage: Stage,
    /// `None`: that of the build before.
    pub version_id: Option<VersionId>,
}

/// What [`begin_build`] leaves to say about the build.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Begun {
    pub number: i64,
    #[sqlx(try_from = "Uuid")]
    pub organization_id: OrganizationId,
    #[sqlx(try_from = "Uuid")]
    pub version_id: VersionId,
    pub preset_id: Option<Uuid>,
}

/// Makes a build the newest one. `None`: another one is open, the workspace is gone, or has another owner by now.
pub async fn begin_build(tx: &mut Tx, next: &NextBuild, now: DateTime<Utc>) -> Result<Option<Begun>> {
    Ok(optional!(
        tx,
        Begun,
        "UPDATE workspaces SET latest_build_id = $3, latest_number = latest_number + 1, latest_transition = $4,
             latest_version_id = COALESCE($5, latest_version_id), latest_status = 'pending', latest_ended_at = NULL,
             ready = FALSE, updated_at = $6
         WHERE id = $1 AND owner_id = $2 AND NOT deleted AND latest_status NOT IN ('pending', 'running', 'canceling')
         RETURNING latest_number AS number, organization_id, latest_version_id AS version_id, preset_id",
        next.workspace_id.0,
        next.owner_id.0,
        next.build_id.0,
        next.stage.transition().as_str(),
        next.version_id.map(|id| id.0),
        Timestamp::from(now)
    )?)
}

pub async fn by_id(conn: &mut Conn, id: WorkspaceId) -> Result<Option<Workspace>> {
    Ok(optional!(conn, Workspace, select_workspace!("WHERE w.id = $1"), id.0)?)
}

/// Those of these ids that there are, by id.
pub async fn by_ids(conn: &mut Conn, ids: &[WorkspaceId]) -> Result<Vec<Workspace>> {
    let sql = conn.pick(
        select_workspace!(
            "WHERE w.id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1)) ORDER BY w.id"
        ),
        select_workspace!(
            "WHERE w.id IN (SELECT value::uuid FROM jsonb_array_elements_text($1)) ORDER BY w.id"
        ),
    );
    Ok(all!(conn, Workspace, sql, Json(ids))?)
}

/// Whose it is now.
pub async fn owner(conn: &mut Conn, id: WorkspaceId) -> Result<Option<UserId>> {
    let row: Option<(Uuid,)> =
        optional!(conn, (Uuid,), "SELECT owner_id FROM workspaces WHERE id = $1", id.0)?;
    Ok(row.map(|(owner,)| UserId(owner)))
}

/// The one of this name that is not deleted; else, if asked for, the newest deleted one.
pub async fn by_owner_and_name(
    conn: &mut Conn,
    owner: UserId,
    name: &str,
    include_deleted: bool,
) -> Result<Option<Workspace>> {
    Ok(optional!(
        conn,
        Workspace,
        select_workspace!(
            "WHERE w.owner_id = $1 AND lower(w.name) = lower($2) AND (NOT w.deleted OR $3)
             ORDER BY w.deleted, w.created_at DESC LIMIT 1"
        ),
        owner.0,
        name,
        include_deleted
    )?)
}

/// What a list is restricted to; empty fields restrict nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    pub owner: Option<UserId>,
    /// Part of the name.
    pub name: Option<&'a str>,
    /// Exact names.
    pub template: Option<&'a str>,
    pub preset: Option<&'a str>,
    /// Only what comes after this owner and name.
    pub after: Option<(String, String)>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// Workspaces that are not deleted, by owner and name.
pub async fn list(conn: &mut Conn, filter: &Filter<'_>) -> Result<Vec<Workspace>> {
    Ok(all!(
        conn,
        Workspace,
        select_workspace!(
            "WHERE NOT w.deleted AND ($1 IS NULL OR w.owner_id = $1)
             AND ($2 IS NULL OR lower(w.name) LIKE '%' || lower($2) || '%' ESCAPE '!')
             AND ($3 IS NULL OR lower(t.name) = lower($3)) AND ($4 IS NULL OR lower(p.name) = lower($4))
             AND ($5 IS NULL OR (u.username, w.name) > ($5, $6)) ORDER BY u.username, w.name LIMIT $7"
        ),
        filter.owner.map(|id| id.0),
        filter.name.map(literally),
        filter.template,
        filter.preset,
        filter.after.as_ref().map(|(owner, _)| owner),
        filter.after.as_ref().map(|(_, name)| name),
        i64::from(filter.limit.unwrap_or(u32::MAX))
    )?)
}

/// Those whose name has these words, and that are not deleted: at most `limit`, what begins with them first.
pub async fn named_like(
    conn: &mut Conn,
    owner: Option<UserId>,
    words: &str,
    limit: u32,
) -> Result<Vec<Workspace>> {
    Ok(all!(
        conn,
        Workspace,
        select_workspace!(
            "WHERE NOT w.deleted AND ($1 IS NULL OR w.owner_id = $1) AND lower(w.name) LIKE '%' || $2 || '%' ESCAPE '!'
             ORDER BY CASE WHEN lower(w.name) LIKE $2 || '%' ESCAPE '!' THEN 0 ELSE 1 END, lower(w.name), w.id LIMIT $3"
        ),
        owner.map(|id| id.0),
        pattern::words(words),
        i64::from(limit)
    )?)
}

/// Every member of the pool of (template, preset name), of any version, oldest first.
pub async fn members(conn: &mut Conn, template: TemplateId, preset: &str) -> Result<Vec<Workspace>> {
    Ok(all!(
        conn,
        Workspace,
        select_workspace!(
            "WHERE w.template_id = $1 AND p.name = $2 AND w.prebuilt_at IS NOT NULL AND w.claimed_at IS NULL
             AND NOT w.deleted ORDER BY w.created_at, w.id"
        ),
        template.0,
        preset
    )?)
}
