//! The door between the server and whatever builds workspaces: requests, answers, and the [`Engine`] trait.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    error::Error,
    plan::PlanSummary,
    rehearsal::{RehearseRequest, Rehearsed},
};

/// Imports template versions and runs builds. The server has one behind an `Arc<dyn Engine>`; tests may have a fake.
#[async_trait]
pub trait Engine: Send + Sync {
    /// Initialises the version's folder once and reads what the template declares.
    async fn import(&self, request: ImportRequest, observer: &dyn Observer) -> Result<Imported, Error>;

    /// Plans and applies one transition of one workspace.
    async fn build(&self, request: BuildRequest, observer: &dyn Observer) -> Result<Built, Error>;

    /// Finds out what a claim would replace, why, and what would help. Changes nothing anywhere.
    async fn rehearse(&self, request: RehearseRequest, observer: &dyn Observer) -> Result<Rehearsed, Error>;

    /// This process ends in a few seconds: what is cancelled, before or after this, is given no longer than that.
    fn hurry(&self) {}
}

/// What the engine tells while it works.
#[async_trait]
pub trait Observer: Send + Sync {
    /// A line for the build log. Must not block; the receiver writes in batches.
    fn log(&self, line: LogLine);

    /// Called between plan and apply; the receiver writes the replacements into the log (`Replacement::lines`). An error
    /// stops the build before anything is changed. Of a build in one step it is called while the apply goes on, which an
    /// error does not stop, and its replacements have no attributes.
    async fn planned(&self, plan: &PlanSummary) -> Result<(), Error>;

    /// Terraform could not save its state and left it on disk; the receiver stores it (serial and lineage checked).
    /// The file is removed when this succeeds, so a state that is older than the stored one is no error.
    async fn recovered_state(&self, state: Vec<u8>) -> Result<(), Error>;
}

/// One line of a build log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub level: LogLevel,
    /// The step it belongs to: "Init", "Plan", "Apply", ... The receiver makes the stage marker.
    pub stage: &'static str,
    pub output: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

/// A template version to import. `version_dir/src` holds the unpacked source.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    pub version_dir: PathBuf,
    /// Values of Terraform variables (TF_VAR_*).
    pub variables: BTreeMap<String, String>,
    pub cancel: CancellationToken,
}

/// What a template version declares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    pub parameters: Vec<Parameter>,
    pub presets: Vec<Preset>,
    pub variables: Vec<Variable>,
    /// What a first start would make; empty when that could not be planned.
    pub resources: Vec<Resource>,
    /// Things to know that do not stop the import, each with its place.
    pub warnings: Vec<String>,
    pub readme: String,
}

/// A `coder_parameter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub r#type: String,
    pub form_type: String,
    pub mutable: bool,
    pub default_value: Option<String>,
    pub icon: String,
    pub options: Vec<ParameterOption>,
    pub validation_regex: String,
    pub validation_error: String,
    pub validation_min: Option<i64>,
    pub validation_max: Option<i64>,
    pub validation_monotonic: String,
    pub ephemeral: bool,
    pub order: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterOption {
    pub name: String,
    pub description: String,
    pub value: String,
    pub icon: String,
}

/// A `coder_workspace_preset`, as written: schedule and zone are checked by the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    pub name: String,
    pub description: String,
    pub icon: String,
    pub default: bool,
    pub parameters: BTreeMap<String, String>,
    /// `None`: the preset has no pool.
    pub prebuilds: Option<Prebuilds>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prebuilds {
    pub instances: u32,
    pub ttl_seconds: Option<u64>,
    pub timezone: Option<String>,
    /// (cron, instances), in the order written.
    pub schedules: Vec<(String, u32)>,
}

/// A Terraform `variable`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    pub name: String,
    pub description: String,
    pub r#type: String,
    pub default_value: Option<String>,
    pub sensitive: bool,
}

/// Which transition, and in which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// First start, of a person's workspace or of a pool member (`Owner::is_system` decides `is_prebuild`).
    Create,
    /// The start that hands a prebuild to its new owner; the only one whose replacements are drift.
    Claim,
    Start,
    Stop,
    Delete,
}

/// How a build gets from the plan to the apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Steps {
    /// The plan is saved, looked at, and applied as it was.
    #[default]
    Two,
    /// Applied as soon as planned: quicker, because providers start once and everything is read once. For a claim that
    /// is known to replace nothing, and that nobody would refuse if it did.
    One,
}

/// One build to run.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    pub build_id: Uuid,
    pub stage: Stage,
    pub steps: Steps,
    /// The initialised version folder.
    pub version_dir: PathBuf,
    /// The workspace's own folder; the same path at every build, because templates may depend on it.
    pub work_dir: PathBuf,
    pub state: StateEndpoint,
    pub workspace: WorkspaceFacts,
    pub owner: Owner,
    pub parameters: BTreeMap<String, String>,
    /// The values of the workspace's build before this one: an increasing parameter may not go below its own.
    pub previous_parameters: BTreeMap<String, String>,
    pub variables: BTreeMap<String, String>,
    /// The access URL that agents use.
    pub access_url: String,
    /// By `<os>_<arch>` (`linux_amd64`): what `coder_agent.init_script` is. The same bytes at every build.
    pub init_scripts: BTreeMap<String, String>,
    pub timeouts: Timeouts,
    pub cancel: CancellationToken,
}

/// Where Terraform keeps this workspace's state, with credentials that are valid for this build alone.
#[derive(Clone)]
pub struct StateEndpoint {
    /// Serves GET, POST, LOCK and UNLOCK on one address.
    pub address: String,
    pub username: String,
    pub password: String,
}

impl fmt::Debug for StateEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateEndpoint").field("address", &self.address).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Default)]
pub struct WorkspaceFacts {
    pub id: Uuid,
    pub name: String,
    pub template_id: Uuid,
    pub template_name: String,
    pub template_version: String,
}

#[derive(Clone, Debug, Default)]
pub struct Owner {
    pub id: Uuid,
    pub username: String,
    pub full_name: String,
    pub email: String,
    pub groups: Vec<String>,
    pub login_type: String,
    pub is_system: bool,
}

/// How long each step may take before it is cancelled.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    pub init: Duration,
    pub plan: Duration,
    pub apply: Duration,
    /// Between the polite interrupt and the kill of the providers.
    pub grace: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self { init: minutes(5), plan: minutes(5), apply: minutes(30), grace: minutes(2) }
    }
}

/// What exists after a build.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Built {
    pub resources: Vec<Resource>,
    pub agents: Vec<Agent>,
}

/// A managed resource that is not bookkeeping of the coder provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    pub address: String,
    pub r#type: String,
    pub name: String,
    pub hide: bool,
    pub icon: String,
    pub daily_cost: i64,
    pub metadata: Vec<ResourceMetadata>,
    /// Names of the agents that run on it.
    pub agents: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourceMetadata {
    pub key: String,
    pub value: String,
    pub sensitive: bool,
}

/// A `coder_agent` with everything that hangs on it.
#[derive(Clone, Default, PartialEq)]
pub struct Agent {
    /// The resource's own id: the same before and after a claim.
    pub id: Uuid,
    pub name: String,
    pub token: String,
    pub operating_system: String,
    pub architecture: String,
    pub directory: String,
    pub environment: BTreeMap<String, String>,
    pub display_apps: Vec<String>,
    pub connection_timeout_seconds: i64,
    pub troubleshooting_url: String,
    pub motd_file: String,
    pub startup_script_behavior: String,
    pub scripts: Vec<Script>,
    pub metadata: Vec<MetadataItem>,
    pub apps: Vec<App>,
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// `startup_script` and `shutdown_script` of an agent come as scripts too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    pub display_name: String,
    pub icon: String,
    pub log_path: String,
    pub script: String,
    pub cron: String,
    pub run_on_start: bool,
    pub run_on_stop: bool,
    pub start_blocks_login: bool,
    pub timeout_seconds: i64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataItem {
    pub key: String,
    pub display_name: String,
    pub script: String,
    pub interval_seconds: i64,
    pub timeout_seconds: i64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct App {
    pub slug: String,
    pub display_name: String,
    pub icon: String,
    pub url: String,
    pub command: String,
    pub external: bool,
    pub subdomain: bool,
    pub share: String,
    pub hidden: bool,
    pub open_in: String,
}
