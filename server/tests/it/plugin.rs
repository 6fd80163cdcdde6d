//! The binary as a provider that Terraform itself starts.

use std::{path::Path, process::Command};

const TEMPLATE: &str = r#"terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}
data "coder_workspace_owner" "me" {}
data "coder_parameter" "size" {
  name = "size"
  type = "number"
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
output "seen" {
  value = {
    owner  = data.coder_workspace_owner.me.name
    size   = data.coder_parameter.size.value
    script = coder_agent.main.init_script
  }
}
"#;

/// The SHA-256 of "size".
const SIZE: &str = "CODER_PARAMETER_ccdcbe846f3da4eb044fbdf64bf6b57902388ab72fb0c852ba72280f8d478b40";

fn terraform(folder: &Path, arguments: &[&str]) -> String {
    let program = std::env::var_os("HEARTH_TERRAFORM").unwrap_or_else(|| "terraform".into());
    let output = Command::new(&program)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("TF_CLI_CONFIG_FILE", folder.join("terraformrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .env("CODER_WORKSPACE_BUILD_ID", "1")
        .env("CODER_WORKSPACE_OWNER", "alice")
        .env("CODER_AGENT_URL", "https://hearth.example")
        .env("CODER_AGENT_SCRIPT_linux_amd64", "run ${ACCESS_URL} by ${AUTH_TYPE}")
        .env(SIZE, "7")
        .output()
        .expect("this test runs a real Terraform: put one on PATH, or name one in HEARTH_TERRAFORM");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "terraform {arguments:?} failed:\n{out}\n{err}");
    out.into_owned()
}

#[test]
fn terraform_starts_the_binary_as_a_provider_and_reads_the_environment_through_it() {
    let folder = tempfile::tempdir().unwrap();
    let provider = folder.path().join("terraform-provider-coder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_hearth"), provider).unwrap();
    let overrides = format!("{{\n\"coder/coder\" = {:?}\n}}", folder.path());
    let settings = format!("provider_installation {{\ndev_overrides {overrides}\n}}\n");
    std::fs::write(folder.path().join("terraformrc"), settings).unwrap();
    std::fs::write(folder.path().join("main.tf"), TEMPLATE).unwrap();

    terraform(folder.path(), &["apply", "-no-color", "-auto-approve"]);
    let seen = terraform(folder.path(), &["output", "-json", "seen"]);
    let seen: serde_json::Value = serde_json::from_str(&seen).unwrap();
    let expected =
        serde_json::json!({ "owner": "alice", "size": "7", "script": "run https://hearth.example by token" });
    assert_eq!(seen, expected);
}
