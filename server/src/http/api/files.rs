//! `/api/v2/files`: template sources as tar archives.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    response::IntoResponse,
    routing::{get, post},
};
use hearth_prebuilds::ids::FileId;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    backend::files,
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Params, Segments},
    },
};

/// Template sources are text; what is larger does not belong into one.
const LARGEST: usize = 20 * 1024 * 1024;
const TAR: &str = "application/x-tar";

pub fn routes() -> Router<Hearth> {
    Router::new()
        .route("/api/v2/files", post(upload).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/api/v2/files/{file}", get(download))
}

/// The field is called `hash`; what clients send back is an id.
#[derive(Serialize)]
struct Uploaded {
    hash: Uuid,
}

async fn upload(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Uploaded>)> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind != TAR && kind != "application/tar" {
        return Err(Error::Refused(format!(
            "A template is uploaded as a tar archive: Content-Type must be {TAR}."
        )));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::TooLarge(format!("The archive is larger than {} MiB.", LARGEST / (1024 * 1024)))
        }
        _ => Error::Malformed { message: "The archive did not arrive.", detail: rejection.body_text() },
    })?;
    let (id, new) = files::upload(&hearth, &actor, &body).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Uploaded { hash: id.0 })))
}

#[derive(Deserialize)]
struct DownloadParams {
    #[serde(default)]
    format: String,
}

async fn download(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Params(params): Params<DownloadParams>,
) -> Result<impl IntoResponse> {
    if !matches!(params.format.as_str(), "" | "tar") {
        return Err(Error::invalid("format", "only `tar` is served"));
    }
    let data = files::download(&hearth, &actor, FileId(id)).await?;
    Ok(([(CONTENT_TYPE, TAR)], data))
}
