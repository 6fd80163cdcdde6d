//! The record of decisions.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::backend::Role;
use hearth_prebuilds::{Decision, document::Document};
use hearth_server::events::Event;
use reqwest::{StatusCode, header};
use serde_json::Value;

use crate::{
    on_both_servers,
    support::{
        server::{Caller, Server},
        world,
    },
};

/// A pool that was filled as far as two decisions: make one, and leave it alone. Newest first.
async fn decided(server: &Server, caller: &Caller) -> Vec<Value> {
    let hearth = &server.running.hearth;
    let template = world::template(&hearth.db, "web").await;
    world::preset(&hearth.db, (template.id, template.version), "small", 1).await;
    let mut list = Value::Null;
    for count in [1, 2] {
        hearth.events.publish(Event::Templates);
        let wanted = |list: &Value| list["decisions"].as_array().unwrap().len() == count;
        list = caller.wait_for("/api/v2/decisions?template=web", wanted).await;
    }
    list["decisions"].as_array().unwrap().clone()
}

on_both_servers!(the_record_tells_what_was_in_force_at_an_instant, |server, config| { config.workers = 0 } async {
    let ada = server.person("ada", Role::Auditor).await;
    let [newest, first] = &decided(server, &ada).await[..] else { panic!("two decisions") };
    assert_eq!(first["actions"], serde_json::json!([{ "type": "create", "count": 1 }]));
    assert_eq!((&first["template_name"], &first["preset_name"], &first["version_name"]), (&"web".into(), &"small".into(), &"v1".into()));
    assert_eq!((&newest["state"]["starting"], &newest["health"]), (&1.into(), &"healthy".into()));
    assert_eq!(newest["reasons"][0]["text"], "The preset asks for 1 at all times.");

    let preset = first["preset_id"].as_str().unwrap();
    let list = async |query: String| {
        let path = format!("/api/v2/decisions?preset={preset}&{query}");
        let list = ada.get(&path).await.json(StatusCode::OK).await;
        let ids = list["decisions"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>();
        (ids, list["next_cursor"].as_str().map(str::to_owned))
    };
    let instant = |it: &Value| it["at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let before = instant(newest) - TimeDelta::microseconds(1);
    for (query, expected) in [
        (format!("at={}", text(before)), vec![first["id"].clone()]),
        (format!("at={}", text(instant(newest))), vec![newest["id"].clone()]),
        (format!("at={}", text(instant(first) - TimeDelta::days(1))), vec![]),
        (format!("to={}", text(before)), vec![first["id"].clone()]),
        (format!("from={}", text(instant(newest))), vec![newest["id"].clone()]),
    ] {
        assert_eq!(list(query.clone()).await, (expected, None), "{query}");
    }
    let (page, cursor) = list("limit=1".to_owned()).await;
    assert_eq!(page, [newest["id"].clone()]);
    assert_eq!(list(format!("limit=1&cursor={}", cursor.unwrap())).await, (vec![first["id"].clone()], None));
});

on_both_servers!(a_decision_is_exported_as_a_document_that_leads_to_it, |server, config| { config.workers = 0 } async {
    let ada = server.person("ada", Role::Auditor).await;
    for decision in decided(server, &ada).await {
        let path = format!("/api/v2/decisions/{}", decision["id"].as_str().unwrap());
        assert_eq!(ada.get(&path).await.json(StatusCode::OK).await["actions"], decision["actions"]);
        let export = ada.get(&format!("{path}/document")).await;
        let disposition = export.0.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
        assert!(disposition.starts_with("attachment; filename=\"decision-"), "{disposition}");
        let document = Document::read(&export.0.bytes().await.unwrap()).unwrap();
        let recorded: Decision<String> = serde_json::from_value(decision).unwrap();
        assert_eq!(document.answer().presets[0].decision, recorded);
    }
});

on_both_servers!(the_record_is_for_those_who_read_pools_and_refuses_what_it_does_not_know, |server| async {
    let ada = server.person("ada", Role::Auditor).await;
    let jon = server.member("jon").await;
    let nobody = uuid::Uuid::nil();
    for path in [String::new(), format!("/{nobody}"), format!("/{nobody}/document")] {
        jon.get(&format!("/api/v2/decisions{path}")).await.json(StatusCode::FORBIDDEN).await;
        let status = if path.is_empty() { StatusCode::OK } else { StatusCode::NOT_FOUND };
        ada.get(&format!("/api/v2/decisions{path}")).await.json(status).await;
    }
    for query in [
        "colour=red",
        "preset=small",
        "from=yesterday",
        "at=2026-01-05T09:00:00Z",
        "limit=-1",
        "cursor=here",
        "from=2026-01-05T09:00:00Z&to=2026-01-05T08:00:00Z",
        &format!("preset={nobody}&template=web"),
        &format!("preset={nobody}&at=2026-01-05T09:00:00Z&cursor=1_{nobody}"),
    ] {
        ada.get(&format!("/api/v2/decisions?{query}")).await.json(StatusCode::BAD_REQUEST).await;
    }
});
