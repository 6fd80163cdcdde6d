//! Secrets are planted wherever a server keeps some; then everything that it says is searched for them.

use std::{
    io,
    sync::{Arc, Mutex},
};

use hearth_prebuilds::ids::{AgentId, WorkspaceId};
use hearth_server::{
    hearth::Hearth,
    state,
    store::{Db, agents, workspaces},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{
    server::{Caller, Kept, PASSWORD, Server, spawn_with},
    site::{agent, build, claim, members, presets, text, workspace},
    template,
};

const CLOUD_PASSWORD: &str = "planted-cloud-password-7f3a";
const STATE_KEY: &str = "5ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7e7abcd";

/// The password is in what a claim replaces, in what it keeps, in the metadata that people see, and in an output. The
/// owner's session is asked for.
const VAULT: &str = r#"
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
variable "cloud_password" {
  type      = string
  sensitive = true
}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
data "coder_workspace_preset" "small" {
  name = "small"
  prebuilds {
    instances = 1
  }
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
locals {
  connection = "cloud://${data.coder_workspace_owner.me.name}:${var.cloud_password}@host"
}
resource "terraform_data" "disk" {
  input            = { password = var.cloud_password, session = data.coder_workspace_owner.me.session_token }
  triggers_replace = { connection = local.connection, owner = data.coder_workspace_owner.me.name }
}
resource "terraform_data" "machine" {
  input = { password = var.cloud_password, owner = data.coder_workspace_owner.me.name }
}
resource "coder_metadata" "disk" {
  resource_id = terraform_data.disk.id
  item {
    key       = "password"
    value     = var.cloud_password
    sensitive = true
  }
  item {
    key   = "unmarked"
    value = local.connection
  }
}
resource "coder_app" "console" {
  agent_id = coder_agent.main.id
  slug     = "console"
  url      = "https://cloud.example/?password=${var.cloud_password}"
}
output "connection" {
  value     = local.connection
  sensitive = true
}
"#;

/// What can be asked for without knowing an id.
const PLACES: &[&str] = &[
    "/",
    "/workspaces",
    "/workspaces?owner=all",
    "/search?q=vault",
    "/drift",
    "/drift?status=open",
    "/presets/vault/small",
    "/presets/vault/small?dialog=claim",
    "/presets/vault/small/simulate",
    "/templates",
    "/templates/vault",
    "/templates/vault?tab=versions",
    "/templates/vault?tab=rehearsals",
    "/templates/vault/versions/v1",
    "/activity",
    "/settings",
    "/inbox",
    "/metrics",
    "/healthz",
    "/api/v2/buildinfo",
    "/api/v2/decisions",
    "/api/v2/drift",
    "/api/v2/audit",
    "/api/v2/notifications/inbox",
    "/api/v2/organizations",
    "/api/v2/organizations/default",
    "/api/v2/pools",
    "/api/v2/pools/vault/small",
    "/api/v2/pools/vault/small/scenario",
    "/api/v2/prebuilds/settings",
    "/api/v2/templates",
    "/api/v2/users",
    "/api/v2/users/me",
    "/api/v2/users/jon",
    "/api/v2/workspaces?q=",
    "/api/v2/workspaces?q=owner:prebuilds",
];

/// What the server logs, of every part and down to debug.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Heard {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_planted_is_ever_said() {
    let heard = Heard::default();
    tracing_subscriber::fmt().with_writer(heard.clone()).with_max_level(tracing::Level::DEBUG).init();
    let server = spawn_with(Kept::Postgres, |config| {
        crate::support::server::name_admin(config);
        config.secrets_key = Some(STATE_KEY.to_owned());
    })
    .await;
    let hearth = &server.running.hearth;
    let (admin, jon) = (server.admin().await, server.member("jon").await);

    // Fill, rehearse, claim with drift, stop and start again.
    let template = vault(&admin).await;
    let member = admin.wait_for("/api/v2/workspaces?q=owner:prebuilds", |list| {
        list["workspaces"][0]["latest_build"]["status"] == "running"
    });
    let member = member.await["workspaces"][0].clone();
    let agent_token = make_ready(hearth, &member).await;
    let preset = text(&presets(&admin, &template["active_version_id"]).await[0]["ID"]);
    let rehearsals = format!("/api/v2/rehearsals?preset={preset}");
    let rehearsed = admin.wait_for(&rehearsals, |found| found[0]["verdict"] == "replaces").await;
    let mut mine = claim(&jon, &template, "small", "mine").await;
    assert_eq!(mine["id"], member["id"]);
    for (transition, status) in [("", "running"), ("stop", "stopped"), ("start", "running")] {
        if !transition.is_empty() {
            build(&jon, &mine["id"], transition).await;
        }
        mine = workspace(&jon, &mine["id"], |it| it["latest_build"]["status"] == status).await;
    }

    let kept = state::latest(hearth, id(&mine)).await.unwrap().unwrap();
    let kept = String::from_utf8(kept).unwrap();
    assert!(
        kept.contains(CLOUD_PASSWORD) && kept.contains(&agent_token),
        "the secrets are there to be found"
    );
    assert!(kept.contains("\"session\": \"\""), "nobody's session is ever given to a template");
    let sessions = [&admin, &jon].map(|caller| caller.token.clone().unwrap());
    let planted = [CLOUD_PASSWORD, STATE_KEY, PASSWORD, &agent_token, &sessions[0], &sessions[1]];

    let everything = everything(&admin, (&template, &mine, &rehearsed), &preset).await;
    for caller in [&admin, &jon] {
        for path in &everything {
            let answer = caller.get(path).await;
            let headers = format!("{:?}", answer.0.headers());
            let said = format!("{headers}\n{}", answer.0.text().await.unwrap());
            refuse(&planted, path, &said);
        }
    }
    refuse(&planted, "the log", &String::from_utf8_lossy(&heard.0.lock().unwrap()));
    refuse_rows(&planted, &hearth.db).await;
    refuse_files(&planted, &server).await;
    server.stop().await;
}

async fn vault(admin: &Caller) -> Value {
    let archive = template::of(&[("main.tf", VAULT)]);
    let upload =
        admin.request(reqwest::Method::POST, "/api/v2/files").header("content-type", "application/x-tar");
    let file: Value = upload.body(archive).send().await.unwrap().json().await.unwrap();
    let body = json!({
        "file_id": file["hash"],
        "provisioner": "terraform",
        "user_variable_values": [{ "name": "cloud_password", "value": CLOUD_PASSWORD }],
    });
    let path = "/api/v2/organizations/default/templateversions";
    let version = admin.post(path, &body).await.json(StatusCode::CREATED).await;
    let path = format!("/api/v2/templateversions/{}", text(&version["id"]));
    let version = admin.wait_for(&path, |version| version["job"]["completed_at"].is_string()).await;
    assert_eq!(version["job"]["status"], "succeeded", "{version:#}");
    let order = json!({ "name": "vault", "template_version_id": version["id"] });
    admin.post("/api/v2/organizations/default/templates", &order).await.json(StatusCode::CREATED).await
}

/// As if the agent ran and reported. Returns its token, which only the state has in clear.
async fn make_ready(hearth: &Hearth, member: &Value) -> String {
    let kept = state::latest(hearth, id(member)).await.unwrap().unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    let resources = kept["resources"].as_array().unwrap();
    let made = resources.iter().find(|it| it["type"] == "coder_agent").unwrap();
    let token = text(&made["instances"][0]["attributes"]["token"]);
    let mut tx = hearth.db.write().await.unwrap();
    let agent: AgentId = text(&agent(member)["id"]).parse().unwrap();
    agents::set_lifecycle(&mut tx, agent, "ready", hearth.clock.now()).await.unwrap();
    agents::refresh_ready(&mut tx, id(member)).await.unwrap();
    let preset = workspaces::by_id(&mut tx, id(member)).await.unwrap().unwrap().preset_id.unwrap();
    tx.commit().await.unwrap();
    hearth.events.publish(hearth_server::events::Event::Preset(preset.into()));
    token
}

/// Every address that a person can look at. Left out: the answer of a log-in, which is the one place that hands a session
/// out; the manifest and the events of an agent, and the state itself, which need that agent's or build's own credential;
/// the uploaded file, which is what was uploaded. Values of parameters are no secrets: whoever chose them reads them.
async fn everything(
    admin: &Caller,
    (template, mine, rehearsed): (&Value, &Value, &Value),
    preset: &str,
) -> Vec<String> {
    let (version, workspace) = (text(&template["active_version_id"]), text(&mine["id"]));
    let (template_id, rehearsal) = (text(&template["id"]), text(&rehearsed[0]["id"]));
    let version = format!("/api/v2/templateversions/{version}");
    let mut all = Vec::from_iter(PLACES.iter().copied().map(str::to_owned));
    all.push(format!("/workspaces/{workspace}"));
    all.push(format!("/api/v2/templates/{template_id}"));
    all.push(format!("/api/v2/templates/{template_id}/versions"));
    all.push(format!("/api/v2/rehearsals?preset={preset}"));
    all.push(format!("/api/v2/rehearsals/{rehearsal}/patch"));
    for part in ["", "/logs", "/presets", "/variables", "/resources", "/rich-parameters", "/dry-run"] {
        all.push(format!("{version}{part}"));
    }
    for part in ["", "/builds", "/states"] {
        all.push(format!("/api/v2/workspaces/{workspace}{part}"));
    }
    let builds =
        admin.get(&format!("/api/v2/workspaces/{workspace}/builds")).await.json(StatusCode::OK).await;
    let builds = builds.as_array().unwrap();
    assert_eq!(builds.len(), 4);
    for build in builds {
        let number = &build["build_number"];
        all.push(format!("/workspaces/{workspace}?build={number}"));
        for part in ["", "/logs", "/logs?format=text", "/parameters", "/resources"] {
            all.push(format!("/api/v2/workspacebuilds/{}{part}", text(&build["id"])));
        }
    }
    for member in members(admin).await {
        all.push(format!("/workspaces/{}", text(&member["id"])));
        all.push(format!("/api/v2/workspaces/{}", text(&member["id"])));
    }
    let drift = admin.get("/api/v2/drift").await.json(StatusCode::OK).await;
    let causes = drift["causes"].as_array().unwrap();
    assert!(!causes.is_empty());
    all.extend(causes.iter().map(|cause| format!("/drift/{}", text(&cause["id"]))));
    let agent = text(&agent(mine)["id"]);
    all.push(format!("/api/v2/workspaceagents/{agent}"));
    all.push(format!("/api/v2/workspaceagents/{agent}/logs"));
    let decisions = admin.get("/api/v2/decisions").await.json(StatusCode::OK).await;
    for decision in decisions["decisions"].as_array().into_iter().flatten() {
        all.push(format!("/api/v2/decisions/{}/document", text(&decision["id"])));
    }
    all
}

/// Whatever the database keeps in clear, in columns of any type; bytes are written in hex there.
async fn refuse_rows(planted: &[&str], db: &Db) {
    let Db::Postgres(pool) = db else { panic!("this server keeps its truth in PostgreSQL") };
    let in_hex = planted.iter().map(|it| it.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
    let in_hex = Vec::from_iter(in_hex);
    let planted = Vec::from_iter(planted.iter().copied().chain(in_hex.iter().map(String::as_str)));
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(pool).await.unwrap();
    let mut kept = String::new();
    for table in tables {
        let rows = format!("SELECT kept::text FROM \"{table}\" kept");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_all(pool).await.unwrap();
        for row in &rows {
            refuse(&planted, &format!("a row of {table}"), row);
        }
        kept += &rows.concat();
    }
    assert!(kept.contains("unmarked") && kept.contains("console"), "what was made is there to be searched");
}

/// In the data folder, only what the template itself left in the folder of its workspace may know them.
async fn refuse_files(planted: &[&str], server: &Server) {
    let mut folders = vec![server.running.hearth.config.data_dir.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let content = std::fs::read(&path).unwrap_or_default();
                refuse(planted, &path.display().to_string(), &String::from_utf8_lossy(&content));
            }
        }
    }
}

fn refuse(planted: &[&str], place: &str, said: &str) {
    for secret in planted {
        let found = said.find(secret).map(|at| {
            let from = said[..at].char_indices().rev().nth(80).map_or(0, |(from, _)| from);
            &said[from..at]
        });
        assert!(found.is_none(), "{place} has a secret after: {}", found.unwrap_or_default());
    }
}

fn id(workspace: &Value) -> WorkspaceId {
    text(&workspace["id"]).parse().unwrap()
}
