//! Around every request: an id that the log and the answer share, a span, and the headers that every answer carries.

use std::time::Instant;

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue, header};
use tracing::Instrument;

use crate::{clock, request_id};

/// Matches every client of the upstream product without a version warning.
pub const BUILD_VERSION: &str = concat!("v0.0.0+hearth.", env!("CARGO_PKG_VERSION"));

pub async fn wrap(request: Request, next: Next) -> Response {
    let id = clock::new_id();
    // Only the path: a query may hold what is not for the log.
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.uri().path());
    let began = Instant::now();
    let answer = async {
        let response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), took = ?began.elapsed(), "answered");
        response
    };
    let mut response = request_id::scope(id, answer).instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.simple().to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    headers.insert(HeaderName::from_static("x-coder-build-version"), HeaderValue::from_static(BUILD_VERSION));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Pages set their own.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
