//! `/api/v2/users/{user}/keys/tokens`: tokens that people make for their programs.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, put},
};
use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::backend::Actor;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    backend::{
        identity::tokens::{self, End, LONGEST},
        people,
    },
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::{self, Caller},
        extract::{Body, Params, Segments},
    },
    store::sessions::Token,
};

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/users/{user}/keys/tokens", get(list).post(create))
        .route("/api/v2/users/{user}/keys/tokens/tokenconfig", get(limits))
        .route("/api/v2/users/{user}/keys/tokens/{name}", get(one))
        .route("/api/v2/users/{user}/keys/{id}", get(one).delete(delete))
        .route("/api/v2/users/{user}/keys/{id}/expire", put(expire))
}

#[derive(Serialize)]
struct TokenBody {
    id: String,
    user_id: Uuid,
    username: String,
    token_name: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    last_used: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    lifetime_seconds: i64,
    login_type: &'static str,
    scope: &'static str,
    scopes: [&'static str; 1],
    allow_list: [&'static str; 1],
}

impl From<Token> for TokenBody {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            user_id: token.user_id.0,
            username: token.username,
            token_name: token.name,
            created_at: token.created_at,
            updated_at: token.last_used_at,
            last_used: token.last_used_at,
            expires_at: token.expires_at,
            lifetime_seconds: (token.expires_at - token.created_at).num_seconds(),
            login_type: "token",
            scope: "all",
            scopes: ["coder:all"],
            allow_list: ["*:*"],
        }
    }
}

/// Tokens are asked for by their owner: the address names nobody else.
async fn oneself(hearth: &Hearth, actor: &Actor, user: &str) -> Result<()> {
    let user = people::find_user(&mut hearth.db.read().await?, actor, user).await?;
    Error::unless(user.id == actor.user_id, "You can make and see tokens only for yourself.")
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListParams {
    include_all: bool,
    include_expired: bool,
}

async fn list(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(user): Segments<String>,
    Params(params): Params<ListParams>,
) -> Result<Json<Vec<TokenBody>>> {
    oneself(&hearth, &actor, &user).await?;
    let now = hearth.clock.now();
    let mut found = tokens::list(&hearth, &actor, params.include_all).await?;
    found.retain(|token| params.include_expired || now < token.expires_at);
    Ok(Json(found.into_iter().map(Into::into).collect()))
}

#[derive(Deserialize)]
struct CreateBody {
    /// Nanoseconds; absent or 0 means as long as may be.
    #[serde(default)]
    lifetime: i64,
    #[serde(default)]
    token_name: String,
}

#[derive(Serialize)]
struct Key {
    key: String,
}

async fn create(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    auth::From(origin): auth::From,
    Segments(user): Segments<String>,
    Body(body): Body<CreateBody>,
) -> Result<(StatusCode, Json<Key>)> {
    oneself(&hearth, &actor, &user).await?;
    let lifetime = if body.lifetime == 0 { LONGEST } else { TimeDelta::nanoseconds(body.lifetime) };
    let name = match body.token_name.as_str() {
        // Clients may leave the name to the server.
        "" => format!("token-{}", hearth.clock.now().timestamp_millis()),
        name => name.to_owned(),
    };
    let key = tokens::create(&hearth, &actor, &name, lifetime, &origin).await?;
    Ok((StatusCode::CREATED, Json(Key { key })))
}

#[derive(Serialize)]
struct Limits {
    /// Nanoseconds.
    max_token_lifetime: Option<i64>,
}

async fn limits(_caller: Caller, Segments(_user): Segments<String>) -> Json<Limits> {
    Json(Limits { max_token_lifetime: LONGEST.num_nanoseconds() })
}

async fn one(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((user, which)): Segments<(String, String)>,
) -> Result<Json<TokenBody>> {
    oneself(&hearth, &actor, &user).await?;
    Ok(Json(tokens::find(&hearth, &actor, &which).await?.into()))
}

async fn delete(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((user, id)): Segments<(String, String)>,
) -> Result<StatusCode> {
    oneself(&hearth, &actor, &user).await?;
    tokens::revoke(&hearth, &actor, &id, End::Delete).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn expire(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((user, id)): Segments<(String, String)>,
) -> Result<StatusCode> {
    oneself(&hearth, &actor, &user).await?;
    tokens::revoke(&hearth, &actor, &id, End::Expire).await?;
    Ok(StatusCode::NO_CONTENT)
}
