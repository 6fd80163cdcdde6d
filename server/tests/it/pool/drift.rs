use reqwest::StatusCode;
use serde_json::{Value, json};

use hearth_server::store::{drift, pools};

use crate::support::{
    server::{Caller, Kept, spawn_server},
    site::{Ground, claim, clear, filled, is_ready, sample, workspace},
};

async fn presets(admin: &Caller, template: &Value) -> Vec<String> {
    let path =
        format!("/api/v2/templateversions/{}/presets", template["active_version_id"].as_str().unwrap());
    let presets = admin.get(&path).await.json(StatusCode::OK).await;
    let presets = presets.as_array().unwrap().iter().map(|it| it["ID"].as_str().unwrap().to_owned());
    presets.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_recreates_a_resource_says_so_in_its_log_and_is_recorded() {
    let server = spawn_server(Kept::Postgres).await;
    let ground = Ground::new();
    let admin = server.admin().await;
    let template = admin.make_template("local-drift", sample("local-drift", ground.path())).await;
    filled(&admin, 3).await;
    for preset in presets(&admin, &template).await {
        let rehearsed = admin
            .wait_for(&format!("/api/v2/rehearsals?preset={preset}"), |found| {
                found.as_array().is_some_and(|found| found.iter().any(|it| it["verdict"] == "replaces"))
            })
            .await;
        let found = rehearsed.as_array().unwrap().iter().find(|it| it["verdict"] == "replaces").unwrap();
        let result = &found["result"];
        assert_eq!(result["replaced"][0]["cause"]["fields"], json!(["the owner's name"]));
        assert_eq!(result["replaced"][0]["path"][1]["what"], "local.title");
        assert_eq!(result["fix"]["proved"], true, "{result}");
        let patch = admin.get(&format!("/api/v2/rehearsals/{}/patch", found["id"].as_str().unwrap())).await;
        assert_eq!(patch.0.text().await.unwrap(), result["fix"]["diff"].as_str().unwrap());
    }
    let claimed = claim(&admin, &template, "large", "mine").await;
    workspace(&admin, &claimed["id"], is_ready).await;

    let build = claimed["latest_build"]["id"].as_str().unwrap();
    let log = admin.get(&format!("/api/v2/workspacebuilds/{build}/logs?format=text")).await;
    let log = log.0.text().await.unwrap();
    assert!(log.contains("terraform_data.agent[0] is destroyed and recreated"), "{log}");
    let title = "triggers_replace.title: \"Workspace of prebuilds\" -> \"Workspace of admin\" (forces the replacement)";
    assert!(log.contains(title), "{log}");
    let mut conn = server.running.hearth.db.read().await.unwrap();
    let causes = drift::causes(&mut conn).await.unwrap();
    assert!(
        causes.iter().any(|cause| cause.address == "terraform_data.agent" && cause.claims == 1),
        "{causes:?}"
    );
    let replaced: i64 = pools::list(&mut conn).await.unwrap().iter().map(|pool| pool.replaced_total).sum();
    assert_eq!(replaced, 1);
    drop(conn);

    let maria = server.running.hearth.clone();
    let me = admin.get("/api/v2/users/me").await.json(StatusCode::OK).await;
    let actor = hearth_app::backend::Actor {
        user_id: me["id"].as_str().unwrap().parse().unwrap(),
        username: "admin".to_owned(),
        role: hearth_app::backend::Role::Owner,
    };
    filled(&admin, 3).await;

    // The patched template is a new version, and a rehearsal of that is clean.
    let name = hearth_server::backend::patch::import(&maria, &actor, "local-drift", "large").await.unwrap();
    let path = format!("/api/v2/templates/{}/versions/{name}", template["id"].as_str().unwrap());
    let version = admin.wait_for(&path, |version| version["job"]["status"] == "succeeded").await;
    let path = format!("/api/v2/templates/{}/versions", template["id"].as_str().unwrap());
    let promoted = admin.patch(&path, &json!({ "id": version["id"] })).await;
    assert_eq!(promoted.status(), StatusCode::OK);
    let preset = &presets(&admin, &json!({ "active_version_id": version["id"] })).await[0];
    admin
        .wait_for(&format!("/api/v2/rehearsals?preset={preset}"), |found| {
            found.as_array().is_some_and(|found| found.iter().any(|it| it["verdict"] == "clean"))
        })
        .await;
    hearth_server::backend::acts::pause_all(&maria, &actor, "the end").await.unwrap();
    clear(&admin, &ground).await;
    server.stop().await;
}
