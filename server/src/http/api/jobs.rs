//! How a job looks inside of what it works on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    backend::versions::Imported,
    store::{Timestamp, builds::Build, jobs::JobStatus},
};

#[derive(Serialize)]
pub struct JobBody {
    id: Uuid,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    canceled_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    error_code: String,
    status: &'static str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    worker_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_id: Option<Uuid>,
    tags: BTreeMap<&'static str, &'static str>,
    queue_position: i64,
    queue_size: i64,
    organization_id: Uuid,
    initiator_id: Uuid,
    input: Input,
    logs_overflowed: bool,
}

#[derive(Serialize)]
struct Input {
    #[serde(skip_serializing_if = "Option::is_none")]
    template_version_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_build_id: Option<Uuid>,
}

/// Workers take every job: one is always there, so that clients do not warn.
#[derive(Serialize)]
pub struct MatchedProvisioners {
    count: u32,
    available: u32,
    most_recently_seen: DateTime<Utc>,
}

impl MatchedProvisioners {
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { count: 1, available: 1, most_recently_seen: now }
    }
}

impl JobBody {
    pub fn of_import(imported: &Imported) -> Self {
        let Imported { version, job, queue_position } = imported;
        Self {
            id: job.id.0,
            created_at: job.created_at,
            started_at: instant(job.started_at),
            completed_at: instant(job.completed_at),
            canceled_at: instant(job.canceled_at),
            error: job.error.clone(),
            error_code: job.error_code.clone(),
            status: job.status.as_str(),
            r#type: "template_version_import",
            worker_name: job.worker.clone(),
            file_id: Some(version.file_id.0),
            tags: tags(),
            queue_position: *queue_position,
            queue_size: *queue_position,
            organization_id: job.organization_id.0,
            initiator_id: job.initiator_id.0,
            input: Input { template_version_id: Some(version.id.0), workspace_build_id: None },
            logs_overflowed: false,
        }
    }

    pub fn of_build(build: &Build, organization_id: Uuid) -> Self {
        Self {
            id: build.job_id.0,
            created_at: build.created_at,
            started_at: instant(build.started_at),
            completed_at: instant(build.completed_at),
            canceled_at: instant(build.canceled_at),
            error: build.error.clone(),
            error_code: build.error_code.clone(),
            status: build.status.as_str(),
            r#type: "workspace_build",
            worker_name: build.worker.clone(),
            file_id: None,
            tags: tags(),
            queue_position: 0,
            queue_size: 0,
            organization_id,
            initiator_id: build.initiator_id.0,
            input: Input { template_version_id: None, workspace_build_id: Some(build.id.0) },
            logs_overflowed: false,
        }
    }

    /// A dry run: it needs no work here, so it has succeeded already.
    pub fn of_dry_run(imported: &Imported) -> Self {
        let mut body = Self::of_import(imported);
        body.r#type = "template_version_dry_run";
        body.status = JobStatus::Succeeded.as_str();
        body
    }
}

fn tags() -> BTreeMap<&'static str, &'static str> {
    [("scope", "organization"), ("owner", "")].into()
}

pub fn instant(at: Option<Timestamp>) -> Option<DateTime<Utc>> {
    at.map(Into::into)
}
