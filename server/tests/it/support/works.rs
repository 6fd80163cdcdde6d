//! The reconciler and the workers on a database, with builds that end as the test says.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use hearth_prebuilds::ids::{AgentId, PresetId, SYSTEM_USER, WorkspaceId};
use hearth_provisioner::{
    Engine, Error,
    engine::{
        Agent, BuildRequest, Built, ImportRequest, Imported, LogLevel, LogLine, Observer, Stage,
        StateEndpoint, Steps,
    },
    plan::{PlanSummary, Replacement},
    rehearsal::{RehearseRequest, Rehearsed},
};
use hearth_server::{
    engine,
    events::Event,
    hearth::Hearth,
    jobs,
    store::{
        Db, agents,
        builds::{self, Build},
        jobs::JobStatus,
        workspaces::{self, Filter, Workspace},
    },
};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::hearth::hearth;

/// What builds come to.
#[derive(Clone, Debug, Default)]
pub enum Come {
    #[default]
    Well,
    /// To this error.
    Wrong(String),
    /// To nothing, until they are cancelled or [`Terraform::go_on`] is called.
    Hanging,
}

/// Stands in for Terraform.
#[derive(Default)]
pub struct Terraform {
    script: Mutex<Script>,
    go_on: Notify,
}

#[derive(Default)]
struct Script {
    builds: HashMap<&'static str, Come>,
    replacements: Vec<Replacement>,
    rehearsed: Option<Rehearsed>,
    rehearsals: Vec<(WorkspaceId, StateEndpoint)>,
    /// What builds put into the environment of agents.
    environment: BTreeMap<String, String>,
    /// The same agent at every build of a workspace.
    agents: HashMap<Uuid, (Uuid, Uuid)>,
    seen: Vec<(Stage, WorkspaceId)>,
    steps: HashMap<WorkspaceId, Steps>,
    imports: u32,
}

impl Terraform {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// What builds in this stage come to from now on.
    pub fn lets(&self, stage: Stage, come: Come) {
        self.script().builds.insert(word(stage), come);
    }

    /// What rehearsals come to from now on, if not to what was said.
    pub fn lets_rehearsals(&self, come: Come) {
        self.script().builds.insert("rehearse", come);
    }

    /// What the plans of claims say.
    pub fn replaces(&self, replacements: Vec<Replacement>) {
        self.script().replacements = replacements;
    }

    /// What rehearsals come to; nothing said, nobody knows.
    pub fn rehearses(&self, rehearsed: Rehearsed) {
        self.script().rehearsed = Some(rehearsed);
    }

    /// What agents have in their environment from now on.
    pub fn sets(&self, name: &str, value: &str) {
        self.script().environment.insert(name.to_owned(), value.to_owned());
    }

    pub fn agent_of(&self, workspace: WorkspaceId) -> AgentId {
        AgentId(self.script().agents[&workspace.0].0)
    }

    /// Members whose claim was rehearsed, in order, and how their state was reached.
    pub fn rehearsals(&self) -> Vec<(WorkspaceId, StateEndpoint)> {
        self.script().rehearsals.clone()
    }

    /// Builds that began, in order.
    pub fn seen(&self) -> Vec<(Stage, WorkspaceId)> {
        self.script().seen.clone()
    }

    /// In how many steps the newest build of a workspace was asked for.
    pub fn steps_of(&self, workspace: WorkspaceId) -> Option<Steps> {
        self.script().steps.get(&workspace).copied()
    }

    pub fn imports(&self) -> u32 {
        self.script().imports
    }

    /// Hanging builds end well.
    pub fn go_on(&self) {
        self.go_on.notify_waiters();
    }

    fn agent(&self, workspace: Uuid) -> Agent {
        let (id, token) =
            *self.script().agents.entry(workspace).or_insert_with(|| (Uuid::new_v4(), Uuid::new_v4()));
        Agent {
            id,
            name: "main".to_owned(),
            token: token.to_string(),
            operating_system: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            environment: self.script().environment.clone(),
            ..Agent::default()
        }
    }
}

fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Create => "create",
        Stage::Claim => "claim",
        Stage::Start => "start",
        Stage::Stop => "stop",
        Stage::Delete => "delete",
    }
}

#[async_trait]
impl Engine for Terraform {
    async fn import(&self, _: ImportRequest, _: &dyn Observer) -> Result<Imported, Error> {
        self.script().imports += 1;
        Ok(Imported::default())
    }

    async fn build(&self, request: BuildRequest, observer: &dyn Observer) -> Result<Built, Error> {
        let (come, replacements) = {
            let mut script = self.script();
            script.seen.push((request.stage, WorkspaceId(request.workspace.id)));
            script.steps.insert(WorkspaceId(request.workspace.id), request.steps);
            let come = script.builds.get(word(request.stage)).cloned().unwrap_or_default();
            (come, script.replacements.clone())
        };
        observer.log(LogLine {
            level: LogLevel::Info,
            stage: "Plan",
            output: format!("{} of {}", word(request.stage), request.workspace.name),
        });
        observer.planned(&PlanSummary { replacements, ..PlanSummary::default() }).await?;
        match come {
            Come::Well => {}
            Come::Wrong(text) => return Err(Error::Unsupported(text)),
            Come::Hanging => tokio::select! {
                () = request.cancel.cancelled() => return Err(Error::Cancelled),
                () = self.go_on.notified() => {}
            },
        }
        let agents = match request.stage {
            Stage::Delete => Vec::new(),
            _ => vec![self.agent(request.workspace.id)],
        };
        Ok(Built { agents, ..Built::default() })
    }

    async fn rehearse(&self, request: RehearseRequest, _: &dyn Observer) -> Result<Rehearsed, Error> {
        let claim = request.claim;
        let (come, rehearsed) = {
            let mut script = self.script();
            script.rehearsals.push((WorkspaceId(claim.workspace.id), claim.state));
            (script.builds.get("rehearse").cloned().unwrap_or_default(), script.rehearsed.clone())
        };
        match come {
            Come::Well => {}
            Come::Wrong(text) => return Err(Error::Unsupported(text)),
            Come::Hanging => tokio::select! {
                () = claim.cancel.cancelled() => return Err(Error::Cancelled),
                () = self.go_on.notified() => {}
            },
        }
        Ok(rehearsed.unwrap_or_else(|| Rehearsed::unknown("Nobody said.")))
    }
}

/// A server without HTTP.
pub struct Works {
    pub hearth: Hearth,
    pub terraform: Arc<Terraform>,
    tasks: TaskTracker,
    _folder: tempfile::TempDir,
}

impl Works {
    /// Not running yet.
    pub fn new(db: Db) -> Self {
        let _ = tracing_subscriber::fmt().with_test_writer().with_max_level(tracing::Level::WARN).try_init();
        let folder = tempfile::tempdir().unwrap();
        let terraform = Arc::new(Terraform::default());
        let mut hearth = hearth(db);
        let mut config = (*hearth.config).clone();
        config.data_dir = folder.path().to_owned();
        hearth.config = Arc::new(config);
        hearth.provisioner = terraform.clone();
        Self { hearth, terraform, tasks: TaskTracker::new(), _folder: folder }
    }

    pub fn start(&self) {
        self.tasks.spawn(engine::run(self.hearth.clone()));
        jobs::spawn(&self.hearth, &self.tasks);
    }

    /// Only the workers: nobody makes or removes members.
    pub fn start_workers(&self) {
        jobs::spawn(&self.hearth, &self.tasks);
    }

    /// As when the process is told to end.
    pub async fn stop(&mut self) {
        self.hearth.shutdown.cancel();
        self.tasks.close();
        tokio::time::timeout(Duration::from_secs(10), self.tasks.wait()).await.expect("a clean stop");
        self.hearth.shutdown = CancellationToken::new();
        self.tasks = TaskTracker::new();
    }

    pub fn db(&self) -> &Db {
        &self.hearth.db
    }

    /// Every workspace that is not deleted, oldest first.
    pub async fn workspaces(&self) -> Vec<Workspace> {
        let mut conn = self.db().read().await.unwrap();
        let mut all = workspaces::list(&mut conn, &Filter::default()).await.unwrap();
        all.sort_by_key(|workspace| (workspace.created_at, workspace.id));
        all
    }

    /// Unclaimed ones.
    pub async fn members(&self) -> Vec<Workspace> {
        let all = self.workspaces().await.into_iter();
        all.filter(|workspace| workspace.owner_id == SYSTEM_USER).collect()
    }

    pub async fn workspace(&self, id: WorkspaceId) -> Workspace {
        workspaces::by_id(&mut self.db().read().await.unwrap(), id).await.unwrap().unwrap()
    }

    /// Newest first.
    pub async fn builds(&self, id: WorkspaceId) -> Vec<Build> {
        builds::of_workspace(&mut self.db().read().await.unwrap(), id).await.unwrap()
    }

    /// Asks until it is so; a test fails after 20 s.
    pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) {
        for _ in 0..1000 {
            if is_so(self).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut said = String::new();
        for workspace in self.workspaces().await {
            for build in self.builds(workspace.id).await {
                let stage = build.stage.as_str();
                let _ =
                    writeln!(said, "{} {stage} {}: {}", workspace.name, build.status.as_str(), build.error);
            }
        }
        panic!("never {what}:\n{said}");
    }

    /// Waits for so many members whose build succeeded, and for nothing else.
    pub async fn until_running(&self, count: usize) {
        self.until("that many members running", async |works| {
            let members = works.members().await;
            members.len() == count && members.iter().all(|m| m.latest_status == JobStatus::Succeeded)
        })
        .await;
    }

    /// The agents of every member report ready.
    pub async fn agents_get_ready(&self) {
        for member in self.members().await {
            self.agent_gets_ready(member.id).await;
        }
    }

    pub async fn agent_gets_ready(&self, workspace: WorkspaceId) {
        let Some((agent, _)) = self.terraform.script().agents.get(&workspace.0).copied() else { return };
        let mut tx = self.db().write().await.unwrap();
        agents::set_lifecycle(&mut tx, AgentId(agent), "ready", self.hearth.clock.now()).await.unwrap();
        agents::refresh_ready(&mut tx, workspace).await.unwrap();
        tx.commit().await.unwrap();
        let preset = self.workspace(workspace).await.preset_id.map(PresetId);
        preset.into_iter().for_each(|preset| self.hearth.events.publish(Event::Preset(preset)));
    }
}
