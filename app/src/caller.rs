//! What server functions find in their context: who calls, the backend, and how to answer besides with data.

use std::sync::Arc;

use axum::http::{
    HeaderValue, StatusCode,
    header::{COOKIE, LOCATION, SET_COOKIE},
    request::Parts,
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::{
    backend::{Actor, Backend, Origin},
    error::AppError,
};

/// Who sent a request, as the server's authentication found out.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    pub actor: Option<Actor>,
    /// The token of the session, for logging out.
    pub token: Option<String>,
    /// When that session ends, unless it is used or extended.
    pub session_ends: Option<DateTime<Utc>>,
    pub origin: Origin,
}

/// A person, and the door to the server.
pub struct Caller {
    pub backend: Arc<dyn Backend>,
    pub actor: Actor,
}

/// The door to the server.
pub fn backend() -> Result<Arc<dyn Backend>, AppError> {
    use_context().ok_or_else(|| AppError::Unexpected { reference: "no backend".to_owned() })
}

/// Who sent this request.
pub fn visitor() -> Visitor {
    use_context().unwrap_or_default()
}

/// The person who calls; an error when nobody is logged in.
pub async fn caller() -> Result<Caller, AppError> {
    let backend = backend()?;
    match visitor().actor {
        Some(actor) => Ok(Caller { backend, actor }),
        None if backend.setup_status().await?.open => Err(AppError::NotSetUp),
        None => Err(AppError::Unauthenticated),
    }
}

/// Gives the response the status that belongs to an error of a page.
pub fn refused(error: AppError) -> AppError {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(error.status());
    }
    error
}

/// Sends the browser on with 303.
pub fn see_other(path: &str) {
    if let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path)) {
        response.insert_header(LOCATION, location);
        response.set_status(StatusCode::SEE_OTHER);
    }
}

/// Adds a `Set-Cookie` header.
pub fn set_cookie(value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        response.append_header(SET_COOKIE, value);
    }
}

/// Remembers a choice in this browser for a year, under a name that begins with `hearth_`.
pub fn remember(choice: &str, value: &str) {
    set_cookie(&format!("hearth_{choice}={value}; Path=/; Max-Age=31536000; SameSite=Lax"));
}

/// The value of a cookie of this request.
pub fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get_all(COOKIE);
    cookies
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}
