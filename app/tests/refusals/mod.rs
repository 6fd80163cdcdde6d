//! What a refused act answers, to a script and to a form.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt;
use pretty_assertions::assert_eq;

use crate::support::browser::Browser;

/// A refused act, sent with this `Accept` and no page to go back to.
async fn refusal(accept: &str) -> (StatusCode, String, String) {
    let request = Request::post("/act/resume-pool")
        .header(header::ACCEPT, accept)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, "session=member")
        .body(Body::from("template=web&preset=large"))
        .unwrap();
    let response = Browser::of("member").send(request).await;
    let (status, kind) =
        (response.status(), response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_script_hears_by_the_status_why_its_act_was_refused() {
    let (status, kind, body) = refusal("application/json").await;
    assert_eq!((status, kind.as_str()), (StatusCode::FORBIDDEN, "application/json"));
    assert!(body.contains("\"forbidden\""), "{body}");
}

#[tokio::test]
async fn a_form_that_names_no_page_of_its_own_gets_its_refusal_as_a_page() {
    let (status, kind, body) = refusal("text/html").await;
    assert_eq!((status, kind.as_str()), (StatusCode::FORBIDDEN, "text/html; charset=utf-8"));
    assert!(body.starts_with("<!DOCTYPE html>"), "{body}");
    assert!(body.contains("<title>That was not done</title>"), "{body}");
    assert!(body.contains("Only template admins can pause prebuilds. Ask maria."), "{body}");
}
