//! Causes of drift, and each resource that a claim made again because of one.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{BuildId, CauseId, TemplateId, UserId, VersionId, WorkspaceId};
use hearth_provisioner::plan::{AttributeChange, Replacement};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Conn, Result, Timestamp, Tx,
    cause_events::{self, ShownBy},
    text_enum::text_enum,
};
use crate::{all, clock, execute, one, optional};

text_enum! {
    /// What people and later claims have said about a cause.
    CauseStatus in "drift_causes"."status" {
        Open = "open",
        Acknowledged = "acknowledged",
        Fixed = "fixed",
        Back = "back",
    }
}

/// What makes two replacements the same cause, within one template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CauseKey {
    /// Without index.
    pub address: String,
    pub resource_type: String,
    /// The attribute that forces the replacement, or what else does.
    pub path: String,
}

/// A cause that a claim or a rehearsal has just hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub id: CauseId,
    pub status: CauseStatus,
    /// Never seen before.
    pub new: bool,
    /// Fixed until now.
    pub returned: bool,
}

#[derive(sqlx::FromRow)]
struct HitRow {
    #[sqlx(try_from = "Uuid")]
    id: CauseId,
    #[sqlx(try_from = "String")]
    status: CauseStatus,
    #[sqlx(try_from = "Timestamp")]
    first_seen_at: DateTime<Utc>,
}

/// Who has seen a cause: a claim counts, a rehearsal does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenBy {
    Claim,
    Rehearsal,
}

/// Notes that a cause was seen (now), making it if it is new. A fixed one is back.
pub async fn hit(
    tx: &mut Tx,
    template: TemplateId,
    version: VersionId,
    cause: &CauseKey,
    by: SeenBy,
    now: DateTime<Utc>,
) -> Result<Hit> {
    let row = one!(
        tx,
        HitRow,
        "INSERT INTO drift_causes (id, template_id, address, resource_type, path, first_version_id, last_version_id, claims,
             first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $8, $7, $7)
         ON CONFLICT (template_id, address, path) DO UPDATE SET claims = drift_causes.claims + $8, last_version_id = $6,
             last_seen_at = $7, resource_type = $4,
             status = CASE WHEN drift_causes.status = 'fixed' THEN 'back' ELSE drift_causes.status END
         RETURNING id, status, first_seen_at",
        clock::new_id::<Uuid>(),
        template.0,
        &cause.address,
        &cause.resource_type,
        &cause.path,
        version.0,
        Timestamp::from(now),
        i64::from(by == SeenBy::Claim)
    )?;
    let new = row.first_seen_at == now;
    let back = row.status == CauseStatus::Back;
    let noted =
        (new || back) && cause_events::note(tx, row.id, row.status, ShownBy::Version(version), now).await?;
    Ok(Hit { id: row.id, status: row.status, new, returned: back && noted })
}

/// Somebody knows of it: it asks for no more attention until it comes back after a fix. `None`: there is no such cause;
/// else what it was before, and only one that was open or back has changed.
pub async fn acknowledge(
    tx: &mut Tx,
    cause: CauseId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Option<CauseStatus>> {
    macro_rules! before {
        ($lock:literal) => {
            concat!("SELECT status FROM drift_causes WHERE id = $1 ", $lock)
        };
    }
    let sql = tx.pick(before!(""), before!("FOR UPDATE"));
    let before: Option<(String,)> = optional!(tx, (String,), sql, cause.0)?;
    let changed = execute!(
        tx,
        "UPDATE drift_causes SET status = 'acknowledged', acknowledged_from = status, acknowledged_by = $2,
             acknowledged_at = $3
         WHERE id = $1 AND status IN ('open', 'back')",
        cause.0,
        by.0,
        Timestamp::from(now)
    )?;
    if changed > 0 {
        cause_events::note(tx, cause, CauseStatus::Acknowledged, ShownBy::Person(by), now).await?;
    }
    before.map(|(status,)| status.try_into()).transpose()
}

/// Undoes that. What the cause is again; `None`: nobody has acknowledged it.
pub async fn unacknowledge(tx: &mut Tx, cause: CauseId) -> Result<Option<CauseStatus>> {
    let after: Option<(String,)> = optional!(
        tx,
        (String,),
        "UPDATE drift_causes SET status = COALESCE(acknowledged_from, 'open'), acknowledged_from = NULL,
             acknowledged_by = NULL, acknowledged_at = NULL
         WHERE id = $1 AND status = 'acknowledged' RETURNING status",
        cause.0
    )?;
    after.map(|(status,)| status.try_into()).transpose()
}

/// A claim or rehearsal of this preset at a newer version did not hit them any more: causes that were last seen at an
/// older one, unless another preset of the version had them too and nobody has looked at that one yet. Returns what is
/// fixed by that, with its address.
pub async fn settle(
    tx: &mut Tx,
    template: TemplateId,
    version: VersionId,
    preset_name: &str,
    now: DateTime<Utc>,
) -> Result<Vec<(CauseId, String)>> {
    let fixed = all!(
        tx,
        (Uuid, String),
        "UPDATE drift_causes SET status = 'fixed'
         WHERE template_id = $1 AND status <> 'fixed' AND last_seen_at < $4
         AND (SELECT created_at FROM template_versions WHERE id = last_version_id)
           < (SELECT created_at FROM template_versions WHERE id = $2)
         AND (EXISTS (SELECT 1 FROM replacements r WHERE r.cause_id = drift_causes.id AND r.preset_name = $3)
             OR EXISTS (SELECT 1 FROM rehearsal_causes rc JOIN rehearsals r ON r.id = rc.rehearsal_id
                        JOIN presets p ON p.id = r.preset_id
                        WHERE rc.cause_id = drift_causes.id AND p.name = $3))
         AND NOT EXISTS (SELECT 1 FROM presets q
             WHERE q.version_id = $2 AND q.name <> $3 AND q.instances IS NOT NULL AND q.last_claim_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM rehearsals r WHERE r.preset_id = q.id AND r.verdict <> 'unknown')
             AND (EXISTS (SELECT 1 FROM replacements r WHERE r.cause_id = drift_causes.id AND r.preset_name = q.name)
                 OR EXISTS (SELECT 1 FROM rehearsal_causes rc JOIN rehearsals r ON r.id = rc.rehearsal_id
                            JOIN presets p ON p.id = r.preset_id
                            WHERE rc.cause_id = drift_causes.id AND p.name = q.name)))
         RETURNING id, address",
        template.0,
        version.0,
        preset_name,
        Timestamp::from(now)
    )?;
    let fixed: Vec<_> = fixed.into_iter().map(|(cause, address)| (CauseId(cause), address)).collect();
    for (cause, _) in &fixed {
        cause_events::note(tx, *cause, CauseStatus::Fixed, ShownBy::Version(version), now).await?;
    }
    Ok(fixed)
}

/// The claim that made resources again.
#[derive(Clone, Debug)]
pub struct Occurrence<'a> {
    pub build_id: BuildId,
    pub workspace_id: WorkspaceId,
    pub template_id: TemplateId,
    pub version_id: VersionId,
    pub preset_name: &'a str,
    pub claimed_by: UserId,
}

pub async fn insert_replacement(
    tx: &mut Tx,
    cause: CauseId,
    claim: &Occurrence<'_>,
    replacement: &Replacement,
    now: DateTime<Utc>,
) -> Result<()> {
    let kind = serde_json::to_value(replacement.kind).unwrap_or_default();
    execute!(
        tx,
        "INSERT INTO replacements (id, cause_id, build_id, workspace_id, template_id, version_id, preset_name, claimed_by,
             address, resource_type, kind, changes, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        clock::new_id::<Uuid>(),
        cause.0,
        claim.build_id.0,
        claim.workspace_id.0,
        claim.template_id.0,
        claim.version_id.0,
        claim.preset_name,
        claim.claimed_by.0,
        &replacement.address,
        &replacement.resource_type,
        kind.as_str().unwrap_or_default(),
        Json(&replacement.changes),
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Whether an earlier claim build of this workspace has been counted already.
pub async fn is_counted(conn: &mut Conn, workspace: WorkspaceId) -> Result<bool> {
    let row: Option<(i64,)> = optional!(
        conn,
        (i64,),
        "SELECT created_at FROM replacements WHERE workspace_id = $1 LIMIT 1",
        workspace.0
    )?;
    Ok(row.is_some())
}

/// What the newest claim of a preset did; shown beside the pool.
pub async fn remember_claim(tx: &mut Tx, preset: Uuid, replaced: i64, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE presets SET last_claim_at = $2, last_claim_replaced = $3 WHERE id = $1",
        preset,
        Timestamp::from(now),
        replaced
    )?;
    Ok(())
}

/// A cause with the names of where it was seen.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Cause {
    #[sqlx(try_from = "Uuid")]
    pub id: CauseId,
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    pub template_name: String,
    pub address: String,
    pub resource_type: String,
    pub path: String,
    #[sqlx(try_from = "String")]
    pub status: CauseStatus,
    pub first_version: String,
    pub last_version: String,
    pub claims: i64,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<Timestamp>,
    #[sqlx(try_from = "Timestamp")]
    pub first_seen_at: DateTime<Utc>,
    #[sqlx(try_from = "Timestamp")]
    pub last_seen_at: DateTime<Utc>,
}

macro_rules! select_cause {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.template_id, t.name AS template_name, c.address, c.resource_type, c.path, c.status,
                 f.name AS first_version, l.name AS last_version, c.claims, u.username AS acknowledged_by,
                 c.acknowledged_at, c.first_seen_at, c.last_seen_at
             FROM drift_causes c JOIN templates t ON t.id = c.template_id
             JOIN template_versions f ON f.id = c.first_version_id JOIN template_versions l ON l.id = c.last_version_id
             LEFT JOIN users u ON u.id = c.acknowledged_by ",
            $rest
        )
    };
}

/// Every cause: those that ask for something first, then the one seen last.
pub async fn causes(conn: &mut Conn) -> Result<Vec<Cause>> {
    let sql = select_cause!(
        "ORDER BY CASE c.status WHEN 'acknowledged' THEN 1 WHEN 'fixed' THEN 2 ELSE 0 END, c.last_seen_at DESC, c.id"
    );
    Ok(all!(conn, Cause, sql)?)
}

pub async fn cause(conn: &mut Conn, id: CauseId) -> Result<Option<Cause>> {
    Ok(optional!(conn, Cause, select_cause!("WHERE c.id = $1"), id.0)?)
}

/// How long a claim took until its workspace could be used.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Wait {
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    pub micros: i64,
}

/// The newest claims that recreated nothing: what a claim takes without drift.
pub async fn clean_waits(conn: &mut Conn, limit: i64) -> Result<Vec<Wait>> {
    Ok(all!(
        conn,
        Wait,
        "SELECT w.template_id, b.ready_at - b.created_at AS micros
         FROM builds b JOIN workspaces w ON w.id = b.workspace_id
         WHERE b.stage = 'claim' AND b.ready_at IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM replacements r WHERE r.workspace_id = b.workspace_id AND r.build_id = b.id)
         ORDER BY b.ready_at DESC LIMIT $1",
        limit
    )?)
}

/// The claims that a cause has hit and that came to an end: how many, and how long they took together.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Waited {
    #[sqlx(try_from = "Uuid")]
    pub cause_id: CauseId,
    pub claims: i64,
    pub micros: i64,
}

pub async fn waited(conn: &mut Conn) -> Result<Vec<Waited>> {
    Ok(all!(
        conn,
        Waited,
        "SELECT cause_id, COUNT(*) AS claims, CAST(SUM(ready_at - created_at) AS BIGINT) AS micros
         FROM (SELECT DISTINCT r.cause_id, b.id, b.created_at, b.ready_at
               FROM replacements r JOIN builds b ON b.id = r.build_id WHERE b.ready_at IS NOT NULL) hits
         GROUP BY cause_id"
    )?)
}

/// Causes that somebody should look at.
pub async fn open_causes(conn: &mut Conn) -> Result<i64> {
    let (count,): (i64,) =
        one!(conn, (i64,), "SELECT COUNT(*) FROM drift_causes WHERE status IN ('open', 'back')")?;
    Ok(count)
}

/// One resource that one claim made again.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Seen {
    #[sqlx(try_from = "Uuid")]
    pub cause_id: CauseId,
    #[sqlx(try_from = "Uuid")]
    pub build_id: BuildId,
    #[sqlx(try_from = "Uuid")]
    pub workspace_id: WorkspaceId,
    pub workspace_name: String,
    pub preset_name: String,
    pub claimed_by: String,
    pub address: String,
    pub resource_type: String,
    pub kind: String,
    pub changes: Json<Vec<AttributeChange>>,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
}

/// What the claim of this workspace made again.
pub async fn seen_of_workspace(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Seen>> {
    Ok(all!(
        conn,
        Seen,
        "SELECT r.cause_id, r.build_id, r.workspace_id, w.name AS workspace_name, r.preset_name,
             u.username AS claimed_by, r.address, r.resource_type, r.kind, r.changes, r.created_at
         FROM replacements r JOIN workspaces w ON w.id = r.workspace_id JOIN users u ON u.id = r.claimed_by
         WHERE r.workspace_id = $1 ORDER BY r.created_at, r.address",
        workspace.0
    )?)
}

/// How many claims recreated something since `since`.
pub async fn claims_since(conn: &mut Conn, since: DateTime<Utc>) -> Result<i64> {
    let (count,): (i64,) = one!(
        conn,
        (i64,),
        "SELECT COUNT(DISTINCT workspace_id) FROM replacements WHERE created_at >= $1",
        Timestamp::from(since)
    )?;
    Ok(count)
}
