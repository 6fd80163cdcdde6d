//! What people change about one pool, and what becomes of two who change the same.

use chrono::TimeDelta;
use hearth_app::backend::Role;
use hearth_server::{
    execute,
    store::{builds::Transition, jobs::JobStatus, workspaces},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    on_both_servers,
    support::{
        server::{Answer, Caller, Server},
        world::{self, Like, Template},
    },
};

const POOL: &str = "/api/v2/pools/web/small";

/// A pool that wants 1.
async fn pool(server: &Server) -> (Template, hearth_prebuilds::ids::PresetId) {
    let hearth = &server.running.hearth;
    let template = world::template(&hearth.db, "web").await;
    let preset = world::preset(&hearth.db, (template.id, template.version), "small", 1).await;
    (template, preset)
}

async fn state(caller: &Caller) -> Value {
    caller.get(POOL).await.json(StatusCode::OK).await
}

async fn call(caller: &Caller, method: Method, act: &str) -> Answer {
    Answer::of(caller.request(method, &format!("{POOL}/{act}"))).await
}

/// Verb, before and after of the newest act upon the pool.
async fn newest_act(server: &Server) -> (String, Value, Value) {
    let mut conn = server.running.hearth.db.read().await.unwrap();
    type Row = (String, Option<sqlx::types::Json<Value>>, Option<sqlx::types::Json<Value>>);
    let sql =
        "SELECT verb, before, after FROM audit WHERE target_type = 'pool' ORDER BY at DESC, id DESC LIMIT 1";
    let (verb, before, after) = hearth_server::one!(conn, Row, sql).unwrap();
    let plain = |json: Option<sqlx::types::Json<Value>>| json.map_or(Value::Null, |json| json.0);
    (verb, plain(before), plain(after))
}

on_both_servers!(an_override_holds_until_its_end_or_until_somebody_ends_it, |server, config| { config.workers = 0 } async {
    pool(server).await;
    let ada = server.person("ada", Role::TemplateAdmin).await;
    let path = format!("{POOL}/override");
    let until = server.running.hearth.clock.now() + TimeDelta::hours(1);
    let wish = json!({ "instances": 4, "until": until, "reason": " a course " });
    assert_eq!(ada.put(&path, &wish).await.status(), StatusCode::NO_CONTENT);
    let pool = state(&ada).await;
    assert_eq!(pool["decision"]["state"]["desired"], 4);
    assert_eq!(pool["override"], json!({ "instances": 4, "until": until, "by": "ada", "reason": "a course" }));
    let (verb, before, after) = newest_act(server).await;
    assert_eq!((verb.as_str(), before, &after["instances"], &after["reason"]), ("override", Value::Null, &json!(4), &json!("a course")));

    assert_eq!(call(&ada, Method::DELETE, "override").await.status(), StatusCode::NO_CONTENT);
    let pool = state(&ada).await;
    assert_eq!((&pool["decision"]["state"]["desired"], &pool["override"]), (&json!(1), &Value::Null));
    let (verb, before, after) = newest_act(server).await;
    assert_eq!((verb.as_str(), &before["instances"], after), ("end_override", &json!(4), Value::Null));
    call(&ada, Method::DELETE, "override").await.json(StatusCode::CONFLICT).await;

    ada.put(&path, &wish).await;
    server.running.hearth.clock.advance(TimeDelta::hours(1));
    let pool = state(&ada).await;
    assert_eq!((&pool["decision"]["state"]["desired"], &pool["override"]), (&json!(1), &Value::Null));
});

on_both_servers!(an_override_needs_a_near_end_a_reason_and_a_sane_number, |server, config| { config.workers = 0 } async {
    pool(server).await;
    let ada = server.person("ada", Role::TemplateAdmin).await;
    let now = server.running.hearth.clock.now();
    let soon = now + TimeDelta::hours(1);
    for (wish, field) in [
        (json!({ "instances": 1001, "until": soon, "reason": "x" }), "instances"),
        (json!({ "instances": 2, "until": now - TimeDelta::seconds(1), "reason": "x" }), "until"),
        (json!({ "instances": 2, "until": now + TimeDelta::days(31), "reason": "x" }), "until"),
        (json!({ "instances": 2, "until": soon, "reason": "  " }), "reason"),
        (json!({ "instances": 2, "until": soon, "reason": "x".repeat(501) }), "reason"),
    ] {
        let refused = ada.put(&format!("{POOL}/override"), &wish).await.json(StatusCode::BAD_REQUEST).await;
        assert_eq!(refused["validations"][0]["field"], field, "{wish}");
    }
    let odd = json!({ "instances": -1, "until": soon, "reason": "x" });
    ada.put(&format!("{POOL}/override"), &odd).await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(state(&ada).await["revision"], 0);
});

on_both_servers!(the_second_of_two_admins_is_told_who_changed_the_pool_and_overwrites_nothing, |server, config| { config.workers = 0 } async {
    pool(server).await;
    let ada = server.person("ada", Role::TemplateAdmin).await;
    let bob = server.person("bob", Role::TemplateAdmin).await;
    let seen = state(&bob).await["revision"].clone();
    let until = server.running.hearth.clock.now() + TimeDelta::hours(1);
    let wish = |instances: u32| json!({ "instances": instances, "until": until, "reason": "x", "revision": seen });
    assert_eq!(ada.put(&format!("{POOL}/override"), &wish(3)).await.status(), StatusCode::NO_CONTENT);
    let refused = bob.put(&format!("{POOL}/override"), &wish(9)).await.json(StatusCode::CONFLICT).await;
    let words = refused["message"].as_str().unwrap();
    assert!(words.contains("(ada, ") && words.contains("was not applied"), "{words}");
    call(&bob, Method::DELETE, &format!("override?revision={seen}")).await.json(StatusCode::CONFLICT).await;
    assert_eq!(state(&bob).await["override"]["instances"], 3);
    let seen = state(&bob).await["revision"].clone();
    let again = call(&bob, Method::DELETE, &format!("override?revision={seen}")).await;
    assert_eq!(again.status(), StatusCode::NO_CONTENT);
});

on_both_servers!(a_pool_is_paused_and_resumed_with_a_note, |server, config| { config.workers = 0 } async {
    pool(server).await;
    let ada = server.person("ada", Role::TemplateAdmin).await;
    let note = json!({ "note": "quota work" });
    assert_eq!(ada.put(&format!("{POOL}/pause"), &note).await.status(), StatusCode::NO_CONTENT);
    let paused = state(&ada).await;
    assert_eq!((&paused["paused"]["by"], &paused["paused"]["note"], &paused["state"]), (&json!("ada"), &json!("quota work"), &json!("paused")));
    ada.put(&format!("{POOL}/pause"), &note).await.json(StatusCode::CONFLICT).await;
    assert_eq!(call(&ada, Method::DELETE, "pause").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(newest_act(server).await, ("resume".to_owned(), note, Value::Null));
});

on_both_servers!(a_reset_lets_a_pool_that_hit_the_limit_build_again, |server, config| { config.workers = 0; config.failure_hard_limit = 2 } async {
    let (template, preset) = pool(server).await;
    let hearth = &server.running.hearth;
    for minutes in [1, 2] {
        let like = Like::build(Transition::Start, JobStatus::Failed).created(hearth.clock.now() - TimeDelta::minutes(minutes));
        world::member(&hearth.db, (template.id, template.version, preset), like).await;
    }
    let ada = server.person("ada", Role::TemplateAdmin).await;
    assert_eq!(state(&ada).await["state"], "hard_limited");
    assert_eq!(call(&ada, Method::POST, "reset-failures").await.status(), StatusCode::NO_CONTENT);
    ada.wait_for(POOL, |pool| pool["decision"]["state"]["starting"] == 1).await;
    let (verb, _, after) = newest_act(server).await;
    assert!(verb == "reset_failures" && after["failures_reset_at"].is_string(), "{verb} {after}");
});

on_both_servers!(invalid_members_are_replaced, |server, config| { config.workers = 0 } async {
    let (template, preset) = pool(server).await;
    let hearth = &server.running.hearth;
    let of = (template.id, template.version, preset);
    let old = world::member(&hearth.db, of, Like::ready().created(hearth.clock.now() - TimeDelta::hours(1))).await;
    let ada = server.person("ada", Role::TemplateAdmin).await;
    let answer = call(&ada, Method::POST, "invalidate").await.json(StatusCode::OK).await;
    assert_eq!(answer, json!({ "members": 1, "skipped": 0 }));
    let pool = ada.wait_for(POOL, |pool| {
        let state = &pool["decision"]["state"];
        state["starting"] == 1 && state["deleting"] == 1
    }).await;
    assert_eq!(pool["decision"]["state"]["eligible"], 0);
    let old = workspaces::by_id(&mut hearth.db.read().await.unwrap(), old).await.unwrap().unwrap();
    assert_eq!(old.latest_transition, Transition::Delete);
});

on_both_servers!(only_unclaimed_idle_members_of_this_pool_are_deleted, |server, config| { config.workers = 0 } async {
    let (template, preset) = pool(server).await;
    let hearth = &server.running.hearth;
    let now = hearth.clock.now();
    // Nothing but the acts of this test may touch the members.
    let ada = server.person("ada", Role::TemplateAdmin).await;
    ada.put(&format!("{POOL}/pause"), &json!({ "note": "x" })).await;
    let of = (template.id, template.version, preset);
    let ready = world::member(&hearth.db, of, Like::ready().created(now)).await;
    let waiting = world::member(&hearth.db, of, Like::build(Transition::Start, JobStatus::Pending).created(now)).await;
    let busy = world::member(&hearth.db, of, Like::build(Transition::Start, JobStatus::Running).created(now)).await;
    let claimed = world::member(&hearth.db, of, Like::ready().created(now)).await;
    let mut tx = hearth.db.write().await.unwrap();
    execute!(tx, "UPDATE workspaces SET claimed_at = $2 WHERE id = $1", claimed.0, 1_i64).unwrap();
    tx.commit().await.unwrap();
    let other = world::preset(&hearth.db, (template.id, template.version), "large", 1).await;
    let foreign = world::member(&hearth.db, (template.id, template.version, other), Like::ready().created(now)).await;

    let path = format!("{POOL}/delete-members");
    let wish = json!({ "workspaces": [ready.0, waiting.0, busy.0, claimed.0, foreign.0] });
    assert_eq!(ada.post(&path, &wish).await.json(StatusCode::OK).await, json!({ "members": 2, "skipped": 3 }));
    let mut conn = hearth.db.read().await.unwrap();
    let mut look = async |id| workspaces::by_id(&mut conn, id).await.unwrap().unwrap();
    let ready = look(ready).await;
    assert_eq!((ready.latest_transition, ready.latest_status), (Transition::Delete, JobStatus::Pending));
    assert!(look(waiting).await.deleted, "no worker had begun it");
    for left in [busy, claimed] {
        assert_eq!(look(left).await.latest_transition, Transition::Start);
    }
    drop(conn);
    let (verb, before, _) = newest_act(server).await;
    assert_eq!((verb.as_str(), before["members"].as_array().unwrap().len()), ("delete_members", 2));
    ada.post(&path, &json!({ "workspaces": [busy.0] })).await.json(StatusCode::CONFLICT).await;
    ada.post(&path, &json!({ "workspaces": [] })).await.json(StatusCode::BAD_REQUEST).await;
});

on_both_servers!(members_and_auditors_change_no_pool, |server, config| { config.workers = 0 } async {
    pool(server).await;
    let ada = server.person("ada", Role::Auditor).await;
    let jon = server.member("jon").await;
    let until = server.running.hearth.clock.now() + TimeDelta::hours(1);
    for caller in [&ada, &jon] {
        let wish = json!({ "instances": 2, "until": until, "reason": "x" });
        caller.put(&format!("{POOL}/override"), &wish).await.json(StatusCode::FORBIDDEN).await;
        caller.put(&format!("{POOL}/pause"), &json!({ "note": "x" })).await.json(StatusCode::FORBIDDEN).await;
        let wish = json!({ "workspaces": [uuid::Uuid::nil()] });
        caller.post(&format!("{POOL}/delete-members"), &wish).await.json(StatusCode::FORBIDDEN).await;
        for (method, act) in [
            (Method::DELETE, "override"), (Method::DELETE, "pause"), (Method::POST, "invalidate"), (Method::POST, "reset-failures"),
        ] {
            call(caller, method, act).await.json(StatusCode::FORBIDDEN).await;
        }
    }
    let admin = server.admin().await;
    let unknown = Answer::of(admin.request(Method::POST, "/api/v2/pools/web/nobody/invalidate")).await;
    unknown.json(StatusCode::NOT_FOUND).await;
});
