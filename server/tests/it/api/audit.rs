//! What Hearth does by itself stands in the record of acts beside what people do.

use hearth_app::{backend::Role, view::ActivityQuery};
use hearth_server::{backend::activity, events::Event};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    on_both_servers,
    support::{
        hearth::actor,
        server::{Caller, PASSWORD, Server},
        world::{self, Like},
    },
};

/// A pool that loses its two members, and one that gets two.
async fn two_pools(server: &Server) {
    let hearth = &server.running.hearth;
    let web = world::template(&hearth.db, "web").await;
    let small = world::preset(&hearth.db, (web.id, web.version), "small", 0).await;
    for _ in 0..2 {
        world::member(&hearth.db, (web.id, web.version, small), Like::ready()).await;
    }
    world::preset(&hearth.db, (web.id, web.version), "large", 2).await;
    hearth.events.publish(Event::Templates);
}

async fn found(caller: &Caller, q: &str) -> Vec<Value> {
    let page = caller.get(&format!("/api/v2/audit?q={q}")).await.json(StatusCode::OK).await;
    page["audit_logs"].as_array().unwrap().clone()
}

on_both_servers!(what_the_reconciler_does_is_on_record_with_its_pool_and_why, |server, config| { config.workers = 0 } async {
    two_pools(server).await;
    let admin = server.admin().await;
    admin.wait_for("/api/v2/audit?q=username:reconciler", |page| page["count"] == 4).await;
    let of_pool = |act: &Value| {
        let new = |field: &str| act["diff"][field]["new"].clone();
        (act["action"].clone(), new("template"), new("preset"), new("reason"))
    };
    let acts = found(&admin, "username:Reconciler").await;
    for act in [
        (json!("create"), json!("web"), json!("large"), Value::Null),
        (json!("delete"), json!("web"), json!("small"), json!("extraneous")),
    ] {
        assert_eq!(acts.iter().filter(|it| of_pool(it) == act).count(), 2, "{act:?} in {acts:#?}");
    }
    assert!(acts.iter().all(|act| act["user"]["username"] == "reconciler" && act["resource_type"] == "workspace"));
    assert_eq!(found(&admin, "username:reconciler%20action:create").await.len(), 2);
    for q in ["username:system", "username:prebuilds"] {
        assert!(found(&admin, q).await.is_empty(), "{q}");
    }
    assert_eq!(found(&admin, "username:admin").await.len() + 4, found(&admin, "").await.len());

    let table = admin.get("/api/v2/audit.csv?actor=reconciler&verb=delete").await.0.text().await.unwrap();
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), 2, "{table}");
    assert!(rows.iter().all(|row| row.contains(",reconciler,delete,workspace,") && row.contains("reason:  -> extraneous")), "{table}");

    let jon = server.member("jon").await;
    for path in ["/api/v2/audit?q=username:reconciler", "/api/v2/audit.csv?actor=reconciler"] {
        jon.get(path).await.json(StatusCode::FORBIDDEN).await;
    }
});

on_both_servers!(the_page_of_the_record_finds_what_the_reconciler_did_and_offers_who_acted, |server, config| { config.workers = 0 } async {
    two_pools(server).await;
    server.admin().await.wait_for("/api/v2/audit?q=username:reconciler", |page| page["count"] == 4).await;
    let ann = actor(hearth_prebuilds::ids::SYSTEM_USER, "ann", Role::Auditor);
    let query = ActivityQuery { actor: "reconciler".to_owned(), ..ActivityQuery::default() };
    let page = activity::activity(&server.running.hearth, &ann, &query).await.unwrap();
    assert_eq!(page.rows.iter().filter(|row| row.actor == "reconciler" && row.pool().is_some()).count(), 4);
    assert_eq!((page.rows.len(), page.ignored.len()), (4, 0));
    assert_eq!(page.actors, ["reconciler", "system", "admin"]);
    let query = ActivityQuery { actor: "system".to_owned(), ..query };
    assert!(activity::activity(&server.running.hearth, &ann, &query).await.unwrap().rows.is_empty());
});

on_both_servers!(nobody_is_called_what_the_record_calls_hearth, |server| async {
    let admin = server.admin().await;
    for name in ["reconciler", "System"] {
        let order = json!({ "username": name, "email": "x@example.org", "password": PASSWORD });
        let refused = admin.post("/api/v2/users", &order).await.json(StatusCode::BAD_REQUEST).await;
        assert_eq!(refused["validations"][0]["field"], "username");
    }
});
