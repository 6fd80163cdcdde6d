//! `/healthz`: whether the server can do its work, which takes its database.

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use http::StatusCode;

use crate::hearth::Hearth;

pub fn routes() -> Router<Hearth> {
    Router::new().route("/healthz", get(healthz))
}

async fn healthz(State(hearth): State<Hearth>) -> impl IntoResponse {
    match hearth.db.ping().await {
        Ok(()) => (StatusCode::OK, Json(serde_json::json!({ "status": "ok" }))),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(serde_json::json!({ "status": "database does not answer" })),
            )
        }
    }
}
