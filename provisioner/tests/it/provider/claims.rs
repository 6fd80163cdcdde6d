//! What a claim leaves alone.

use pretty_assertions::assert_eq;

use super::terraform::{INIT_SCRIPT, Terraform, changes, claim, prebuild};

const TWO_AGENTS: &str = r#"
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  display_apps {
    vscode = false
  }
  metadata {
    key      = "load"
    script   = "cut -d' ' -f1 /proc/loadavg"
    interval = 10
  }
}

resource "coder_agent" "side" {
  os   = "linux"
  arch = "arm64"
}

resource "coder_env" "who" {
  agent_id = coder_agent.main.id
  name     = "WHO"
  value    = data.coder_workspace_owner.me.name
}

resource "terraform_data" "machine" {
  count            = data.coder_workspace.me.start_count
  triggers_replace = [coder_agent.main.token, coder_agent.main.init_script]
}

resource "terraform_data" "only_prebuild" {
  count = data.coder_workspace.me.prebuild_count
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_plan_is_empty() {
    let terraform = Terraform::with(TWO_AGENTS);
    let plan = terraform
        .session(prebuild(), |t| {
            t.init();
            t.apply();
            t.plan(&[])
        })
        .await;
    assert_eq!(changes(&plan), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_leaves_every_agent_with_its_own_token() {
    let terraform = Terraform::with(TWO_AGENTS);
    let read = |t: &super::terraform::Session<'_>| {
        ["coder_agent.main", "coder_agent.side"].map(|address| t.state(address))
    };
    let before = terraform
        .session(prebuild(), |t| {
            t.init();
            t.apply();
            read(t)
        })
        .await;
    let (plan, after) = terraform
        .session(claim(), |t| {
            let plan = t.plan(&[]);
            t.apply();
            (plan, read(t))
        })
        .await;

    assert_eq!(before, after);
    assert_ne!(before[0]["token"], before[1]["token"]);
    assert_ne!(before[0]["id"], before[0]["token"]);
    assert_eq!(before[0]["init_script"], INIT_SCRIPT);
    assert_eq!(before[1]["init_script"], "arm");
    let expected = [("coder_env.who", "delete+create"), ("terraform_data.only_prebuild[0]", "delete")];
    assert_eq!(changes(&plan), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_init_script_reaches_an_agent_at_a_start_but_not_at_a_claim() {
    let terraform = Terraform::with(TWO_AGENTS);
    terraform
        .session(prebuild(), |t| {
            t.init();
            t.apply();
        })
        .await;
    let newer = [("linux_amd64".to_owned(), "#!/bin/sh\necho newer\n".to_owned())];

    let mut data = claim();
    data.init_scripts = newer.clone().into();
    let claimed = terraform.session(data.clone(), |t| t.plan(&[])).await;
    assert!(!changes(&claimed).iter().any(|(address, _)| address.starts_with("terraform_data.machine")));

    data.is_prebuild_claim = false;
    let started = terraform.session(data, |t| t.plan(&[])).await;
    let machine = ("terraform_data.machine[0]".to_owned(), "delete+create".to_owned());
    assert!(changes(&started).contains(&machine));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_removes_what_is_counted_by_start_count_and_keeps_the_agents() {
    let terraform = Terraform::with(TWO_AGENTS);
    let mut stop = prebuild();
    stop.transition = "stop";
    stop.is_prebuild = false;
    terraform
        .session(prebuild(), |t| {
            t.init();
            t.apply();
        })
        .await;
    let plan = terraform.session(stop, |t| t.plan(&[])).await;
    let expected = [("terraform_data.machine[0]", "delete"), ("terraform_data.only_prebuild[0]", "delete")];
    assert_eq!(changes(&plan), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn display_apps_given_in_part_are_completed() {
    let terraform = Terraform::with(TWO_AGENTS);
    let [main, side] = terraform
        .session(prebuild(), |t| {
            t.init();
            t.apply();
            ["coder_agent.main", "coder_agent.side"].map(|address| t.state(address)["display_apps"].clone())
        })
        .await;
    let apps = |vscode: bool| {
        serde_json::json!([{
            "vscode": vscode, "vscode_insiders": false, "web_terminal": true,
            "port_forwarding_helper": true, "ssh_helper": true,
        }])
    };
    assert_eq!((main, side), (apps(false), apps(true)));
}
