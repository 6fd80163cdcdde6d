//! `/api/v2/users/...`: what owners change about people, and what people change about themselves.

use axum::{
    Extension, Json, Router,
    extract::State,
    routing::{post, put},
};
use hearth_app::{
    backend::Role,
    view::{NewPersonOrder, PersonAct},
};
use http::StatusCode;
use serde::Deserialize;

use super::users::UserBody;
use crate::{
    backend::{identity::accounts, people},
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::{Caller, SessionToken},
        extract::{Body, Segments},
    },
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/users", post(create))
        .route("/api/v2/users/{user}/roles", put(set_roles))
        .route("/api/v2/users/{user}/status/suspend", put(suspend))
        .route("/api/v2/users/{user}/status/activate", put(activate))
        .route("/api/v2/users/{user}/password", put(set_password))
}

#[derive(Deserialize)]
struct CreateBody {
    username: String,
    email: String,
    #[serde(default)]
    name: String,
    password: String,
    /// Not upstream's: absent means a member.
    #[serde(default)]
    role: Option<String>,
}

async fn create(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Body(body): Body<CreateBody>,
) -> Result<(StatusCode, Json<UserBody>)> {
    let CreateBody { username, email, name, password, role } = body;
    let role = role.unwrap_or_else(|| Role::Member.as_str().to_owned());
    let order = NewPersonOrder { username, email, role, password };
    let id = accounts::create(&hearth, &actor, &order, &name).await?;
    let person = people::find(&hearth, &actor, &id.to_string()).await?;
    Ok((StatusCode::CREATED, Json(UserBody::of(person))))
}

async fn change(hearth: &Hearth, caller: Caller, user: &str, act: PersonAct) -> Result<Json<UserBody>> {
    let id = accounts::change(hearth, &caller.0, user, &act).await?;
    Ok(Json(UserBody::of(people::find(hearth, &caller.0, &id.to_string()).await?)))
}

#[derive(Deserialize)]
struct RolesBody {
    roles: Vec<String>,
}

/// Everybody is a member without it being said; beyond that a person has one role.
async fn set_roles(
    State(hearth): State<Hearth>,
    caller: Caller,
    Segments(user): Segments<String>,
    Body(body): Body<RolesBody>,
) -> Result<Json<UserBody>> {
    let member = Role::Member.as_str();
    let mut roles = body.roles.into_iter().filter(|role| role != member);
    let role = roles.next().unwrap_or_else(|| member.to_owned());
    if roles.next().is_some() {
        return Err(Error::invalid("roles", "a person has one role here"));
    }
    change(&hearth, caller, &user, PersonAct::Role(role)).await
}

async fn suspend(
    State(hearth): State<Hearth>,
    caller: Caller,
    Segments(user): Segments<String>,
) -> Result<Json<UserBody>> {
    change(&hearth, caller, &user, PersonAct::Suspend).await
}

async fn activate(
    State(hearth): State<Hearth>,
    caller: Caller,
    Segments(user): Segments<String>,
) -> Result<Json<UserBody>> {
    change(&hearth, caller, &user, PersonAct::Activate).await
}

#[derive(Deserialize)]
struct PasswordBody {
    #[serde(default)]
    old_password: String,
    password: String,
}

/// One's own with the old one; an owner sets anybody else's.
async fn set_password(
    State(hearth): State<Hearth>,
    caller: Caller,
    Extension(SessionToken(token)): Extension<SessionToken>,
    Segments(user): Segments<String>,
    Body(body): Body<PasswordBody>,
) -> Result<StatusCode> {
    let actor = &caller.0;
    let person = people::find_user(&mut hearth.db.read().await?, actor, &user).await?;
    if person.id == actor.user_id {
        let passwords = (body.old_password.as_str(), body.password.as_str());
        accounts::change_password(&hearth, actor, passwords, &token).await?;
    } else {
        accounts::change(&hearth, actor, &user, &PersonAct::ResetPassword(body.password)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
