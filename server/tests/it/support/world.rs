//! A small world in the database: people, a template with presets, members of pools. For tests below HTTP.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::ids::{
    BuildId, FileId, JobId, OrganizationId, PresetId, SYSTEM_USER, TemplateId, UserId, VersionId, WorkspaceId,
};
use hearth_server::{
    clock::new_id,
    execute,
    store::{
        Db, Timestamp,
        audit::{self, Filter, Recorded},
        builds::{self, NewBuild, Outcome, Stage, Transition},
        jobs::{Ending, JobStatus, Lane, Lease},
        place::Place,
        pools::{self, PoolKey},
        versions::Variables,
        workspaces::{self, NewWorkspace},
    },
};
use serde_json::Value;
use uuid::Uuid;

/// The organization of the first migration.
pub const ORGANIZATION: OrganizationId =
    OrganizationId(Uuid::from_u128(0x0190a000_0000_7000_8000_0000000000aa));

/// An instant to count from.
pub fn start() -> DateTime<Utc> {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

pub fn minutes(n: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(n)
}

pub async fn person(db: &Db, username: &str) -> UserId {
    user(db, username, "member").await
}

/// Somebody who answers for templates.
pub async fn admin(db: &Db, username: &str) -> UserId {
    user(db, username, "template-admin").await
}

async fn user(db: &Db, username: &str, role: &str) -> UserId {
    let id: UserId = new_id();
    let mut tx = db.write().await.unwrap();
    execute!(
        tx,
        "INSERT INTO users (id, username, email, role, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        id.0,
        username,
        format!("{username}@example.com"),
        role,
        Timestamp::from(start())
    )
    .unwrap();
    tx.commit().await.unwrap();
    id
}

/// A template with its active version.
#[derive(Clone, Debug)]
pub struct Template {
    pub id: TemplateId,
    pub version: VersionId,
}

pub async fn organization(db: &Db, name: &str) -> OrganizationId {
    let id: OrganizationId = new_id();
    let mut tx = db.write().await.unwrap();
    execute!(
        tx,
        "INSERT INTO organizations (id, name, display_name, created_at, updated_at) VALUES ($1, $2, $2, $3, $3)",
        id.0,
        name,
        Timestamp::from(start())
    )
    .unwrap();
    tx.commit().await.unwrap();
    id
}

pub async fn template(db: &Db, name: &str) -> Template {
    template_in(db, ORGANIZATION, name).await
}

pub async fn template_in(db: &Db, organization: OrganizationId, name: &str) -> Template {
    let id: TemplateId = new_id();
    let mut tx = db.write().await.unwrap();
    let version: VersionId = new_id();
    execute!(
        tx,
        "INSERT INTO templates (id, organization_id, name, active_version_id, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
        id.0,
        organization.0,
        name,
        version.0,
        SYSTEM_USER.0,
        Timestamp::from(start())
    )
    .unwrap();
    tx.commit().await.unwrap();
    insert_version(db, id, version, "v1").await;
    Template { id, version }
}

/// A further version, which is not active.
pub async fn version(db: &Db, template: TemplateId, name: &str) -> VersionId {
    let id = new_id();
    insert_version(db, template, id, name).await;
    id
}

async fn insert_version(db: &Db, template: TemplateId, id: VersionId, name: &str) {
    let (file, job): (FileId, JobId) = (new_id(), new_id());
    let mut tx = db.write().await.unwrap();
    execute!(
        tx,
        "INSERT INTO files (id, hash, data, created_by, created_at) VALUES ($1, $2, $3, $4, $5)",
        file.0,
        file.to_string(),
        Vec::<u8>::new(),
        SYSTEM_USER.0,
        Timestamp::from(start())
    )
    .unwrap();
    execute!(
        tx,
        "INSERT INTO jobs (id, organization_id, kind, subject_id, generation, lane, initiator_id, status, created_at)
         VALUES ($1, $2, 'template_version_import', $3, 1, 'people', $4, 'succeeded', $5)",
        job.0,
        ORGANIZATION.0,
        id.0,
        SYSTEM_USER.0,
        Timestamp::from(start())
    )
    .unwrap();
    let none = sqlx::types::Json(Vec::<()>::new());
    execute!(
        tx,
        "INSERT INTO template_versions (id, template_id, organization_id, name, file_id, job_id, variables, parameters,
             resources, warnings, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8, $9, $10, $10)",
        id.0,
        template.0,
        ORGANIZATION.0,
        name,
        file.0,
        job.0,
        sqlx::types::Json(Variables::default()),
        &none,
        SYSTEM_USER.0,
        Timestamp::from(start() + TimeDelta::microseconds(name.len() as i64))
    )
    .unwrap();
    tx.commit().await.unwrap();
}

pub async fn activate(db: &Db, template: TemplateId, version: VersionId) {
    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE templates SET active_version_id = $2 WHERE id = $1", template.0, version.0).unwrap();
    tx.commit().await.unwrap();
}

/// A preset with a pool of `instances`.
pub async fn preset(db: &Db, of: (TemplateId, VersionId), name: &str, instances: i64) -> PresetId {
    let id = preset_without_pool_row(db, of, name, instances).await;
    let key = PoolKey { template_id: of.0, preset_name: name.to_owned() };
    let mut tx = db.write().await.unwrap();
    pools::ensure(&mut tx, &key, ORGANIZATION, start()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// As it is before the first pass saw it.
pub async fn preset_without_pool_row(
    db: &Db,
    of: (TemplateId, VersionId),
    name: &str,
    instances: i64,
) -> PresetId {
    let id: PresetId = new_id();
    let mut tx = db.write().await.unwrap();
    execute!(
        tx,
        "INSERT INTO presets (id, version_id, name, parameters, instances) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        of.1.0,
        name,
        sqlx::types::Json(BTreeMap::from([("size", name)])),
        instances
    )
    .unwrap();
    tx.commit().await.unwrap();
    id
}

/// What a member of a pool is like.
#[derive(Clone, Copy, Debug)]
pub struct Like {
    pub transition: Transition,
    pub status: JobStatus,
    pub ready: bool,
    pub created_at: DateTime<Utc>,
}

impl Like {
    /// Can be claimed.
    pub fn ready() -> Self {
        Self { transition: Transition::Start, status: JobStatus::Succeeded, ready: true, created_at: start() }
    }

    /// Its latest build, of the pool's making.
    pub fn build(transition: Transition, status: JobStatus) -> Self {
        Self { transition, status, ready: false, created_at: start() }
    }

    pub fn created(self, created_at: DateTime<Utc>) -> Self {
        Self { created_at, ..self }
    }
}

/// A member of the pool of this preset, made by the store's own functions.
pub async fn member(db: &Db, of: (TemplateId, VersionId, PresetId), like: Like) -> WorkspaceId {
    let (id, build_id): (WorkspaceId, BuildId) = (new_id(), new_id());
    let now = like.created_at;
    let name = format!("member-{}", id.0.simple());
    let mut tx = db.write().await.unwrap();
    let new = NewWorkspace {
        id,
        owner_id: SYSTEM_USER,
        organization_id: ORGANIZATION,
        template_id: of.0,
        version_id: of.1,
        preset_id: Some(of.2),
        name: &name,
        build_id,
        prebuilt: true,
        autostart_schedule: None,
        ttl_ms: None,
    };
    assert!(workspaces::insert(&mut tx, &new, now).await.unwrap());
    insert_build(&mut tx, &new, 1, Stage::Create, now).await;
    if like.transition == Transition::Start {
        settle(&mut tx, id, 1, like.status, now).await;
    } else {
        settle(&mut tx, id, 1, JobStatus::Succeeded, now).await;
        let stage = if like.transition == Transition::Stop { Stage::Stop } else { Stage::Delete };
        let next = workspaces::NextBuild {
            workspace_id: id,
            owner_id: SYSTEM_USER,
            build_id: new_id(),
            stage,
            version_id: None,
        };
        assert!(workspaces::begin_build(&mut tx, &next, now).await.unwrap().is_some());
        insert_build(&mut tx, &NewWorkspace { build_id: next.build_id, ..new.clone() }, 2, stage, now).await;
        settle(&mut tx, id, 2, like.status, now).await;
    }
    if like.ready {
        execute!(tx, "UPDATE workspaces SET ready = TRUE WHERE id = $1", id.0).unwrap();
    }
    tx.commit().await.unwrap();
    id
}

async fn insert_build(
    tx: &mut hearth_server::store::Tx,
    of: &NewWorkspace<'_>,
    number: i64,
    stage: Stage,
    now: DateTime<Utc>,
) {
    let build = NewBuild {
        id: of.build_id,
        job_id: new_id(),
        workspace_id: of.id,
        organization_id: ORGANIZATION,
        number,
        stage,
        version_id: of.version_id,
        preset_id: of.preset_id,
        initiator_id: SYSTEM_USER,
        lane: Lane::Pool,
        parameters: &BTreeMap::from([("size".to_owned(), "small".to_owned())]),
    };
    builds::insert(tx, &build, now).await.unwrap();
}

/// Takes the job of a build to this status.
async fn settle(
    tx: &mut hearth_server::store::Tx,
    workspace: WorkspaceId,
    number: i64,
    status: JobStatus,
    now: DateTime<Utc>,
) {
    if status == JobStatus::Pending {
        return;
    }
    let build = builds::by_number(tx, workspace, number).await.unwrap().unwrap();
    execute!(tx, "UPDATE jobs SET status = 'running', fence = 1 WHERE id = $1", build.job_id.0).unwrap();
    execute!(tx, "UPDATE workspaces SET latest_status = 'running' WHERE id = $1", workspace.0).unwrap();
    let outcome = match status {
        JobStatus::Succeeded => Outcome::Succeeded,
        JobStatus::Failed => Outcome::Failed,
        JobStatus::Canceled => Outcome::Canceled,
        JobStatus::Canceling => {
            builds::cancel(tx, &build, now).await.unwrap();
            return;
        }
        JobStatus::Pending | JobStatus::Running => return,
    };
    let lease = Lease {
        id: build.job_id,
        kind: hearth_server::store::jobs::JobKind::Build,
        subject_id: workspace.0,
        generation: number,
        fence: 1,
    };
    let ending = Ending { status, error: String::new(), error_code: "" };
    assert!(builds::finish(tx, &lease, &ending, outcome, now).await.unwrap());
}

/// What the record says that this actor did, oldest first: the verb, the name, and what became of each.
pub async fn acts(db: &Db, actor: &str) -> Vec<(String, String, Value)> {
    let filter = Filter { actor: Some(actor.to_owned()), ..Filter::default() };
    let mut conn = db.read().await.unwrap();
    let rows = audit::list(&mut conn, &filter, Place::end(), (100, 0)).await.unwrap();
    let act = |row: Recorded| (row.verb, row.target_name, row.after.map(|after| after.0).unwrap_or_default());
    rows.into_iter().rev().map(act).collect()
}
