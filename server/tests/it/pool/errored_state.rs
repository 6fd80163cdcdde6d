//! What Terraform left on disk when it could not save a state.

use std::{fs, path::Path};

use reqwest::StatusCode;
use serde_json::{Value, json};

use hearth_server::state;

use crate::support::{
    server::{Caller, Kept, spawn_server},
    site::{build, workspace},
    template,
};

async fn log(caller: &Caller, build: &Value) -> String {
    let path = format!("/api/v2/workspacebuilds/{}/logs?format=text", build["id"].as_str().unwrap());
    caller.get(&path).await.0.text().await.unwrap()
}

fn kept(data: &Path) -> Vec<Vec<u8>> {
    let files = fs::read_dir(data.join("errored")).unwrap().map(|file| file.unwrap().path());
    files.map(|file| fs::read(file).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_does_not_continue_the_stored_one_is_kept_aside_and_stands_in_nobodys_way() {
    let server = spawn_server(Kept::Sqlite).await;
    let (hearth, admin) = (&server.running.hearth, server.admin().await);
    let template = admin.make_template("plain", template::plain()).await;
    let order = json!({ "name": "mine", "template_version_id": template["active_version_id"] });
    let mine = admin.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CREATED).await;
    workspace(&admin, &mine["id"], |mine| mine["latest_build"]["status"] == "running").await;

    let id = mine["id"].as_str().unwrap().parse().unwrap();
    let mut older: Value =
        serde_json::from_slice(&state::latest(hearth, id).await.unwrap().unwrap()).unwrap();
    older["resources"] = json!([]);
    let mut foreign = older.clone();
    foreign["lineage"] = json!("another");
    foreign["serial"] = json!(1000);
    let data = &hearth.config.data_dir;
    for (n, (transition, end, left)) in [
        ("stop", "stopped", older.to_string()),
        ("start", "running", "{\"version\": 4, \"ser".to_owned()),
        ("delete", "deleted", foreign.to_string()),
    ]
    .into_iter()
    .enumerate()
    {
        let errored = data.join("work").join(mine["id"].as_str().unwrap()).join("errored.tfstate");
        fs::write(&errored, &left).unwrap();
        let queued = build(&admin, &mine["id"], transition).await;
        let path = format!("/api/v2/workspacebuilds/{}", queued["id"].as_str().unwrap());
        let done = admin.wait_for(&path, |build| build["job"]["completed_at"].is_string()).await;
        assert_eq!(done["status"], end, "{}", done["job"]["error"]);
        assert!(!errored.exists());
        let kept = kept(data);
        assert!(kept.len() == n + 1 && kept.contains(&left.into_bytes()), "{transition}");
        let log = log(&admin, &queued).await;
        assert!(log.contains("the server keeps it as errored/"), "{log}");
    }
    server.stop().await;
}
