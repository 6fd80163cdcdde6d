//! `/api/v2/templateversions`: a source, its import, and what the import found.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::State,
    response::Response,
    routing::{get, patch, post},
};
use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    changes::Change,
    ids::{FileId, TemplateId, VersionId},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    follow::Upgrade,
    jobs::{JobBody, MatchedProvisioners},
    logs::{self, LogParams},
    users::{Message, MinimalUser},
};
use crate::{
    backend::{people, templates, versions},
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Page, Params, Segments, set_id},
    },
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/organizations/{organization}/templateversions", post(push))
        .route("/api/v2/templateversions/{version}", get(one))
        .route("/api/v2/templateversions/{version}/cancel", patch(cancel))
        .route("/api/v2/templateversions/{version}/archive", post(archive))
        .route("/api/v2/templateversions/{version}/unarchive", post(unarchive))
        .route("/api/v2/templateversions/{version}/changes", get(changes))
        .route("/api/v2/templateversions/{version}/logs", get(log))
        .route("/api/v2/templates/{template}/versions", get(of_template).patch(super::templates::promote))
        .route("/api/v2/templates/{template}/versions/{name}", get(one_of_template))
}

#[derive(Serialize)]
pub struct VersionBody {
    id: Uuid,
    /// Null while the version belongs to no template.
    template_id: Option<Uuid>,
    organization_id: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    name: String,
    message: String,
    job: JobBody,
    readme: String,
    created_by: MinimalUser,
    archived: bool,
    matched_provisioners: MatchedProvisioners,
    has_external_agent: bool,
    /// Not upstream's: what the import found worth knowing.
    import_warnings: Vec<String>,
}

impl VersionBody {
    fn of(imported: versions::Imported, now: DateTime<Utc>) -> Self {
        let job = JobBody::of_import(&imported);
        let version = imported.version;
        Self {
            id: version.id.0,
            template_id: version.template_id,
            organization_id: version.organization_id.0,
            created_at: version.created_at,
            updated_at: version.updated_at,
            name: version.name,
            message: version.message,
            job,
            readme: version.readme,
            created_by: MinimalUser {
                id: version.created_by.0,
                username: version.creator_username,
                name: version.creator_name,
                avatar_url: "",
            },
            archived: version.archived,
            matched_provisioners: MatchedProvisioners::at(now),
            has_external_agent: false,
            import_warnings: version.warnings.0,
        }
    }
}

#[derive(Deserialize)]
struct PushBody {
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: String,
    #[serde(default, deserialize_with = "set_id")]
    template_id: Option<Uuid>,
    #[serde(default, deserialize_with = "set_id")]
    file_id: Option<Uuid>,
    #[serde(default)]
    provisioner: String,
    #[serde(default)]
    user_variable_values: Vec<NameValue>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct NameValue {
    pub name: String,
    pub value: String,
}

impl NameValue {
    pub fn pairs(values: Vec<Self>) -> Vec<(String, String)> {
        values.into_iter().map(|one| (one.name, one.value)).collect()
    }

    pub fn list(values: BTreeMap<String, String>) -> Vec<Self> {
        values.into_iter().map(|(name, value)| Self { name, value }).collect()
    }
}

async fn push(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(organization): Segments<String>,
    Body(body): Body<PushBody>,
) -> Result<(StatusCode, Json<VersionBody>)> {
    if !matches!(body.provisioner.as_str(), "" | "terraform") {
        return Err(Error::invalid("provisioner", "must be `terraform`"));
    }
    let Some(file_id) = body.file_id else {
        return Err(Error::invalid("file_id", "must name an uploaded file"));
    };
    let organization = people::find_organization(&mut hearth.db.read().await?, &organization).await?;
    let push = versions::Push {
        organization_id: organization.id,
        template_id: body.template_id.map(TemplateId),
        name: Some(body.name.as_str()).filter(|name| !name.is_empty()),
        message: &body.message,
        file_id: FileId(file_id),
        variables: NameValue::pairs(body.user_variable_values).into_iter().collect(),
    };
    let imported = versions::push(&hearth, &actor, &push).await?;
    Ok((StatusCode::CREATED, Json(VersionBody::of(imported, hearth.clock.now()))))
}

async fn one(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<VersionBody>> {
    let imported = versions::find(&hearth, &actor, VersionId(id)).await?;
    Ok(Json(VersionBody::of(imported, hearth.clock.now())))
}

async fn cancel(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Message>> {
    versions::cancel(&hearth, &actor, VersionId(id)).await?;
    Ok(Json(Message { message: "The import is being cancelled." }))
}

async fn archive(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Message>> {
    versions::set_archived(&hearth, &actor, VersionId(id), true).await?;
    Ok(Json(Message { message: "The version is archived." }))
}

async fn unarchive(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Message>> {
    versions::set_archived(&hearth, &actor, VersionId(id), false).await?;
    Ok(Json(Message { message: "The version is not archived any more." }))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChangesParams {
    /// The active version of its template when it is absent.
    against: Option<Uuid>,
}

#[derive(Serialize)]
struct Changes {
    changes: Vec<Change>,
}

async fn changes(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Params(params): Params<ChangesParams>,
) -> Result<Json<Changes>> {
    let against = params.against.map(VersionId);
    let changes = templates::changes(&hearth, &actor, VersionId(id), against).await?;
    Ok(Json(Changes { changes }))
}

async fn log(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Params(params): Params<LogParams>,
    upgrade: Upgrade,
) -> Result<Response> {
    let job = versions::find(&hearth, &actor, VersionId(id)).await?.job.id;
    logs::answer(hearth, job, params, upgrade).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListParams {
    include_archived: bool,
}

async fn of_template(
    State(hearth): State<Hearth>,
    _caller: Caller,
    Segments(template): Segments<Uuid>,
    Params(params): Params<ListParams>,
    Params(page): Params<Page>,
) -> Result<Json<Vec<VersionBody>>> {
    let now = hearth.clock.now();
    let mut versions = versions::of_template(&hearth, TemplateId(template)).await?;
    versions.retain(|imported| params.include_archived || !imported.version.archived);
    Ok(Json(page.of(versions).into_iter().map(|imported| VersionBody::of(imported, now)).collect()))
}

async fn one_of_template(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((template, name)): Segments<(Uuid, String)>,
) -> Result<Json<VersionBody>> {
    let imported = versions::find_named(&hearth, &actor, TemplateId(template), &name).await?;
    Ok(Json(VersionBody::of(imported, hearth.clock.now())))
}
