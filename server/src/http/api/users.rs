//! `/api/v2/users`: the first user, log-in and log-out, and who there is.

use axum::{
    Json, Router,
    extract::State,
    response::{AppendHeaders, IntoResponse},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{organizations::OrganizationBody, search::Search};
use crate::{
    backend::{
        identity,
        people::{self, Person},
    },
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::{self, Caller, SessionToken},
        extract::{Body, Page, Params, Segments},
    },
    store::{organizations, users::User},
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/users", get(list))
        .route("/api/v2/users/first", get(first_exists).post(make_first))
        .route("/api/v2/users/login", post(login))
        .route("/api/v2/users/logout", post(logout))
        .route("/api/v2/users/{user}", get(one))
        .route("/api/v2/users/{user}/organizations", get(organizations_of))
        .route("/api/v2/users/{user}/keys", post(make_key))
}

/// A person as others see them at the foot of a thing they made.
#[derive(Serialize)]
pub struct MinimalUser {
    pub id: Uuid,
    pub username: String,
    pub name: String,
    pub avatar_url: &'static str,
}

#[derive(Serialize)]
pub struct UserBody {
    #[serde(flatten)]
    minimal: MinimalUser,
    email: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    status: &'static str,
    login_type: &'static str,
    theme_preference: String,
    organization_ids: Vec<Uuid>,
    roles: Vec<SlimRole>,
    has_ai_seat: bool,
}

#[derive(Clone, Copy, Serialize)]
pub struct SlimRole {
    name: &'static str,
    display_name: &'static str,
}

/// Everybody is a member without it being said.
pub fn roles_of(user: &User) -> Vec<SlimRole> {
    use hearth_app::backend::Role;
    let display_name = match user.role {
        Role::Owner => "Owner",
        Role::TemplateAdmin => "Template Admin",
        Role::Auditor => "Auditor",
        Role::Member => return Vec::new(),
    };
    vec![SlimRole { name: user.role.as_str(), display_name }]
}

impl MinimalUser {
    pub fn of(user: &User) -> Self {
        Self { id: user.id.0, username: user.username.clone(), name: user.name.clone(), avatar_url: "" }
    }
}

impl UserBody {
    pub(super) fn of(person: Person) -> Self {
        let Person { user, organizations } = person;
        Self {
            minimal: MinimalUser::of(&user),
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_seen_at: user.last_seen_at.unwrap_or(user.created_at),
            status: user.status.as_str(),
            login_type: if user.is_system { "none" } else { "password" },
            organization_ids: organizations.into_iter().map(|id| id.0).collect(),
            roles: roles_of(&user),
            has_ai_seat: false,
            email: user.email,
            theme_preference: user.theme,
        }
    }
}

#[derive(Serialize)]
pub struct Message {
    pub message: &'static str,
}

/// 404 tells clients that the first user is still to be made.
async fn first_exists(State(hearth): State<Hearth>) -> Result<Json<Message>> {
    if identity::first_exists(&hearth.db).await? {
        Ok(Json(Message { message: "The first user exists already." }))
    } else {
        Err(Error::NotFound("The first user"))
    }
}

#[derive(Deserialize)]
struct FirstUser {
    username: String,
    email: String,
    #[serde(default)]
    name: String,
    password: String,
}

#[derive(Serialize)]
struct FirstUserMade {
    user_id: Uuid,
    organization_id: Uuid,
}

/// Needs the code from the console in the header `Hearth-Setup-Code`: a stranger must not win the race.
async fn make_first(
    State(hearth): State<Hearth>,
    auth::From(origin): auth::From,
    headers: HeaderMap,
    Body(first): Body<FirstUser>,
) -> Result<(StatusCode, Json<FirstUserMade>)> {
    let code = headers.get("hearth-setup-code").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let person = identity::NewPerson {
        username: &first.username,
        email: &first.email,
        name: &first.name,
        password: &first.password,
    };
    let (user_id, _) = identity::setup(&hearth, code, &person, &origin).await.map_err(name_the_header)?;
    let organization = organizations::default(&mut hearth.db.read().await?).await?;
    Ok((StatusCode::CREATED, Json(FirstUserMade { user_id: user_id.0, organization_id: organization.id.0 })))
}

fn name_the_header(error: Error) -> Error {
    match error {
        Error::Invalid(fields) if fields.iter().any(|f| f.field == "code") => Error::Forbidden(
            "The header Hearth-Setup-Code must hold the code that the server printed on its console."
                .to_owned(),
        ),
        other => other,
    }
}

#[derive(Deserialize)]
struct Login {
    /// An e-mail address or a username.
    email: String,
    password: String,
}

#[derive(Serialize)]
struct LoggedIn {
    session_token: String,
}

async fn login(
    State(hearth): State<Hearth>,
    auth::From(origin): auth::From,
    Body(login): Body<Login>,
) -> Result<impl IntoResponse> {
    let session_token = identity::login(&hearth, &login.email, &login.password, &origin).await?;
    let cookie = identity::session_cookie(&hearth, Some(&session_token));
    Ok((StatusCode::CREATED, AppendHeaders([(SET_COOKIE, cookie)]), Json(LoggedIn { session_token })))
}

async fn logout(
    State(hearth): State<Hearth>,
    _caller: Caller,
    axum::Extension(SessionToken(token)): axum::Extension<SessionToken>,
) -> Result<impl IntoResponse> {
    identity::logout(&hearth, &token).await?;
    let cookie = identity::session_cookie(&hearth, None);
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Json(Message { message: "Logged out." })))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct ListParams {
    q: String,
    include_system: bool,
}

#[derive(Serialize)]
struct UserList {
    users: Vec<UserBody>,
    count: usize,
}

async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Params(params): Params<ListParams>,
    Params(page): Params<Page>,
) -> Result<Json<UserList>> {
    let mut search = Search::parse(&params.q)?;
    let include_system = search.take_bool("include_system")?.unwrap_or(params.include_system);
    let (name, status, role) = (search.take("name"), search.take("status"), search.take("role"));
    let bare = search.bare().map(str::to_owned);
    search.end()?;
    let one_of = |wanted: &Option<String>, value: &str| {
        wanted.as_deref().is_none_or(|list| list.split(',').any(|one| one == value))
    };
    let part_of = |wanted: &Option<String>, value: &str| {
        wanted.as_deref().is_none_or(|part| value.to_lowercase().contains(part))
    };
    let mut people = people::list(&hearth, &actor, include_system).await?;
    people.retain(|Person { user, .. }| {
        (part_of(&bare, &user.username) || part_of(&bare, &user.email))
            && part_of(&name, &user.name)
            && one_of(&status, user.status.as_str())
            && one_of(&role, user.role.as_str())
    });
    let count = people.len();
    Ok(Json(UserList { users: page.of(people).into_iter().map(UserBody::of).collect(), count }))
}

async fn one(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(user): Segments<String>,
) -> Result<Json<UserBody>> {
    Ok(Json(UserBody::of(people::find(&hearth, &actor, &user).await?)))
}

async fn organizations_of(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(user): Segments<String>,
) -> Result<Json<Vec<OrganizationBody>>> {
    let organizations = people::organizations_of(&hearth, &actor, &user).await?;
    Ok(Json(organizations.into_iter().map(OrganizationBody::of).collect()))
}

#[derive(Serialize)]
struct Key {
    key: String,
}

/// Another session of the same person, for a program.
async fn make_key(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    auth::From(origin): auth::From,
    Segments(user): Segments<String>,
) -> Result<(StatusCode, Json<Key>)> {
    let key = identity::make_key(&hearth, &actor, &user, &origin).await?;
    Ok((StatusCode::CREATED, Json(Key { key })))
}
