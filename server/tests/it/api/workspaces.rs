//! A workspace from its making to its end, with the real Terraform.

use hearth_app::backend::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    on_both_servers,
    support::{
        server::{Answer, Caller},
        template,
    },
};

/// The build, once it has ended.
async fn ended(caller: &Caller, build: &Value) -> Value {
    let path = format!("/api/v2/workspacebuilds/{}", build["id"].as_str().unwrap());
    caller.wait_for(&path, |build| build["job"]["completed_at"].is_string()).await
}

on_both_servers!(a_workspace_is_built_stopped_started_with_another_value_and_deleted, |server| async {
    let admin = server.admin().await;
    let template = admin.make_template("plain", template::plain()).await;
    let order = json!({ "name": "Box", "template_id": template["id"],
                        "template_version_id": "00000000-0000-0000-0000-000000000000",
                        "rich_parameter_values": [{ "name": "region", "value": "us" }] });
    let made = admin.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CREATED).await;
    assert_eq!((&made["owner_name"], &made["is_prebuild"]), (&json!("admin"), &json!(false)));
    assert_eq!(made["latest_build"]["job"]["type"], "workspace_build");
    let taken = admin.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CONFLICT).await;
    assert_eq!(taken["validations"][0]["field"], "name");

    let built = ended(&admin, &made["latest_build"]).await;
    assert_eq!(built["status"], "running", "{built:#}");
    assert_eq!(built["resources"][0]["type"], "terraform_data");
    let at = |part: &str| format!("/api/v2/workspacebuilds/{}{part}", built["id"].as_str().unwrap());
    let parameters = admin.get(&at("/parameters")).await.json(StatusCode::OK).await;
    assert_eq!(parameters, json!([{ "name": "region", "value": "us" }]));
    let log = admin.get(&at("/logs")).await.json(StatusCode::OK).await;
    assert!(!log.as_array().unwrap().is_empty());
    assert_eq!(log[0]["output"], "", "a stage begins with a marker");
    let text = admin.get(&at("/logs?format=text")).await.0.text().await.unwrap();
    assert_eq!(text.lines().count(), log.as_array().unwrap().len());

    let named = admin.get("/api/v2/users/Admin/workspace/box?include_deleted=false").await;
    assert_eq!(named.json(StatusCode::OK).await["id"], made["id"]);
    for (q, count) in [
        ("owner:me", 1),
        ("owner:prebuilds", 0),
        ("bo%20status:running", 1),
        ("admin/box", 1),
        ("template:other", 0),
    ] {
        let list = admin.get(&format!("/api/v2/workspaces?q={q}")).await.json(StatusCode::OK).await;
        assert_eq!(list["count"], count, "{q}");
    }

    let builds = format!("/api/v2/workspaces/{}/builds", made["id"].as_str().unwrap());
    let stop = admin.post(&builds, &json!({ "transition": "stop" })).await.json(StatusCode::CREATED).await;
    admin.post(&builds, &json!({ "transition": "start" })).await.json(StatusCode::CONFLICT).await;
    assert_eq!(ended(&admin, &stop).await["status"], "stopped");
    let change =
        json!({ "transition": "start", "rich_parameter_values": [{ "name": "region", "value": "eu" }] });
    admin.post(&builds, &change).await.json(StatusCode::BAD_REQUEST).await;
    let start = admin.post(&builds, &json!({ "transition": "start" })).await.json(StatusCode::CREATED).await;
    assert_eq!(ended(&admin, &start).await["status"], "running");

    let delete =
        admin.post(&builds, &json!({ "transition": "delete" })).await.json(StatusCode::CREATED).await;
    let deleted = ended(&admin, &delete).await;
    assert_eq!((&deleted["status"], &deleted["build_number"]), (&json!("deleted"), &json!(4)));
    let list = admin.get("/api/v2/workspaces?q=").await.json(StatusCode::OK).await;
    assert_eq!(list["count"], 0);
    let path = format!("/api/v2/workspacebuilds/{}/logs", delete["id"].as_str().unwrap());
    assert!(!admin.get(&path).await.json(StatusCode::OK).await.as_array().unwrap().is_empty());
    let numbered = admin.get(&builds).await.json(StatusCode::OK).await;
    assert_eq!(numbered.as_array().unwrap().len(), 4);
    admin.get("/api/v2/users/me/workspace/box").await.json(StatusCode::NOT_FOUND).await;
});

on_both_servers!(a_member_sees_and_changes_only_their_own_workspaces, |server| async {
    let admin = server.admin().await;
    let template = admin.make_template("plain", template::plain()).await;
    let order = json!({ "name": "hers", "template_id": template["id"] });
    let hers = admin.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CREATED).await;
    let member = server.member("jon").await;
    let id = hers["id"].as_str().unwrap();
    member.get(&format!("/api/v2/workspaces/{id}")).await.json(StatusCode::NOT_FOUND).await;
    let build = hers["latest_build"]["id"].as_str().unwrap();
    for part in ["", "/logs", "/parameters", "/resources"] {
        let path = format!("/api/v2/workspacebuilds/{build}{part}");
        member.get(&path).await.json(StatusCode::NOT_FOUND).await;
    }
    let stop = json!({ "transition": "stop" });
    member.post(&format!("/api/v2/workspaces/{id}/builds"), &stop).await.json(StatusCode::NOT_FOUND).await;
    let cancel = format!("/api/v2/workspacebuilds/{build}/cancel");
    Answer::of(member.request(Method::PATCH, &cancel)).await.json(StatusCode::NOT_FOUND).await;
    member.post("/api/v2/users/admin/workspaces", &order).await.json(StatusCode::NOT_FOUND).await;

    let keeper = server.person("kim", Role::TemplateAdmin).await;
    keeper.get(&format!("/api/v2/workspaces/{id}")).await.json(StatusCode::OK).await;
    keeper.post(&format!("/api/v2/workspaces/{id}/builds"), &stop).await.json(StatusCode::FORBIDDEN).await;

    let own = member.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CREATED).await;
    assert_eq!(own["owner_name"], "jon");
    let list = member.get("/api/v2/workspaces?q=").await.json(StatusCode::OK).await;
    assert_eq!(list["count"], 1);
    let none = member.get("/api/v2/workspaces?q=owner:prebuilds").await.json(StatusCode::OK).await;
    assert_eq!(none["count"], 0);
    ended(&member, &own["latest_build"]).await;
    ended(&admin, &hers["latest_build"]).await;
});

on_both_servers!(a_waiting_build_is_cancelled_only_in_the_state_that_was_named, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let hearth = &server.running.hearth;
    let template = crate::support::world::template(&hearth.db, "idle").await;
    let order = json!({ "name": "box", "template_id": template.id });
    let made = admin.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CREATED).await;
    assert_eq!(made["latest_build"]["status"], "pending");
    let build = made["latest_build"]["id"].as_str().unwrap();
    let cancel = |expected: &str| {
        let path = format!("/api/v2/workspacebuilds/{build}/cancel?expect_status={expected}");
        Answer::of(admin.request(Method::PATCH, &path))
    };
    cancel("running").await.json(StatusCode::PRECONDITION_FAILED).await;
    cancel("pending").await.json(StatusCode::OK).await;
    cancel("").await.json(StatusCode::BAD_REQUEST).await;
});
