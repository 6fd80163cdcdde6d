//! The `coder/coder` Terraform provider, served by Hearth itself.
//!
//! A template asks this provider who the workspace is for and declares what should run in it. Terraform speaks plugin
//! protocol 6 (gRPC over a unix socket) with it. Normally Hearth serves one instance per build and tells Terraform
//! where by `TF_REATTACH_PROVIDERS`: no process to start, nothing to install, and what the build knows stays in memory
//! instead of in the environment. The same code also works as a plugin that Terraform starts ([`run_as_plugin`]).
//!
//! Everything is table-driven: [`schema`] lists each data source and resource with its types, defaults and checks;
//! [`resources`] plans them all in one way, and [`data`] reads them. Two rules matter more than the rest:
//!
//! - Nothing that a claim changes may reach an agent: its id and token are made once and kept from the state ever
//!   after, each agent's own, and during a claim its script is kept too.
//! - A stop or a delete is never refused for the sake of a parameter's value.

mod data;
mod given;
mod parameter;
mod pb;
mod plugin;
mod preset;
mod resources;
mod rpc;
mod schema;
mod serve;
mod validate;
mod values;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use crate::engine;

pub use given::{Given, Task};
pub use plugin::{run_as_plugin, started_as_plugin};
pub use serve::{Served, serve};

/// What the provider knows about one build.
#[derive(Clone, Default)]
pub struct ProviderData {
    pub workspace: engine::WorkspaceFacts,
    pub owner: engine::Owner,
    pub access_url: String,
    /// `start`, `stop` or `delete`.
    pub transition: &'static str,
    pub is_prebuild: bool,
    pub is_prebuild_claim: bool,
    /// Values by parameter name; when they come from the environment, by the SHA-256 of the name in hex.
    pub parameters: BTreeMap<String, String>,
    /// The values of the workspace's last build: an increasing parameter may not go below its own.
    pub previous_parameters: BTreeMap<String, String>,
    /// By `<os>_<arch>` (`linux_amd64`): what `coder_agent.init_script` is.
    pub init_scripts: BTreeMap<String, String>,
    /// False while a version is imported: then there is no workspace, and nothing is required.
    pub in_build: bool,
    pub given: Given,
}

impl ProviderData {
    /// Whether a value may be demanded: only of a workspace that starts.
    fn demands_values(&self) -> bool {
        self.in_build && self.transition == "start"
    }
}

/// One parameter's value among those of a workspace.
fn value_of<'a>(values: &'a BTreeMap<String, String>, parameter: &str) -> Option<&'a str> {
    let hash = || hex::encode(Sha256::digest(parameter));
    values.get(parameter).or_else(|| values.get(&hash())).map(String::as_str)
}

/// Why a parameter refuses a value, given the values of its data source: for presets, before any workspace has them.
pub(crate) fn refusal(parameter: &serde_json::Map<String, serde_json::Value>, value: &str) -> Option<String> {
    let json = serde_json::to_vec(parameter).ok()?;
    let parameter = values::Value::from_json(&json).ok()?;
    let problems = parameter::check_value(parameter.as_object()?, value, None);
    problems.first().map(|problem| problem.detail().to_owned())
}

/// One provider, for one build.
struct Provider {
    data: ProviderData,
    /// The `url` of the template's provider block, if it has one.
    configured_url: Mutex<Option<String>>,
}

impl Provider {
    fn new(data: ProviderData) -> Self {
        Self { data, configured_url: Mutex::new(None) }
    }

    fn configure(&self, url: Option<&str>) {
        *self.configured_url.lock().unwrap_or_else(PoisonError::into_inner) = url.map(str::to_owned);
    }

    fn access_url(&self) -> String {
        let configured = self.configured_url.lock().unwrap_or_else(PoisonError::into_inner).clone();
        configured.unwrap_or_else(|| self.data.access_url.clone())
    }
}
