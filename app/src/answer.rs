//! What a refused server function answers with. `server_fn` itself says 500 to a script and, to a form of a browser
//! that names no `Referer`, redirects home as if nothing had happened.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use leptos::{
    prelude::*,
    server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER},
};

use crate::{
    component::failure::Alone,
    document::{self, Assets},
    error::AppError,
};

/// No error is longer than this.
const MOST_BYTES: usize = 64 * 1024;

/// Gives each refusal its status, and its words to a form that has no page to go back to.
pub async fn with_status(assets: Option<Assets>, request: Request, next: Next) -> Response {
    let (form, has_page) = (is_form(request.headers()), request.headers().contains_key(header::REFERER));
    let response = next.run(request).await;
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) || (form && has_page) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, MOST_BYTES).await.unwrap_or_default();
    let error = AppError::de(body.clone());
    if form {
        return (error.status(), page(assets.as_ref(), &error)).into_response();
    }
    parts.status = error.status();
    Response::from_parts(parts, Body::from(body))
}

/// Whether a browser sent a form by itself, without our script.
fn is_form(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accepts.is_some_and(|accept| accept.contains("text/html"))
}

/// The refusal as a page.
fn page(assets: Option<&Assets>, error: &AppError) -> Html<String> {
    let title = "That was not done";
    let text = error.to_string();
    let head = view! { <title>{title}</title> };
    Html(Owner::new().with(|| document::html(assets, head, view! { <Alone title text/> }).to_html()))
}
