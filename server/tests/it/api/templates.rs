//! Template sources, versions and templates, as far as they go without running Terraform.

use std::collections::BTreeMap;

use hearth_prebuilds::ids::VersionId;
use hearth_provisioner::engine::{Imported, Parameter, Prebuilds, Preset, Variable};
use hearth_server::{
    import,
    store::jobs::{self, Ending, Lane},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    on_both_servers,
    support::{
        server::{Answer, Caller, Server},
        template,
    },
};

async fn upload(caller: &Caller, bytes: &'static [u8]) -> Answer {
    let request = caller.request(Method::POST, "/api/v2/files").header("content-type", "application/x-tar");
    Answer::of(request.body(bytes)).await
}

async fn push(caller: &Caller, body: Value) -> Answer {
    caller.post("/api/v2/organizations/default/templateversions", &body).await
}

/// Uploads and pushes; the import waits for a worker.
async fn pushed(caller: &Caller) -> Value {
    let file = upload(caller, b"a tar").await;
    let file: Value = file.0.json().await.unwrap();
    let body = json!({ "file_id": file["hash"], "storage_method": "file", "provisioner": "terraform",
                       "template_id": "00000000-0000-0000-0000-000000000000",
                       "user_variable_values": [{ "name": "token", "value": "hunter2" }] });
    push(caller, body).await.json(StatusCode::CREATED).await
}

fn found() -> Imported {
    let region = Parameter {
        name: "region".to_owned(),
        r#type: "string".to_owned(),
        default_value: Some("eu".to_owned()),
        ..Parameter::default()
    };
    let pool = Prebuilds {
        instances: 2,
        ttl_seconds: Some(3600),
        timezone: Some("UTC".to_owned()),
        schedules: vec![("* 8-18 * * 1-5".to_owned(), 4)],
    };
    let parameters = BTreeMap::from([("region".to_owned(), "eu".to_owned())]);
    let large = Preset {
        name: "large".to_owned(),
        default: true,
        parameters,
        prebuilds: Some(pool),
        ..Preset::default()
    };
    let small = Preset { name: "small".to_owned(), ..Preset::default() };
    let token = Variable { name: "token".to_owned(), sensitive: true, ..Variable::default() };
    Imported {
        parameters: vec![region],
        presets: vec![large, small],
        variables: vec![token],
        readme: "# Web".to_owned(),
        ..Imported::default()
    }
}

/// Ends the import as a worker would.
async fn import(server: &Server, version: &Value, found: &Imported) {
    let hearth = &server.running.hearth;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await.unwrap();
    let lease = jobs::lease(&mut tx, "test", Lane::People, now).await.unwrap().unwrap();
    let id: VersionId = version["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(lease.subject_id, id.0);
    import::keep(&mut tx, id, found, now).await.unwrap();
    assert!(jobs::finish(&mut tx, lease.id, lease.fence, &Ending::succeeded(), now).await.unwrap());
    tx.commit().await.unwrap();
}

on_both_servers!(the_same_file_is_kept_once_and_can_be_fetched, |server| async {
    let admin = server.admin().await;
    let first = upload(&admin, b"a tar").await.json(StatusCode::CREATED).await;
    let again = upload(&admin, b"a tar").await.json(StatusCode::OK).await;
    assert_eq!(first, again);
    let path = format!("/api/v2/files/{}", first["hash"].as_str().unwrap());
    let fetched = admin.get(&path).await;
    assert_eq!(fetched.0.headers()["content-type"], "application/x-tar");
    assert_eq!(fetched.0.bytes().await.unwrap().as_ref(), b"a tar");
    server.stranger().get(&path).await.json(StatusCode::UNAUTHORIZED).await;
    let text = admin.request(Method::POST, "/api/v2/files").header("content-type", "text/plain");
    let refused = Answer::of(text.body("text")).await.json(StatusCode::BAD_REQUEST).await;
    assert!(refused["message"].as_str().unwrap().contains("application/x-tar"));
});

on_both_servers!(a_zip_becomes_a_tar_of_the_same_files, |server| async {
    let admin = server.admin().await;
    let post = async |zip: Vec<u8>| {
        let request = admin.request(Method::POST, "/api/v2/files").header("content-type", "application/zip");
        Answer::of(request.body(zip)).await
    };
    let file = post(template::zip(&[("main.tf", "text"), (".hidden", "kept")])).await;
    let file = file.json(StatusCode::CREATED).await;
    let fetched = admin.get(&format!("/api/v2/files/{}", file["hash"].as_str().unwrap())).await;
    let tar = fetched.0.bytes().await.unwrap();
    let mut archive = tar::Archive::new(&tar[..]);
    let names = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string());
    assert_eq!(names.collect::<Vec<_>>(), [".hidden", "main.tf"]);
    for (zip, words) in
        [(b"no zip".to_vec(), "not a readable zip"), (template::zip(&[("../evil", "")]), "..")]
    {
        let refused = post(zip).await.json(StatusCode::BAD_REQUEST).await;
        assert!(refused["message"].as_str().unwrap().contains(words), "{refused}");
    }
});

on_both_servers!(a_template_is_edited_and_its_versions_are_archived_and_compared, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let version = pushed(&admin).await;
    import(server, &version, &found()).await;
    let order = json!({ "name": "web", "template_version_id": version["id"] });
    let template =
        admin.post("/api/v2/organizations/default/templates", &order).await.json(StatusCode::CREATED).await;
    let path = format!("/api/v2/templates/{}", template["id"].as_str().unwrap());
    let edit = json!({ "name": "", "display_name": "Site", "deprecation_message": "moved" });
    let edited = admin.patch(&path, &edit).await.json(StatusCode::OK).await;
    assert_eq!((&edited["name"], &edited["display_name"]), (&json!("web"), &json!("Site")));
    assert_eq!((&edited["deprecated"], &edited["deprecation_message"]), (&json!(true), &json!("moved")));
    assert_eq!(admin.patch(&path, &edit).await.status(), StatusCode::NOT_MODIFIED);
    let long = json!({ "display_name": "x".repeat(65) });
    let refused = admin.patch(&path, &long).await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["validations"][0]["field"], "display_name");
    server.member("jon").await.patch(&path, &edit).await.json(StatusCode::FORBIDDEN).await;

    let body = json!({ "file_id": version["job"]["file_id"], "template_id": template["id"], "name": "next" });
    let next = push(&admin, body).await.json(StatusCode::CREATED).await;
    let mut more = found();
    more.presets[0].prebuilds.as_mut().unwrap().instances = 3;
    import(server, &next, &more).await;
    let at = |version: &Value, part: &str| {
        format!("/api/v2/templateversions/{}/{part}", version["id"].as_str().unwrap())
    };
    let changes = admin.get(&at(&next, "changes")).await.json(StatusCode::OK).await;
    assert_eq!(changes, json!({ "changes": [{ "preset": "large", "text": "2 → 3 wanted" }] }));
    let against = format!("{}?against={}", at(&version, "changes"), next["id"].as_str().unwrap());
    let changes = admin.get(&against).await.json(StatusCode::OK).await;
    assert_eq!(changes["changes"][0]["text"], "3 → 2 wanted");

    let post = async |path: String| Answer::of(admin.request(Method::POST, &path)).await;
    post(at(&version, "archive")).await.json(StatusCode::BAD_REQUEST).await;
    post(at(&next, "archive")).await.json(StatusCode::OK).await;
    let listed = admin.get(&format!("{path}/versions")).await.json(StatusCode::OK).await;
    assert_eq!(listed.as_array().unwrap().len(), 1, "archived ones are left out");
    let promote = json!({ "id": next["id"] });
    admin.patch(&format!("{path}/versions"), &promote).await.json(StatusCode::BAD_REQUEST).await;
    post(at(&next, "unarchive")).await.json(StatusCode::OK).await;
    admin.patch(&format!("{path}/versions"), &promote).await.json(StatusCode::OK).await;
});

on_both_servers!(an_archive_over_the_limit_is_refused_with_the_limit, |server| async {
    let admin = server.admin().await;
    let request = admin.request(Method::POST, "/api/v2/files").header("content-type", "application/x-tar");
    let answer = Answer::of(request.body(vec![0; 21 << 20])).await;
    let body = answer.json(StatusCode::PAYLOAD_TOO_LARGE).await;
    assert!(body["message"].as_str().unwrap().contains("20 MiB"), "{body}");
});

on_both_servers!(a_pushed_version_waits_for_its_import_and_can_be_cancelled, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let version = pushed(&admin).await;
    let id = version["id"].as_str().unwrap();
    assert_eq!(version["job"]["status"], "pending");
    assert_eq!(version["job"]["type"], "template_version_import");
    assert!(version["template_id"].is_null());
    let at = |part: &str| format!("/api/v2/templateversions/{id}{part}");
    assert_eq!(admin.get(&at("/logs")).await.json(StatusCode::OK).await, json!([]));
    admin.get(&at("/rich-parameters")).await.json(StatusCode::TOO_EARLY).await;
    let template = json!({ "name": "web", "template_version_id": id });
    admin
        .post("/api/v2/organizations/default/templates", &template)
        .await
        .json(StatusCode::BAD_REQUEST)
        .await;

    Answer::of(admin.request(Method::PATCH, &at("/cancel"))).await.json(StatusCode::OK).await;
    let version = admin.get(&at("")).await.json(StatusCode::OK).await;
    assert_eq!(version["job"]["status"], "canceled");
    Answer::of(admin.request(Method::PATCH, &at("/cancel"))).await.json(StatusCode::BAD_REQUEST).await;
});

on_both_servers!(an_imported_version_becomes_a_template_with_pools, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let version = pushed(&admin).await;
    import(server, &version, &found()).await;
    let id = version["id"].as_str().unwrap();
    let at = |part: &str| format!("/api/v2/templateversions/{id}{part}");
    let ready = admin.get(&at("")).await.json(StatusCode::OK).await;
    assert_eq!((&ready["job"]["status"], &ready["readme"]), (&json!("succeeded"), &json!("# Web")));

    let presets = admin.get(&at("/presets")).await.json(StatusCode::OK).await;
    assert_eq!(presets[0]["Name"], "large");
    assert_eq!(presets[0]["Default"], true);
    assert_eq!(presets[0]["DesiredPrebuildInstances"], 2);
    assert_eq!(presets[0]["Parameters"], json!([{ "Name": "region", "Value": "eu" }]));
    assert!(presets[1]["DesiredPrebuildInstances"].is_null());
    let parameters = admin.get(&at("/rich-parameters")).await.json(StatusCode::OK).await;
    assert_eq!((&parameters[0]["name"], &parameters[0]["required"]), (&json!("region"), &json!(false)));
    let variables = admin.get(&at("/variables")).await.json(StatusCode::OK).await;
    assert_eq!(variables[0]["value"], "*redacted*");
    assert_eq!(admin.get(&at("/external-auth")).await.json(StatusCode::OK).await, json!([]));

    let order = json!({ "name": "web", "template_version_id": id, "display_name": "Web" });
    let path = "/api/v2/organizations/default/templates";
    let template = admin.post(path, &order).await.json(StatusCode::CREATED).await;
    assert_eq!(template["active_version_id"], id);
    assert_eq!(template["use_classic_parameter_flow"], true);
    let again = admin.post(path, &order).await.json(StatusCode::CONFLICT).await;
    assert_eq!(again["validations"][0]["field"], "name");

    let hearth = &server.running.hearth;
    let (pools,) = hearth_server::one!(
        hearth.db.read().await.unwrap(),
        (i64,),
        "SELECT COUNT(*) FROM pools WHERE preset_name = 'large'"
    )
    .unwrap();
    assert_eq!(pools, 1, "one for the preset with prebuilds");
    for found in [r#"?q=exact_name:"Web""#, "?q=", "?q=web", "?q=author:me"] {
        let list = admin.get(&format!("/api/v2/templates{found}")).await.json(StatusCode::OK).await;
        assert_eq!(list.as_array().unwrap().len(), 1, "{found}");
    }
    let list = admin.get("/api/v2/templates?q=exact_name:other").await.json(StatusCode::OK).await;
    assert_eq!(list, json!([]));
    let named = admin.get("/api/v2/organizations/hearth/templates/WEB").await.json(StatusCode::OK).await;
    assert_eq!(named["id"], template["id"]);
});

on_both_servers!(a_template_moves_to_another_version_and_is_deleted, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let version = pushed(&admin).await;
    import(server, &version, &found()).await;
    let order = json!({ "name": "web", "template_version_id": version["id"] });
    let template =
        admin.post("/api/v2/organizations/default/templates", &order).await.json(StatusCode::CREATED).await;
    let id = template["id"].as_str().unwrap();

    let body = json!({ "file_id": version["job"]["file_id"], "template_id": id, "name": "next" });
    let next = push(&admin, body.clone()).await.json(StatusCode::CREATED).await;
    push(&admin, body).await.json(StatusCode::CONFLICT).await;
    let promote = json!({ "id": next["id"] });
    let path = format!("/api/v2/templates/{id}/versions");
    admin.patch(&path, &promote).await.json(StatusCode::FORBIDDEN).await;
    import(server, &next, &found()).await;
    admin.patch(&path, &promote).await.json(StatusCode::OK).await;
    let template = admin.get(&format!("/api/v2/templates/{id}")).await.json(StatusCode::OK).await;
    assert_eq!(template["active_version_id"], next["id"]);
    let versions = admin.get(&path).await.json(StatusCode::OK).await;
    assert_eq!(versions[0]["name"], "v1");
    assert_eq!(admin.get(&format!("{path}/NEXT")).await.json(StatusCode::OK).await["id"], next["id"]);

    let invalidate = format!("/api/v2/templates/{id}/prebuilds/invalidate");
    let answer = Answer::of(admin.request(Method::POST, &invalidate)).await.json(StatusCode::OK).await;
    assert_eq!(
        answer["invalidated"],
        json!([{ "template_name": "web", "template_version_name": "next", "preset_name": "large" }])
    );

    admin.delete(&format!("/api/v2/templates/{id}")).await.json(StatusCode::OK).await;
    admin.get(&format!("/api/v2/templates/{id}")).await.json(StatusCode::NOT_FOUND).await;
    admin.get("/api/v2/organizations/default/templates/web").await.json(StatusCode::NOT_FOUND).await;
});

on_both_servers!(values_are_checked_by_the_dry_run_which_shows_what_would_be_made, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let version = pushed(&admin).await;
    import(server, &version, &found()).await;
    let path = format!("/api/v2/templateversions/{}/dry-run", version["id"].as_str().unwrap());
    let run = |name: &str| json!({ "workspace_name": "w", "rich_parameter_values": [{ "name": name, "value": "us" }] });
    let job = admin.post(&path, &run("region")).await.json(StatusCode::CREATED).await;
    assert_eq!(job["status"], "succeeded");
    let at = |part: &str| format!("{path}/{}{part}", job["id"].as_str().unwrap());
    for part in ["", "/matched-provisioners", "/logs", "/resources"] {
        admin.get(&at(part)).await.json(StatusCode::OK).await;
    }
    let refused = admin.post(&path, &run("regoin")).await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["validations"][0]["field"], "regoin");
});

on_both_servers!(variables_lie_sealed_in_the_database_and_open_for_the_build, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let version = pushed(&admin).await;
    let hearth = &server.running.hearth;
    let id: VersionId = version["id"].as_str().unwrap().parse().unwrap();
    let mut conn = hearth.db.read().await.unwrap();
    let stored = hearth_server::store::versions::by_id(&mut conn, id).await.unwrap().unwrap();
    let row = serde_json::to_string(&stored.variables.0).unwrap();
    assert!(!row.contains("hunter2"), "{row}");
    let opened = hearth_server::variables::open(&hearth.secrets, id, &stored.variables).unwrap();
    assert_eq!(opened["token"], "hunter2");
});

on_both_servers!(a_member_can_read_templates_but_not_push_or_change_them, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let version = pushed(&admin).await;
    import(server, &version, &found()).await;
    let order = json!({ "name": "web", "template_version_id": version["id"] });
    admin.post("/api/v2/organizations/default/templates", &order).await.json(StatusCode::CREATED).await;
    let member = server.member("jon").await;
    let id = version["id"].as_str().unwrap();
    member.get(&format!("/api/v2/templateversions/{id}/presets")).await.json(StatusCode::OK).await;
    member.get(&format!("/api/v2/templateversions/{id}/variables")).await.json(StatusCode::FORBIDDEN).await;
    upload(&member, b"a tar").await.json(StatusCode::FORBIDDEN).await;
    let body = json!({ "file_id": version["job"]["file_id"] });
    push(&member, body).await.json(StatusCode::FORBIDDEN).await;
    let users = member.get("/api/v2/users").await.json(StatusCode::OK).await;
    assert_eq!(users["count"], 1, "a member sees only themselves");
    member.get("/api/v2/users/admin").await.json(StatusCode::NOT_FOUND).await;
});
