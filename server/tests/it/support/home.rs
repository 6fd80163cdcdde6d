//! A workspace with an agent, and the builds that happen to it. Its builds are made by the store's own functions, as if
//! Terraform had run.

use std::collections::BTreeMap;

use hearth_prebuilds::ids::{BuildId, SYSTEM_USER, UserId, WorkspaceId};
use hearth_provisioner::engine::{Agent, App, MetadataItem, Script};
use hearth_server::{
    clock::new_id,
    execute, one,
    store::{
        Db, agents,
        builds::{self, NewBuild, Outcome, Stage, Transition},
        claims::{self, Eligible, NewOwner},
        jobs::{Ending, JobKind, JobStatus, Lane, Lease},
        workspaces::{self, NextBuild},
    },
};
use uuid::Uuid;

use super::world::{self, Like, ORGANIZATION, start};

/// A member of a pool that was built, with one agent that has not reported yet.
pub struct Home {
    pub db: Db,
    pub workspace: WorkspaceId,
    pub agent: Agent,
    pub template: world::Template,
    pub preset: hearth_prebuilds::ids::PresetId,
    pub owner: UserId,
}

/// An agent with one thing of each kind.
pub fn agent(name: &str) -> Agent {
    Agent {
        id: Uuid::new_v4(),
        name: name.to_owned(),
        token: Uuid::new_v4().to_string(),
        operating_system: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        environment: BTreeMap::from([("COLOR".to_owned(), "blue".to_owned())]),
        scripts: vec![Script {
            display_name: "Set-up".to_owned(),
            script: "echo \"owner $CODER_WORKSPACE_OWNER_NAME\"".to_owned(),
            run_on_start: true,
            ..Script::default()
        }],
        metadata: vec![MetadataItem {
            key: "load".to_owned(),
            script: "true".to_owned(),
            ..MetadataItem::default()
        }],
        apps: vec![App { slug: "log".to_owned(), ..App::default() }],
        ..Agent::default()
    }
}

impl Home {
    pub async fn new(db: &Db) -> Self {
        let template = world::template(db, "web").await;
        let preset = world::preset(db, (template.id, template.version), "small", 1).await;
        let like = Like::build(Transition::Start, JobStatus::Succeeded);
        let workspace = world::member(db, (template.id, template.version, preset), like).await;
        let home =
            Self { db: db.clone(), workspace, agent: agent("main"), template, preset, owner: SYSTEM_USER };
        home.built(std::slice::from_ref(&home.agent)).await;
        home
    }

    /// The latest build reports these agents.
    pub async fn built(&self, now_there: &[Agent]) {
        let mut tx = self.db.write().await.unwrap();
        let build = self.latest_build().await;
        agents::replace_for_build(&mut tx, build, self.workspace, now_there, start()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn latest_build(&self) -> BuildId {
        self.workspace().await.latest_build_id
    }

    pub async fn workspace(&self) -> workspaces::Workspace {
        let mut conn = self.db.read().await.unwrap();
        workspaces::by_id(&mut conn, self.workspace).await.unwrap().unwrap()
    }

    pub async fn lifecycle(&self) -> String {
        let sql = "SELECT lifecycle FROM agents WHERE id = $1";
        let (lifecycle,) = one!(self.db.read().await.unwrap(), (String,), sql, self.agent.id).unwrap();
        lifecycle
    }

    pub async fn report(&self, agent: &Agent, lifecycle: &str) -> bool {
        let mut tx = self.db.write().await.unwrap();
        agents::set_lifecycle(&mut tx, agent.id.into(), lifecycle, start()).await.unwrap();
        let ready = agents::refresh_ready(&mut tx, self.workspace).await.unwrap();
        tx.commit().await.unwrap();
        ready
    }

    /// The claim's transaction; its build waits in the queue.
    pub async fn begin_claim(&mut self, owner: UserId) -> BuildId {
        let build_id = new_id();
        let which =
            Eligible { preset_id: self.preset, version_id: self.template.version, not_before: start() };
        let new =
            NewOwner { owner_id: owner, name: "mine", build_id, autostart_schedule: None, ttl_ms: None };
        let mut tx = self.db.write().await.unwrap();
        let taken =
            claims::take(&mut tx, &which, &new, start()).await.unwrap().expect("the member is eligible");
        self.owner = owner;
        self.insert(&mut tx, build_id, taken.number, Stage::Claim).await;
        tx.commit().await.unwrap();
        build_id
    }

    /// A further build by the owner, which waits in the queue.
    pub async fn begin(&self, stage: Stage) -> BuildId {
        let next = NextBuild {
            workspace_id: self.workspace,
            owner_id: self.owner,
            build_id: new_id(),
            stage,
            version_id: None,
        };
        let mut tx = self.db.write().await.unwrap();
        let begun = workspaces::begin_build(&mut tx, &next, start()).await.unwrap().unwrap();
        self.insert(&mut tx, next.build_id, begun.number, stage).await;
        tx.commit().await.unwrap();
        next.build_id
    }

    async fn insert(&self, tx: &mut hearth_server::store::Tx, id: BuildId, number: i64, stage: Stage) {
        let build = NewBuild {
            id,
            job_id: new_id(),
            workspace_id: self.workspace,
            organization_id: ORGANIZATION,
            number,
            stage,
            version_id: self.template.version,
            preset_id: Some(self.preset),
            initiator_id: self.owner,
            lane: Lane::People,
            parameters: &BTreeMap::new(),
        };
        builds::insert(tx, &build, start()).await.unwrap();
    }

    /// The build that waits ends; when it succeeds it reports the one agent, unless the workspace stops.
    pub async fn end(&self, outcome: Outcome) {
        let mut tx = self.db.write().await.unwrap();
        let build = builds::by_id(&mut tx, self.latest_build().await).await.unwrap().unwrap();
        execute!(tx, "UPDATE jobs SET status = 'running', fence = 1 WHERE id = $1", build.job_id.0).unwrap();
        let lease = Lease {
            id: build.job_id,
            kind: JobKind::Build,
            subject_id: self.workspace.0,
            generation: build.number,
            fence: 1,
        };
        let ending = match outcome {
            Outcome::Succeeded => Ending::succeeded(),
            Outcome::Canceled => Ending::canceled(),
            Outcome::Failed | Outcome::Interrupted => Ending::failed("it broke"),
        };
        if outcome == Outcome::Succeeded {
            let now_there = match build.stage.transition() {
                Transition::Start => std::slice::from_ref(&self.agent),
                Transition::Stop | Transition::Delete => &[],
            };
            agents::replace_for_build(&mut tx, build.id, self.workspace, now_there, start()).await.unwrap();
        }
        assert!(builds::finish(&mut tx, &lease, &ending, outcome, start()).await.unwrap());
        tx.commit().await.unwrap();
    }
}
