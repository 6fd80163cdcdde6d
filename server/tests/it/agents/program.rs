//! The program that workspaces fetch, and the script that fetches it.

use std::{fs, path::Path, process::Stdio, time::Duration};

use hearth_prebuilds::ids::WorkspaceId;
use hearth_server::{
    agents::init_script::init_scripts,
    events::Event,
    store::builds::{Outcome, Stage},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Method, StatusCode};
use sha2::{Digest, Sha256};
use tokio::process::{Child, Command};

use super::reinit::refused;
use crate::support::{
    home::Home,
    server::{Answer, Kept, Server, spawn_server},
    world::person,
};

const PROGRAM: &str = "/bin/hearth-linux-amd64";

#[tokio::test(flavor = "multi_thread")]
async fn the_program_is_handed_out_with_its_hash_and_not_twice() {
    let server = spawn_server(Kept::Sqlite).await;
    let stranger = server.stranger();
    let hash = stranger.get(&format!("{PROGRAM}.sha256")).await.0.text().await.unwrap();
    let hash = hash.trim();
    let program = stranger.get(&format!("{PROGRAM}?sha256={hash}")).await.0;
    let tag = program.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{hash}\""));
    assert_eq!(hex::encode(Sha256::digest(program.bytes().await.unwrap())), hash);
    let again = stranger.request(Method::GET, PROGRAM).header("If-None-Match", tag);
    assert_eq!(Answer::of(again).await.status(), StatusCode::NOT_MODIFIED);
    let outdated = stranger.get(&format!("{PROGRAM}?sha256=00")).await;
    assert_eq!(outdated.status(), StatusCode::NOT_FOUND);
    let other = stranger.get("/bin/hearth-plan9-mips").await.json(StatusCode::NOT_FOUND).await;
    assert!(other["message"].as_str().unwrap().contains("hearth-linux-amd64"), "{other}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_init_script_becomes_an_agent_that_lives_through_a_claim() {
    let server = spawn_server(Kept::Sqlite).await;
    let mut home = Home::new(&server.running.hearth.db).await;
    let folder = tempfile::tempdir().unwrap();
    let mut agent = start_agent(&server, &home, folder.path());
    until_ready(&home).await;

    let ann = person(&home.db, "ann").await;
    home.begin_claim(ann).await;
    home.end(Outcome::Succeeded).await;
    server.running.hearth.events.publish(Event::Claimed(home.workspace));
    until_ready(&home).await;

    let pid = agent.id().unwrap();
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
    assert!(!environment.windows(7).any(|part| part == b"TF_HTTP"), "credentials of the build stay outside");
    kill(Pid::from_raw(pid.cast_signed()), Signal::SIGTERM).unwrap();
    assert!(agent.wait().await.unwrap().success());
    assert_eq!(home.lifecycle().await, "off");
    assert_eq!(lines(&home).await, ["owner prebuilds", "owner ann"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whose_claim_build_failed_begins_again_when_the_next_one_succeeds() {
    let server = spawn_server(Kept::Sqlite).await;
    let mut home = Home::new(&server.running.hearth.db).await;
    let folder = tempfile::tempdir().unwrap();
    let _agent = start_agent(&server, &home, folder.path());
    until_ready(&home).await;

    let ann = person(&home.db, "ann").await;
    home.begin_claim(ann).await;
    home.end(Outcome::Failed).await;
    server.running.hearth.events.publish(Event::Claimed(home.workspace));
    assert!(!refused(&server, &home).await, "it is not sent away");
    home.begin(Stage::Claim).await;
    home.end(Outcome::Succeeded).await;
    server.running.hearth.events.publish(Event::Claimed(home.workspace));
    until_ready(&home).await;
    until_said(&home, &["owner prebuilds", "owner ann"]).await;
    server.stop().await;
}

fn start_agent(server: &Server, home: &Home, folder: &Path) -> Child {
    let script = &init_scripts(&server.running.url)["linux_amd64"];
    Command::new("sh")
        .args(["-c", script])
        .env("CODER_AGENT_TOKEN", &home.agent.token)
        .env("HOME", folder)
        .env("TF_HTTP_PASSWORD", "secret")
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn until_ready(home: &Home) {
    for _ in 0..3000 {
        if home.workspace().await.ready {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} never got ready, its agent is {}", WorkspaceId(home.workspace.0), home.lifecycle().await);
}

/// Lines are sent in batches, so the last one may come after the agent has said that it is ready.
async fn until_said(home: &Home, expected: &[&str]) {
    for _ in 0..3000 {
        if lines(home).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("said {:?}", lines(home).await);
}

async fn lines(home: &Home) -> Vec<String> {
    let mut conn = home.db.read().await.unwrap();
    let lines =
        hearth_server::store::agent_logs::after(&mut conn, home.agent.id.into(), 0, 100).await.unwrap();
    lines.into_iter().filter(|line| line.source == "Set-up").map(|line| line.output).collect()
}
