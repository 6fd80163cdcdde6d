//! The demo takes the same way as a person, and does nothing twice.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::server::{Kept, Server, name_admin, spawn_in, spawn_server};

/// Pools are paused, so that nothing is built on the machine that runs the tests.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_imports_both_samples_once() {
    let server = spawn_server(Kept::Sqlite).await;
    let paused = json!({ "reconciliation_paused": true });
    server.admin().await.put("/api/v2/prebuilds/settings", &paused).await.json(StatusCode::OK).await;
    let server = demo_after(server).await;
    let first = templates(&server).await;
    assert_eq!(
        first.iter().map(|t| t["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["local", "local-drift"]
    );

    let server = demo_after(server).await;
    assert_eq!(templates(&server).await, first, "a second start leaves them alone");
    let presets =
        format!("/api/v2/templateversions/{}/presets", first[0]["active_version_id"].as_str().unwrap());
    let presets = server.admin().await.get(&presets).await.json(StatusCode::OK).await;
    for (name, instances) in [("small", 2), ("large", 1)] {
        let preset = presets.as_array().unwrap().iter().find(|preset| preset["Name"] == name).unwrap();
        assert_eq!(preset["DesiredPrebuildInstances"], instances, "{name}");
    }
    server.stop().await;
}

/// The same data, started with `--demo`.
async fn demo_after(server: Server) -> Server {
    let folder = server.stop().await;
    spawn_in(folder, Kept::Sqlite, |config| {
        name_admin(config);
        config.demo = true;
    })
    .await
}

async fn templates(server: &Server) -> Vec<Value> {
    let complete = |list: &Value| list.as_array().is_some_and(|list| list.len() == 2);
    let list = server.admin().await.wait_for("/api/v2/templates?q=", complete).await;
    list.as_array().unwrap().clone()
}
