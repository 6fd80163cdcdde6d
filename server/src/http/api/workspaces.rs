//! `/api/v2/workspaces`: lists, one, and a new one. A new one may come from a pool; the answer is the same.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use hearth_prebuilds::ids::{PresetId, TemplateId, UserId, VersionId, WorkspaceId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    search::Search,
    versions::NameValue,
    workspace_body::{WorkspaceBody, status_of},
};
use crate::{
    backend::{acts, details, people},
    engine::claim::{PresetChoice, Request},
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Page, Params, Segments, set_id},
    },
    store::{
        blueprints::{self, Blueprint},
        workspaces::{Filter, Workspace},
    },
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/workspaces", get(list))
        .route("/api/v2/workspaces/{workspace}", get(one))
        .route("/api/v2/users/{user}/workspace/{name}", get(named))
        .route("/api/v2/users/{user}/workspaces", post(create))
        .route("/api/v2/organizations/{organization}/members/{user}/workspaces", post(create_as_member))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListParams {
    q: String,
}

#[derive(Serialize)]
struct WorkspaceList {
    workspaces: Vec<WorkspaceBody>,
    count: usize,
}

async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(params): Params<ListParams>,
    Params(page): Params<Page>,
) -> Result<Json<WorkspaceList>> {
    let query = Query::parse(&params.q)?;
    let owner = match &query.owner {
        None => None,
        Some(owner) => match people::find_user(&mut hearth.db.read().await?, &actor, owner).await {
            Ok(user) => Some(user.id),
            Err(Error::NotFound(_)) => {
                return Ok(Json(WorkspaceList { workspaces: Vec::new(), count: 0 }));
            }
            Err(error) => return Err(error),
        },
    };
    let filter = Filter {
        owner,
        name: query.name.as_deref(),
        template: query.template.as_deref(),
        ..Filter::default()
    };
    let mut found = details::list(&hearth, &actor, &filter).await?;
    found.retain(|workspace| query.fits(workspace));
    let count = found.len();
    let now = hearth.clock.now();
    let detailed = details::with_newest_build(&hearth, page.of(found)).await?;
    let workspaces = detailed.into_iter().map(|detail| WorkspaceBody::of(detail, now)).collect();
    Ok(Json(WorkspaceList { workspaces, count }))
}

/// What `q` asks for; every text is in lower case.
#[derive(Debug, Default, PartialEq)]
struct Query {
    owner: Option<String>,
    name: Option<String>,
    template: Option<String>,
    organization: Option<String>,
    status: Option<String>,
    outdated: Option<bool>,
    ids: Option<Vec<WorkspaceId>>,
}

const STATUSES: [&str; 10] = [
    "pending",
    "starting",
    "running",
    "stopping",
    "stopped",
    "failed",
    "canceling",
    "canceled",
    "deleting",
    "deleted",
];

impl Query {
    fn parse(q: &str) -> Result<Self> {
        let mut search = Search::parse(q)?;
        let (owner, part) = match search.bare().map(|bare| bare.split_once('/').ok_or(bare)) {
            None => (None, None),
            Some(Err(name)) => (None, Some(name.to_owned())),
            Some(Ok((owner, name))) => (Some(owner.to_owned()), Some(name.to_owned())),
        };
        let ids = search.take("id").map(|ids| ids.split(',').map(str::parse).collect::<Result<_, _>>());
        let query = Self {
            owner: search.take("owner").or(owner),
            name: search.take("name").or(part),
            template: search.take("template"),
            organization: search.take("organization"),
            status: search.take("status"),
            outdated: search.take_bool("outdated")?,
            ids: ids.transpose().map_err(|_| Error::invalid("id", "must be ids, with commas between"))?,
        };
        search.end()?;
        if query.status.as_deref().is_some_and(|status| !STATUSES.contains(&status)) {
            return Err(Error::invalid("status", format!("must be one of {}", STATUSES.join(", "))));
        }
        Ok(query)
    }

    /// What the database was not asked.
    fn fits(&self, workspace: &Workspace) -> bool {
        let outdated = workspace.latest_version_id != workspace.active_version_id;
        let of_organization = |wanted: &String| {
            workspace.organization_name.eq_ignore_ascii_case(wanted)
                || workspace.organization_id.to_string() == *wanted
        };
        self.status.as_deref().is_none_or(|status| status_of(workspace) == status)
            && self.outdated.is_none_or(|wanted| wanted == outdated)
            && self.organization.as_ref().is_none_or(of_organization)
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&workspace.id))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct DeletedParams {
    include_deleted: bool,
}

async fn one(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Params(params): Params<DeletedParams>,
) -> Result<Json<WorkspaceBody>> {
    let detail = details::one(&hearth, &actor, WorkspaceId(id), params.include_deleted).await?;
    Ok(Json(WorkspaceBody::of(detail, hearth.clock.now())))
}

async fn named(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((user, name)): Segments<(String, String)>,
    Params(params): Params<DeletedParams>,
) -> Result<Json<WorkspaceBody>> {
    let detail = details::named(&hearth, &actor, (&user, &name), params.include_deleted).await?;
    Ok(Json(WorkspaceBody::of(detail, hearth.clock.now())))
}

#[derive(Deserialize)]
pub struct CreateBody {
    #[serde(default, deserialize_with = "set_id")]
    template_id: Option<Uuid>,
    #[serde(default, deserialize_with = "set_id")]
    template_version_id: Option<Uuid>,
    #[serde(default, deserialize_with = "set_id")]
    template_version_preset_id: Option<Uuid>,
    name: String,
    #[serde(default)]
    autostart_schedule: Option<String>,
    #[serde(default)]
    ttl_ms: Option<i64>,
    #[serde(default)]
    rich_parameter_values: Option<Vec<NameValue>>,
    /// Not upstream's: refuse rather than build from nothing.
    #[serde(default)]
    pool_only: bool,
}

async fn create(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(user): Segments<String>,
    Body(body): Body<CreateBody>,
) -> Result<(StatusCode, Json<WorkspaceBody>)> {
    let owner: UserId = people::find_user(&mut hearth.db.read().await?, &actor, &user).await?.id;
    let blueprint = blueprint(&hearth, &body).await?;
    let request = Request {
        blueprint: &blueprint,
        preset: body
            .template_version_preset_id
            .map_or(PresetChoice::Match, |id| PresetChoice::Named(PresetId(id))),
        name: Some(&body.name),
        parameters: NameValue::pairs(body.rich_parameter_values.unwrap_or_default()).into_iter().collect(),
        autostart_schedule: body.autostart_schedule.as_deref().filter(|schedule| !schedule.is_empty()),
        ttl_ms: body.ttl_ms.filter(|ttl| *ttl > 0),
        pool_only: body.pool_only,
    };
    let made = acts::create_workspace(&hearth, &actor, owner, &request).await.map_err(not_acceptable)?;
    let detail = details::one(&hearth, &actor, made.workspace_id, true).await?;
    Ok((StatusCode::CREATED, Json(WorkspaceBody::of(detail, hearth.clock.now()))))
}

async fn create_as_member(
    state: State<Hearth>,
    caller: Caller,
    Segments((_organization, user)): Segments<(String, String)>,
    body: Body<CreateBody>,
) -> Result<(StatusCode, Json<WorkspaceBody>)> {
    create(state, caller, Segments(user), body).await
}

/// Exactly one of template (its active version) and version is named.
async fn blueprint(hearth: &Hearth, body: &CreateBody) -> Result<Blueprint> {
    let mut conn = hearth.db.read().await?;
    let found = match (body.template_id, body.template_version_id) {
        (Some(template), None) => blueprints::of_template(&mut conn, TemplateId(template)).await?,
        (None, Some(version)) => blueprints::of_version(&mut conn, VersionId(version)).await?,
        _ => {
            let detail = "name either the template or one of its versions";
            return Err(Error::invalid("template_id", detail));
        }
    };
    found.ok_or(Error::NotFound("The template"))
}

/// Here, and here only, clients expect 406 while a version is being imported.
pub fn not_acceptable(error: Error) -> Error {
    match error {
        Error::NotReady(words) => Error::NotAcceptable(words),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(q: &str) -> Query {
        Query::parse(q).unwrap()
    }

    #[test]
    fn a_bare_word_is_part_of_the_name_and_a_slash_names_the_owner() {
        assert_eq!(parsed("web").name.as_deref(), Some("web"));
        let both = parsed("maria/web");
        assert_eq!((both.owner.as_deref(), both.name.as_deref()), (Some("maria"), Some("web")));
        assert_eq!(parsed("owner:me").owner.as_deref(), Some("me"));
    }

    #[test]
    fn unknown_keys_and_statuses_are_refused() {
        assert!(Query::parse("status:sleeping").is_err());
        assert!(Query::parse("preset:large").is_err());
        assert!(Query::parse("id:nonsense").is_err());
    }
}
