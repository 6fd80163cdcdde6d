//! The stage: the server's inside, the people, and what can be done in one step of the story.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{
    backend::{Actor, Role},
    view::{ClaimOrder, NewPersonOrder, PoolAct},
};
use hearth_prebuilds::ids::{OrganizationId, TemplateId, VersionId, WorkspaceId};

use super::terraform::{Scripted, agent_id};
use crate::{
    backend::{
        acts, files,
        identity::accounts,
        pool_acts,
        templates::{self as acts_on_templates, Order},
        versions::{self, Push},
    },
    engine::{reconcile::Reconciler, rehearsal},
    events::Event,
    hearth::Hearth,
    jobs,
    store::{
        Tx,
        agent_parts::{self, MetadataValue, ScriptEnd},
        agents,
        builds::{self, Build, Stage, Transition},
        job_logs::{self, NewLine},
        jobs::{self as queue, JobKind, JobStatus, Lane, Lease},
        organizations, users,
        workspaces::{self, Filter, Workspace},
    },
};

/// Who keeps jobs of the story that never end.
const SLOW_WORKER: &str = "testkit";
/// Everybody but the admin has this one.
const PASSWORD: &str = "a staple of correct horses";

pub struct Play {
    pub hearth: Hearth,
    pub terraform: Arc<Scripted>,
    pub organization: OrganizationId,
    people: BTreeMap<String, Actor>,
    reconciler: Option<Reconciler>,
}

impl Play {
    /// Whoever is there already is on the stage.
    pub async fn new(hearth: Hearth, terraform: Arc<Scripted>) -> anyhow::Result<Self> {
        let mut conn = hearth.db.read().await?;
        let organization = organizations::default(&mut conn).await?.id;
        let there = users::list(&mut conn, false).await?.into_iter();
        drop(conn);
        let actors = there.map(|user| Actor { user_id: user.id, username: user.username, role: user.role });
        let people = actors.map(|actor| (actor.username.clone(), actor)).collect();
        Ok(Self { hearth, terraform, organization, people, reconciler: None })
    }

    /// Moves the clock to a later instant.
    pub fn at(&self, instant: DateTime<Utc>) -> anyhow::Result<()> {
        let now = self.hearth.clock.now();
        ensure!(now <= instant, "it is {now}, too late for what happens at {instant}");
        self.hearth.clock.set(instant);
        Ok(())
    }

    pub fn person(&self, name: &str) -> anyhow::Result<&Actor> {
        self.people.get(name).with_context(|| format!("nobody is called {name}"))
    }

    /// The admin, whatever the settings call them.
    pub fn owner(&self) -> anyhow::Result<&Actor> {
        self.people.values().find(|actor| actor.role == Role::Owner).context("there is no owner")
    }

    pub async fn joins(&mut self, username: &str, name: &str, role: Role) -> anyhow::Result<()> {
        let order = NewPersonOrder {
            username: username.to_owned(),
            email: format!("{username}@example.com"),
            role: role.as_str().to_owned(),
            password: PASSWORD.to_owned(),
        };
        let user_id = accounts::create(&self.hearth, self.owner()?, &order, name).await?;
        let actor = Actor { user_id, username: username.to_owned(), role };
        self.people.insert(username.to_owned(), actor);
        Ok(())
    }

    /// Pushes a version and imports it.
    pub async fn push(
        &self,
        who: &str,
        template: Option<TemplateId>,
        (name, message): (&str, &str),
        source: &[u8],
    ) -> anyhow::Result<VersionId> {
        let actor = self.person(who)?;
        let (file_id, _) = files::upload(&self.hearth, actor, source).await?;
        let push = Push {
            organization_id: self.organization,
            template_id: template,
            name: Some(name),
            message,
            file_id,
            variables: BTreeMap::new(),
        };
        let pushed = versions::push(&self.hearth, actor, &push).await?;
        self.work().await?;
        Ok(pushed.version.id)
    }

    /// Makes a template of a version: name, display name and description.
    pub async fn makes(
        &self,
        who: &str,
        (name, display_name, description): (&str, &str, &str),
        version_id: VersionId,
    ) -> anyhow::Result<()> {
        let order = Order {
            organization_id: self.organization,
            version_id,
            name,
            display_name,
            description,
            icon: "",
            default_ttl_ms: 0,
        };
        acts_on_templates::create(&self.hearth, self.person(who)?, &order).await?;
        Ok(())
    }

    pub async fn changes(&self, who: &str, pool: (&str, &str), act: PoolAct) -> anyhow::Result<()> {
        pool_acts::change(&self.hearth, self.person(who)?, pool, None, &act).await?;
        Ok(())
    }

    /// Asks for a workspace of this pool.
    pub async fn claims(&self, who: &str, pool: (&str, &str), name: &str) -> anyhow::Result<WorkspaceId> {
        let order = ClaimOrder {
            template: pool.0.to_owned(),
            preset: pool.1.to_owned(),
            name: name.to_owned(),
            pool_only: false,
            values: Vec::new(),
        };
        let outcome = acts::claim(&self.hearth, self.person(who)?, &order).await?;
        Ok(outcome.workspace_id.parse()?)
    }

    /// The reconciler looks at every pool.
    pub async fn pass(&mut self) -> anyhow::Result<()> {
        let reconciler = match &mut self.reconciler {
            Some(reconciler) => reconciler,
            none => none.insert(Reconciler::new(self.hearth.clone()).await?),
        };
        reconciler.pass().await?;
        Ok(())
    }

    /// Every pool whose claim nobody has rehearsed is rehearsed.
    pub async fn rehearse(&self) -> anyhow::Result<()> {
        rehearsal::queue_due(&self.hearth).await?;
        self.work().await
    }

    /// Every job that waits is done, and agents come up.
    pub async fn work(&self) -> anyhow::Result<()> {
        work_off(&self.hearth, true).await.map(drop)
    }

    /// The same, but the agents stay silent.
    pub async fn work_in_silence(&self) -> anyhow::Result<()> {
        work_off(&self.hearth, false).await.map(drop)
    }

    /// A worker takes the next job and is not heard of until somebody lets it end.
    pub async fn begins(&self, lane: Lane, lines: &[String]) -> anyhow::Result<()> {
        let now = self.hearth.clock.now();
        let mut tx = self.hearth.db.write().await?;
        let lease = queue::lease(&mut tx, SLOW_WORKER, lane, now).await?;
        let lease = lease.context("no job waits")?;
        append(&mut tx, &lease, lines, now).await?;
        Ok(tx.commit().await?)
    }

    /// Members of a pool, oldest first.
    pub async fn members(&self, (template, preset): (&str, &str)) -> anyhow::Result<Vec<Workspace>> {
        let filter = Filter { template: Some(template), preset: Some(preset), ..Filter::default() };
        let mut all = workspaces::list(&mut self.hearth.db.read().await?, &filter).await?;
        all.retain(|workspace| workspace.prebuilt_at.is_some() && workspace.claimed_at.is_none());
        all.sort_by_key(|workspace| (workspace.created_at, workspace.id));
        Ok(all)
    }
}

async fn append(
    tx: &mut Tx,
    lease: &Lease,
    lines: &[String],
    now: DateTime<Utc>,
) -> crate::store::Result<()> {
    let line = |output: &String| NewLine {
        at: now.timestamp_micros(),
        source: "provisioner",
        level: "info",
        stage: "Apply".to_owned(),
        output: output.clone(),
    };
    job_logs::append(tx, lease.id, &lines.iter().map(line).collect::<Vec<_>>()).await
}

/// Lets the jobs that workers hold wait again.
pub async fn put_back(hearth: &Hearth) -> anyhow::Result<()> {
    let later = hearth.clock.now() + TimeDelta::days(1);
    let mut tx = hearth.db.write().await?;
    for lease in queue::abandoned(&mut tx, "", later).await? {
        queue::requeue(&mut tx, lease.id, lease.fence).await?;
    }
    Ok(tx.commit().await?)
}

/// Does every job that waits. Where agents `come_up`, those of started workspaces get ready. Returns how many jobs it
/// did.
pub async fn work_off(hearth: &Hearth, come_up: bool) -> anyhow::Result<u32> {
    let mut done = 0;
    while let Some(lease) = jobs::work_off_one(hearth).await? {
        done += 1;
        if come_up && lease.kind == JobKind::Build {
            let build = builds::by_job(&mut hearth.db.read().await?, lease.id).await?;
            if let Some(build) = build {
                agents_come_up(hearth, &build).await?;
            }
        }
    }
    Ok(done)
}

/// The agents of a started workspace report ready: after a while where they boot, soon where they begin again for a
/// new owner.
async fn agents_come_up(hearth: &Hearth, build: &Build) -> anyhow::Result<()> {
    if build.status != JobStatus::Succeeded || build.transition != Transition::Start {
        return Ok(());
    }
    let now = hearth.clock.now();
    let (boots, begins) = match build.stage {
        Stage::Claim => (TimeDelta::milliseconds(60), TimeDelta::milliseconds(540)),
        _ => (TimeDelta::seconds(2), TimeDelta::seconds(19)),
    };
    let agent = agent_id(build.workspace_id);
    let mut tx = hearth.db.write().await?;
    for script in agent_parts::scripts(&mut tx, agent).await? {
        let end =
            ScriptEnd { exit_code: 0, status: "ok", started_at: now + boots, finished_at: now + begins };
        agent_parts::script_completed(&mut tx, agent, script.id, end).await?;
    }
    for (key, value) in [("cpu", "3%"), ("memory", "1.2 of 8 GB"), ("disk", "4.1 of 40 GB")] {
        let value =
            MetadataValue { value: value.to_owned(), error: String::new(), collected_at: now + begins };
        agent_parts::put_metadata_value(&mut tx, agent, key, &value).await?;
    }
    agents::heartbeat(&mut tx, agent, env!("CARGO_PKG_VERSION"), now + boots).await?;
    agents::acknowledge_reinit(&mut tx, agent, build.id).await?;
    agents::set_lifecycle(&mut tx, agent, "starting", now + boots).await?;
    agents::set_lifecycle(&mut tx, agent, "ready", now + begins).await?;
    agents::refresh_ready(&mut tx, build.workspace_id).await?;
    tx.commit().await?;
    hearth.clock.advance(begins);
    hearth.events.publish(Event::Workspace(build.workspace_id));
    build.preset_id.into_iter().for_each(|preset| hearth.events.publish(Event::Preset(preset.into())));
    Ok(())
}
