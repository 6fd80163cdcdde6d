//! The sample templates, with a stand-in for the agent.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use hearth_provisioner::provider::ProviderData;
use pretty_assertions::assert_eq;

use super::terraform::{Session, Terraform, changes, claim, prebuild};

/// Starts a child in the background, as an agent runs scripts, says what it sees, and stays.
const FAKE_AGENT: &str = r#"#!/bin/sh
sleep 1000 &
echo $! > "$HOME/.hearth/child.pid"
env > "$HOME/.hearth/environment"
pwd > "$HOME/.hearth/started"
wait
"#;

struct Sample {
    terraform: Terraform,
    folder: PathBuf,
}

impl Sample {
    fn new(name: &str) -> Self {
        let mut terraform = Terraform::with_sample(name);
        let root = terraform.folder().join("workspaces");
        terraform.variable("root", root.to_str().unwrap());
        Self { folder: root.join(prebuild().workspace.id.to_string()), terraform }
    }

    async fn run<T>(&self, mut data: ProviderData, act: impl FnOnce(&Session<'_>) -> T) -> T {
        for script in data.init_scripts.values_mut() {
            *script = FAKE_AGENT.into();
        }
        self.terraform.session(data, act).await
    }

    /// Starts a pool member; the processes of its agent.
    async fn start(&self) -> [u32; 2] {
        self.run(prebuild(), |t| {
            t.init();
            t.apply();
        })
        .await;
        self.agent()
    }

    /// The agent and its child, once both run.
    fn agent(&self) -> [u32; 2] {
        wait_until("the agent has started", || self.file("started").exists());
        ["agent.pid", "child.pid"].map(|name| {
            let text = std::fs::read_to_string(self.file(name)).unwrap();
            text.trim().parse().unwrap()
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(".hearth").join(name)
    }
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A process that has ended but that nobody has waited for does not run.
fn runs(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
}

fn to_delete() -> ProviderData {
    ProviderData { transition: "delete", ..prebuild() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_workspace_is_claimed_without_any_change_and_deleted_without_a_trace() {
    let sample = Sample::new("local");
    let agent = sample.start().await;
    assert!(agent.into_iter().all(runs));

    let claimed = sample.run(claim(), |t| t.plan(&[])).await;
    assert_eq!(changes(&claimed), []);

    sample.run(to_delete(), |t| t.destroy()).await;
    assert_eq!(agent.map(runs), [false, false]);
    assert!(!sample.folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_drift_workspace_gets_another_agent_process_at_a_claim_and_nothing_else() {
    let sample = Sample::new("local-drift");
    let before = sample.start().await;
    std::fs::remove_file(sample.file("started")).unwrap();

    let claimed = sample
        .run(claim(), |t| {
            let plan = t.plan(&[]);
            t.apply();
            plan
        })
        .await;
    assert_eq!(changes(&claimed), [("terraform_data.agent[0]".to_owned(), "delete+create".to_owned())]);
    let after = sample.agent();
    assert_eq!(before.map(runs), [false, false]);
    assert_eq!(after.map(runs), [true, true]);

    sample.run(to_delete(), |t| t.destroy()).await;
    assert_eq!(after.map(runs), [false, false]);
    assert!(!sample.folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_local_workspace_keeps_its_folder_and_gets_an_agent_again_at_a_start() {
    let sample = Sample::new("local");
    let agent = sample.start().await;
    std::fs::write(sample.folder.join("notes"), "mine").unwrap();
    std::fs::remove_file(sample.file("started")).unwrap();

    sample.run(ProviderData { transition: "stop", ..prebuild() }, |t| t.apply()).await;
    assert_eq!(agent.map(runs), [false, false]);
    assert_eq!(std::fs::read_to_string(sample.folder.join("notes")).unwrap(), "mine");

    sample.run(prebuild(), |t| t.apply()).await;
    assert_eq!(sample.agent().map(runs), [true, true]);
    sample.run(to_delete(), |t| t.destroy()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_runs_in_its_folder_and_sees_its_own_credential_but_none_of_the_build() {
    let sample = Sample::new("local");
    sample.start().await;
    let environment = std::fs::read_to_string(sample.file("environment")).unwrap();
    let token = sample.run(prebuild(), |t| t.state("coder_agent.main")["token"].clone()).await;

    assert!(environment.contains(&format!("CODER_AGENT_TOKEN={}\n", token.as_str().unwrap())));
    assert!(environment.contains("CODER_AGENT_URL=https://hearth.example:8443\n"));
    assert!(!environment.lines().any(|line| line.starts_with("TF_")), "{environment}");
    let started = std::fs::read_to_string(sample.file("started")).unwrap();
    assert_eq!(Path::new(started.trim()), sample.folder);

    sample.run(to_delete(), |t| t.destroy()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_samples_declare_the_same_pools() {
    for name in ["local", "local-drift"] {
        let sample = Sample::new(name);
        let import = ProviderData { in_build: false, ..prebuild() };
        let plan = sample
            .run(import, |t| {
                t.init();
                t.plan(&[
                    "-target=data.coder_workspace_preset.small",
                    "-target=data.coder_workspace_preset.large",
                ])
            })
            .await;
        let read = plan["prior_state"]["values"]["root_module"]["resources"].as_array().unwrap();
        let pools: Vec<_> = read
            .iter()
            .map(|r| (r["values"]["name"].clone(), r["values"]["prebuilds"][0]["instances"].clone()))
            .collect();
        assert_eq!(pools, [("large".into(), 1.into()), ("small".into(), 2.into())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn set_up_is_done_once_and_each_owner_is_welcomed() {
    let mut sample = Sample::new("local");
    sample.terraform.variable("setup_seconds", "0");
    sample.start().await;
    let script = sample.run(prebuild(), |t| t.state("coder_script.setup")["script"].clone()).await;
    let run_for = |owner: &str, workspace: &str| {
        let output = Command::new("sh")
            .args(["-c", script.as_str().unwrap()])
            .current_dir(&sample.folder)
            .envs([("CODER_WORKSPACE_OWNER_NAME", owner), ("CODER_WORKSPACE_NAME", workspace)])
            .env("COLOR", "blue")
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };

    assert_eq!(run_for("prebuilds", "prebuild-7").len(), 7);
    assert_eq!(run_for("alice", "mine"), ["Welcome alice to mine, in blue."]);
    assert_eq!(std::fs::read_to_string(sample.folder.join("owner")).unwrap(), "alice\n");

    sample.run(to_delete(), |t| t.destroy()).await;
}
