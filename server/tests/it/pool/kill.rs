//! The real binary, killed while Terraform runs, and started again on the same data.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    server::{ADMIN, Caller, PASSWORD},
    site::members,
    template,
};

/// A process that does not outlive its test.
struct Process(Child);

impl Process {
    /// Starts the server; returns when it says that it is ready.
    fn start(data: &Path, reconcile_interval: u32) -> (Self, Caller) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hearth"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .args(["--reconcile-interval", &reconcile_interval.to_string()])
            .env("HEARTH_ADMIN_USERNAME", ADMIN)
            .env("HEARTH_ADMIN_EMAIL", "admin@example.org")
            .env("HEARTH_ADMIN_PASSWORD", PASSWORD)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Hearth is ready at ").expect(&line).to_owned();
        (Self(child), Caller::to(&url))
    }

    /// Without a chance to write anything.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn log_in(caller: Caller) -> Caller {
    let login = json!({ "email": ADMIN, "password": PASSWORD });
    let answer = caller.post("/api/v2/users/login", &login).await.json(StatusCode::CREATED).await;
    caller.with_token(answer["session_token"].as_str().unwrap())
}

/// A pool of one whose first member never gets done; the id of the process that it waits for is in `pid`.
fn stuck(marks: &Path) -> Vec<u8> {
    let text = format!(
        r#"
terraform {{
  required_providers {{
    coder = {{ source = "coder/coder" }}
  }}
}}
data "coder_workspace" "me" {{}}
data "coder_workspace_preset" "small" {{
  name = "small"
  prebuilds {{
    instances = 1
  }}
}}
resource "terraform_data" "box" {{
  provisioner "local-exec" {{
    command = "[ -e {marks}/pid ] || {{ echo $$ > {marks}/new && mv {marks}/new {marks}/pid && sleep 600; }}"
  }}
}}
"#,
        marks = marks.display()
    );
    template::of(&[("main.tf", &text)])
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_during_a_build_recovers_when_it_starts_again() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (data, marks) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (process, caller) = Process::start(data.path(), 60);
    let admin = log_in(caller).await;
    admin.make_template("stuck", stuck(marks.path())).await;
    until("the build began", async || marks.path().join("pid").exists()).await;
    let waiting = std::fs::read_to_string(marks.path().join("pid")).unwrap();
    let died = members(&admin).await.remove(0);
    process.kill();

    let (process, caller) = Process::start(data.path(), 60);
    let left = Path::new("/proc").join(waiting.trim());
    until("what the build had started ended", async || !left.exists()).await;
    let admin = log_in(caller).await;
    // Exactly one, and it is another one: the one that was cut off is not counted, not kept and not lost.
    let running = |list: &Value| {
        let all = list["workspaces"].as_array().unwrap();
        all.len() == 1 && all[0]["latest_build"]["status"] == "running"
    };
    let list = admin.wait_for("/api/v2/workspaces?q=owner:prebuilds", running).await;
    assert_ne!(list["workspaces"][0]["id"], died["id"]);
    let path = format!("/api/v2/workspacebuilds/{}", died["latest_build"]["id"].as_str().unwrap());
    let build = admin.get(&path).await.json(StatusCode::OK).await;
    assert_eq!(build["status"], "failed");
    let error = build["job"]["error"].as_str().unwrap();
    assert!(error.contains("The server stopped while this build ran"), "{error}");
    let path = format!("/api/v2/workspaces/{}/builds", died["id"].as_str().unwrap());
    let builds = admin.get(&path).await.json(StatusCode::OK).await;
    assert_eq!((&builds[0]["transition"], &builds[0]["status"]), (&json!("delete"), &json!("deleted")));
    process.kill();
}
