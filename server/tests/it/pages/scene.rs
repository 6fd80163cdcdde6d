//! A server's inside with a template, people, and builds that end as the test says.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{
    backend::{Actor, Role},
    view::{ClaimOrder, ClaimOutcome, PresetQuery, PresetView},
};
use hearth_prebuilds::ids::{BuildId, PresetId, WorkspaceId};
use hearth_provisioner::{
    engine::{Agent, App, MetadataItem, Script},
    plan::{AttributeChange, Replacement, ReplacementKind},
};
use hearth_server::{
    backend::{acts, preset::preset},
    clock::new_id,
    engine::reconcile::Reconciler,
    hearth::Hearth,
    store::{
        Db, agents,
        builds::{self, Outcome},
        drift::{self, CauseKey, Occurrence},
        jobs::{self, Ending, JobStatus, Lane},
    },
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    hearth::{actor, hearth},
    world::{self, Like, Template},
};

pub struct Scene {
    pub hearth: Hearth,
    pub web: Template,
    /// Wants 2.
    pub small: PresetId,
    pub maria: Actor,
    pub tom: Actor,
}

impl Scene {
    /// Template `web` with the preset `small`; maria administers templates, tom is a member.
    pub async fn new(db: Db) -> Self {
        let web = world::template(&db, "web").await;
        let small = world::preset(&db, (web.id, web.version), "small", 2).await;
        let maria = actor(world::person(&db, "maria").await, "maria", Role::TemplateAdmin);
        let tom = actor(world::person(&db, "tom").await, "tom", Role::Member);
        Self { hearth: hearth(db), web, small, maria, tom }
    }

    pub fn db(&self) -> &Db {
        &self.hearth.db
    }

    pub fn ago(&self, minutes: i64) -> DateTime<Utc> {
        self.hearth.clock.now() - TimeDelta::minutes(minutes)
    }

    pub async fn preset(&self, name: &str, instances: i64) -> PresetId {
        world::preset(self.db(), (self.web.id, self.web.version), name, instances).await
    }

    pub async fn member(&self, preset: PresetId, like: Like) -> WorkspaceId {
        world::member(self.db(), (self.web.id, self.web.version, preset), like).await
    }

    pub async fn pass(&self) {
        Reconciler::new(self.hearth.clone()).await.unwrap().pass().await.unwrap();
    }

    pub async fn claim(&self, who: &Actor, name: &str) -> ClaimOutcome {
        let order = ClaimOrder {
            template: "web".to_owned(),
            preset: "small".to_owned(),
            name: name.to_owned(),
            pool_only: false,
            values: Vec::new(),
        };
        acts::claim(&self.hearth, who, &order).await.unwrap()
    }

    /// The page of a preset.
    pub async fn page(&self, who: &Actor, name: &str) -> PresetView {
        preset(&self.hearth, who, ("web", name), &PresetQuery::default()).await.unwrap()
    }

    /// The page of `small` as maria sees it when she looks at one decision.
    pub async fn page_at(&self, query: PresetQuery) -> PresetView {
        preset(&self.hearth, &self.maria, ("web", "small"), &query).await.unwrap()
    }

    /// A worker takes the next job.
    pub async fn take_job(&self) -> jobs::Lease {
        let mut tx = self.db().write().await.unwrap();
        let lease = jobs::lease(&mut tx, "w", Lane::Pool, self.hearth.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        lease
    }

    /// And ends it. A start leaves one agent, whose id it returns.
    pub async fn end_job(&self, lease: &jobs::Lease, ending: &Ending, agents: &[Agent]) -> BuildId {
        let now = self.hearth.clock.now();
        let outcome = match ending.status {
            JobStatus::Succeeded => Outcome::Succeeded,
            _ => Outcome::Failed,
        };
        let mut tx = self.db().write().await.unwrap();
        let build = builds::by_job(&mut tx, lease.id).await.unwrap().unwrap();
        assert!(builds::finish(&mut tx, lease, ending, outcome, now).await.unwrap());
        agents::replace_for_build(&mut tx, build.id, build.workspace_id, agents, now).await.unwrap();
        tx.commit().await.unwrap();
        build.id
    }

    pub async fn agent_says(&self, workspace: WorkspaceId, agent: Uuid, lifecycle: &str) {
        let mut tx = self.db().write().await.unwrap();
        let now = self.hearth.clock.now();
        agents::set_lifecycle(&mut tx, agent.into(), lifecycle, now).await.unwrap();
        agents::refresh_ready(&mut tx, workspace).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn agent_begins_again(&self, workspace: WorkspaceId, agent: Uuid, build: BuildId) {
        let mut tx = self.db().write().await.unwrap();
        agents::acknowledge_reinit(&mut tx, agent.into(), build).await.unwrap();
        tx.commit().await.unwrap();
        self.agent_says(workspace, agent, "starting").await;
    }

    /// What a claim of `small` by this person recreated.
    pub async fn recreated(&self, claim: &ClaimOutcome, build: BuildId, by: &Actor) {
        let now = self.hearth.clock.now();
        let key = CauseKey {
            address: "docker_container.dev".to_owned(),
            resource_type: "docker_container".to_owned(),
            path: "env".to_owned(),
        };
        let replacement = Replacement {
            address: "docker_container.dev[0]".to_owned(),
            resource_type: "docker_container".to_owned(),
            kind: ReplacementKind::Forced,
            changes: vec![
                change("env", true, json!("prebuilds"), json!(by.username)),
                AttributeChange { sensitive: true, ..change("token", false, json!(null), json!(null)) },
                AttributeChange { after_unknown: true, ..change("id", false, json!("7f"), json!(null)) },
                change("ports", false, json!(null), json!([80, 443])),
            ],
        };
        let mut tx = self.db().write().await.unwrap();
        let hit = drift::hit(&mut tx, self.web.id, self.web.version, &key, drift::SeenBy::Claim, now)
            .await
            .unwrap();
        let occurrence = Occurrence {
            build_id: build,
            workspace_id: claim.workspace_id.parse().unwrap(),
            template_id: self.web.id,
            version_id: self.web.version,
            preset_name: "small",
            claimed_by: by.user_id,
        };
        drift::insert_replacement(&mut tx, hit.id, &occurrence, &replacement, now).await.unwrap();
        drift::remember_claim(&mut tx, self.small.0, 1, now).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn change(path: &str, forces: bool, before: serde_json::Value, after: serde_json::Value) -> AttributeChange {
    AttributeChange { path: path.to_owned(), forces, sensitive: false, before, after, after_unknown: false }
}

/// An agent with one of each thing that hangs on it.
pub fn agent() -> Agent {
    let app = |slug: &str, url: &str| App { slug: slug.to_owned(), url: url.to_owned(), ..App::default() };
    Agent {
        id: new_id(),
        name: "main".to_owned(),
        token: new_id::<Uuid>().to_string(),
        operating_system: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        directory: String::new(),
        environment: Default::default(),
        display_apps: vec![],
        connection_timeout_seconds: 120,
        troubleshooting_url: String::new(),
        motd_file: String::new(),
        startup_script_behavior: "non-blocking".to_owned(),
        scripts: vec![Script { display_name: "Set up".to_owned(), run_on_start: true, ..Script::default() }],
        metadata: vec![MetadataItem { key: "cpu".to_owned(), ..MetadataItem::default() }],
        apps: vec![
            app("code", "http://localhost:8080/?folder=x"),
            app("evil", "javascript:alert(1)"),
            App { hidden: true, ..app("hidden", "https://example.org") },
        ],
    }
}
