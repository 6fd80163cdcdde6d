//! What a pass reads: one consistent state of every pool, by a fixed number of queries whatever the number of pools.
//!
//! The work of each query is bounded by what is alive: presets of active versions and of leftovers, unclaimed
//! workspaces, failures inside the look-back. Nothing here walks the history of builds or jobs.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::{
    ids::{OrganizationId, PresetId, SYSTEM_USER, TemplateId, VersionId, WorkspaceId},
    policy::DriftPolicy,
    snapshot::{
        FailedMember, GlobalPause, Member, Override, Pause, PresetHealth, PresetSnapshot, Schedule,
        Scheduling, Settings, StartBuild,
    },
};
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Conn, Db, Result, Timestamp, builds::Transition, count, jobs::JobStatus, members, pools::PoolKey,
};
use crate::{all, optional};

/// The limits that decide how much of the past is read.
#[derive(Clone, Copy, Debug)]
pub struct Past {
    /// Failures at or after this count for back-off (S7).
    pub since: DateTime<Utc>,
    /// So many newest builds decide the hard limit (S8).
    pub hard_limit: u32,
}

impl Past {
    /// As far back as these limits look.
    pub fn of(limits: &Settings, now: DateTime<Utc>) -> Self {
        let look_back = i64::try_from(limits.backoff_lookback_seconds).ok().and_then(TimeDelta::try_seconds);
        let since = look_back.and_then(|span| now.checked_sub_signed(span));
        Self { since: since.unwrap_or(DateTime::UNIX_EPOCH), hard_limit: limits.failure_hard_limit }
    }
}

/// Everything that a pass decides on.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub paused: GlobalPause,
    /// By template, preset and age of the version.
    pub presets: Vec<PresetRead>,
}

/// One preset with what the engine needs to act on it.
#[derive(Clone, Debug, PartialEq)]
pub struct PresetRead {
    pub version_id: VersionId,
    pub organization_id: OrganizationId,
    pub pool: PoolKey,
    /// Whether the pool's own row exists.
    pub has_pool: bool,
    pub policy: DriftPolicy,
    pub snapshot: PresetSnapshot,
}

impl PresetRead {
    /// Members made before this are expired or invalidated.
    pub fn not_before(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let ttl = self.snapshot.ttl_seconds.and_then(|ttl| i64::try_from(ttl).ok());
        members::not_before(ttl, self.snapshot.invalidated_at, now)
    }
}

/// Reads everything in one transaction, and ends it.
pub async fn read(db: &Db, past: Past) -> Result<Snapshot> {
    let mut conn = db.snapshot().await?;
    let paused = global_pause(&mut conn).await?;
    let presets = presets(&mut conn).await?;
    let schedules = schedules(&mut conn).await?;
    let rows = member_rows(&mut conn).await?;
    let builds = start_builds(&mut conn, past, most(&presets, &schedules)).await?;
    drop(conn);
    Ok(Snapshot { paused, presets: assemble(presets, schedules, rows, builds)? })
}

/// The largest number that any of the pools may want, at least one.
fn most(presets: &[PresetRow], schedules: &[ScheduleRow]) -> i64 {
    let asked = presets.iter().flat_map(|preset| [Some(preset.instances), preset.override_instances]);
    asked.flatten().chain(schedules.iter().map(|line| line.instances)).max().unwrap_or(0).max(1)
}

/// The row that holds who paused every pool, when and why.
#[derive(Deserialize)]
struct PauseAll {
    at: DateTime<Utc>,
    note: String,
}

/// Whether every pool is paused, and by whom.
pub async fn global_pause(conn: &mut Conn) -> Result<GlobalPause> {
    let row = optional!(
        conn,
        (Json<PauseAll>, Option<String>),
        "SELECT s.value, u.username FROM settings s LEFT JOIN users u ON u.id = s.updated_by
         WHERE s.name = 'prebuilds.paused'"
    )?;
    Ok(row.map_or(GlobalPause::Running, |(Json(pause), by)| {
        GlobalPause::Paused(Some(Pause { by: by.unwrap_or_default(), at: pause.at, note: pause.note }))
    }))
}

#[derive(sqlx::FromRow)]
struct PresetRow {
    id: Uuid,
    version_id: Uuid,
    organization_id: Uuid,
    template_id: Uuid,
    template: String,
    version: String,
    name: String,
    version_active: bool,
    template_deleted: bool,
    template_deprecated: bool,
    instances: i64,
    ttl_seconds: Option<i64>,
    invalidated_at: Option<Timestamp>,
    timezone: Option<String>,
    health: String,
    has_pool: bool,
    #[sqlx(try_from = "String")]
    policy: DriftPolicy,
    paused_by: Option<String>,
    paused_at: Option<Timestamp>,
    pause_note: Option<String>,
    override_instances: Option<i64>,
    override_until: Option<Timestamp>,
    failures_reset_at: Option<Timestamp>,
}

macro_rules! select_presets {
    ($which:literal) => {
        concat!(
            "SELECT p.id, p.version_id, t.organization_id, t.id AS template_id, t.name AS template, v.name AS version, p.name,
                 t.active_version_id = p.version_id AS version_active, t.deleted AS template_deleted,
                 t.deprecation_message <> '' AS template_deprecated, p.instances, p.ttl_seconds, p.invalidated_at,
                 p.schedule_timezone AS timezone, p.health, k.template_id IS NOT NULL AS has_pool,
                 COALESCE(k.policy, 'allow') AS policy, u.username AS paused_by, k.paused_at, k.pause_note, k.override_instances, k.override_until,
                 k.failures_reset_at
             FROM presets p JOIN template_versions v ON v.id = p.version_id JOIN templates t ON t.id = v.template_id
             LEFT JOIN pools k ON k.template_id = t.id AND k.preset_name = p.name LEFT JOIN users u ON u.id = k.paused_by
             WHERE p.instances IS NOT NULL AND p.id IN (",
            $which,
            ") ORDER BY t.name, t.id, p.name, v.created_at"
        )
    };
}

/// Presets that have a pool: of every active version, and of any other version that still has members (S6).
async fn presets(conn: &mut Conn) -> Result<Vec<PresetRow>> {
    Ok(all!(
        conn,
        PresetRow,
        select_presets!(
            "SELECT a.id FROM templates s JOIN presets a ON a.version_id = s.active_version_id WHERE NOT s.deleted
             UNION SELECT preset_id FROM workspaces
             WHERE prebuilt_at IS NOT NULL AND claimed_at IS NULL AND NOT deleted"
        )
    )?)
}

#[derive(sqlx::FromRow)]
struct ScheduleRow {
    preset_id: Uuid,
    cron: String,
    instances: i64,
}

macro_rules! select_schedules {
    ($which:literal) => {
        concat!(
            "SELECT preset_id, cron, instances FROM preset_schedules WHERE preset_id IN (",
            $which,
            ") ORDER BY preset_id, position"
        )
    };
}

async fn schedules(conn: &mut Conn) -> Result<Vec<ScheduleRow>> {
    Ok(all!(
        conn,
        ScheduleRow,
        select_schedules!(
            "SELECT p.id FROM templates t JOIN presets p ON p.version_id = t.active_version_id WHERE NOT t.deleted"
        )
    )?)
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    #[sqlx(try_from = "Uuid")]
    id: WorkspaceId,
    preset_id: Uuid,
    #[sqlx(try_from = "Timestamp")]
    created_at: DateTime<Utc>,
    ready: bool,
    #[sqlx(try_from = "String")]
    transition: Transition,
    #[sqlx(try_from = "String")]
    status: JobStatus,
    number: i64,
    ended_at: Option<Timestamp>,
}

macro_rules! select_members {
    ($which:literal) => {
        concat!(
            "SELECT id, preset_id, created_at, ready, latest_transition AS transition, latest_status AS status,
                 latest_number AS number, latest_ended_at AS ended_at
             FROM workspaces WHERE prebuilt_at IS NOT NULL AND claimed_at IS NULL AND NOT deleted ",
            $which,
            " ORDER BY preset_id, created_at, id"
        )
    };
}

async fn member_rows(conn: &mut Conn) -> Result<Vec<MemberRow>> {
    Ok(all!(conn, MemberRow, select_members!(""))?)
}

#[derive(sqlx::FromRow)]
struct BuildRow {
    preset_id: Uuid,
    #[sqlx(try_from = "Timestamp")]
    ended_at: DateTime<Utc>,
    succeeded: bool,
}

/// The same for one preset, with work that does not grow with the number of pools.
pub async fn read_one(db: &Db, past: Past, preset: PresetId) -> Result<(GlobalPause, Option<PresetRead>)> {
    let mut conn = db.snapshot().await?;
    let paused = global_pause(&mut conn).await?;
    let presets = all!(conn, PresetRow, select_presets!("$1"), preset.0)?;
    let schedules = all!(conn, ScheduleRow, select_schedules!("$1"), preset.0)?;
    let rows = all!(conn, MemberRow, select_members!("AND preset_id = $1"), preset.0)?;
    let builds = all!(
        conn,
        BuildRow,
        "SELECT preset_id, ended_at, outcome = 'succeeded' AS succeeded FROM builds
         WHERE preset_id = $1 AND stage = 'create' AND outcome IN ('succeeded', 'failed') AND initiator_id = $2
         AND (ended_at >= $3 OR id IN (SELECT id FROM builds WHERE preset_id = $1 AND stage = 'create'
             AND outcome IN ('succeeded', 'failed') AND initiator_id = $2 ORDER BY ended_at DESC LIMIT $4))",
        preset.0,
        SYSTEM_USER.0,
        Timestamp::from(past.since),
        most(&presets, &schedules).max(i64::from(past.hard_limit))
    )?;
    Ok((paused, assemble(presets, schedules, rows, builds)?.pop()))
}

/// First builds of pool members that have ended, as far as back-off and limit look: the failures of the look-back, the
/// newest `most` of the presets that have one (S7), and the newest `hard_limit` of every pool (S8).
async fn start_builds(conn: &mut Conn, past: Past, most: i64) -> Result<Vec<BuildRow>> {
    macro_rules! start_builds {
        ($newest_of_failing:literal, $newest_of_all:literal) => {
            concat!(
                "WITH failing AS (SELECT DISTINCT preset_id FROM builds
                     WHERE stage = 'create' AND outcome = 'failed' AND ended_at >= $2 AND initiator_id = $1),
                 pooled AS (SELECT p.id AS preset_id FROM templates t JOIN presets p ON p.version_id = t.active_version_id
                     WHERE NOT t.deleted AND p.instances IS NOT NULL)
                 SELECT id, preset_id, ended_at, outcome = 'succeeded' AS succeeded FROM builds
                     WHERE stage = 'create' AND outcome = 'failed' AND ended_at >= $2 AND initiator_id = $1
                 UNION SELECT b.id, b.preset_id, b.ended_at, b.outcome = 'succeeded' FROM failing f ",
                $newest_of_failing,
                " UNION SELECT b.id, b.preset_id, b.ended_at, b.outcome = 'succeeded' FROM pooled f ",
                $newest_of_all
            )
        };
    }
    let sql = conn.pick(
        start_builds!(
            "JOIN builds b ON b.id IN (SELECT id FROM builds WHERE preset_id = f.preset_id AND stage = 'create'
                 AND outcome IN ('succeeded', 'failed') AND initiator_id = $1 ORDER BY ended_at DESC LIMIT $3)",
            "JOIN builds b ON b.id IN (SELECT id FROM builds WHERE preset_id = f.preset_id AND stage = 'create'
                 AND outcome IN ('succeeded', 'failed') AND initiator_id = $1 ORDER BY ended_at DESC LIMIT $4)"
        ),
        start_builds!(
            "CROSS JOIN LATERAL (SELECT * FROM builds WHERE preset_id = f.preset_id AND stage = 'create'
                 AND outcome IN ('succeeded', 'failed') AND initiator_id = $1 ORDER BY ended_at DESC LIMIT $3) b",
            "CROSS JOIN LATERAL (SELECT * FROM builds WHERE preset_id = f.preset_id AND stage = 'create'
                 AND outcome IN ('succeeded', 'failed') AND initiator_id = $1 ORDER BY ended_at DESC LIMIT $4) b"
        ),
    );
    let since = Timestamp::from(past.since);
    Ok(all!(conn, BuildRow, sql, SYSTEM_USER.0, since, most, i64::from(past.hard_limit))?)
}

/// Groups the rows in memory. What one workspace means to its pool is the table 1d of the rules, as one match.
fn assemble(
    presets: Vec<PresetRow>,
    schedules: Vec<ScheduleRow>,
    members: Vec<MemberRow>,
    builds: Vec<BuildRow>,
) -> Result<Vec<PresetRead>> {
    let mut reads = Vec::with_capacity(presets.len());
    let mut places = HashMap::with_capacity(presets.len());
    for row in presets {
        places.insert(row.id, reads.len());
        reads.push(read_of(row)?);
    }
    for row in schedules {
        if let Some(read) = places.get(&row.preset_id).and_then(|at| reads.get_mut(*at)) {
            let scheduling = read.snapshot.scheduling.get_or_insert_default();
            scheduling.schedules.push(Schedule { cron: row.cron, instances: count(row.instances) });
        }
    }
    for row in members {
        if let Some(read) = places.get(&row.preset_id).and_then(|at| reads.get_mut(*at)) {
            place(&mut read.snapshot, &row);
        }
    }
    for row in builds {
        if let Some(read) = places.get(&row.preset_id).and_then(|at| reads.get_mut(*at)) {
            let build = StartBuild { finished_at: row.ended_at, succeeded: row.succeeded };
            read.snapshot.start_builds.push(build);
        }
    }
    Ok(reads)
}

fn place(preset: &mut PresetSnapshot, row: &MemberRow) {
    match (row.transition, row.status) {
        (Transition::Start, JobStatus::Succeeded) => {
            preset.running.push(Member { id: row.id, created_at: row.created_at, ready: row.ready });
        }
        (Transition::Start, JobStatus::Pending | JobStatus::Running | JobStatus::Canceling) => {
            preset.in_progress.starting += 1;
            if row.status == JobStatus::Pending && row.number == 1 {
                preset.pending.push(row.id);
            }
        }
        (Transition::Start, JobStatus::Failed | JobStatus::Canceled) => {
            let failed_at = row.ended_at.map_or(row.created_at, Into::into);
            preset.failed.push(FailedMember { id: row.id, failed_at });
        }
        (Transition::Stop, status) if status.is_open() => preset.in_progress.stopping += 1,
        (Transition::Delete, status) if status.is_open() => preset.in_progress.deleting += 1,
        // Parked by a person, or a delete that failed: not counted, not touched.
        (Transition::Stop | Transition::Delete, _) => {}
    }
}

fn read_of(row: PresetRow) -> Result<PresetRead> {
    let instant = |at: Option<Timestamp>| at.map(Into::into);
    let pause = |at: Timestamp| Pause {
        by: row.paused_by.clone().unwrap_or_default(),
        at: at.into(),
        note: row.pause_note.clone().unwrap_or_default(),
    };
    let override_ = row.override_instances.zip(row.override_until);
    Ok(PresetRead {
        version_id: row.version_id.into(),
        organization_id: row.organization_id.into(),
        pool: PoolKey { template_id: TemplateId(row.template_id), preset_name: row.name.clone() },
        has_pool: row.has_pool,
        policy: row.policy,
        snapshot: PresetSnapshot {
            id: row.id.into(),
            template: row.template,
            version: row.version,
            version_active: row.version_active,
            template_deleted: row.template_deleted,
            template_deprecated: row.template_deprecated,
            instances: count(row.instances),
            ttl_seconds: row.ttl_seconds.and_then(|ttl| u64::try_from(ttl).ok()),
            invalidated_at: instant(row.invalidated_at),
            scheduling: row.timezone.map(|timezone| Scheduling { timezone, schedules: Vec::new() }),
            health: health(row.health)?,
            paused: row.paused_at.map(pause),
            override_: override_.map(|(n, until)| Override { instances: count(n), until: until.into() }),
            running: Vec::new(),
            failed: Vec::new(),
            in_progress: Default::default(),
            pending: Vec::new(),
            start_builds: Vec::new(),
            failures_reset_at: instant(row.failures_reset_at),
            name: row.name,
        },
    })
}

fn health(word: String) -> Result<PresetHealth> {
    match word.as_str() {
        "healthy" => Ok(PresetHealth::Healthy),
        "hard_limited" => Ok(PresetHealth::HardLimited),
        "validation_failed" => Ok(PresetHealth::ValidationFailed),
        _ => Err(super::Error::Corrupt { table: "presets", column: "health", value: word }),
    }
}
