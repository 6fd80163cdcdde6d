//! `/api/v2/workspacebuilds`: transitions of a workspace, their logs and what they made.

use axum::{
    Json, Router,
    extract::State,
    response::Response,
    routing::{get, patch},
};
use hearth_prebuilds::ids::{BuildId, VersionId, WorkspaceId};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    follow::Upgrade,
    logs::{self, LogParams},
    resources::ResourceBody,
    users::Message,
    versions::NameValue,
    workspace_body::BuildBody,
    workspaces::not_acceptable,
};
use crate::{
    backend::{
        acts::{self, Change},
        details,
    },
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Page, Params, Segments, set_id},
    },
    store::{builds::Transition, jobs::JobStatus},
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/workspaces/{workspace}/builds", get(of_workspace).post(create))
        .route("/api/v2/users/{user}/workspace/{name}/builds/{number}", get(numbered))
        .route("/api/v2/workspacebuilds/{build}", get(one))
        .route("/api/v2/workspacebuilds/{build}/cancel", patch(cancel))
        .route("/api/v2/workspacebuilds/{build}/logs", get(log))
        .route("/api/v2/workspacebuilds/{build}/parameters", get(parameters))
        .route("/api/v2/workspacebuilds/{build}/resources", get(resources))
}

async fn of_workspace(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Params(page): Params<Page>,
) -> Result<Json<Vec<BuildBody>>> {
    let now = hearth.clock.now();
    let builds = details::builds_of(&hearth, &actor, WorkspaceId(id)).await?;
    Ok(Json(page.of(builds).into_iter().map(|detail| BuildBody::of(detail, now)).collect()))
}

#[derive(Deserialize)]
struct CreateBody {
    transition: String,
    #[serde(default, deserialize_with = "set_id")]
    template_version_id: Option<Uuid>,
    #[serde(default)]
    rich_parameter_values: Option<Vec<NameValue>>,
    #[serde(default)]
    orphan: bool,
    #[serde(default)]
    state: Option<String>,
}

async fn create(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Body(body): Body<CreateBody>,
) -> Result<(StatusCode, Json<BuildBody>)> {
    let transition = Transition::try_from(body.transition)
        .map_err(|_| Error::invalid("transition", "must be one of start, stop, delete"))?;
    if body.orphan {
        let detail = "a workspace is deleted with what it holds: orphan is not supported";
        return Err(Error::invalid("orphan", detail));
    }
    if body.state.is_some_and(|state| !state.is_empty()) {
        return Err(Error::Forbidden("The state of a workspace is written by its builds alone.".to_owned()));
    }
    let change = Change {
        transition,
        version_id: body.template_version_id.map(VersionId),
        parameters: NameValue::pairs(body.rich_parameter_values.unwrap_or_default()).into_iter().collect(),
    };
    let queued =
        acts::create_build(&hearth, &actor, WorkspaceId(id), &change).await.map_err(not_acceptable)?;
    let detail = details::build(&hearth, &actor, queued.build_id).await?;
    Ok((StatusCode::CREATED, Json(BuildBody::of(detail, hearth.clock.now()))))
}

async fn numbered(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((user, name, number)): Segments<(String, String, i64)>,
) -> Result<Json<BuildBody>> {
    let workspace = details::find_named(&hearth, &actor, (&user, &name), false).await?;
    let builds = details::builds_of(&hearth, &actor, workspace.id).await?;
    let build = builds.into_iter().find(|detail| detail.build.number == number);
    Ok(Json(BuildBody::of(build.ok_or(Error::NotFound("The build"))?, hearth.clock.now())))
}

async fn one(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<BuildBody>> {
    let detail = details::build(&hearth, &actor, BuildId(id)).await?;
    Ok(Json(BuildBody::of(detail, hearth.clock.now())))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CancelParams {
    /// The caller wants to cancel only what is still in this state; empty means any.
    expect_status: String,
}

async fn cancel(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Params(params): Params<CancelParams>,
) -> Result<Json<Message>> {
    let expected = match params.expect_status.as_str() {
        "" => None,
        "pending" => Some(JobStatus::Pending),
        "running" => Some(JobStatus::Running),
        _ => return Err(Error::invalid("expect_status", "must be `pending` or `running`")),
    };
    let build = details::build(&hearth, &actor, BuildId(id)).await?.build;
    if expected.is_some_and(|expected| expected != build.status) {
        return Err(Error::Precondition(format!("The build is {} by now.", build.status.as_str())));
    }
    acts::cancel_build(&hearth, &actor, build.id).await?;
    Ok(Json(Message { message: "The build is being cancelled." }))
}

async fn log(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Params(params): Params<LogParams>,
    upgrade: Upgrade,
) -> Result<Response> {
    let job = details::build(&hearth, &actor, BuildId(id)).await?.build.job_id;
    logs::answer(hearth, job, params, upgrade).await
}

async fn parameters(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Vec<NameValue>>> {
    let detail = details::build(&hearth, &actor, BuildId(id)).await?;
    Ok(Json(NameValue::list(detail.build.parameters.0)))
}

async fn resources(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Vec<ResourceBody>>> {
    let detail = details::build(&hearth, &actor, BuildId(id)).await?;
    Ok(Json(ResourceBody::of_build(&detail.build, detail.resources, hearth.clock.now())))
}
