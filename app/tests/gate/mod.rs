//! Setting up, logging in and out, and what is remembered of a browser.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use pretty_assertions::assert_eq;

use crate::support::{Fake, browser::Browser};

#[tokio::test]
async fn nobody_logged_in_is_sent_to_log_in_and_back() {
    let browser = Browser::of("nobody");
    let request =
        |path: &str| Request::get(path).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
    let location =
        |response: Response<Body>| response.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let response = browser.send(request("/workspaces?owner=all")).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(response), "/login?next=%2Fworkspaces%3Fowner%3Dall");
    assert!(
        browser
            .page("/login?next=%2Fworkspaces%3Fowner%3Dall")
            .await
            .contains(r#"value="/workspaces?owner=all""#)
    );

    let response = browser.send(request("/inbox?kind=drift&__path=%2Fact%2Fx&__err=e&done=saved")).await;
    assert_eq!(location(response), "/login?next=%2Finbox%3Fkind%3Ddrift", "what is spent is not repeated");

    let form = "login=maria&password=right&next=%2Fworkspaces%3Fowner%3Dall";
    let (status, location, cookie) = browser.post("/login", "/act/login", form).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/workspaces?owner=all"));
    assert!(cookie.unwrap().starts_with("session=owner; Path=/; HttpOnly"));
    let (_, location, _) =
        browser.post("/login", "/act/login", "login=a&password=right&next=//evil.example").await;
    assert_eq!(location, "/");
    let html = browser.refused("/login", "/act/login", "login=maria&password=wrong").await;
    assert!(html.contains("The username or the password is wrong."));
    assert!(!html.contains("value=\"wrong\""), "a password is never sent back");
}

#[tokio::test]
async fn setting_up_is_open_only_while_there_is_nobody() {
    let fresh = Browser { fake: Arc::new(Fake { fresh: true, ..Fake::default() }), session: "nobody" };
    let request = Request::get("/").header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
    assert_eq!(fresh.send(request).await.headers()[header::LOCATION], "/setup");
    let form = |code: &str| format!("code={code}&username=maria&email=m%40example.com&password=a-password");
    let html = fresh.refused("/setup", "/act/setup", &form("wrong")).await;
    assert!(html.contains(r#"id="code-error""#));
    assert!(html.contains(r#"value="m@example.com""#) && html.contains(r#"value="maria""#), "typed, so kept");
    assert!(!html.contains("a-password") && !html.contains("value=\"wrong\""), "secrets are not");
    let (status, location, cookie) = fresh.post("/setup", "/act/setup", &form("right")).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/"));
    assert!(cookie.is_some());
    assert_eq!(Browser::of("nobody").get("/setup").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_theme_is_a_cookie_and_logging_out_forgets_the_session() {
    let browser = Browser::of("owner");
    let (_, _, cookie) = browser.post("/drift", "/act/theme", "theme=light").await;
    assert!(cookie.unwrap().starts_with("hearth_theme=light;"));
    let (_, _, cookie) = browser.post("/drift", "/act/theme", "theme=%22%3E").await;
    assert!(cookie.unwrap().starts_with("hearth_theme=auto;"));
    let (_, _, cookie) = browser.post("/settings/preferences", "/act/rows", "rows=compact").await;
    assert!(cookie.unwrap().starts_with("hearth_rows=compact;"));
    let (_, location, cookie) = browser.post("/", "/act/logout", "").await;
    assert_eq!(location, "/login");
    assert!(cookie.unwrap().starts_with("session=;"));
    assert_eq!(browser.acts(), ["theme light", "theme auto", "logout token"]);
}

#[tokio::test]
async fn the_first_steps_are_for_whoever_administers_and_can_be_skipped() {
    let server = Fake { empty: true, ..Fake::default() };
    let mut browser = Browser::on(server);
    let (status, location, cookie) = browser.post("/", "/act/skip-first-steps", "").await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/"));
    assert!(cookie.unwrap().starts_with("hearth_first_steps=skipped; "));
    browser.session = "member";
    assert!(!browser.page("/").await.contains("First steps"));
}
