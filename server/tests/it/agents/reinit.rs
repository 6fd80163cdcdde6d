//! The claim reaches the agent, whatever happens to the stream.

use std::time::Duration;

use eventsource_stream::Eventsource;
use futures::{Stream, StreamExt};
use hearth_agent::protocol::ReinitAcknowledge;
use hearth_server::{
    clock::new_id,
    events::Event,
    store::builds::{Outcome, Stage},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::calls::me;
use crate::{
    on_both_servers,
    support::{
        home::Home,
        server::{Answer, Kept, Server, spawn_server},
        world::person,
    },
};

/// A connection that has said it is there.
async fn connect(server: &Server, home: &Home) -> impl Stream<Item = Value> + Unpin + use<> {
    let answer = me(server, home).get("/api/v2/workspaceagents/me/reinit?wait=true").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let events = answer.0.bytes_stream().eventsource().map(|event| event.unwrap());
    Box::pin(events.filter_map(|event| async move {
        (event.event == "data").then(|| serde_json::from_str::<Value>(&event.data).unwrap())
    }))
}

/// Whether this agent has nothing to wait for.
pub async fn refused(server: &Server, home: &Home) -> bool {
    let answer: Answer = me(server, home).get("/api/v2/workspaceagents/me/reinit?wait=true").await;
    answer.status() == StatusCode::CONFLICT
}

async fn next(stream: &mut (impl Stream<Item = Value> + Unpin)) -> Value {
    tokio::time::timeout(Duration::from_secs(10), stream.next())
        .await
        .expect("no event came")
        .expect("it ended")
}

async fn claim(server: &Server, home: &mut Home) -> hearth_prebuilds::ids::BuildId {
    home.report(&home.agent, "ready").await;
    let ann = person(&home.db, "ann").await;
    let build = home.begin_claim(ann).await;
    home.end(Outcome::Succeeded).await;
    server.running.hearth.events.publish(Event::Claimed(home.workspace));
    build
}

fn order(home: &Home) -> Value {
    json!({ "reason": "prebuild_claimed", "workspace_id": home.workspace, "owner_id": home.owner })
}

async fn acknowledge(server: &Server, home: &Home, build: hearth_prebuilds::ids::BuildId) {
    let body = json!(ReinitAcknowledge { build_id: build.0 });
    let answer = me(server, home).post("/api/v2/workspaceagents/me/reinit/acknowledge", &body).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

on_both_servers!(a_member_hears_of_its_claim_at_once_and_of_no_other, |server| async {
    let mut home = Home::new(&server.running.hearth.db).await;
    let mut stream = connect(server, &home).await;
    server.running.hearth.events.publish(Event::Claimed(new_id()));
    claim(server, &mut home).await;
    assert_eq!(next(&mut stream).await, order(&home));
});

on_both_servers!(a_claim_while_the_stream_was_down_is_told_at_the_next_connection, |server| async {
    let mut home = Home::new(&server.running.hearth.db).await;
    drop(connect(server, &home).await);
    claim(server, &mut home).await;
    assert_eq!(next(&mut connect(server, &home).await).await, order(&home));
    // Not acknowledged: told again.
    assert_eq!(next(&mut connect(server, &home).await).await, order(&home));
});

on_both_servers!(a_claim_whose_build_is_not_done_is_waited_for, |server| async {
    let mut home = Home::new(&server.running.hearth.db).await;
    home.report(&home.agent, "ready").await;
    let ann = person(&home.db, "ann").await;
    home.begin_claim(ann).await;
    let mut stream = connect(server, &home).await;
    home.end(Outcome::Succeeded).await;
    server.running.hearth.events.publish(Event::Claimed(home.workspace));
    assert_eq!(next(&mut stream).await, order(&home));
});

on_both_servers!(an_acknowledged_claim_is_never_told_again, |server| async {
    let mut home = Home::new(&server.running.hearth.db).await;
    let build = claim(server, &mut home).await;
    acknowledge(server, &home, build).await;
    assert!(refused(server, &home).await);
});

on_both_servers!(a_later_stop_and_start_tells_nothing, |server| async {
    let mut home = Home::new(&server.running.hearth.db).await;
    claim(server, &mut home).await;
    for stage in [Stage::Stop, Stage::Start] {
        home.begin(stage).await;
        home.end(Outcome::Succeeded).await;
    }
    assert!(refused(server, &home).await);
});

on_both_servers!(a_claim_that_did_not_succeed_is_waited_for_until_it_is_done_again, |server| async {
    let mut home = Home::new(&server.running.hearth.db).await;
    home.report(&home.agent, "ready").await;
    let ann = person(&home.db, "ann").await;
    home.begin_claim(ann).await;
    for outcome in [Outcome::Failed, Outcome::Canceled, Outcome::Interrupted] {
        home.end(outcome).await;
        server.running.hearth.events.publish(Event::Claimed(home.workspace));
        assert!(!refused(server, &home).await, "{outcome:?}");
        home.begin(Stage::Claim).await;
    }
    let mut stream = connect(server, &home).await;
    home.end(Outcome::Succeeded).await;
    server.running.hearth.events.publish(Event::Claimed(home.workspace));
    assert_eq!(next(&mut stream).await, order(&home));
});

on_both_servers!(only_a_claim_build_can_be_acknowledged, |server| async {
    let mut home = Home::new(&server.running.hearth.db).await;
    let first = home.latest_build().await;
    acknowledge(server, &home, first).await;
    claim(server, &mut home).await;
    acknowledge(server, &home, first).await;
    assert_eq!(next(&mut connect(server, &home).await).await, order(&home));
});

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_server_ends_the_stream_and_tells_only_what_is_open() {
    let server = spawn_server(Kept::Sqlite).await;
    let mut home = Home::new(&server.running.hearth.db).await;
    let mut stream = connect(&server, &home).await;
    let folder = server.stop().await;
    assert!(stream.next().await.is_none(), "a stop ends every stream");

    let server = Server::restart(folder).await;
    home.db = server.running.hearth.db.clone();
    let build = claim(&server, &mut home).await;
    let folder = server.stop().await;

    let server = Server::restart(folder).await;
    assert_eq!(next(&mut connect(&server, &home).await).await, order(&home));
    acknowledge(&server, &home, build).await;
    let folder = server.stop().await;

    let server = Server::restart(folder).await;
    assert!(refused(&server, &home).await);
    server.stop().await;
}
