//! The binary as a provider that Terraform installs from a mirror and starts.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

/// With a host of its own, so that it does not matter which one Terraform or OpenTofu takes for the default.
const TEMPLATE: &str = r#"terraform {
  required_providers {
    coder = {
      source = "hearth.example/coder/coder"
    }
  }
}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
data "coder_parameter" "size" {
  name = "size"
  type = "number"
}
data "coder_external_auth" "git" {
  id = "git"
}
data "coder_secret" "key" {
  env          = "API_KEY"
  help_message = "Ask Bo"
}
data "coder_secret" "file" {
  file         = "~/.key"
  help_message = "Ask Bo"
}
data "coder_task" "me" {}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  auth = "aws-instance-identity"
}
resource "coder_ai_task" "main" {
  app_id = "a"
}
output "seen" {
  sensitive = true
  value = {
    owner   = data.coder_workspace_owner.me
    size    = data.coder_parameter.size.value
    url     = data.coder_workspace.me.access_url
    script  = coder_agent.main.init_script
    token   = data.coder_external_auth.git.access_token
    secrets = [data.coder_secret.key.value, data.coder_secret.file.value]
    task    = data.coder_task.me
    ai_task = [coder_ai_task.main.enabled, coder_ai_task.main.prompt]
  }
}
"#;

const OWNER: &str = "00000000-0000-0000-0000-000000000001";
const TASK: &str = "00000000-0000-0000-0000-000000000002";

/// What whoever runs Terraform gives a template.
const GIVEN: &[(&str, &str)] = &[
    ("CODER_WORKSPACE_BUILD_ID", "1"),
    ("CODER_AGENT_URL", "https://hearth.example:8443"),
    ("CODER_AGENT_SCRIPT_linux_amd64", "run ${ACCESS_URL} by ${AUTH_TYPE}"),
    // The SHA-256 of "size".
    ("CODER_PARAMETER_ccdcbe846f3da4eb044fbdf64bf6b57902388ab72fb0c852ba72280f8d478b40", "7"),
    ("CODER_WORKSPACE_OWNER_ID", OWNER),
    ("CODER_WORKSPACE_OWNER", "alice"),
    ("CODER_WORKSPACE_OWNER_NAME", "Alice A"),
    ("CODER_WORKSPACE_OWNER_EMAIL", "alice@hearth.example"),
    ("CODER_WORKSPACE_OWNER_SSH_PUBLIC_KEY", "public key"),
    ("CODER_WORKSPACE_OWNER_SSH_PRIVATE_KEY", "private key"),
    ("CODER_WORKSPACE_OWNER_GROUPS", r#"["web"]"#),
    ("CODER_WORKSPACE_OWNER_SESSION_TOKEN", "session"),
    ("CODER_WORKSPACE_OWNER_OIDC_ACCESS_TOKEN", "oidc"),
    ("CODER_WORKSPACE_OWNER_LOGIN_TYPE", "oidc"),
    ("CODER_WORKSPACE_OWNER_RBAC_ROLES", r#"[{"name":"admin","org_id":"o"}]"#),
    ("CODER_EXTERNAL_AUTH_ACCESS_TOKEN_git", "git token"),
    ("CODER_SECRET_ENV_API_KEY", "from env"),
    // "~/.key" in hex.
    ("CODER_SECRET_FILE_7e2f2e6b6579", "from file"),
    ("CODER_TASK_ID", TASK),
    ("CODER_TASK_PROMPT", "mend it"),
];

/// A template beside a mirror in which the binary lies as the provider, initialised.
fn installed(template: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let os = if env::consts::OS == "macos" { "darwin" } else { env::consts::OS };
    let arch = if env::consts::ARCH == "aarch64" { "arm64" } else { "amd64" };
    let mirror = folder.path().join("mirror");
    let package = mirror.join(format!("hearth.example/coder/coder/2.18.0/{os}_{arch}"));
    fs::create_dir_all(&package).unwrap();
    symlink(env!("CARGO_BIN_EXE_hearth"), package.join("terraform-provider-coder_v2.18.0")).unwrap();
    let settings = format!("provider_installation {{\nfilesystem_mirror {{\npath = {mirror:?}\n}}\n}}\n");
    fs::write(folder.path().join("terraformrc"), settings).unwrap();
    fs::write(folder.path().join("main.tf"), template).unwrap();
    succeed(folder.path(), &[], &["init", "-no-color"]);
    assert!(fs::exists(folder.path().join(".terraform.lock.hcl")).unwrap());
    folder
}

fn terraform(folder: &Path, given: &[(&str, &str)], arguments: &[&str]) -> Output {
    let program = env::var_os("HEARTH_TERRAFORM").unwrap_or_else(|| "terraform".into());
    Command::new(&program)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("TF_CLI_CONFIG_FILE", folder.join("terraformrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .envs(given.iter().copied())
        .output()
        .expect("this test runs a real Terraform: put one on PATH, or name one in HEARTH_TERRAFORM")
}

fn succeed(folder: &Path, given: &[(&str, &str)], arguments: &[&str]) -> String {
    let output = terraform(folder, given, arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "terraform {arguments:?} failed:\n{out}\n{err}");
    out.into_owned()
}

fn seen(folder: &Path, given: &[(&str, &str)]) -> Value {
    succeed(folder, given, &["apply", "-no-color", "-auto-approve"]);
    serde_json::from_str(&succeed(folder, given, &["output", "-json", "seen"])).unwrap()
}

#[test]
fn terraform_installs_the_binary_as_a_provider_and_reads_the_environment_through_it() {
    let folder = installed(TEMPLATE);
    let expected = json!({
        "owner": {
            "id": OWNER, "name": "alice", "full_name": "Alice A", "email": "alice@hearth.example",
            "ssh_public_key": "public key", "ssh_private_key": "private key", "groups": ["web"],
            "session_token": "session", "oidc_access_token": "oidc", "login_type": "oidc",
            "rbac_roles": [{ "name": "admin", "org_id": "o" }],
        },
        "size": "7",
        "url": "https://hearth.example:8443",
        "script": "run https://hearth.example:8443 by aws-instance-identity",
        "token": "git token",
        "secrets": ["from env", "from file"],
        "task": { "id": TASK, "prompt": "mend it", "enabled": true },
        "ai_task": [true, "mend it"],
    });
    assert_eq!(seen(folder.path(), GIVEN), expected);
}

#[test]
fn an_empty_environment_gives_a_template_what_it_can_be_planned_with() {
    let seen = seen(installed(TEMPLATE).path(), &[]);
    assert_eq!(seen["url"], "https://hearth.example");
    assert_eq!((&seen["owner"]["name"], &seen["owner"]["groups"]), (&json!("default"), &json!([])));
    assert_eq!((&seen["task"]["enabled"], &seen["secrets"]), (&json!(false), &json!(["", ""])));
}

#[test]
fn a_malformed_list_in_the_environment_is_an_error_that_names_it() {
    let folder = installed(TEMPLATE);
    for name in ["CODER_WORKSPACE_OWNER_GROUPS", "CODER_WORKSPACE_OWNER_RBAC_ROLES"] {
        let given = Vec::from_iter(GIVEN.iter().copied().chain([(name, "web")]));
        let output = terraform(folder.path(), &given, &["plan", "-no-color"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(&format!("{name} cannot be read")), "{said}");
    }
}
