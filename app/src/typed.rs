//! What was typed into a form that was refused. Without scripts the page is loaded again, and its fields are filled in
//! from here; with scripts they never lose anything.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use percent_encoding::percent_decode_str;

use crate::caller::cookie;

const COOKIE: &str = "hearth_typed";

/// Browsers drop cookies that are larger.
const MOST_KEPT: usize = 3 * 1024;

/// No form without files is longer.
const MOST_SENT: usize = 1024 * 1024;

/// What a field's name holds when its value must not be kept anywhere.
const SECRET: [&str; 4] = ["password", "current", "code", "value"];

/// Gives the answer to a refused form the fields that it was sent with, for a minute.
pub async fn keep(request: Request, next: Next) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if request.method() != Method::POST || !is_form {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(sent) = to_bytes(body, MOST_SENT).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "The form is too long.").into_response();
    };
    let kept = kept(&String::from_utf8_lossy(&sent));
    let mut response = next.run(Request::from_parts(parts, Body::from(sent))).await;
    let cookie = format!("{COOKIE}={kept}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
    if let (true, Ok(cookie)) =
        (response.headers().contains_key(SERVER_FN_ERROR_HEADER), HeaderValue::from_str(&cookie))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The fields without secrets; empty when they are too long to keep, or not as a browser writes them.
fn kept(sent: &str) -> String {
    let is_secret = |pair: &str| {
        let name = decoded(pair.split_once('=').unwrap_or((pair, "")).0).to_lowercase();
        SECRET.iter().any(|secret| name.contains(secret))
    };
    let kept = sent.split('&').filter(|pair| !is_secret(pair)).collect::<Vec<_>>().join("&");
    let is_plain = kept.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"=&%+-._*~[]".contains(&byte));
    if is_plain && kept.len() <= MOST_KEPT { kept } else { String::new() }
}

/// What was typed into the field of this name.
pub fn typed(name: &str) -> Option<String> {
    let kept = cookie(COOKIE)?;
    let mut pairs = kept.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept_nor_what_no_browser_writes() {
        assert_eq!(kept("username=maria+b&password=x&values%5B0%5D%5Bvalue%5D=y&code=z"), "username=maria+b");
        assert_eq!(kept("name=a;b"), "");
        assert_eq!(kept(&"a".repeat(MOST_KEPT + 1)), "");
    }
}
