//! What an agent may say and gets to know.

use hearth_agent::protocol::*;
use hearth_server::{events::Event, one, store::agent_logs};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    on_both_servers,
    support::{
        home::Home,
        server::{Answer, Caller, Server},
        world::person,
    },
};

const ME: &str = "/api/v2/workspaceagents/me";

/// The agent's own client.
pub fn me(server: &Server, home: &Home) -> Caller {
    server.stranger().with_token(&home.agent.token)
}

async fn report(server: &Server, home: &Home, state: Lifecycle) {
    let report = json!(LifecycleReport { state, changed_at: "2026-01-05T09:00:00Z".parse().unwrap() });
    let answer = me(server, home).post(&format!("{ME}/lifecycle"), &report).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

on_both_servers!(a_manifest_has_the_owner_of_now_and_what_the_template_wants_run, |server| async {
    let mut home = Home::new(&server.running.hearth.db).await;
    let manifest = async || {
        let answer = me(server, &home).get(&format!("{ME}/manifest")).await.json(StatusCode::OK).await;
        serde_json::from_value::<Manifest>(answer).unwrap()
    };
    let before = manifest().await;
    assert_eq!((before.agent_id, before.owner_username.as_str()), (home.agent.id, "prebuilds"));
    assert_eq!(before.build_id, home.latest_build().await.0);
    assert_eq!((before.environment["COLOR"].as_str(), before.scripts.len()), ("blue", 1));
    assert!(before.scripts[0].run_on_start && !before.scripts[0].run_on_stop);
    home.report(&home.agent, "ready").await;
    let ann = person(&home.db, "ann").await;
    let claim = home.begin_claim(ann).await;
    let during = me(server, &home).get(&format!("{ME}/manifest")).await.json(StatusCode::OK).await;
    assert_ne!(during["build_id"], json!(claim), "what the claim build makes is not there yet");
    home.end(hearth_server::store::builds::Outcome::Succeeded).await;
    let after = me(server, &home).get(&format!("{ME}/manifest")).await.json(StatusCode::OK).await;
    assert_eq!((&after["build_id"], &after["owner_username"]), (&json!(claim), &json!("ann")));
});

on_both_servers!(an_agent_comes_in_with_its_own_token_and_no_other, |server| async {
    let home = Home::new(&server.running.hearth.db).await;
    let path = format!("{ME}/manifest");
    let refusal = server.stranger().with_token("guess").get(&path).await.json(StatusCode::UNAUTHORIZED).await;
    assert!(refusal["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert_eq!(server.stranger().get(&path).await.status(), StatusCode::UNAUTHORIZED);
    let session = server.admin().await.get(&path).await;
    assert_eq!(session.status(), StatusCode::UNAUTHORIZED, "a person is no agent");
    let users = me(server, &home).get("/api/v2/users/me").await;
    assert_eq!(users.status(), StatusCode::UNAUTHORIZED, "an agent is no person");
    let bearer =
        server.stranger().http.get(format!("{}{path}", server.running.url)).bearer_auth(&home.agent.token);
    assert_eq!(Answer::of(bearer).await.status(), StatusCode::OK);
});

on_both_servers!(a_member_whose_agent_gets_ready_can_be_claimed_and_the_engine_hears_of_it, |server| async {
    let home = Home::new(&server.running.hearth.db).await;
    report(server, &home, Lifecycle::Starting).await;
    assert!(!home.workspace().await.ready);
    let mut events = server.running.hearth.events.subscribe();
    report(server, &home, Lifecycle::Ready).await;
    assert!(home.workspace().await.ready);
    let mut heard = Vec::new();
    while let Ok(event) = events.try_recv() {
        heard.push(event);
    }
    assert!(heard.contains(&Event::Preset(home.preset)) && heard.contains(&Event::Workspace(home.workspace)));
});

on_both_servers!(log_lines_are_kept_once_whatever_they_hold, |server| async {
    let home = Home::new(&server.running.hearth.db).await;
    let line = |output: &str| LogLine {
        created_at: "2026-01-05T09:00:00Z".parse().unwrap(),
        level: LogLevel::Info,
        source: "Set-up".to_owned(),
        output: output.to_owned(),
    };
    let batch =
        LogBatch { run_id: Uuid::new_v4(), first: 0, lines: vec![line("<b>\u{1b}[1m"), line("nul\0ätsch")] };
    for _ in 0..2 {
        let answer = me(server, &home).post(&format!("{ME}/logs"), &json!(batch)).await;
        assert_eq!(answer.json(StatusCode::OK).await, json!({ "next": 2 }));
    }
    let mut conn = home.db.read().await.unwrap();
    let kept = agent_logs::after(&mut conn, home.agent.id.into(), 0, 10).await.unwrap();
    let outputs: Vec<_> = kept.iter().map(|line| line.output.as_str()).collect();
    assert_eq!(outputs, ["<b>\u{1b}[1m", "nul\u{fffd}ätsch"]);
    let too_many = LogBatch { lines: vec![line("x"); 1001], ..batch };
    let refusal = me(server, &home).post(&format!("{ME}/logs"), &json!(too_many)).await;
    assert_eq!(refusal.status(), StatusCode::BAD_REQUEST);
});

on_both_servers!(results_of_scripts_and_metadata_are_kept_for_this_agent_alone, |server| async {
    let home = Home::new(&server.running.hearth.db).await;
    let manifest = me(server, &home).get(&format!("{ME}/manifest")).await.json(StatusCode::OK).await;
    let end = json!(ScriptCompleted {
        started_at: "2026-01-05T09:00:00Z".parse().unwrap(),
        finished_at: "2026-01-05T09:00:09Z".parse().unwrap(),
        exit_code: 3,
        status: ScriptStatus::ExitFailure,
    });
    let path = |id: &str| format!("{ME}/scripts/{id}/completed");
    let known = me(server, &home).post(&path(manifest["scripts"][0]["id"].as_str().unwrap()), &end).await;
    assert_eq!(known.status(), StatusCode::NO_CONTENT);
    let unknown = me(server, &home).post(&path(&Uuid::new_v4().to_string()), &end).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let values = json!({ "items": [
        { "key": "load", "value": "0.5".repeat(2000), "error": "", "collected_at": "2026-01-05T09:00:00Z" },
        { "key": "unknown", "value": "1", "error": "", "collected_at": "2026-01-05T09:00:00Z" },
    ] });
    let answer = me(server, &home).post(&format!("{ME}/metadata"), &values).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let beat = me(server, &home).post(&format!("{ME}/heartbeat"), &json!({ "version": "0.1.0" })).await;
    assert_eq!(beat.status(), StatusCode::NO_CONTENT);
    let (code, status, length, version, is_there): (i64, String, i64, String, bool) = one!(
        home.db.read().await.unwrap(),
        (i64, String, i64, String, bool),
        "SELECT s.exit_code, s.status, CAST(length(m.value) AS BIGINT), a.version, a.last_connected_at IS NOT NULL
         FROM agents a JOIN agent_scripts s ON s.agent_id = a.id JOIN agent_metadata m ON m.agent_id = a.id
         WHERE a.id = $1",
        home.agent.id
    )
    .unwrap();
    assert_eq!(
        (code, status.as_str(), length, version.as_str(), is_there),
        (3, "exit_failure", 2048, "0.1.0", true)
    );
});

on_both_servers!(what_cannot_be_read_is_refused_with_a_reason, |server| async {
    let home = Home::new(&server.running.hearth.db).await;
    let refusal = me(server, &home).post(&format!("{ME}/lifecycle"), &json!({ "state": "happy" })).await;
    let body: Value = refusal.json(StatusCode::BAD_REQUEST).await;
    assert!(body["message"].is_string());
    let wrong_method = Answer::of(me(server, &home).request(Method::DELETE, &format!("{ME}/manifest"))).await;
    assert_eq!(wrong_method.status(), StatusCode::METHOD_NOT_ALLOWED);
});
