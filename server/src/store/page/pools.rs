//! Beside each pool: what its claims recreate, what failed last, and how long things take.

use hearth_prebuilds::ids::{PresetId, TemplateId, WorkspaceId};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    all, optional,
    store::{Conn, Result, Timestamp},
};

/// What the newest claim of an active preset recreated.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ClaimDrift {
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    #[sqlx(try_from = "Timestamp")]
    pub at: chrono::DateTime<chrono::Utc>,
    pub replaced: i64,
    /// Address without index, and the attribute that forces it; of one of them.
    pub resource: Option<String>,
    pub attribute: Option<String>,
}

macro_rules! claim_drift {
    ($which:literal) => {
        concat!(
            "SELECT p.id AS preset_id, p.last_claim_at AS at, p.last_claim_replaced AS replaced, c.address AS resource,
                 c.path AS attribute
             FROM templates t JOIN presets p ON p.version_id = t.active_version_id
             LEFT JOIN replacements r ON p.last_claim_replaced > 0 AND r.id = (
                 SELECT id FROM replacements WHERE version_id = p.version_id AND preset_name = p.name
                 ORDER BY created_at DESC, id LIMIT 1)
             LEFT JOIN drift_causes c ON c.id = r.cause_id
             WHERE NOT t.deleted AND p.last_claim_at IS NOT NULL AND p.last_claim_replaced IS NOT NULL",
            $which
        )
    };
}

/// The newest claim of every preset of an active version that was claimed.
pub async fn drift(conn: &mut Conn) -> Result<Vec<ClaimDrift>> {
    Ok(all!(conn, ClaimDrift, claim_drift!(""))?)
}

/// The same for one preset.
pub async fn drift_of(conn: &mut Conn, preset: PresetId) -> Result<Option<ClaimDrift>> {
    Ok(optional!(conn, ClaimDrift, claim_drift!(" AND p.id = $1"), preset.0)?)
}

/// The first error line of a workspace's newest build.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct FailedBuild {
    #[sqlx(try_from = "Uuid")]
    pub workspace_id: WorkspaceId,
    pub number: i64,
    pub error: String,
}

pub async fn failed_builds(conn: &mut Conn, workspaces: &[WorkspaceId]) -> Result<Vec<FailedBuild>> {
    let sql = conn.pick(
        "SELECT w.id AS workspace_id, b.number, j.error FROM workspaces w JOIN builds b ON b.id = w.latest_build_id
         JOIN jobs j ON j.id = b.job_id WHERE w.id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1))",
        "SELECT w.id AS workspace_id, b.number, j.error FROM workspaces w JOIN builds b ON b.id = w.latest_build_id
         JOIN jobs j ON j.id = b.job_id WHERE w.id IN (SELECT value::uuid FROM jsonb_array_elements_text($1))",
    );
    Ok(all!(conn, FailedBuild, sql, Json(workspaces))?)
}

/// From the moment somebody waits to the moment the workspace can be used.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Took {
    preset_id: Uuid,
    from_at: Timestamp,
    ready_at: Timestamp,
    /// Agents may report before the build ends. `None` for claims, whose agents may be ready before.
    ended_at: Option<Timestamp>,
}

impl Took {
    pub fn preset(&self) -> PresetId {
        PresetId(self.preset_id)
    }

    pub fn millis(&self) -> u64 {
        let end = self.ended_at.map_or(self.ready_at, |ended_at| ended_at.max(self.ready_at));
        u64::try_from((end.0 - self.from_at.0) / 1000).unwrap_or(0)
    }
}

/// The newest five builds from nothing of every preset of an active version, without their time in the queue.
pub async fn cold_builds(conn: &mut Conn) -> Result<Vec<Took>> {
    let sql = conn.pick(
        "SELECT b.preset_id, j.started_at AS from_at, b.ready_at, b.ended_at
         FROM templates t JOIN presets p ON p.version_id = t.active_version_id
         JOIN builds b ON b.id IN (SELECT id FROM builds WHERE preset_id = p.id AND stage = 'create'
             AND ready_at IS NOT NULL ORDER BY ready_at DESC LIMIT 5)
         JOIN jobs j ON j.id = b.job_id WHERE NOT t.deleted AND j.started_at IS NOT NULL",
        "SELECT b.preset_id, j.started_at AS from_at, b.ready_at, b.ended_at
         FROM templates t JOIN presets p ON p.version_id = t.active_version_id
         CROSS JOIN LATERAL (SELECT * FROM builds WHERE preset_id = p.id AND stage = 'create'
             AND ready_at IS NOT NULL ORDER BY ready_at DESC LIMIT 5) b
         JOIN jobs j ON j.id = b.job_id WHERE NOT t.deleted AND j.started_at IS NOT NULL",
    );
    Ok(all!(conn, Took, sql)?)
}

/// The same for one preset.
pub async fn cold_builds_of(conn: &mut Conn, preset: PresetId) -> Result<Vec<Took>> {
    Ok(all!(
        conn,
        Took,
        "SELECT b.preset_id, j.started_at AS from_at, b.ready_at, b.ended_at
         FROM builds b JOIN jobs j ON j.id = b.job_id
         WHERE b.preset_id = $1 AND b.stage = 'create' AND b.ready_at IS NOT NULL AND j.started_at IS NOT NULL
         ORDER BY b.ready_at DESC LIMIT 5",
        preset.0
    )?)
}

/// The newest of a template, of any version.
pub async fn cold_builds_of_template(conn: &mut Conn, template: TemplateId) -> Result<Vec<Took>> {
    Ok(all!(
        conn,
        Took,
        "SELECT b.preset_id, j.started_at AS from_at, b.ready_at, b.ended_at
         FROM template_versions v JOIN presets p ON p.version_id = v.id JOIN builds b ON b.preset_id = p.id
         JOIN jobs j ON j.id = b.job_id
         WHERE v.template_id = $1 AND b.stage = 'create' AND b.ready_at IS NOT NULL AND j.started_at IS NOT NULL
         ORDER BY b.ready_at DESC LIMIT 20",
        template.0
    )?)
}

/// The newest claims of every pool.
pub async fn claims(conn: &mut Conn, limit: i64) -> Result<Vec<Took>> {
    Ok(all!(
        conn,
        Took,
        "SELECT preset_id, created_at AS from_at, ready_at, CAST(NULL AS BIGINT) AS ended_at FROM builds
         WHERE stage = 'claim' AND ready_at IS NOT NULL AND preset_id IS NOT NULL ORDER BY ready_at DESC LIMIT $1",
        limit
    )?)
}

/// The newest claims of one pool, of any version.
pub async fn claims_of(conn: &mut Conn, template: TemplateId, preset: &str, limit: i64) -> Result<Vec<Took>> {
    Ok(all!(
        conn,
        Took,
        "SELECT preset_id, created_at AS from_at, ready_at, CAST(NULL AS BIGINT) AS ended_at FROM builds
         WHERE stage = 'claim' AND ready_at IS NOT NULL AND preset_id IN (
             SELECT p.id FROM template_versions v JOIN presets p ON p.version_id = v.id
             WHERE v.template_id = $1 AND p.name = $2)
         ORDER BY ready_at DESC LIMIT $3",
        template.0,
        preset,
        limit
    )?)
}
