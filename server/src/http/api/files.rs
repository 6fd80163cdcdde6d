//! `/api/v2/files`: template sources as tar archives; a zip becomes one.

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
    backend::files::{self, LARGEST},
    error::{Error, Result},
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Params, Segments},
    },
};

const TAR: &str = "application/x-tar";
const TARS: [&str; 2] = [TAR, "application/tar"];
const ZIPS: [&str; 2] = ["application/zip", "application/x-zip-compressed"];

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
    if !TARS.contains(&kind) && !ZIPS.contains(&kind) {
        return Err(Error::Refused(format!(
            "A template is uploaded as a tar or zip archive: Content-Type must be {TAR} or {}.",
            ZIPS[0]
        )));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::TooLarge(format!("The archive is larger than {} MiB.", LARGEST / (1024 * 1024)))
        }
        _ => Error::Malformed { message: "The archive did not arrive.", detail: rejection.body_text() },
    })?;
    let zip = ZIPS.contains(&kind);
    let tar = if zip { files::tar_of_zip(&actor, body.into()).await?.into() } else { body };
    let (id, new) = files::upload(&hearth, &actor, &tar).await?;
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
