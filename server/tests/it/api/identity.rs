//! The first user, log-in, sessions.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    on_both_servers,
    support::server::{ADMIN, Answer, Kept, PASSWORD, spawn_empty_server, spawn_server, spawn_with},
};

fn first_user() -> serde_json::Value {
    json!({ "username": "maria", "email": "maria@example.org", "password": PASSWORD, "trial": false })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_user_is_made_with_the_code_from_the_console_and_only_once() {
    for kept in [Kept::Sqlite, Kept::Postgres] {
        let server = spawn_empty_server(kept).await;
        let code = server.running.setup_code.clone().unwrap();
        let stranger = server.stranger();
        let first = |code: &str| {
            stranger
                .request(Method::POST, "/api/v2/users/first")
                .header("Hearth-Setup-Code", code)
                .json(&first_user())
        };
        let answer = stranger.get("/api/v2/users/first").await;
        assert!(answer.0.headers()["x-coder-build-version"].to_str().unwrap().starts_with("v0.0.0"));
        answer.json(StatusCode::NOT_FOUND).await;
        stranger.post("/api/v2/users/first", &first_user()).await.json(StatusCode::FORBIDDEN).await;
        Answer::of(first("AAAA-AAAA")).await.json(StatusCode::FORBIDDEN).await;

        let made = Answer::of(first(&code)).await.json(StatusCode::CREATED).await;
        assert!(made["user_id"].is_string() && made["organization_id"].is_string());
        Answer::of(first(&code)).await.json(StatusCode::CONFLICT).await;
        stranger.get("/api/v2/users/first").await.json(StatusCode::OK).await;

        let login = json!({ "email": "maria@example.org", "password": PASSWORD });
        stranger.post("/api/v2/users/login", &login).await.json(StatusCode::CREATED).await;
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_race_for_the_first_account_make_one() {
    for kept in [Kept::Sqlite, Kept::Postgres] {
        let server = spawn_empty_server(kept).await;
        let code = server.running.setup_code.clone().unwrap();
        let race = |name: &'static str| {
            let body =
                json!({ "username": name, "email": format!("{name}@example.org"), "password": PASSWORD });
            let request = server.stranger().request(Method::POST, "/api/v2/users/first");
            Answer::of(request.header("Hearth-Setup-Code", &code).json(&body))
        };
        let (one, other) = tokio::join!(race("one"), race("other"));
        let mut statuses = [one.status(), other.status()];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT], "{kept:?}");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_is_refused_by_field() {
    let server = spawn_empty_server(Kept::Sqlite).await;
    let code = server.running.setup_code.clone().unwrap();
    let body = json!({ "username": "maria", "email": "maria@example.org", "password": "password1" });
    let request = server.stranger().request(Method::POST, "/api/v2/users/first");
    let answer = Answer::of(request.header("Hearth-Setup-Code", code).json(&body)).await;
    let answer = answer.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(answer["message"], "Validation failed.");
    assert_eq!(answer["validations"][0]["field"], "password");
    server.stop().await;
}

on_both_servers!(a_log_in_gives_a_session_that_ends_at_the_log_out, |server| async {
    let stranger = server.stranger();
    let login = json!({ "email": "Admin@Example.org", "password": PASSWORD });
    let answer = stranger.post("/api/v2/users/login", &login).await;
    let cookie = answer.0.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("coder_session_token="), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"));
    let token = answer.json(StatusCode::CREATED).await["session_token"].as_str().unwrap().to_owned();

    let me = stranger.with_token(&token).get("/api/v2/users/me").await.json(StatusCode::OK).await;
    assert_eq!(me["username"], ADMIN);
    assert_eq!(me["roles"][0]["name"], "owner");
    let bearer = stranger.http.get(format!("{}/api/v2/users/me", stranger.url)).bearer_auth(&token);
    assert_eq!(bearer.send().await.unwrap().status(), StatusCode::OK);
    let by_cookie = stranger
        .request(Method::GET, "/api/v2/users/me")
        .header("cookie", format!("coder_session_token={token}"));
    assert_eq!(by_cookie.send().await.unwrap().status(), StatusCode::OK);

    let caller = stranger.with_token(&token);
    Answer::of(caller.request(Method::POST, "/api/v2/users/logout")).await.json(StatusCode::OK).await;
    let after = caller.get("/api/v2/users/me").await;
    assert!(after.0.headers().contains_key("www-authenticate"));
    after.json(StatusCode::UNAUTHORIZED).await;
});

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_name_and_a_wrong_password_look_the_same_and_are_counted() {
    let server = spawn_server(Kept::Sqlite).await;
    let stranger = server.stranger();
    let try_login = |login: &'static str| {
        let (stranger, body) = (stranger.clone(), json!({ "email": login, "password": "not the one" }));
        async move { stranger.post("/api/v2/users/login", &body).await }
    };
    let nobody = try_login("nobody").await.json(StatusCode::UNAUTHORIZED).await;
    let wrong = try_login(ADMIN).await.json(StatusCode::UNAUTHORIZED).await;
    assert_eq!(nobody, wrong);
    for _ in 0..4 {
        try_login(ADMIN).await.json(StatusCode::UNAUTHORIZED).await;
    }
    let refused = try_login(ADMIN).await;
    assert!(refused.0.headers().contains_key("retry-after"));
    refused.json(StatusCode::TOO_MANY_REQUESTS).await;
    server.running.hearth.clock.advance(TimeDelta::minutes(5));
    try_login(ADMIN).await.json(StatusCode::UNAUTHORIZED).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_user_cannot_log_in() {
    let server = spawn_server(Kept::Sqlite).await;
    let login = json!({ "email": "prebuilds", "password": "" });
    server.stranger().post("/api/v2/users/login", &login).await.json(StatusCode::UNAUTHORIZED).await;
    server.stop().await;
}

on_both_servers!(a_session_ends_when_it_is_not_used_for_a_week, |server| async {
    let admin = server.admin().await;
    server.running.hearth.clock.advance(TimeDelta::days(6));
    admin.get("/api/v2/users/me").await.json(StatusCode::OK).await;
    server.running.hearth.clock.advance(TimeDelta::days(6));
    admin.get("/api/v2/users/me").await.json(StatusCode::OK).await;
    server.running.hearth.clock.advance(TimeDelta::days(7));
    admin.get("/api/v2/users/me").await.json(StatusCode::UNAUTHORIZED).await;
});

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_thirty_days_however_much_it_is_used() {
    let server = spawn_server(Kept::Sqlite).await;
    let admin = server.admin().await;
    for _ in 0..5 {
        server.running.hearth.clock.advance(TimeDelta::days(5));
        admin.get("/api/v2/users/me").await.json(StatusCode::OK).await;
    }
    server.running.hearth.clock.advance(TimeDelta::days(5));
    admin.get("/api/v2/users/me").await.json(StatusCode::UNAUTHORIZED).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_another_session_of_oneself() {
    let server = spawn_server(Kept::Sqlite).await;
    let admin = server.admin().await;
    let answer = Answer::of(admin.request(Method::POST, "/api/v2/users/me/keys")).await;
    let answer = answer.json(StatusCode::CREATED).await;
    let key = answer["key"].as_str().unwrap();
    admin.with_token(key).get("/api/v2/users/me").await.json(StatusCode::OK).await;
    let for_system = admin.request(Method::POST, "/api/v2/users/prebuilds/keys");
    Answer::of(for_system).await.json(StatusCode::FORBIDDEN).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_the_cookie_is_secure_and_bound_to_the_host() {
    let server = spawn_with(Kept::Sqlite, |config| {
        crate::support::server::name_admin(config);
        config.access_url = Some("https://hearth.example/".to_owned());
    })
    .await;
    let mut stranger = server.stranger();
    stranger.url = server.running.hearth.local_url.to_string();
    let login = json!({ "email": ADMIN, "password": PASSWORD });
    let answer = stranger.post("/api/v2/users/login", &login).await;
    let cookie = answer.0.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-coder_session_token=") && cookie.contains("Secure"), "{cookie}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_on_a_foreign_page_cannot_log_out() {
    let server = spawn_server(Kept::Sqlite).await;
    let admin = server.admin().await;
    let foreign = admin
        .http
        .post(format!("{}/api/v2/users/logout", admin.url))
        .header("cookie", format!("coder_session_token={}", admin.token.clone().unwrap()))
        .header("origin", "https://evil.example");
    Answer::of(foreign).await.json(StatusCode::FORBIDDEN).await;
    admin.get("/api/v2/users/me").await.json(StatusCode::OK).await;
    server.stop().await;
}

on_both_servers!(a_session_is_extended_by_its_person_and_lasts_as_long_as_a_new_one, |server| async {
    let admin = server.admin().await;
    let clock = &server.running.hearth.clock;
    let me = async || admin.get("/api/v2/users/me").await.status();
    for _ in 0..5 {
        clock.advance(TimeDelta::days(6) - TimeDelta::seconds(10));
        assert_eq!(me().await, StatusCode::OK, "it is used");
    }
    let page = async || admin.get("/help").await.0.text().await.unwrap();
    let notice = |html: &str| html.split("data-due=").nth(1).unwrap().split('>').next().unwrap().to_owned();
    assert!(!notice(&page().await).contains("hidden"), "50 s are left");
    let extend = admin.request(Method::POST, "/act/extend-session").header("accept", "text/html");
    let form = extend.header("content-type", "application/x-www-form-urlencoded").body("");
    let answer = form.send().await.unwrap();
    assert!(answer.status().is_success() || answer.status().is_redirection(), "{}", answer.status());
    assert!(notice(&page().await).contains("hidden"));
    clock.advance(TimeDelta::days(6));
    assert_eq!(me().await, StatusCode::OK);
    let stranger = server.stranger();
    let refused = stranger.request(Method::POST, "/act/extend-session").header("accept", "application/json");
    let refused = refused.header("content-type", "application/x-www-form-urlencoded").body("").send().await;
    assert_eq!(refused.unwrap().status(), StatusCode::UNAUTHORIZED);
});
