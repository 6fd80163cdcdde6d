//! A sample template on a whole server: its pool with real Terraform and real agents, and what is left on the machine.

use std::{fs, path::Path, time::Duration};

use hearth_app::backend::{Actor, Role};
use hearth_server::{backend::patch, hearth::Hearth};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{server::Caller, template};

/// The sample template with its folders below `root` and a quick first start.
pub fn sample(name: &str, root: &Path) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates").join(name);
    let text = fs::read_to_string(folder.join("main.tf")).unwrap();
    let quick = text
        .replace("\"/tmp/hearth-workspaces\"", &format!("\"{}\"", root.display()))
        .replace("default     = 10", "default     = 0.5");
    assert_ne!(quick, text);
    template::of(&[("main.tf", &quick)])
}

/// What must be text in an answer.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The first admin, as the acts want to know them.
pub async fn first_admin(caller: &Caller) -> Actor {
    let me = caller.get("/api/v2/users/me").await.json(StatusCode::OK).await;
    let user_id = text(&me["id"]).parse().unwrap();
    Actor { user_id, username: text(&me["username"]), role: Role::Owner }
}

/// The pool's members, as the API lists them.
pub async fn members(admin: &Caller) -> Vec<Value> {
    let list = admin.get("/api/v2/workspaces?q=owner:prebuilds").await.json(StatusCode::OK).await;
    list["workspaces"].as_array().unwrap().clone()
}

/// Waits until the pool has exactly so many members and the agent of each is ready.
pub async fn filled(admin: &Caller, count: usize) -> Vec<Value> {
    let wanted = |list: &Value| {
        let all = list["workspaces"].as_array().unwrap();
        all.len() == count && all.iter().all(is_ready)
    };
    let list = admin.wait_for("/api/v2/workspaces?q=owner:prebuilds", wanted).await;
    list["workspaces"].as_array().unwrap().clone()
}

/// Whether the newest build is a succeeded start and its agent reports ready.
pub fn is_ready(workspace: &Value) -> bool {
    workspace["latest_build"]["status"] == "running" && agent(workspace)["lifecycle_state"] == "ready"
}

/// The one agent of a workspace; null before there is one.
pub fn agent(workspace: &Value) -> Value {
    let resources = workspace["latest_build"]["resources"].as_array().cloned().unwrap_or_default();
    let agents = resources.iter().flat_map(|r| r["agents"].as_array().cloned().unwrap_or_default());
    agents.into_iter().next().unwrap_or_default()
}

/// The presets of a version.
pub async fn presets(caller: &Caller, version: &Value) -> Vec<Value> {
    let path = format!("/api/v2/templateversions/{}/presets", text(version));
    caller.get(&path).await.json(StatusCode::OK).await.as_array().unwrap().clone()
}

/// A rehearsal of the preset that came to this verdict, once there is one.
pub async fn rehearsal(admin: &Caller, preset: &Value, verdict: &str) -> Value {
    let path = format!("/api/v2/rehearsals?preset={}", text(&preset["ID"]));
    let is_wanted = |it: &&Value| it["verdict"] == verdict;
    let all = admin.wait_for(&path, |all| all.as_array().unwrap().iter().any(|it| is_wanted(&it))).await;
    all.as_array().unwrap().iter().find(is_wanted).unwrap().clone()
}

/// Imports the proved fix of a preset and makes it the active version of its template.
pub async fn take_fix(hearth: &Hearth, admin: &Caller, template: &Value, preset: &str) -> Value {
    let actor = first_admin(admin).await;
    let name = patch::import(hearth, &actor, &text(&template["name"]), preset).await.unwrap();
    let path = format!("/api/v2/templates/{}/versions", text(&template["id"]));
    let imported = |version: &Value| version["job"]["status"] == "succeeded";
    let version = admin.wait_for(&format!("{path}/{name}"), imported).await;
    assert_eq!(admin.patch(&path, &json!({ "id": version["id"] })).await.status(), StatusCode::OK);
    version
}

/// What the newest build of a workspace has said.
pub async fn build_log(caller: &Caller, workspace: &Value) -> String {
    let build = text(&workspace["latest_build"]["id"]);
    let answer = caller.get(&format!("/api/v2/workspacebuilds/{build}/logs?format=text")).await;
    answer.0.text().await.unwrap()
}

/// Asks for a workspace with this preset of the template's active version.
pub async fn claim(caller: &Caller, template: &Value, preset: &str, name: &str) -> Value {
    let version = &template["active_version_id"];
    let presets = presets(caller, version).await;
    let preset = presets.iter().find(|it| it["Name"] == preset).unwrap();
    let order =
        json!({ "name": name, "template_version_id": version, "template_version_preset_id": preset["ID"] });
    caller.post("/api/v2/users/me/workspaces", &order).await.json(StatusCode::CREATED).await
}

/// The workspace, once this holds.
pub async fn workspace(caller: &Caller, id: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    caller.wait_for(&format!("/api/v2/workspaces/{}", id.as_str().unwrap()), wanted).await
}

/// Queues a build of a workspace.
pub async fn build(caller: &Caller, id: &Value, transition: &str) -> Value {
    let path = format!("/api/v2/workspaces/{}/builds", id.as_str().unwrap());
    caller.post(&path, &json!({ "transition": transition })).await.json(StatusCode::CREATED).await
}

/// Deletes every workspace; nothing may be left on the ground, and no process of a workspace may run.
pub async fn clear(admin: &Caller, ground: &Ground) {
    let all = admin.get("/api/v2/workspaces?q=").await.json(StatusCode::OK).await;
    for workspace in all["workspaces"].as_array().unwrap() {
        build(admin, &workspace["id"], "delete").await;
    }
    admin.wait_for("/api/v2/workspaces?q=", |list| list["count"] == 0).await;
    assert_eq!(fs::read_dir(ground.path()).unwrap().count(), 0, "folders are left");
    ground.assert_left().await;
}

/// Where the workspaces of one test lie. A test that fails leaves no agent behind.
pub struct Ground(tempfile::TempDir);

impl Ground {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// No process of a workspace may run any more. The system takes a moment to end what it has been told to kill.
    pub async fn assert_left(&self) {
        for _ in 0..100 {
            if self.processes().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("still running: {:?}", self.processes());
    }

    /// Processes whose home is below, as that of every agent is: number and command line.
    pub fn processes(&self) -> Vec<(i32, String)> {
        let home = format!("HOME={}/", self.path().display());
        let mut found = Vec::new();
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let read = |name: &str| fs::read(process.path().join(name)).unwrap_or_default();
            let number = process.file_name().to_string_lossy().parse();
            if let (Ok(number), true) = (number, String::from_utf8_lossy(&read("environ")).contains(&home)) {
                found.push((number, String::from_utf8_lossy(&read("cmdline")).replace('\0', " ")));
            }
        }
        found
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        for (number, _) in self.processes() {
            let _ = kill(Pid::from_raw(number), Signal::SIGKILL);
        }
    }
}
