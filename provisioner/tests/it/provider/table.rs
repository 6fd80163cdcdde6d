//! Everything that a template can declare, and what the data sources answer.

use pretty_assertions::assert_eq;
use serde_json::json;

use super::terraform::{ACCESS_URL, Terraform, changes, claim, prebuild};

const EVERYTHING: &str = include_str!("everything.tf");

#[tokio::test(flavor = "multi_thread")]
async fn everything_plans_applies_and_then_stays_as_it_is() {
    let terraform = Terraform::with(EVERYTHING);
    terraform
        .session(prebuild(), |t| {
            t.init();
            t.succeed(&["validate", "-no-color"]);
            t.apply();
            assert_eq!(changes(&t.plan(&[])), []);

            let metadata = t.state("coder_metadata.machine[0]");
            let nulls: Vec<_> = metadata["item"].as_array().unwrap().iter().map(|i| &i["is_null"]).collect();
            assert_eq!(nulls, [&json!(false), &json!(false), &json!(true)]);
            let app = t.state("coder_app.editor");
            assert_eq!(t.state("coder_ai_task.main")["app_id"], app["id"]);
            assert_eq!(t.state("coder_app.docs")["share"], "owner");
            assert_eq!(t.state("coder_script.nightly")["timeout"], 0);
            let preset = t.state("data.coder_workspace_preset.large");
            assert_eq!(preset["id"], "large");
            assert_eq!(preset["prebuilds"][0]["scheduling"][0]["schedule"][1]["instances"], 1);
            assert_eq!(t.state("data.coder_workspace.me")["access_url"], "https://other.example");
        })
        .await;

    let mut stop = prebuild();
    stop.transition = "stop";
    terraform
        .session(stop, |t| {
            t.apply();
            assert_eq!(t.state("data.coder_secret.key[0]")["id"], "env:API_KEY");
        })
        .await;
    let mut delete = prebuild();
    delete.transition = "delete";
    let left = terraform
        .session(delete, |t| {
            t.destroy();
            t.succeed(&["state", "list"])
        })
        .await;
    assert_eq!(left, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_and_its_owner_are_described() {
    let terraform =
        Terraform::with("data \"coder_workspace\" \"me\" {}\ndata \"coder_workspace_owner\" \"me\" {}\n");
    let read = |t: &super::terraform::Session<'_>| {
        t.init();
        t.apply();
        (t.state("data.coder_workspace.me"), t.state("data.coder_workspace_owner.me"))
    };
    let (member, system) = terraform.session(prebuild(), read).await;
    assert_eq!(
        member,
        json!({
            "id": "00000000-0000-0000-0000-0000000000f0", "name": "prebuild-7", "transition": "start",
            "start_count": 1, "is_prebuild": true, "prebuild_count": 1, "is_prebuild_claim": false,
            "template_id": "00000000-0000-0000-0000-0000000000f1", "template_name": "web",
            "template_version": "v3", "access_url": ACCESS_URL, "access_port": 8443,
        })
    );
    assert_eq!(system["name"], "prebuilds");

    let mut data = claim();
    data.is_prebuild = true;
    let (claimed, owner) = terraform.session(data, read).await;
    assert_eq!(claimed["is_prebuild"], false, "a claim wins");
    assert_eq!(claimed["prebuild_count"], 0);
    assert_eq!(claimed["is_prebuild_claim"], true);
    assert_eq!(claimed["id"], member["id"]);
    assert_eq!(
        owner,
        json!({
            "id": "00000000-0000-0000-0000-000000000002", "name": "alice", "full_name": "Alice A",
            "email": "alice@hearth.example", "groups": ["Everyone", "web"], "login_type": "password",
            "ssh_public_key": "", "ssh_private_key": "", "session_token": "", "oidc_access_token": "",
            "rbac_roles": [],
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_and_an_agent_for_an_unknown_machine_fail_the_start() {
    let secret = "data \"coder_secret\" \"s\" {\nfile = \"~/.key\"\nhelp_message = \"Ask Bo\"\n}";
    let said = Terraform::with(secret)
        .session(prebuild(), |t| {
            t.init();
            t.fail()
        })
        .await;
    assert!(said.contains("Hearth holds no secret for file \"~/.key\". Ask Bo"), "{said}");

    let windows = "resource \"coder_agent\" \"w\" {\nos = \"windows\"\narch = \"amd64\"\n}";
    let output = Terraform::with(windows)
        .session(prebuild(), |t| {
            t.init();
            t.run(&["apply", "-no-color", "-auto-approve"])
        })
        .await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("This server has no agent for windows on amd64."), "{said}");
}
