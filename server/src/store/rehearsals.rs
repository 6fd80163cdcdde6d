//! Rehearsals: which pools want one, what came of each.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{
    BuildId, CauseId, JobId, OrganizationId, PresetId, RehearsalId, UserId, WorkspaceId,
};
use hearth_provisioner::rehearsal::{Rehearsed, Verdict as Found};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Conn, Result, Timestamp, Tx,
    jobs::{self, Ending, JobKind, JobStatus, Lane, Lease, NewJob},
    orders::BuildOrder,
    text_enum::text_enum,
};
use crate::{all, clock::new_id, execute, one, optional};

text_enum! {
    /// What is known after a rehearsal.
    Verdict in "rehearsals"."verdict" { Clean = "clean", Replaces = "replaces", Unknown = "unknown" }
}

/// What makes a workspace `w` a member that could be claimed, in SQL.
macro_rules! eligible {
    () => {
        "w.prebuilt_at IS NOT NULL AND w.claimed_at IS NULL AND NOT w.deleted AND w.ready
         AND w.latest_transition = 'start' AND w.latest_status = 'succeeded'"
    };
}

/// A preset whose claim is to be rehearsed.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Wanted {
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    #[sqlx(try_from = "Uuid")]
    pub organization_id: OrganizationId,
}

/// Presets of active versions that have a member to look at, and no rehearsal `r` of which this is true.
macro_rules! wanted {
    ($hindered:literal) => {
        concat!(
            "SELECT p.id AS preset_id, t.organization_id FROM templates t
             JOIN presets p ON p.version_id = t.active_version_id
             WHERE NOT t.deleted AND p.instances IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM rehearsals r WHERE r.preset_id = p.id AND ",
            $hindered,
            ") AND EXISTS (SELECT 1 FROM workspaces w WHERE w.preset_id = p.id AND ",
            eligible!(),
            ") ORDER BY p.id"
        )
    };
}

/// Those whose rehearsal has run out, and none waits or runs.
pub async fn due(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Wanted>> {
    let sql = wanted!("(r.due_at IS NULL OR r.due_at > $1)");
    Ok(all!(conn, Wanted, sql, Timestamp::from(now))?)
}

/// Those that could be rehearsed at once: none waits or runs.
pub async fn possible(conn: &mut Conn) -> Result<Vec<Wanted>> {
    Ok(all!(conn, Wanted, wanted!("r.finished_at IS NULL"))?)
}

/// Whether a member of this preset's pool could be claimed now.
pub async fn has_member(conn: &mut Conn, preset: PresetId) -> Result<bool> {
    let (found,): (bool,) = one!(
        conn,
        (bool,),
        concat!("SELECT EXISTS (SELECT 1 FROM workspaces w WHERE w.preset_id = $1 AND ", eligible!(), ")"),
        preset.0
    )?;
    Ok(found)
}

/// Queues one. A second one of the same preset at the same time is a unique violation.
pub async fn queue(tx: &mut Tx, wanted: Wanted, by: UserId, now: DateTime<Utc>) -> Result<RehearsalId> {
    let (before,): (i64,) =
        one!(tx, (i64,), "SELECT COUNT(*) FROM rehearsals WHERE preset_id = $1", wanted.preset_id.0)?;
    let job = NewJob {
        id: new_id(),
        organization_id: wanted.organization_id,
        kind: JobKind::Rehearsal,
        subject_id: wanted.preset_id.0,
        generation: before + 1,
        lane: Lane::Pool,
        is_delete: false,
        initiator_id: by,
    };
    jobs::insert(tx, &job, now).await?;
    let id: RehearsalId = new_id();
    execute!(
        tx,
        "INSERT INTO rehearsals (id, preset_id, job_id, asked_by, created_at) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        wanted.preset_id.0,
        job.id.0,
        by.0,
        Timestamp::from(now)
    )?;
    Ok(id)
}

/// A rehearsal that a worker has begun.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Begun {
    #[sqlx(try_from = "Uuid")]
    pub id: RehearsalId,
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    /// The oldest member that could be claimed, if there is one.
    pub workspace_id: Option<Uuid>,
}

/// Chooses a member, again at every attempt.
pub async fn begin(tx: &mut Tx, job: JobId, now: DateTime<Utc>) -> Result<Option<Begun>> {
    Ok(optional!(
        tx,
        Begun,
        concat!(
            "UPDATE rehearsals SET started_at = $2, workspace_id = (
                 SELECT w.id FROM workspaces w WHERE w.preset_id = rehearsals.preset_id AND ",
            eligible!(),
            " ORDER BY w.created_at, w.id LIMIT 1)
             WHERE job_id = $1 AND finished_at IS NULL RETURNING id, preset_id, workspace_id"
        ),
        job.0,
        Timestamp::from(now)
    )?)
}

/// The newest build of a workspace, by its job.
pub async fn newest_build(conn: &mut Conn, workspace: WorkspaceId) -> Result<Option<JobId>> {
    let job: Option<(Uuid,)> = optional!(
        conn,
        (Uuid,),
        "SELECT b.job_id FROM workspaces w JOIN builds b ON b.id = w.latest_build_id WHERE w.id = $1",
        workspace.0
    )?;
    Ok(job.map(|(id,)| JobId(id)))
}

/// Whether it is still an unclaimed member with the same newest build.
pub async fn is_unchanged(conn: &mut Conn, workspace: WorkspaceId, build: BuildId) -> Result<bool> {
    let (unchanged,): (bool,) = one!(
        conn,
        (bool,),
        "SELECT EXISTS (SELECT 1 FROM workspaces
             WHERE id = $1 AND latest_build_id = $2 AND claimed_at IS NULL AND NOT deleted)",
        workspace.0,
        build.0
    )?;
    Ok(unchanged)
}

/// Writes what came of it. False: the attempt was given up meanwhile, and nothing was written.
pub async fn finish(
    tx: &mut Tx,
    lease: &Lease,
    rehearsed: &Rehearsed,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let ending = match &rehearsed.verdict {
        Found::Clean | Found::Replaces { .. } => Ending::succeeded(),
        Found::Unknown { why } => Ending::failed(why),
    };
    if !jobs::finish(tx, lease.id, lease.fence, &ending, now).await? {
        return Ok(false);
    }
    write(tx, lease.id, rehearsed, due, now).await?;
    Ok(true)
}

/// Writes a claim that was refused for what it would have replaced: as good as a rehearsal, and one is due again at once.
pub async fn insert_refused(
    tx: &mut Tx,
    claim: &BuildOrder,
    rehearsed: &Rehearsed,
    now: DateTime<Utc>,
) -> Result<RehearsalId> {
    let id: RehearsalId = new_id();
    let (job,): (Uuid,) = one!(
        tx,
        (Uuid,),
        "INSERT INTO rehearsals (id, preset_id, job_id, workspace_id, asked_by, created_at, started_at)
         SELECT $1, $2, job_id, workspace_id, $4, $5, $5 FROM builds WHERE id = $3 RETURNING job_id",
        id.0,
        claim.preset_id,
        claim.build_id.0,
        claim.owner_id.0,
        Timestamp::from(now)
    )?;
    write(tx, JobId(job), rehearsed, now, now).await?;
    Ok(id)
}

async fn write(
    tx: &mut Tx,
    job: JobId,
    rehearsed: &Rehearsed,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (verdict, why) = match &rehearsed.verdict {
        Found::Clean => (Verdict::Clean, ""),
        Found::Replaces { .. } => (Verdict::Replaces, ""),
        Found::Unknown { why } => (Verdict::Unknown, why.as_str()),
    };
    let replacements = rehearsed.replacements();
    let first = replacements.first();
    let forcing = first.and_then(|it| it.forcing().next());
    execute!(
        tx,
        "UPDATE rehearsals SET verdict = $2, replaced = $3, resource = $4, attribute = $5, why = $6, result = $7,
             agents_stay = $8, finished_at = $9, due_at = $10 WHERE job_id = $1",
        job.0,
        verdict.as_str(),
        i64::try_from(replacements.len()).unwrap_or(i64::MAX),
        first.map_or("", |it| it.address.as_str()),
        forcing.map_or("", |change| change.path.as_str()),
        why,
        Json(rehearsed),
        rehearsed.leaves_agents_alone(),
        Timestamp::from(now),
        Timestamp::from(due)
    )?;
    Ok(())
}

/// Which causes it has met.
pub async fn remember_cause(tx: &mut Tx, rehearsal: RehearsalId, cause: CauseId) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO rehearsal_causes (rehearsal_id, cause_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        rehearsal.0,
        cause.0
    )?;
    Ok(())
}

/// A rehearsal with the names of what it is about.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Rehearsal {
    #[sqlx(try_from = "Uuid")]
    pub id: RehearsalId,
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    #[sqlx(try_from = "Uuid")]
    pub job_id: JobId,
    #[sqlx(try_from = "String")]
    pub status: JobStatus,
    pub template_name: String,
    pub version_name: String,
    pub preset_name: String,
    pub workspace_id: Option<Uuid>,
    pub workspace_name: Option<String>,
    pub asked_by: String,
    pub verdict: Option<String>,
    pub why: String,
    pub result: Option<Json<Rehearsed>>,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

macro_rules! rehearsals {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.preset_id, r.job_id, j.status, t.name AS template_name, v.name AS version_name,
                 p.name AS preset_name, r.workspace_id, COALESCE(w.prebuild_name, w.name) AS workspace_name,
                 u.username AS asked_by, r.verdict, r.why, r.result, r.created_at, r.started_at, r.finished_at
             FROM rehearsals r JOIN jobs j ON j.id = r.job_id JOIN presets p ON p.id = r.preset_id
             JOIN template_versions v ON v.id = p.version_id JOIN templates t ON t.id = v.template_id
             JOIN users u ON u.id = r.asked_by LEFT JOIN workspaces w ON w.id = r.workspace_id ",
            $rest
        )
    };
}

/// The newest rehearsals of a preset, newest first.
pub async fn of_preset(conn: &mut Conn, preset: PresetId, limit: i64) -> Result<Vec<Rehearsal>> {
    let sql = rehearsals!("WHERE r.preset_id = $1 ORDER BY r.created_at DESC, r.id DESC LIMIT $2");
    Ok(all!(conn, Rehearsal, sql, preset.0, limit)?)
}

pub async fn by_id(conn: &mut Conn, id: RehearsalId) -> Result<Option<Rehearsal>> {
    Ok(optional!(conn, Rehearsal, rehearsals!("WHERE r.id = $1"), id.0)?)
}

/// The newest rehearsal of a preset that found out; where none did, the newest.
pub async fn shown(conn: &mut Conn, preset: PresetId) -> Result<Option<Rehearsal>> {
    let sql = rehearsals!(
        "WHERE r.preset_id = $1 AND r.finished_at IS NOT NULL
         ORDER BY CASE WHEN r.verdict = 'unknown' THEN 1 ELSE 0 END, r.finished_at DESC, r.id LIMIT 1"
    );
    Ok(optional!(conn, Rehearsal, sql, preset.0)?)
}

/// The newest rehearsal that met a cause of drift.
pub async fn of_cause(conn: &mut Conn, cause: CauseId) -> Result<Option<Rehearsal>> {
    let sql = rehearsals!(
        "JOIN rehearsal_causes rc ON rc.rehearsal_id = r.id
         WHERE rc.cause_id = $1 ORDER BY r.finished_at DESC, r.id LIMIT 1"
    );
    Ok(optional!(conn, Rehearsal, sql, cause.0)?)
}

/// Whether the newest rehearsal that found out says that a claim leaves agents alone, and still holds.
pub async fn leave_agents_alone(conn: &mut Conn, preset: PresetId, now: DateTime<Utc>) -> Result<bool> {
    let found: Option<(bool,)> = optional!(
        conn,
        (bool,),
        "SELECT agents_stay AND due_at > $2 FROM rehearsals WHERE preset_id = $1 AND verdict <> 'unknown'
         ORDER BY finished_at DESC, id LIMIT 1",
        preset.0,
        Timestamp::from(now)
    )?;
    Ok(found.is_some_and(|(stay,)| stay))
}

/// Whether one waits or runs.
pub async fn is_open(conn: &mut Conn, preset: PresetId) -> Result<bool> {
    let (open,): (bool,) = one!(
        conn,
        (bool,),
        "SELECT EXISTS (SELECT 1 FROM rehearsals WHERE preset_id = $1 AND finished_at IS NULL)",
        preset.0
    )?;
    Ok(open)
}

/// What is known of an active preset by rehearsal.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Known {
    #[sqlx(try_from = "Uuid")]
    pub preset_id: PresetId,
    #[sqlx(try_from = "String")]
    pub verdict: Verdict,
    #[sqlx(try_from = "Timestamp")]
    pub at: DateTime<Utc>,
    pub replaced: i64,
    pub resource: String,
    pub attribute: String,
    pub why: String,
}

macro_rules! known {
    ($which:literal) => {
        concat!(
            "SELECT p.id AS preset_id, r.verdict, r.finished_at AS at, r.replaced, r.resource, r.attribute, r.why
             FROM templates t JOIN presets p ON p.version_id = t.active_version_id
             JOIN rehearsals r ON r.id = (
                 SELECT id FROM rehearsals WHERE preset_id = p.id AND finished_at IS NOT NULL
                 ORDER BY CASE WHEN verdict = 'unknown' THEN 1 ELSE 0 END, finished_at DESC, id LIMIT 1)
             WHERE NOT t.deleted",
            $which
        )
    };
}

/// For every preset of an active version the newest rehearsal that found out; where none did, the newest.
pub async fn known(conn: &mut Conn) -> Result<Vec<Known>> {
    Ok(all!(conn, Known, known!(""))?)
}

/// The same for one preset.
pub async fn known_of(conn: &mut Conn, preset: PresetId) -> Result<Option<Known>> {
    Ok(optional!(conn, Known, known!(" AND p.id = $1"), preset.0)?)
}

/// A claim met what the rehearsals of this preset did not: they do not hold any longer.
pub async fn expire(tx: &mut Tx, preset: PresetId, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE rehearsals SET due_at = $2 WHERE preset_id = $1 AND verdict = 'clean' AND due_at > $2",
        preset.0,
        Timestamp::from(now)
    )?;
    Ok(())
}
