//! Runs the real Terraform in a folder of its own against a provider served by this process.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use hearth_provisioner::{
    engine::{Owner, WorkspaceFacts},
    provider::{ProviderData, Served, serve},
};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

pub const ACCESS_URL: &str = "https://hearth.example:8443";
pub const INIT_SCRIPT: &str = "#!/bin/sh\nexec true\n";

/// A template's folder with a local state.
pub struct Terraform {
    folder: TempDir,
    sources: PathBuf,
    variables: Vec<(String, String)>,
}

impl Terraform {
    /// A folder with one file that holds `hcl`.
    pub fn with(hcl: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sources = folder.path().join("src");
        std::fs::create_dir(&sources).unwrap();
        let header = r#"terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}
"#;
        std::fs::write(sources.join("main.tf"), format!("{header}{hcl}")).unwrap();
        Self::new(folder, sources)
    }

    /// The files of a sample template.
    pub fn with_sample(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sources = folder.path().join("src");
        std::fs::create_dir(&sources).unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates").join(name);
        std::fs::copy(sample.join("main.tf"), sources.join("main.tf")).unwrap();
        Self::new(folder, sources)
    }

    fn new(folder: TempDir, sources: PathBuf) -> Self {
        std::fs::write(folder.path().join("terraformrc"), "").unwrap();
        Self { folder, sources, variables: Vec::new() }
    }

    pub fn variable(&mut self, name: &str, value: impl Into<String>) {
        self.variables.push((format!("TF_VAR_{name}"), value.into()));
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Serves a provider with this data to everything `act` runs.
    pub async fn session<T>(&self, data: ProviderData, act: impl FnOnce(&Session) -> T) -> T {
        let served = serve(self.folder.path().join("coder.sock"), data).await.unwrap();
        let session = Session { terraform: self, served };
        let result = tokio::task::block_in_place(|| act(&session));
        session.served.stop().await;
        result
    }
}

/// Terraform together with one provider.
pub struct Session<'a> {
    terraform: &'a Terraform,
    served: Served,
}

impl Session<'_> {
    pub fn run(&self, arguments: &[&str]) -> Output {
        let folder = self.terraform.folder.path();
        Command::new(binary())
            .args(arguments)
            .current_dir(&self.terraform.sources)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("TMPDIR", folder)
            .env("TF_CLI_CONFIG_FILE", folder.join("terraformrc"))
            .env("TF_DATA_DIR", folder.join("data"))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_REATTACH_PROVIDERS", self.served.reattach_env())
            .envs(self.terraform.variables.iter().cloned())
            .output()
            .unwrap()
    }

    /// Runs a command that must succeed; its standard output.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "terraform {arguments:?} failed:\n{out}\n{err}");
        out
    }

    /// Runs a plan that must fail; what it says, without its line breaks.
    pub fn fail(&self) -> String {
        let output = self.run(&["plan", "-no-color"]);
        assert!(!output.status.success(), "the plan succeeded:\n{}", text(&output.stdout));
        let lines = text(&output.stderr).replace(['│', '╷', '╵', '\n'], " ");
        lines.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn init(&self) {
        self.succeed(&["init", "-no-color"]);
    }

    /// The whole plan as JSON.
    pub fn plan(&self, more: &[&str]) -> Value {
        let arguments = [&["plan", "-no-color", "-out=plan.bin"], more].concat();
        self.succeed(&arguments);
        serde_json::from_str(&self.succeed(&["show", "-json", "plan.bin"])).unwrap()
    }

    pub fn apply(&self) {
        self.succeed(&["apply", "-no-color", "-auto-approve"]);
    }

    pub fn destroy(&self) {
        self.succeed(&["apply", "-destroy", "-no-color", "-auto-approve"]);
    }

    /// The attributes of a resource or data source in the state.
    pub fn state(&self, address: &str) -> Value {
        let state: Value = serde_json::from_str(&self.succeed(&["show", "-json"])).unwrap();
        let resources = state["values"]["root_module"]["resources"].as_array().unwrap();
        let found = resources.iter().find(|r| r["address"] == address);
        found.unwrap_or_else(|| panic!("{address} is not in the state"))["values"].clone()
    }
}

/// The addresses of the managed resources that a plan touches, each with what happens to it.
pub fn changes(plan: &Value) -> Vec<(String, String)> {
    let all = plan["resource_changes"].as_array().cloned().unwrap_or_default();
    let managed = all.iter().filter(|c| c["mode"] == "managed");
    let described = managed.map(|c| {
        let actions: Vec<_> =
            c["change"]["actions"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        (c["address"].as_str().unwrap().to_owned(), actions.join("+"))
    });
    described.filter(|(_, action)| action != "no-op").collect()
}

pub fn binary() -> PathBuf {
    let named = std::env::var_os("HEARTH_TERRAFORM").map(PathBuf::from);
    let found = named.or_else(|| {
        let path = std::env::var_os("PATH")?;
        let folders: Vec<_> = std::env::split_paths(&path).collect();
        let candidates = ["terraform", "tofu"].map(|name| folders.iter().map(move |f| f.join(name)));
        candidates.into_iter().flatten().find(|file| file.is_file())
    });
    found.expect(
        "these tests run a real Terraform: put terraform or tofu on PATH, or name one in HEARTH_TERRAFORM",
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A first start as a member of a pool.
pub fn prebuild() -> ProviderData {
    let owner = Owner {
        id: Uuid::from_u128(1),
        username: "prebuilds".into(),
        full_name: "Prebuilds".into(),
        email: "prebuilds@hearth.example".into(),
        is_system: true,
        ..Owner::default()
    };
    ProviderData {
        workspace: WorkspaceFacts {
            id: Uuid::from_u128(0xF0),
            name: "prebuild-7".into(),
            template_id: Uuid::from_u128(0xF1),
            template_name: "web".into(),
            template_version: "v3".into(),
        },
        owner,
        access_url: ACCESS_URL.into(),
        transition: "start",
        is_prebuild: true,
        init_scripts: [("linux_amd64".into(), INIT_SCRIPT.into()), ("linux_arm64".into(), "arm".into())]
            .into(),
        in_build: true,
        ..ProviderData::default()
    }
}

/// The build that hands the same workspace to a person.
pub fn claim() -> ProviderData {
    let mut data = prebuild();
    data.workspace.name = "alices-own".into();
    data.owner = Owner {
        id: Uuid::from_u128(2),
        username: "alice".into(),
        full_name: "Alice A".into(),
        email: "alice@hearth.example".into(),
        groups: vec!["Everyone".into(), "web".into()],
        login_type: "password".into(),
        is_system: false,
    };
    data.is_prebuild = false;
    data.is_prebuild_claim = true;
    data
}
