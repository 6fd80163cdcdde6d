//! Terraform's `http` state backend at `/internal/state/<workspace>`: GET, POST, LOCK and UNLOCK on one address.
//!
//! The user name is the id of a build or of a rehearsal and the password a secret of the attempt that runs it, so a
//! request counts only while that attempt runs. A rehearsal may read and nothing else. A lock belongs to a build: when that build does not run any more the lock is void, and
//! nobody has to break it by hand. A state is on disk before it is confirmed.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
    routing::any,
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Basic},
};
use hearth_prebuilds::ids::{BuildId, WorkspaceId};
use http::{Method, StatusCode, header, request::Parts};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    hearth::Hearth,
    state,
    store::states::{self, Lock},
};

const STATE_LIMIT: usize = 64 * 1024 * 1024;
const LOCK_LIMIT: usize = 64 * 1024;

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/internal/state/{workspace}", any(dispatch).layer(DefaultBodyLimit::max(STATE_LIMIT)))
}

/// Whose state, and the running build that may touch it; `None`: a rehearsal, which may look at it.
struct Holder {
    workspace: WorkspaceId,
    build: Option<BuildId>,
}

impl FromRequestParts<Hearth> for Holder {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hearth: &Hearth) -> Result<Self> {
        let refused = || Error::BadCredentials("The build or rehearsal, or its secret, is not known.");
        let Path(workspace) = Path::<WorkspaceId>::from_request_parts(parts, hearth)
            .await
            .map_err(|_| Error::NotFound("The workspace"))?;
        let TypedHeader(credentials) = TypedHeader::<Authorization<Basic>>::from_request_parts(parts, hearth)
            .await
            .map_err(|_| refused())?;
        let user: Uuid = credentials.username().parse().map_err(|_| refused())?;
        let access = states::access(&mut hearth.db.read().await?, user).await?.ok_or_else(refused)?;
        if !access.running {
            let what = if access.is_build { "Build" } else { "Rehearsal" };
            return Err(Error::Forbidden(format!("{what} {user} does not run any more.")));
        }
        let given = Sha256::digest(credentials.password());
        let known = access.secret_hash.is_some_and(|hash| bool::from(hash.ct_eq(&given[..])));
        if !known || access.workspace_id != Some(workspace.0) {
            return Err(refused());
        }
        Ok(Self { workspace, build: access.is_build.then_some(BuildId(user)) })
    }
}

impl Holder {
    fn writer(&self) -> Result<BuildId> {
        let refused = || Error::Forbidden("A rehearsal may only read the state.".to_owned());
        self.build.ok_or_else(refused)
    }
}

#[derive(Deserialize)]
struct Params {
    #[serde(rename = "ID", default)]
    lock_id: String,
}

/// LOCK and UNLOCK are methods of their own, which a router does not know by name.
async fn dispatch(
    State(hearth): State<Hearth>,
    method: Method,
    holder: Holder,
    Query(params): Query<Params>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response> {
    let body = body.map_err(|_| {
        Error::TooLarge(format!("A state may have {} MiB at most.", STATE_LIMIT / 1024 / 1024))
    })?;
    match method.as_str() {
        "GET" => get(&hearth, &holder).await,
        "POST" => post(&hearth, &holder, &params.lock_id, &body).await,
        "LOCK" => lock(&hearth, &holder, &body).await,
        "UNLOCK" => unlock(&hearth, &holder, &body).await,
        _ => {
            Ok((StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST, LOCK, UNLOCK")]).into_response())
        }
    }
}

async fn get(hearth: &Hearth, holder: &Holder) -> Result<Response> {
    let state = state::latest(hearth, holder.workspace).await?.ok_or(Error::NotFound("A state"))?;
    Ok(json(StatusCode::OK, state))
}

async fn post(hearth: &Hearth, holder: &Holder, lock_id: &str, body: &[u8]) -> Result<Response> {
    let build = holder.writer()?;
    let mut tx = hearth.db.write().await?;
    let held = states::lock(&mut tx, holder.workspace).await?;
    if held.is_none_or(|lock| lock.build_id != build || lock.lock_id != lock_id) {
        return Err(Error::Conflict("The state is not locked by this request's ID.".to_owned()));
    }
    state::append(hearth, &mut tx, (holder.workspace, build), body).await?;
    tx.commit().await?;
    Ok(StatusCode::OK.into_response())
}

async fn lock(hearth: &Hearth, holder: &Holder, body: &[u8]) -> Result<Response> {
    let (lock_id, info) = lock_info(body)?;
    let wanted = Lock { build_id: holder.writer()?, lock_id, info };
    let mut tx = hearth.db.write().await?;
    let held = states::take_lock(&mut tx, holder.workspace, wanted.clone(), hearth.clock.now()).await?;
    tx.commit().await?;
    // Terraform shows the holder's ID from this body.
    let status = if held == wanted { StatusCode::OK } else { StatusCode::LOCKED };
    Ok(json(status, held.info))
}

async fn unlock(hearth: &Hearth, holder: &Holder, body: &[u8]) -> Result<Response> {
    let build = holder.writer()?;
    let (lock_id, _) = lock_info(body)?;
    let mut tx = hearth.db.write().await?;
    let released = states::release_lock(&mut tx, holder.workspace, build, &lock_id).await?;
    // No lock at all: the answer to the first request was lost.
    let is_free = released || states::lock(&mut tx, holder.workspace).await?.is_none();
    tx.commit().await?;
    if is_free {
        Ok(StatusCode::OK.into_response())
    } else {
        Err(Error::Conflict("Another lock is held.".to_owned()))
    }
}

/// The lock's id, and the whole description word for word. `terraform force-unlock` sends none, and is refused: locks
/// need no force here.
fn lock_info(body: &[u8]) -> Result<(String, String)> {
    #[derive(Deserialize)]
    struct Info {
        #[serde(rename = "ID")]
        id: String,
    }
    let malformed = |detail: String| Error::Malformed { message: "The lock cannot be read.", detail };
    if body.len() > LOCK_LIMIT {
        return Err(Error::TooLarge(format!(
            "The description of a lock may have {LOCK_LIMIT} bytes at most."
        )));
    }
    let info = std::str::from_utf8(body).map_err(|error| malformed(error.to_string()))?;
    let Info { id } = serde_json::from_str(info).map_err(|error| malformed(error.to_string()))?;
    if id.is_empty() {
        return Err(malformed("it has no ID".to_owned()));
    }
    Ok((id, info.to_owned()))
}

fn json(status: StatusCode, body: impl IntoResponse) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body)
        .into_response()
}
