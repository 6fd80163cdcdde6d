//! Stands in for Terraform: builds take their time on the clock, say something, and end as the story wants.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use hearth_prebuilds::ids::{AgentId, WorkspaceId};
use hearth_provisioner::{
    Engine, Error, Observer,
    engine::{
        Agent, App, BuildRequest, Built, ImportRequest, Imported, LogLevel, LogLine, MetadataItem, Script,
        Stage,
    },
    error::Diagnostic,
    plan::PlanSummary,
    rehearsal::{RehearseRequest, Rehearsed},
};
use rand::RngExt;
use uuid::Uuid;

use super::{drift, log, templates};
use crate::clock::Clock;

/// The file of a template's source that says what its import finds.
pub(super) const IMPORTED: &str = "imported.json";

/// Plays the provisioner's part.
pub struct Scripted {
    clock: Clock,
    /// Pools whose builds fail, and how.
    failing: Mutex<BTreeMap<String, Diagnostic>>,
}

impl Scripted {
    pub fn new(clock: Clock) -> Self {
        Self { clock, failing: Mutex::default() }
    }

    /// Builds of this pool (`template/preset`) fail from now on; with `None` they do not any more.
    pub fn fails(&self, pool: &str, with: Option<Diagnostic>) {
        let mut failing = self.failing();
        match with {
            Some(diagnostic) => failing.insert(pool.to_owned(), diagnostic),
            None => failing.remove(pool),
        };
    }

    fn failing(&self) -> MutexGuard<'_, BTreeMap<String, Diagnostic>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says these lines, spread over a time that passes meanwhile.
    fn take(&self, millis: i64, stage: &'static str, lines: &[String], observer: &dyn Observer) {
        let pause = TimeDelta::milliseconds(millis / (lines.len() as i64 + 1));
        for output in lines {
            self.clock.advance(pause);
            observer.log(LogLine { level: log::level(output), stage, output: output.clone() });
        }
        self.clock.advance(pause);
    }
}

/// `template/preset`: every preset of the scene has its name as its size.
fn pool(request: &BuildRequest) -> String {
    let size = request.parameters.get("size").map_or("none", String::as_str);
    format!("{}/{size}", request.workspace.template_name)
}

/// The one agent of a workspace: the same at every build.
pub fn agent_id(workspace: WorkspaceId) -> AgentId {
    AgentId(Uuid::from_u128(workspace.0.as_u128() ^ 0xa6e7))
}

#[async_trait]
impl Engine for Scripted {
    async fn import(&self, request: ImportRequest, observer: &dyn Observer) -> Result<Imported, Error> {
        let path = request.version_dir.join("src").join(IMPORTED);
        let text = std::fs::read_to_string(&path).map_err(|_| {
            Error::Unsupported("Under test only templates of the scene can be imported.".to_owned())
        })?;
        self.take(5_200, "Init", &log::import(), observer);
        serde_json::from_str(&text).map_err(|error| {
            let summary = format!("Invalid value for \"parameters\": {error}");
            observer.log(LogLine {
                level: LogLevel::Error,
                stage: "Import",
                output: format!("Error: {summary}"),
            });
            Error::Diagnostics(vec![Diagnostic { summary, ..templates::at_line("main.tf", 22) }])
        })
    }

    async fn build(&self, request: BuildRequest, observer: &dyn Observer) -> Result<Built, Error> {
        let pool = pool(&request);
        let owner = &request.owner;
        let millis = usual(request.stage) * self.clock.chance().random_range(85..150) / 100;
        self.take(millis / 8, "Init", &log::init(), observer);
        self.take(millis / 8, "Plan", &log::plan(&pool), observer);
        let replacements = match request.stage {
            Stage::Claim => drift::replacements(&pool, &request.workspace.template_version, &owner.username),
            _ => Vec::new(),
        };
        observer.planned(&PlanSummary { replacements, ..PlanSummary::default() }).await?;
        let full = !owner.is_system && request.stage == Stage::Create;
        let failed = self.failing().get(&pool).cloned().filter(|_| request.stage != Stage::Delete);
        if let Some(diagnostic) = failed {
            self.take(millis / 2, "Apply", &log::apply(request.stage, full), observer);
            self.take(200, "Apply", &log::error(&diagnostic), observer);
            return Err(Error::Diagnostics(vec![diagnostic]));
        }
        self.take(millis * 3 / 4, "Apply", &log::apply(request.stage, full), observer);
        if request.stage == Stage::Delete {
            return Ok(Built::default());
        }
        let resources = templates::resources(&request.workspace.template_name, &request.workspace.name);
        Ok(Built { resources, agents: vec![agent(WorkspaceId(request.workspace.id))] })
    }

    async fn rehearse(&self, request: RehearseRequest, observer: &dyn Observer) -> Result<Rehearsed, Error> {
        let pool = pool(&request.claim);
        self.take(8_400, "Rehearse", &log::plan(&pool), observer);
        Ok(drift::rehearsed(&pool, &request.claim.workspace.template_version))
    }
}

/// How long a build takes as a rule.
fn usual(stage: Stage) -> i64 {
    match stage {
        Stage::Create | Stage::Start => 34_000,
        Stage::Claim => 1_100,
        Stage::Stop => 6_000,
        Stage::Delete => 7_500,
    }
}

fn agent(workspace: WorkspaceId) -> Agent {
    let script = |display_name: &str, script: &str| Script {
        display_name: display_name.to_owned(),
        script: script.to_owned(),
        run_on_start: true,
        ..Script::default()
    };
    let item = |key: &str, display_name: &str| MetadataItem {
        key: key.to_owned(),
        display_name: display_name.to_owned(),
        script: format!("stat-{key}"),
        interval_seconds: 10,
        timeout_seconds: 1,
    };
    let id = agent_id(workspace).0;
    Agent {
        id,
        name: "main".to_owned(),
        token: id.to_string(),
        operating_system: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        directory: "/home/coder".to_owned(),
        scripts: vec![
            script("Install tools", "./install-tools.sh"),
            script("Personalize", "./personalize.sh"),
        ],
        metadata: vec![item("cpu", "CPU"), item("memory", "Memory"), item("disk", "Disk")],
        apps: vec![App {
            slug: "code".to_owned(),
            display_name: "VS Code in the browser".to_owned(),
            url: "http://localhost:13337/?folder=/home/coder".to_owned(),
            ..App::default()
        }],
        ..Agent::default()
    }
}
