//! All routes of the server, and the layers around them.

use std::any::Any;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::any,
};
use tower_http::catch_panic::CatchPanicLayer;

use super::{agents, api, assets, auth, binary, csrf, envelope, events, health, metrics, pages, state};
use crate::{error::Error, hearth::Hearth};

/// Bodies above this are refused, except where a route says otherwise.
const BODY_LIMIT: usize = 1024 * 1024;

pub fn router(hearth: &Hearth) -> Router {
    let with_session = Router::new()
        .merge(api::routes())
        .merge(pages::routes(hearth))
        .merge(events::routes())
        .layer(from_fn_with_state(hearth.clone(), auth::identify));
    let routes = Router::new()
        .merge(with_session)
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(agents::routes())
        .merge(binary::routes())
        .merge(assets::router())
        .merge(state::routes());
    #[cfg(feature = "testkit")]
    let routes = routes.merge(crate::testkit::routes());
    routes
        // Below the API nothing is a page, not even what is not there.
        .route("/api/{*rest}", any(not_found))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(hearth.clone(), csrf::refuse_foreign))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(envelope::wrap))
        .with_state(hearth.clone())
}

async fn not_found() -> Error {
    Error::NoRoute
}

/// A bug ends one request, not the server.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let words = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    Error::Internal(format!("panic: {}", words.unwrap_or("without words"))).into_response()
}
