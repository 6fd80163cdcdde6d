//! The switch over all pools, metrics, drift and the inbox.

use chrono::TimeDelta;
use hearth_app::backend::Role;
use hearth_prebuilds::simulate::{Demand, Scenario, Spread, simulate};
use hearth_server::{
    execute,
    store::{
        builds::Transition,
        jobs::JobStatus,
        notifications::{self, Action, NewNotification},
        pools::{self, Counter, PoolKey},
        users,
    },
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    on_both_servers,
    support::{
        server::{Answer, Server},
        world::{self, Like, ORGANIZATION},
    },
};

on_both_servers!(all_pools_are_paused_and_resumed_and_an_equal_wish_changes_nothing, |server| async {
    let admin = server.admin().await;
    let path = "/api/v2/prebuilds/settings";
    let wish = |paused: bool| json!({ "reconciliation_paused": paused });
    assert_eq!(admin.get(path).await.json(StatusCode::OK).await, wish(false));
    assert_eq!(admin.put(path, &wish(false)).await.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(admin.put(path, &wish(true)).await.json(StatusCode::OK).await, wish(true));
    let again = admin.put(path, &wish(true)).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again.0.text().await.unwrap(), "");
    assert_eq!(admin.get(path).await.json(StatusCode::OK).await, wish(true));
    assert!(metrics(server).await.contains("reconciliation_paused 1\n"));

    let member = server.member("jon").await;
    assert_eq!(member.get(path).await.json(StatusCode::OK).await, wish(true));
    member.put(path, &wish(false)).await.json(StatusCode::FORBIDDEN).await;
    assert_eq!(admin.put(path, &wish(false)).await.json(StatusCode::OK).await, wish(false));
});

async fn metrics(server: &Server) -> String {
    server.stranger().get("/metrics").await.0.text().await.unwrap()
}

on_both_servers!(counters_are_read_from_where_the_acts_left_them, |server, config| { config.workers = 0 } async {
    let hearth = &server.running.hearth;
    let template = world::template(&hearth.db, "web").await;
    let pool = PoolKey { template_id: template.id, preset_name: "large".to_owned() };
    let mut tx = hearth.db.write().await.unwrap();
    pools::ensure(&mut tx, &pool, ORGANIZATION, hearth.clock.now()).await.unwrap();
    for counter in [Counter::Created, Counter::Created, Counter::Claimed, Counter::Replaced] {
        pools::count(&mut tx, &pool, counter).await.unwrap();
    }
    tx.commit().await.unwrap();
    let text = metrics(server).await;
    for (name, value) in [("created_total", 2), ("claimed_total", 1), ("resource_replacements_total", 1)] {
        let line = format!(
            "coderd_prebuilt_workspaces_{name}{{template_name=\"web\",preset_name=\"large\",organization_name=\"hearth\"}} {value}\n"
        );
        assert!(text.contains(&line), "{line}{text}");
    }
});

on_both_servers!(drift_is_for_those_who_read_pools, |server| async {
    let auditor = server.person("ada", Role::Auditor).await;
    let drift = auditor.get("/api/v2/drift").await.json(StatusCode::OK).await;
    assert_eq!(drift, json!({ "open_causes": 0, "claims_7d": 0, "causes": [] }));
    let refused = auditor.get("/api/v2/drift?status=odd").await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["validations"][0]["field"], "status");
    server.member("jon").await.get("/api/v2/drift").await.json(StatusCode::FORBIDDEN).await;
});

on_both_servers!(a_person_reads_their_own_inbox_and_nobody_elses, |server| async {
    let hearth = &server.running.hearth;
    let admin = server.admin().await;
    let member = server.member("jon").await;
    let mut tx = hearth.db.write().await.unwrap();
    let owner = users::by_username(&mut tx, "admin").await.unwrap().unwrap().id;
    let kind = Uuid::from_u128(7);
    for dedupe in ["first", "second"] {
        let action = Action { label: "Open".to_owned(), url: "/drift".to_owned() };
        let new = NewNotification {
            template_id: kind,
            dedupe,
            title: dedupe,
            content: "**Look**",
            icon: "",
            targets: &[kind],
            actions: &[action],
        };
        assert!(notifications::insert(&mut tx, owner, &new, hearth.clock.now()).await.unwrap());
    }
    tx.commit().await.unwrap();

    let path = "/api/v2/notifications/inbox";
    let inbox = admin.get(path).await.json(StatusCode::OK).await;
    assert_eq!((&inbox["unread_count"], &inbox["notifications"][0]["title"]), (&json!(2), &json!("second")));
    assert_eq!(inbox["notifications"][0]["actions"], json!([{ "label": "Open", "url": "/drift" }]));
    let newest = inbox["notifications"][0]["id"].as_str().unwrap();
    let older = admin.get(&format!("{path}?starting_before={newest}")).await.json(StatusCode::OK).await;
    assert_eq!(older["notifications"].as_array().unwrap().len(), 1);

    let status = format!("{path}/{newest}/read-status");
    let read = json!({ "is_read": true });
    member.put(&status, &read).await.json(StatusCode::NOT_FOUND).await;
    assert_eq!(member.get(path).await.json(StatusCode::OK).await["unread_count"], 0);
    let updated = admin.put(&status, &read).await.json(StatusCode::OK).await;
    assert!(updated["notification"]["read_at"].is_string());
    assert_eq!(updated["unread_count"], 1);
    let unread = admin.get(&format!("{path}?read_status=unread")).await.json(StatusCode::OK).await;
    assert_eq!(unread["notifications"][0]["title"], "first");

    let all = Answer::of(admin.request(Method::PUT, &format!("{path}/mark-all-as-read"))).await;
    assert_eq!(all.status(), StatusCode::NO_CONTENT);
    assert_eq!(admin.get(path).await.json(StatusCode::OK).await["unread_count"], 0);
    admin.get(&format!("{path}?colour=red")).await.json(StatusCode::BAD_REQUEST).await;
});

on_both_servers!(pools_are_listed_with_what_is_decided_and_what_was_asked_of_them, |server, config| { config.workers = 0 } async {
    let hearth = &server.running.hearth;
    let ada = server.person("ada", Role::Auditor).await;
    let jon = server.member("jon").await;
    let template = world::template(&hearth.db, "web").await;
    let small = world::preset(&hearth.db, (template.id, template.version), "very small", 1).await;
    let like = Like::ready().created(hearth.clock.now());
    world::member(&hearth.db, (template.id, template.version, small), like).await;
    let order = |name: &str| json!({ "name": name, "template_version_id": template.version, "template_version_preset_id": small });
    for name in ["first", "second"] {
        jon.post("/api/v2/users/me/workspaces", &order(name)).await.json(StatusCode::CREATED).await;
    }
    let list = ada.get("/api/v2/pools").await.json(StatusCode::OK).await;
    let pool = &list["pools"][0];
    assert_eq!((&pool["template_name"], &pool["preset_name"], &pool["version_name"]), (&json!("web"), &json!("very small"), &json!("v1")));
    assert_eq!((&pool["decision"]["state"]["desired"], &pool["paused"], &pool["next_change"]), (&json!(1), &Value::Null, &Value::Null));
    assert_eq!(pool["decision"]["reasons"][0]["text"], "The preset asks for 1 at all times.");
    let expected: Vec<Value> = [300, 3600, 86_400, 604_800]
        .map(|seconds| json!({ "seconds": seconds, "claims": 1, "misses": 1, "hit_rate": 0.5 }))
        .to_vec();
    assert_eq!(pool["demand"], json!(expected));

    let path = "/api/v2/pools/WEB/very%20small";
    let one = ada.get(path).await.json(StatusCode::OK).await;
    assert_eq!((&one["preset_id"], &one["demand"]), (&pool["preset_id"], &pool["demand"]));
    for path in ["/api/v2/pools", path, &format!("{path}/scenario")] {
        jon.get(path).await.json(StatusCode::FORBIDDEN).await;
    }
    ada.get("/api/v2/pools/web/large").await.json(StatusCode::NOT_FOUND).await;
});

on_both_servers!(the_policy_of_a_pool_is_read_and_changed_by_its_address, |server, config| { config.workers = 0 } async {
    let hearth = &server.running.hearth;
    let admin = server.admin().await;
    let jon = server.member("jon").await;
    let template = world::template(&hearth.db, "web").await;
    let small = world::preset(&hearth.db, (template.id, template.version), "small", 1).await;
    let like = Like::ready().created(hearth.clock.now());
    world::member(&hearth.db, (template.id, template.version, small), like).await;
    let path = "/api/v2/pools/web/small";
    let before = admin.get(path).await.json(StatusCode::OK).await;
    assert_eq!((&before["policy"], &before["blocked"]), (&json!("allow"), &Value::Null));
    let patch = |body: Value| admin.request(Method::PATCH, path).json(&body);
    let after = Answer::of(patch(json!({ "policy": "block" }))).await.json(StatusCode::OK).await;
    assert_eq!((&after["policy"], &after["blocked"]["because"]), (&json!("block"), &json!("not_rehearsed")));
    assert_eq!(after["decision"]["state"]["eligible"], 1);
    let odd = Answer::of(patch(json!({ "policy": "ask" }))).await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(odd["validations"][0]["field"], "policy");
    let order = json!({ "name": "mine", "template_version_id": template.version, "template_version_preset_id": small, "pool_only": true });
    let refused = jon.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CONFLICT).await;
    assert!(refused["message"].as_str().unwrap().contains("\"block\""), "{refused}");
    let own = jon.request(Method::PATCH, path).json(&json!({ "policy": "allow" }));
    Answer::of(own).await.json(StatusCode::FORBIDDEN).await;
});

on_both_servers!(the_last_seven_days_of_a_pool_are_a_scenario_that_can_be_simulated, |server, config| { config.workers = 0 } async {
    let hearth = &server.running.hearth;
    let ada = server.person("ada", Role::Auditor).await;
    let jon = server.member("jon").await;
    let template = world::template(&hearth.db, "web").await;
    let small = world::preset(&hearth.db, (template.id, template.version), "small", 2).await;
    let path = "/api/v2/pools/web/small/scenario";
    let refused = ada.get(path).await.json(StatusCode::BAD_REQUEST).await;
    assert!(refused["message"].as_str().unwrap().contains("in the last 7 days"), "{refused}");

    let of = (template.id, template.version, small);
    let ago = |hours| hearth.clock.now() - TimeDelta::hours(hours);
    for (hours, like) in [
        (1, Like::ready()),
        (2, Like::build(Transition::Start, JobStatus::Failed)),
        (24 * 8, Like::build(Transition::Start, JobStatus::Failed)),
    ] {
        world::member(&hearth.db, of, like.created(ago(hours))).await;
    }
    let mut tx = hearth.db.write().await.unwrap();
    execute!(tx, "UPDATE builds SET ready_at = created_at + 90000000 WHERE outcome = 'succeeded'").unwrap();
    tx.commit().await.unwrap();
    let order = json!({ "name": "mine", "template_version_id": template.version, "template_version_preset_id": small });
    jon.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CREATED).await;

    let export = ada.get(path).await;
    assert!(export.0.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let scenario = Scenario::read(&export.0.bytes().await.unwrap()).unwrap();
    let Demand::Recorded(asked) = &scenario.demand else { panic!("not recorded") };
    assert_eq!((asked.len(), scenario.preset.instances, scenario.failure_probability), (1, 2, 0.5));
    assert_eq!(scenario.build_seconds, Spread::Samples(vec![90.0, 0.001]));
    assert_eq!(simulate(&scenario).unwrap().requests, 1);
});
