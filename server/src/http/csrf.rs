//! Requests that a foreign page made the browser send are refused, with the session cookie or without.
//!
//! Browsers name the sender in `Sec-Fetch-Site` and `Origin`; programs send neither and pass, as they carry a token
//! that no foreign page can add. Opening a web socket is a GET that acts, so it is looked at too.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header};

use crate::{error::Error, hearth::Hearth};

pub async fn refuse_foreign(State(hearth): State<Hearth>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !request.headers().contains_key(header::UPGRADE);
    if safe || is_from_here(request.headers(), &hearth.access_url) {
        return next.run(request).await;
    }
    tracing::warn!("refused a request that another site made the browser send");
    Error::Forbidden("This request came from another site.".to_owned()).into_response()
}

fn is_from_here(headers: &HeaderMap, access_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value: &http::HeaderValue| value.to_str().unwrap_or("?"));
    let origin = text(header::ORIGIN);
    if origin == Some(access_url) {
        return true;
    }
    match (text(header::HeaderName::from_static("sec-fetch-site")), origin) {
        (Some("same-origin" | "none"), _) | (None, None) => true,
        (Some(_), _) => false,
        // A browser without Sec-Fetch-Site, or an address that is not https: compare hosts.
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some() && authority == text(header::HOST)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        is_from_here(&headers, "https://hearth.example")
    }

    #[test]
    fn programs_that_name_no_sender_pass() {
        assert!(passes(&[("host", "hearth.example")]));
    }

    #[test]
    fn the_own_pages_pass() {
        assert!(passes(&[("sec-fetch-site", "same-origin"), ("origin", "http://10.0.0.1:3000")]));
        assert!(passes(&[("origin", "https://hearth.example"), ("host", "inner:3000")]));
        assert!(passes(&[("origin", "http://10.0.0.1:3000"), ("host", "10.0.0.1:3000")]));
    }

    #[test]
    fn foreign_pages_are_refused() {
        assert!(!passes(&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]));
        assert!(!passes(&[("sec-fetch-site", "same-site")]));
        assert!(!passes(&[("origin", "https://evil.example"), ("host", "hearth.example")]));
        assert!(!passes(&[("origin", "null"), ("host", "hearth.example")]));
    }
}
