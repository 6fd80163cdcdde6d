//! What owners change about people, and people about themselves; the tokens of their programs; the record of it all.

use chrono::TimeDelta;
use hearth_app::{
    backend::Role,
    view::{ActivityQuery, InboxQuery},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    on_both_servers,
    support::server::{ADMIN, Answer, Caller, PASSWORD},
};

const OTHER_PASSWORD: &str = "another long password";

fn person(username: &str) -> Value {
    json!({ "username": username, "email": format!("{username}@example.org"), "password": PASSWORD })
}

async fn log_in(stranger: &Caller, login: &str, password: &str) -> Answer {
    stranger.post("/api/v2/users/login", &json!({ "email": login, "password": password })).await
}

async fn put(caller: &Caller, path: &str) -> Answer {
    Answer::of(caller.request(Method::PUT, path)).await
}

on_both_servers!(an_owner_makes_a_person_who_can_log_in, |server| async {
    let admin = server.admin().await;
    let made = admin.post("/api/v2/users", &person("ada")).await.json(StatusCode::CREATED).await;
    assert_eq!(
        (&made["username"], &made["roles"], &made["status"]),
        (&json!("ada"), &json!([]), &json!("active"))
    );
    assert_eq!(made["organization_ids"].as_array().unwrap().len(), 1);
    log_in(&server.stranger(), "ada", PASSWORD).await.json(StatusCode::CREATED).await;
    let taken = admin.post("/api/v2/users", &person("ADA")).await.json(StatusCode::CONFLICT).await;
    assert_eq!(taken["validations"][0]["field"], "username");
    let weak = json!({ "username": "bob", "email": "bob@example.org", "password": "short" });
    let refused = admin.post("/api/v2/users", &weak).await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["validations"][0]["field"], "password");
});

on_both_servers!(only_owners_change_people, |server| async {
    let tess = server.person("tess", Role::TemplateAdmin).await;
    server.member("jon").await;
    tess.post("/api/v2/users", &person("eve")).await.json(StatusCode::FORBIDDEN).await;
    tess.put("/api/v2/users/jon/roles", &json!({ "roles": ["owner"] }))
        .await
        .json(StatusCode::FORBIDDEN)
        .await;
    put(&tess, "/api/v2/users/jon/status/suspend").await.json(StatusCode::FORBIDDEN).await;
    let password = json!({ "password": OTHER_PASSWORD });
    tess.put("/api/v2/users/jon/password", &password).await.json(StatusCode::FORBIDDEN).await;
    let admin = server.admin().await;
    put(&admin, "/api/v2/users/prebuilds/status/suspend").await.json(StatusCode::FORBIDDEN).await;
    put(&admin, "/api/v2/users/me/status/suspend").await.json(StatusCode::BAD_REQUEST).await;
});

on_both_servers!(a_suspended_person_is_out_at_once_and_comes_back_when_activated, |server| async {
    let admin = server.admin().await;
    admin.post("/api/v2/users", &person("ada")).await.json(StatusCode::CREATED).await;
    let session = log_in(&server.stranger(), "ada", PASSWORD).await.json(StatusCode::CREATED).await;
    let ada = server.stranger().with_token(session["session_token"].as_str().unwrap());
    let suspended = put(&admin, "/api/v2/users/ada/status/suspend").await.json(StatusCode::OK).await;
    assert_eq!(suspended["status"], "suspended");
    ada.get("/api/v2/users/me").await.json(StatusCode::UNAUTHORIZED).await;
    log_in(&server.stranger(), "ada", PASSWORD).await.json(StatusCode::UNAUTHORIZED).await;
    put(&admin, "/api/v2/users/ada/status/activate").await.json(StatusCode::OK).await;
    log_in(&server.stranger(), "ada", PASSWORD).await.json(StatusCode::CREATED).await;
});

on_both_servers!(two_owners_cannot_take_the_role_from_each_other, |server| async {
    let admin = server.admin().await;
    let olga = server.person("olga", Role::Owner).await;
    let member = json!({ "roles": [] });
    let (one, other) = tokio::join!(
        admin.put("/api/v2/users/olga/roles", &member),
        olga.put("/api/v2/users/admin/roles", &member)
    );
    let refused = [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN];
    let statuses = [one.status(), other.status()];
    assert!(
        statuses.contains(&StatusCode::OK) && statuses.iter().any(|status| refused.contains(status)),
        "{statuses:?}"
    );
    let odd = json!({ "roles": ["king"] });
    let asker = if statuses[0] == StatusCode::OK { (&admin, "olga") } else { (&olga, "admin") };
    let path = format!("/api/v2/users/{}/roles", asker.1);
    asker.0.put(&path, &odd).await.json(StatusCode::BAD_REQUEST).await;
    let promoted = asker.0.put(&path, &json!({ "roles": ["auditor"] })).await.json(StatusCode::OK).await;
    assert_eq!(promoted["roles"][0]["name"], "auditor");
});

on_both_servers!(a_new_password_ends_the_other_log_ins_and_needs_the_old_one, |server| async {
    let admin = server.admin().await;
    let other = server.admin().await;
    let path = "/api/v2/users/me/password";
    let wrong = json!({ "old_password": "not the one", "password": OTHER_PASSWORD });
    let refused = admin.put(path, &wrong).await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["validations"][0]["field"], "current");
    let right = json!({ "old_password": PASSWORD, "password": OTHER_PASSWORD });
    assert_eq!(admin.put(path, &right).await.status(), StatusCode::NO_CONTENT);
    other.get("/api/v2/users/me").await.json(StatusCode::UNAUTHORIZED).await;
    admin.get("/api/v2/users/me").await.json(StatusCode::OK).await;
    log_in(&server.stranger(), ADMIN, PASSWORD).await.json(StatusCode::UNAUTHORIZED).await;
    log_in(&server.stranger(), ADMIN, OTHER_PASSWORD).await.json(StatusCode::CREATED).await;

    admin.post("/api/v2/users", &person("ada")).await.json(StatusCode::CREATED).await;
    let reset = json!({ "password": OTHER_PASSWORD });
    assert_eq!(admin.put("/api/v2/users/ada/password", &reset).await.status(), StatusCode::NO_CONTENT);
    log_in(&server.stranger(), "ada", OTHER_PASSWORD).await.json(StatusCode::CREATED).await;
    let log = admin.get("/api/v2/audit").await.json(StatusCode::OK).await.to_string();
    assert!(
        log.contains("reset_password") && !log.contains(OTHER_PASSWORD) && !log.contains("argon2"),
        "{log}"
    );
});

on_both_servers!(a_token_works_unused_until_it_expires_and_not_when_revoked, |server| async {
    let admin = server.admin().await;
    let path = "/api/v2/users/me/keys/tokens";
    let most = admin.get(&format!("{path}/tokenconfig")).await.json(StatusCode::OK).await;
    assert_eq!(most["max_token_lifetime"], 365_i64 * 86_400 * 1_000_000_000);
    let order =
        |name: &str, days: i64| json!({ "token_name": name, "lifetime": days * 86_400 * 1_000_000_000 });
    let made = admin.post(path, &order("ci", 90)).await.json(StatusCode::CREATED).await;
    let ci = admin.with_token(made["key"].as_str().unwrap());
    let again = admin.post(path, &order("CI", 1)).await.json(StatusCode::CONFLICT).await;
    assert_eq!(again["validations"][0]["field"], "name");
    admin.post(path, &order("long", 366)).await.json(StatusCode::BAD_REQUEST).await;
    admin.post(path, &order("past", -1)).await.json(StatusCode::BAD_REQUEST).await;

    server.running.hearth.clock.advance(TimeDelta::days(60));
    ci.get("/api/v2/users/me").await.json(StatusCode::OK).await;
    server.running.hearth.clock.advance(TimeDelta::days(30));
    ci.get("/api/v2/users/me").await.json(StatusCode::UNAUTHORIZED).await;
    let admin = server.admin().await;
    assert_eq!(admin.get(path).await.json(StatusCode::OK).await, json!([]));
    let expired = admin.get(&format!("{path}?include_expired=true")).await.json(StatusCode::OK).await;
    assert_eq!((&expired[0]["token_name"], &expired[0]["username"]), (&json!("ci"), &json!(ADMIN)));

    let made = admin.post(path, &order("two", 1)).await.json(StatusCode::CREATED).await;
    let key = made["key"].as_str().unwrap();
    let one = admin.get(&format!("{path}/two")).await.json(StatusCode::OK).await;
    assert!(key.starts_with(one["id"].as_str().unwrap()) && !one.to_string().contains(key));
    let expire = format!("/api/v2/users/me/keys/{}/expire", one["id"].as_str().unwrap());
    assert_eq!(put(&admin, &expire).await.status(), StatusCode::NO_CONTENT);
    admin.with_token(key).get("/api/v2/users/me").await.json(StatusCode::UNAUTHORIZED).await;
    let gone = admin.delete(&format!("/api/v2/users/me/keys/{}", one["id"].as_str().unwrap())).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    admin.get(&format!("{path}/two")).await.json(StatusCode::NOT_FOUND).await;
});

on_both_servers!(a_person_sees_and_revokes_only_their_own_tokens, |server| async {
    let (jon, eve) = (server.member("jon").await, server.member("eve").await);
    let path = "/api/v2/users/me/keys/tokens";
    let made = jon.post(path, &json!({ "token_name": "mine" })).await.json(StatusCode::CREATED).await;
    let id = made["key"].as_str().unwrap().split('-').next().unwrap().to_owned();
    assert_eq!(eve.get(path).await.json(StatusCode::OK).await, json!([]));
    eve.get(&format!("{path}?include_all=true")).await.json(StatusCode::FORBIDDEN).await;
    for gone in [format!("/api/v2/users/me/keys/{id}"), format!("/api/v2/users/jon/keys/{id}")] {
        eve.delete(&gone).await.json(StatusCode::NOT_FOUND).await;
    }
    let admin = server.admin().await;
    let all = admin.get(&format!("{path}?include_all=true")).await.json(StatusCode::OK).await;
    assert_eq!(all[0]["username"], "jon");
    assert_eq!(admin.delete(&format!("/api/v2/users/me/keys/{id}")).await.status(), StatusCode::NO_CONTENT);
});

on_both_servers!(the_record_is_paged_and_filtered_and_not_for_members, |server| async {
    let admin = server.admin().await;
    for name in ["ada", "bob", "cy"] {
        admin.post("/api/v2/users", &person(name)).await.json(StatusCode::CREATED).await;
    }
    let auditor = server.person("ann", Role::Auditor).await;
    let first = auditor
        .get("/api/v2/audit?q=action:create%20resource_type:user&limit=2")
        .await
        .json(StatusCode::OK)
        .await;
    // The admin itself is made first.
    assert_eq!(first["count"], 4);
    let targets = |page: &Value| -> Vec<String> {
        page["audit_logs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|log| log["resource_target"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(targets(&first), ["cy", "bob"]);
    assert_eq!(
        first["audit_logs"][0]["diff"]["role"],
        json!({ "old": null, "new": "member", "secret": false })
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = format!("/api/v2/audit?q=action:create%20resource_type:user&limit=2&cursor={cursor}");
    let second = auditor.get(&next).await.json(StatusCode::OK).await;
    assert_eq!(
        (targets(&second), &second["next_cursor"]),
        (vec!["ada".to_owned(), ADMIN.to_owned()], &Value::Null)
    );
    let literally = auditor.get("/api/v2/audit?q=resource_target:%25").await.json(StatusCode::OK).await;
    assert_eq!(literally["count"], 0, "a percent sign is one");
    for odd in ["q=colour:red", "cursor=soon", "q=date_from:soon"] {
        auditor.get(&format!("/api/v2/audit?{odd}")).await.json(StatusCode::BAD_REQUEST).await;
    }
    server.member("jon").await.get("/api/v2/audit").await.json(StatusCode::FORBIDDEN).await;
});

on_both_servers!(the_record_is_exported_for_spreadsheets_with_the_filter_of_the_page, |server| async {
    let admin = server.admin().await;
    admin.post("/api/v2/users", &person("ada")).await.json(StatusCode::CREATED).await;
    let answer = admin.get("/api/v2/audit.csv?target=user&verb=create").await;
    assert_eq!(answer.0.headers()["content-type"], "text/csv; charset=utf-8");
    let text = answer.0.text().await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "time,actor,act,kind,id,name,changes");
    assert_eq!(lines.len(), 3, "ada, the admin, and no log-in: {text}");
    assert!(lines[1].contains(&format!(",{ADMIN},create,user,")) && lines[1].contains(",ada,"), "{text}");
    server.member("jon").await.get("/api/v2/audit.csv").await.json(StatusCode::FORBIDDEN).await;
});

on_both_servers!(activity_ignores_what_it_does_not_know_and_says_so, |server| async {
    server.admin().await;
    let hearth = &server.running.hearth;
    let actor = crate::support::hearth::actor(hearth_prebuilds::ids::SYSTEM_USER, "ann", Role::Auditor);
    let page = async |query: ActivityQuery| {
        hearth_server::backend::activity::activity(hearth, &actor, &query).await.unwrap()
    };
    let all = page(ActivityQuery::default()).await;
    assert_eq!((all.rows[0].verb.as_str(), all.rows[0].actor.as_str(), all.older), ("login", ADMIN, None));
    let odd = ActivityQuery { range: "soon".to_owned(), cursor: "x".to_owned(), ..ActivityQuery::default() };
    let odd = page(odd).await;
    assert_eq!((odd.rows.len(), odd.ignored), (2, vec!["range=soon".to_owned(), "cursor=x".to_owned()]));
    let made = page(ActivityQuery {
        target: "user".to_owned(),
        verb: "create".to_owned(),
        ..ActivityQuery::default()
    })
    .await;
    let role = made.rows[0].changes.iter().find(|change| change.field == "role").unwrap();
    assert_eq!((made.rows.len(), role.before.as_deref(), role.after.as_deref()), (1, None, Some("owner")));
    let of_nobody = page(ActivityQuery { actor: "nobody".to_owned(), ..ActivityQuery::default() }).await;
    assert!(of_nobody.rows.is_empty());
    hearth.clock.advance(TimeDelta::days(8));
    assert!(page(ActivityQuery::default()).await.rows.is_empty());
    assert_eq!(
        page(ActivityQuery { range: "all".to_owned(), ..ActivityQuery::default() }).await.rows.len(),
        2
    );

    let query = InboxQuery { kind: "odd".to_owned(), status: "new".to_owned(), before: "x".to_owned() };
    let inbox = hearth_server::backend::inbox::page(hearth, &actor, &query).await.unwrap();
    assert_eq!(inbox.ignored, ["status=new", "kind=odd", "before=x"]);
});
