//! A stop of the server while the real Terraform is in the middle of an apply.

use std::{fs, path::Path, time::Duration};

use hearth_server::state;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    server::{Kept, Server, spawn_server},
    template,
};

/// What it starts lets no polite signal through.
const SLOW: &str = r#"
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "trap '' INT TERM; echo begun; sleep 600 & sleep 600; sleep 600"
  }
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_middle_of_an_apply_saves_the_state_and_leaves_no_process() {
    let server = spawn_server(Kept::Sqlite).await;
    let admin = server.admin().await;
    let template = admin.make_template("slow", template::of(&[("main.tf", SLOW)])).await;
    let order = json!({ "name": "mine", "template_version_id": template["active_version_id"] });
    let mine = admin.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CREATED).await;
    let logs = format!("/api/v2/workspacebuilds/{}/logs", mine["latest_build"]["id"].as_str().unwrap());
    admin.wait_for(&logs, |lines| lines.to_string().contains("(local-exec): begun")).await;
    let data = server.running.hearth.config.data_dir.clone();
    assert!(!processes_in(&data).is_empty());

    let folder = server.stop().await;
    assert_left(&data).await;

    let server = Server::restart(folder).await;
    let id = mine["id"].as_str().unwrap();
    let kept = state::latest(&server.running.hearth, id.parse().unwrap()).await.unwrap().unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    let resources = kept["resources"].as_array().unwrap().iter();
    let names = Vec::from_iter(resources.map(|it| (&it["name"], &it["instances"][0]["status"])));
    assert_eq!(names, [(&json!("first"), &Value::Null), (&json!("slow"), &json!("tainted"))]);
    let path = format!("/api/v2/workspaces/{id}");
    let mine = server.admin().await.get(&path).await.json(StatusCode::OK).await;
    let job = &mine["latest_build"]["job"];
    assert!(job["error"].as_str().unwrap().starts_with("The server stopped"), "{job:#}");
    server.stop().await;
}

/// The command lines of processes that run below this folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let there =
        processes.filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|it| it.starts_with(folder)));
    there.filter_map(|process| fs::read_to_string(process.join("cmdline")).ok()).collect()
}

/// The system takes a moment to end what it has been told to kill.
async fn assert_left(folder: &Path) {
    for _ in 0..100 {
        if processes_in(folder).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still running: {:?}", processes_in(folder));
}
