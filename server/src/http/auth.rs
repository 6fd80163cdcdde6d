//! Who is calling: the session behind the token that a request carries.
//!
//! The token comes in the header `Coder-Session-Token` (empty means absent), as `Authorization: Bearer`, or in the
//! session cookie. [`identify`] puts an [`Actor`] and the [`SessionToken`] among the request's extensions when the
//! token counts; [`Caller`] is the extractor that answers 401 without them.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use hearth_app::backend::{Actor, Origin};
use http::{HeaderMap, header, request::Parts};

use crate::{backend::identity, error::Error, hearth::Hearth};

/// The token of the session that made this request.
#[derive(Clone)]
pub struct SessionToken(pub String);

/// When that session ends, if it is a log-in.
#[derive(Clone)]
pub struct SessionEnd(pub Option<DateTime<Utc>>);

/// The person who calls.
pub struct Caller(pub Actor);

/// Where the request comes from.
pub struct From(pub Origin);

pub async fn identify(State(hearth): State<Hearth>, mut request: Request, next: Next) -> Response {
    if let Some(token) = token(request.headers()) {
        match identity::authenticate(&hearth, &token).await {
            Ok(Some(session)) => {
                request.extensions_mut().insert(session.actor);
                request.extensions_mut().insert(SessionToken(token));
                request.extensions_mut().insert(SessionEnd(session.ends_at));
            }
            Ok(None) => {}
            Err(error) => return error.into_response(),
        }
    }
    next.run(request).await
}

pub fn token(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|v| !v.is_empty());
    let bearer = || text(header::AUTHORIZATION.as_str())?.strip_prefix("Bearer ");
    if let Some(token) = text("coder-session-token").or_else(bearer) {
        return Some(token.trim().to_owned());
    }
    let jar = CookieJar::from_headers(headers);
    identity::COOKIES.iter().rev().find_map(|name| jar.get(name)).map(|cookie| cookie.value().to_owned())
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        parts.extensions.get::<Actor>().cloned().map(Self).ok_or(Error::Unauthenticated)
    }
}

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(origin(parts)))
    }
}

/// The peer's address and what it calls itself.
pub fn origin(parts: &Parts) -> Origin {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        ip: peer.map(|ConnectInfo(address)| address.ip().to_string()).unwrap_or_default(),
        user_agent: user_agent.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token_of(pairs: &[(&'static str, &'static str)]) -> Option<String> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        token(&headers)
    }

    #[test]
    fn an_empty_header_is_no_token() {
        assert_eq!(token_of(&[("coder-session-token", "")]), None);
        assert_eq!(
            token_of(&[("coder-session-token", ""), ("cookie", "coder_session_token=c")]).as_deref(),
            Some("c")
        );
    }

    #[test]
    fn header_bearer_and_both_cookies_are_read() {
        assert_eq!(token_of(&[("coder-session-token", "h")]).as_deref(), Some("h"));
        assert_eq!(token_of(&[("authorization", "Bearer b")]).as_deref(), Some("b"));
        assert_eq!(token_of(&[("cookie", "a=1; coder_session_token=c")]).as_deref(), Some("c"));
        assert_eq!(token_of(&[("cookie", "__Host-coder_session_token=s")]).as_deref(), Some("s"));
    }
}
