//! `/api/v2/templates`.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hearth_prebuilds::ids::{TemplateId, VersionId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{search::Search, template_body::TemplateBody, users::Message};
use crate::{
    backend::{people, templates},
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Params, Segments, set_id},
    },
    store::templates::Template,
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/templates", get(list))
        .route("/api/v2/templates/{template}", get(one).patch(edit).delete(delete))
        .route("/api/v2/templates/{template}/prebuilds/invalidate", post(invalidate))
        .route("/api/v2/organizations/{organization}/templates", get(of_organization).post(create))
        .route("/api/v2/organizations/{organization}/templates/{name}", get(one_of_organization))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListParams {
    q: String,
}

async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<Vec<TemplateBody>>> {
    let mut templates = crate::store::templates::list(&mut hearth.db.read().await?).await?;
    Filter::parse(&params.q, &actor.username)?.apply(&mut templates);
    Ok(Json(templates.into_iter().map(TemplateBody::of).collect()))
}

/// What `q` asks of a template; every text is in lower case.
struct Filter {
    part_of_name: Option<String>,
    part_of_display_name: Option<String>,
    exact_name: Option<String>,
    exact_display_name: Option<String>,
    organization: Option<String>,
    author: Option<String>,
    deprecated: Option<bool>,
    ids: Option<Vec<Uuid>>,
}

impl Filter {
    fn parse(q: &str, me: &str) -> Result<Self> {
        let mut search = Search::parse(q)?;
        let ids = search.take("ids").map(|ids| ids.split(',').map(str::parse).collect::<Result<Vec<_>, _>>());
        let ids = ids.transpose().map_err(|_| Error::invalid("ids", "must be ids, with commas between"))?;
        let bare = search.bare().map(str::to_owned);
        let author = search.take("author").map(|who| if who == "me" { me.to_lowercase() } else { who });
        let filter = Self {
            part_of_name: search.take("name"),
            part_of_display_name: search.take("display_name").or(bare),
            exact_name: search.take("exact_name"),
            exact_display_name: search.take("exact_display_name"),
            organization: search.take("organization"),
            author,
            deprecated: search.take_bool("deprecated")?,
            ids,
        };
        search.end()?;
        Ok(filter)
    }

    fn apply(&self, templates: &mut Vec<Template>) {
        let part = |wanted: &Option<String>, of: &str| {
            wanted.as_deref().is_none_or(|part| of.to_lowercase().contains(part))
        };
        let exact = |wanted: &Option<String>, of: &str| {
            wanted.as_deref().is_none_or(|wanted| of.to_lowercase() == wanted)
        };
        templates.retain(|t| {
            let shown = if t.display_name.is_empty() { &t.name } else { &t.display_name };
            part(&self.part_of_name, &t.name)
                && part(&self.part_of_display_name, shown)
                && exact(&self.exact_name, &t.name)
                && exact(&self.exact_display_name, &t.display_name)
                && exact(&self.author, &t.creator_username)
                && (exact(&self.organization, &t.organization_name)
                    || exact(&self.organization, &t.organization_id.to_string()))
                && self.deprecated.is_none_or(|wanted| wanted != t.deprecation_message.is_empty())
                && self.ids.as_ref().is_none_or(|ids| ids.contains(&t.id.0))
        });
    }
}

async fn of_organization(
    State(hearth): State<Hearth>,
    _caller: Caller,
    Segments(organization): Segments<String>,
) -> Result<Json<Vec<TemplateBody>>> {
    let mut conn = hearth.db.read().await?;
    let organization = people::find_organization(&mut conn, &organization).await?;
    let mut templates = crate::store::templates::list(&mut conn).await?;
    templates.retain(|template| template.organization_id == organization.id);
    Ok(Json(templates.into_iter().map(TemplateBody::of).collect()))
}

async fn one(
    State(hearth): State<Hearth>,
    _caller: Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<TemplateBody>> {
    Ok(Json(TemplateBody::of(templates::find(&hearth, TemplateId(id)).await?)))
}

async fn one_of_organization(
    State(hearth): State<Hearth>,
    _caller: Caller,
    Segments((organization, name)): Segments<(String, String)>,
) -> Result<Json<TemplateBody>> {
    let organization = people::find_organization(&mut hearth.db.read().await?, &organization).await?;
    Ok(Json(TemplateBody::of(templates::find_named(&hearth, organization.id, &name).await?)))
}

#[derive(Deserialize)]
struct CreateBody {
    name: String,
    #[serde(default, deserialize_with = "set_id")]
    template_version_id: Option<Uuid>,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    icon: String,
    #[serde(default)]
    default_ttl_ms: Option<i64>,
}

async fn create(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(organization): Segments<String>,
    Body(body): Body<CreateBody>,
) -> Result<(StatusCode, Json<TemplateBody>)> {
    let Some(version) = body.template_version_id else {
        return Err(Error::invalid("template_version_id", "must name an imported version"));
    };
    let organization = people::find_organization(&mut hearth.db.read().await?, &organization).await?;
    let order = templates::Order {
        organization_id: organization.id,
        version_id: VersionId(version),
        name: &body.name,
        display_name: &body.display_name,
        description: &body.description,
        icon: &body.icon,
        default_ttl_ms: body.default_ttl_ms.unwrap_or_default(),
    };
    let template = templates::create(&hearth, &actor, &order).await?;
    Ok((StatusCode::CREATED, Json(TemplateBody::of(template))))
}

/// What is absent stays.
#[derive(Default, Deserialize)]
#[serde(default)]
struct EditBody {
    name: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    icon: Option<String>,
    default_ttl_ms: Option<i64>,
    deprecation_message: Option<String>,
}

async fn edit(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Body(body): Body<EditBody>,
) -> Result<Response> {
    let edit = templates::Edit {
        // Clients that do not rename send an empty one.
        name: body.name.filter(|name| !name.is_empty()),
        display_name: body.display_name,
        description: body.description,
        icon: body.icon,
        default_ttl_ms: body.default_ttl_ms,
        deprecation_message: body.deprecation_message,
    };
    Ok(match templates::edit(&hearth, &actor, TemplateId(id), edit).await? {
        Some(template) => Json(TemplateBody::of(template)).into_response(),
        None => StatusCode::NOT_MODIFIED.into_response(),
    })
}

#[derive(Deserialize)]
pub struct PromoteBody {
    id: Uuid,
}

pub async fn promote(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(template): Segments<Uuid>,
    Body(body): Body<PromoteBody>,
) -> Result<Json<Message>> {
    templates::promote(&hearth, &actor, TemplateId(template), VersionId(body.id)).await?;
    Ok(Json(Message { message: "The version is the active one." }))
}

async fn delete(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Message>> {
    templates::delete(&hearth, &actor, TemplateId(id)).await?;
    Ok(Json(Message { message: "The template is deleted." }))
}

#[derive(Serialize)]
struct Invalidated {
    invalidated: Vec<InvalidatedPreset>,
}

#[derive(Serialize)]
struct InvalidatedPreset {
    template_name: String,
    template_version_name: String,
    preset_name: String,
}

async fn invalidate(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Invalidated>> {
    let (template, version, presets) = templates::invalidate(&hearth, &actor, TemplateId(id)).await?;
    let invalidated = presets.into_iter().map(|preset| InvalidatedPreset {
        template_name: template.name.clone(),
        template_version_name: version.name.clone(),
        preset_name: preset.name,
    });
    Ok(Json(Invalidated { invalidated: invalidated.collect() }))
}
