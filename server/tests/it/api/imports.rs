//! Imports over HTTP with the real Terraform: what succeeds, and what each kind of bad template says.

use futures::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use crate::{
    on_both_servers,
    support::{
        server::{Answer, Caller, Kept, spawn_server},
        template,
    },
};

fn error_of(version: &Value) -> &str {
    assert_eq!(version["job"]["status"], "failed", "{version:#}");
    version["job"]["error"].as_str().unwrap()
}

on_both_servers!(a_good_template_is_imported_and_followed_to_its_end, |server| async {
    let admin = server.admin().await;
    let version = admin.import(template::with_pool("UTC", "* 8-18 * * 1-5")).await;
    assert_eq!(version["job"]["status"], "succeeded", "{version:#}");
    let path = format!("/api/v2/templateversions/{}", version["id"].as_str().unwrap());
    let presets = admin.get(&format!("{path}/presets")).await.json(StatusCode::OK).await;
    assert_eq!((&presets[0]["Name"], &presets[0]["DesiredPrebuildInstances"]), (&json!("small"), &json!(1)));
    let parameters = admin.get(&format!("{path}/rich-parameters")).await.json(StatusCode::OK).await;
    assert_eq!(parameters[0]["name"], "region");

    let all = admin.get(&format!("{path}/logs")).await.json(StatusCode::OK).await;
    let all = all.as_array().unwrap();
    assert!(!all.is_empty());
    let ids: Vec<i64> = all.iter().map(|line| line["id"].as_i64().unwrap()).collect();
    assert!(ids.is_sorted());
    let rest = admin.get(&format!("{path}/logs?after={}", ids[0])).await.json(StatusCode::OK).await;
    assert_eq!(rest.as_array().unwrap().len(), all.len() - 1);
    assert_eq!(followed(&admin, &format!("{path}/logs?follow")).await, *all);
});

/// Every message of a log's web socket, until the server closes it.
async fn followed(caller: &Caller, path: &str) -> Vec<Value> {
    let url = format!("{}{path}", caller.url.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    let token = caller.token.as_deref().unwrap().parse().unwrap();
    request.headers_mut().insert("Coder-Session-Token", token);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let mut lines = Vec::new();
    while let Some(message) = socket.next().await {
        match message.unwrap() {
            Message::Text(text) => lines.push(serde_json::from_str(&text).unwrap()),
            Message::Close(_) => break,
            _ => {}
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_followed_while_the_import_runs() {
    let server = spawn_server(Kept::Sqlite).await;
    let admin = server.admin().await;
    let request = admin.request(Method::POST, "/api/v2/files").header("content-type", "application/x-tar");
    let file = Answer::of(request.body(template::with_pool("UTC", "* * * * *"))).await;
    let body = json!({ "file_id": file.json(StatusCode::CREATED).await["hash"] });
    let path = "/api/v2/organizations/default/templateversions";
    let version = admin.post(path, &body).await.json(StatusCode::CREATED).await;
    let path = format!("/api/v2/templateversions/{}", version["id"].as_str().unwrap());
    let lines = followed(&admin, &format!("{path}/logs?follow=true")).await;
    assert!(!lines.is_empty());
    // The socket closes only after the end was committed.
    let version = admin.get(&path).await.json(StatusCode::OK).await;
    assert_eq!(version["job"]["status"], "succeeded");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_template_says_what_is_wrong_with_it() {
    let server = spawn_server(Kept::Sqlite).await;
    let admin = server.admin().await;

    let no_tf = admin.import(template::of(&[("README.md", "nothing")])).await;
    assert!(error_of(&no_tf).contains(".tf"), "{}", error_of(&no_tf));

    let broken = admin.import(template::of(&[("main.tf", "resource \"x\" {")])).await;
    assert!(error_of(&broken).contains("main.tf:1"), "{}", error_of(&broken));

    let cron = admin.import(template::with_pool("UTC", "* 25 * * *")).await;
    assert!(error_of(&cron).contains("small") && error_of(&cron).contains("25"), "{}", error_of(&cron));

    let zone = admin.import(template::with_pool("Mars/Base", "* 8 * * *")).await;
    assert!(error_of(&zone).contains("Mars/Base"), "{}", error_of(&zone));

    let missing = admin.import(template::without_default()).await;
    assert!(error_of(&missing).contains("region"), "{}", error_of(&missing));

    let not_a_tar = admin.import(b"this is no archive".to_vec()).await;
    assert!(error_of(&not_a_tar).contains("tar"), "{}", error_of(&not_a_tar));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_reaches_outside_its_folder_is_refused() {
    let server = spawn_server(Kept::Sqlite).await;
    let admin = server.admin().await;
    for (archive, word) in template::evil_archives() {
        let version = admin.import(archive).await;
        assert!(error_of(&version).contains(word), "{word}: {}", error_of(&version));
    }
    assert!(!std::path::Path::new("/tmp/hearth-evil").exists());
    server.stop().await;
}
