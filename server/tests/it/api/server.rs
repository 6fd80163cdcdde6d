//! Start, stop, and what every answer carries.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use hearth_server::serve;
use reqwest::{Method, StatusCode};

use crate::support::server::{Answer, Kept, config, spawn_empty_server, spawn_server};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_of_the_api_is_not_found_in_json() {
    let server = spawn_server(Kept::Sqlite).await;
    let answer = server.stranger().get("/api/v2/experiments").await;
    assert_eq!(answer.0.headers()["x-content-type-options"], "nosniff");
    assert!(answer.0.headers().contains_key("x-request-id"));
    let body = answer.json(StatusCode::NOT_FOUND).await;
    assert_eq!(body["message"], "Route not found.");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_healthy_on_either_database() {
    for kept in [Kept::Sqlite, Kept::Postgres] {
        let server = spawn_empty_server(kept).await;
        server.stranger().get("/healthz").await.json(StatusCode::OK).await;
        let info = server.stranger().get("/api/v2/buildinfo").await.json(StatusCode::OK).await;
        assert_eq!(info["external_url"], server.running.url);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_or_too_large_is_refused() {
    let server = spawn_server(Kept::Sqlite).await;
    let post = |body: String| {
        let request = server.stranger().request(Method::POST, "/api/v2/users/login");
        Answer::of(request.header("content-type", "application/json").body(body))
    };
    let broken = post("{".to_owned()).await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(broken["message"], "Request body must be valid JSON.");
    post(format!("\"{}\"", "x".repeat(2 << 20))).await.json(StatusCode::PAYLOAD_TOO_LARGE).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_compressed_for_who_can_read_it_so() {
    let server = spawn_server(Kept::Sqlite).await;
    for (accepted, sent) in [("gzip, br", Some("br")), ("gzip", Some("gzip")), ("identity", None)] {
        let page = server.stranger().request(Method::GET, "/login").header("accept-encoding", accepted);
        let page = Answer::of(page).await;
        let encoding = page.0.headers().get("content-encoding").map(|it| it.to_str().unwrap());
        assert_eq!((page.status(), encoding), (StatusCode::OK, sent));
    }
    server.stop().await;
}

async fn refused(config: hearth_server::config::Config) -> String {
    match serve::start(config).await {
        Ok(_) => panic!("the server started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named_with_the_way_out() {
    let server = spawn_empty_server(Kept::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let mut second = config(folder.path().join("data"));
    second.listen = server.running.url.strip_prefix("http://").unwrap().parse().unwrap();
    let words = refused(second.clone()).await;
    assert!(words.contains(&second.listen.to_string()) && words.contains("--listen"), "{words}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_cannot_be_written_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let words = refused(config(file.clone())).await;
    assert!(words.contains(file.to_str().unwrap()) && words.contains("--data-dir"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_than_the_one_that_sealed_the_database_is_refused() {
    let server = spawn_empty_server(Kept::Sqlite).await;
    let folder = server.stop().await;
    let mut other = config(folder.path().join("data"));
    other.secrets_key = Some("ab".repeat(32));
    let words = refused(other).await;
    assert!(words.contains("--secrets-key"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_hearth_is_refused() {
    let server = spawn_empty_server(Kept::Sqlite).await;
    let mut tx = server.running.hearth.db.write().await.unwrap();
    hearth_server::execute!(tx, "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)").unwrap();
    tx.commit().await.unwrap();
    let folder = server.stop().await;
    let words = refused(config(folder.path().join("data"))).await;
    assert!(words.contains("9999") && words.contains("newer"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terraform_that_is_not_there_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut without = config(folder.path().join("data"));
    without.terraform = Some("/nowhere/terraform".into());
    let words = refused(without).await;
    assert!(words.contains("/nowhere/terraform"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_admin_password_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut weak = config(folder.path().join("data"));
    crate::support::server::name_admin(&mut weak);
    weak.admin_password = Some("short".to_owned());
    let words = refused(weak).await;
    assert!(words.contains("HEARTH_ADMIN_PASSWORD") && !words.contains("short"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_folder_is_for_one_user_alone_and_survives_a_restart() {
    let server = spawn_empty_server(Kept::Sqlite).await;
    let folder = server.stop().await;
    let mode = folder.path().join("data").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let again = serve::start(config(folder.path().join("data"))).await.unwrap();
    assert!(again.setup_code.is_some());
    again.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_streams_of_browsers() {
    let server = spawn_server(Kept::Sqlite).await;
    let mut stream = server.admin().await.get("/events").await.0;
    assert_eq!(stream.status(), StatusCode::OK);
    tokio::time::timeout(Duration::from_secs(10), server.stop()).await.expect("stopped within 10 s");
    // Whatever was still on its way, then the end.
    while let Ok(Some(_)) = stream.chunk().await {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_client_that_holds_its_connection() {
    let server = spawn_empty_server(Kept::Sqlite).await;
    let address = server.running.url.strip_prefix("http://").unwrap().to_owned();
    let _idle = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), server.stop()).await.expect("stopped within 10 s");
}
