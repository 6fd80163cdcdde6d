//! `/api/v2/organizations`.

use axum::{Json, Router, extract::State, routing::get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::users::{SlimRole, roles_of};
use crate::{
    backend::people,
    error::{Error, Result},
    hearth::Hearth,
    http::{auth::Caller, extract::Segments},
    store::organizations::{self, Organization},
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/organizations", get(list))
        .route("/api/v2/organizations/{organization}", get(one))
        .route("/api/v2/organizations/{organization}/members/{user}", get(member))
}

#[derive(Serialize)]
pub struct OrganizationBody {
    id: Uuid,
    name: String,
    display_name: String,
    description: String,
    icon: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    is_default: bool,
    default_org_member_roles: Vec<String>,
}

impl OrganizationBody {
    pub fn of(organization: Organization) -> Self {
        Self {
            id: organization.id.0,
            name: organization.name,
            display_name: organization.display_name,
            description: organization.description,
            icon: organization.icon,
            created_at: organization.created_at,
            updated_at: organization.updated_at,
            is_default: organization.is_default,
            default_org_member_roles: Vec::new(),
        }
    }
}

async fn list(State(hearth): State<Hearth>, _caller: Caller) -> Result<Json<Vec<OrganizationBody>>> {
    let organizations = organizations::list(&mut hearth.db.read().await?).await?;
    Ok(Json(organizations.into_iter().map(OrganizationBody::of).collect()))
}

async fn one(
    State(hearth): State<Hearth>,
    _caller: Caller,
    Segments(organization): Segments<String>,
) -> Result<Json<OrganizationBody>> {
    let organization = people::find_organization(&mut hearth.db.read().await?, &organization).await?;
    Ok(Json(OrganizationBody::of(organization)))
}

#[derive(Serialize)]
struct MemberBody {
    user_id: Uuid,
    organization_id: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    roles: Vec<SlimRole>,
    username: String,
    name: String,
    avatar_url: &'static str,
    email: String,
    status: &'static str,
    login_type: &'static str,
    last_seen_at: DateTime<Utc>,
    user_created_at: DateTime<Utc>,
    user_updated_at: DateTime<Utc>,
    global_roles: Vec<SlimRole>,
    has_ai_seat: bool,
}

/// The system user is a member too, but not one that anybody looks for here.
async fn member(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((organization, user)): Segments<(String, String)>,
) -> Result<Json<MemberBody>> {
    let mut conn = hearth.db.read().await?;
    let organization = people::find_organization(&mut conn, &organization).await?;
    let user = people::find_user(&mut conn, &actor, &user).await?;
    let since = organizations::member_since(&mut conn, organization.id, user.id).await?;
    let Some(since) = since.filter(|_| !user.is_system) else { return Err(Error::NotFound("The member")) };
    Ok(Json(MemberBody {
        user_id: user.id.0,
        organization_id: organization.id.0,
        created_at: since,
        updated_at: since,
        roles: Vec::new(),
        global_roles: roles_of(&user),
        avatar_url: "",
        status: user.status.as_str(),
        login_type: "password",
        last_seen_at: user.last_seen_at.unwrap_or(user.created_at),
        user_created_at: user.created_at,
        user_updated_at: user.updated_at,
        has_ai_seat: false,
        username: user.username,
        name: user.name,
        email: user.email,
    }))
}
