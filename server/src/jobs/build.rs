//! Runs one build: collects what Terraform has to know, runs it, and writes down what exists afterwards.

use async_trait::async_trait;
use hearth_prebuilds::{ids::WorkspaceId, policy::DriftPolicy, pool_state::DriftState};
use hearth_provisioner::{
    Error as Failure, Observer,
    engine::{
        self, BuildRequest, Built, LogLevel, LogLine, Owner, StateEndpoint, Steps, Timeouts, WorkspaceFacts,
    },
    plan::PlanSummary,
};
use rand::{RngExt, distr::Alphanumeric};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{again_while_passing, folders, log::Log, recover};
use crate::{
    agents::init_script,
    engine::{drift, known_drift, tell},
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    state,
    store::{
        Conn, Tx, agents,
        builds::{self, Outcome, Stage},
        jobs::{self, Ending, JobStatus, Lease},
        orders::{self, BuildOrder},
        pools::{self, Counter},
        resources,
    },
    variables,
};

/// Characters of the password with which Terraform reaches its state: 32 of 62 are 190 bits.
const PASSWORD_LENGTH: usize = 32;

/// What no rehearsal had foreseen.
const REFUSED_BY_POLICY: &str = "This claim would recreate resources, and the policy of the pool is \"block\". Nothing was \
     changed. Create another workspace and delete this one, or start it again when the policy allows it.";

pub(super) async fn run(hearth: &Hearth, lease: &Lease, cancel: &CancellationToken) -> Result<()> {
    let (order, groups, steps) = again_while_passing(|| read(hearth, lease)).await?;
    hearth.events.publish(Event::Workspace(order.workspace_id));
    let log = Log::open(hearth, lease.id, Some(order.workspace_id));
    let state = open_state(hearth, lease, (order.workspace_id, order.build_id.0));
    let request = async { request(hearth, &order, groups, state.await?, cancel).await };
    let built = match request.await {
        Ok(request) => {
            let observer = BuildObserver { hearth, order: &order, log: &log };
            hearth.provisioner.build(BuildRequest { steps, ..request }, &observer).await
        }
        Err(error) => Err(Failure::Refused(error.to_string())),
    };
    if let Err(failure) = &built {
        // Diagnostics are in the log already, word for word.
        if !matches!(failure, Failure::Diagnostics(_)) {
            log.hearth(LogLevel::Error, stage_name(order.stage), &failure.to_string());
        }
    }
    log.close().await;
    if again_while_passing(|| finish(hearth, lease, &order, &built)).await? {
        publish(hearth, lease, &order);
    } else {
        tracing::warn!(job_id = %lease.id, "this attempt was given up meanwhile; its result is refused");
    }
    Ok(())
}

async fn read(hearth: &Hearth, lease: &Lease) -> Result<(BuildOrder, Vec<String>, Steps)> {
    let mut conn = hearth.db.read().await?;
    let order = orders::build(&mut conn, lease.id).await?;
    let order = order.ok_or_else(|| Error::Internal(format!("job {} has no build", lease.id)))?;
    let groups = orders::groups(&mut conn, order.owner_id).await?;
    let steps = steps(&mut conn, &order).await?;
    Ok((order, groups, steps))
}

/// One where the claim of a member as it was built is known to recreate nothing, and would go on if it did.
async fn steps(conn: &mut Conn, order: &BuildOrder) -> Result<Steps> {
    let as_built = order.previous_parameters.as_ref() == Some(&order.parameters);
    let Some(preset) = order.preset() else { return Ok(Steps::Two) };
    if order.stage != Stage::Claim || order.policy == DriftPolicy::Block || !as_built {
        return Ok(Steps::Two);
    }
    let is_clean = matches!(known_drift::of_preset(conn, preset).await?, DriftState::Clean { .. });
    Ok(if is_clean { Steps::One } else { Steps::Two })
}

/// Everything that Terraform has to know for a build.
pub(super) async fn request(
    hearth: &Hearth,
    order: &BuildOrder,
    groups: Vec<String>,
    state: StateEndpoint,
    cancel: &CancellationToken,
) -> Result<BuildRequest> {
    Ok(BuildRequest {
        build_id: order.build_id.0,
        stage: engine_stage(order.stage),
        steps: Steps::Two,
        version_dir: folders::version(hearth, order.version_id).await?,
        work_dir: folders::workspace(hearth, order.workspace_id)?,
        state,
        workspace: WorkspaceFacts {
            id: order.workspace_id.0,
            name: order.workspace_name.clone(),
            template_id: order.template_id.0,
            template_name: order.template_name.clone(),
            template_version: order.version_name.clone(),
        },
        owner: Owner {
            id: order.owner_id.0,
            username: order.owner_username.clone(),
            full_name: order.owner_full_name.clone(),
            email: order.owner_email.clone(),
            groups,
            login_type: if order.owner_is_system { "none" } else { "password" }.to_owned(),
            is_system: order.owner_is_system,
        },
        parameters: order.parameters.0.clone(),
        previous_parameters: order.previous_parameters.as_ref().map(|it| it.0.clone()).unwrap_or_default(),
        variables: variables::open(&hearth.secrets, order.version_id, &order.variables)?,
        access_url: hearth.access_url.to_string(),
        init_scripts: init_script::init_scripts(&hearth.access_url),
        timeouts: Timeouts::default(),
        cancel: cancel.clone(),
    })
}

/// Credentials that are valid for this attempt alone; only a hash is kept, and forgotten when the job ends. `user` is the
/// build, or the rehearsal, which may only read.
pub(super) async fn open_state(
    hearth: &Hearth,
    lease: &Lease,
    (workspace, user): (WorkspaceId, Uuid),
) -> Result<StateEndpoint> {
    let password: String =
        rand::rng().sample_iter(Alphanumeric).take(PASSWORD_LENGTH).map(char::from).collect();
    let mut tx = hearth.db.write().await?;
    let known = jobs::set_state_secret(&mut tx, lease.id, lease.fence, &Sha256::digest(&password)).await?;
    tx.commit().await?;
    if !known {
        return Err(Error::Conflict("This attempt was given up.".to_owned()));
    }
    Ok(StateEndpoint {
        address: format!("{}/internal/state/{workspace}", hearth.local_url),
        username: user.to_string(),
        password,
    })
}

fn engine_stage(stage: Stage) -> engine::Stage {
    match stage {
        Stage::Create => engine::Stage::Create,
        Stage::Claim => engine::Stage::Claim,
        Stage::Start => engine::Stage::Start,
        Stage::Stop => engine::Stage::Stop,
        Stage::Delete => engine::Stage::Delete,
    }
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Create | Stage::Start => "Start",
        Stage::Claim => "Claim",
        Stage::Stop => "Stop",
        Stage::Delete => "Delete",
    }
}

struct BuildObserver<'a> {
    hearth: &'a Hearth,
    order: &'a BuildOrder,
    log: &'a Log,
}

#[async_trait]
impl Observer for BuildObserver<'_> {
    fn log(&self, line: LogLine) {
        self.log.terraform(&line);
    }

    async fn planned(&self, plan: &PlanSummary) -> Result<(), Failure> {
        if self.order.stage != Stage::Claim {
            return Ok(());
        }
        for line in plan.replacements.iter().flat_map(|replacement| replacement.lines()) {
            self.log.hearth(LogLevel::Warn, "Drift", &line);
        }
        // A claim goes on even if its drift cannot be recorded: the person waits for a workspace.
        let record = || drift::record(self.hearth, self.order, &plan.replacements);
        if let Err(error) = again_while_passing(record).await {
            tracing::error!(build_id = %self.order.build_id, %error, "drift was not recorded");
        }
        if drift::is_refused(self.order, &plan.replacements) {
            return Err(Failure::Refused(REFUSED_BY_POLICY.to_owned()));
        }
        Ok(())
    }

    async fn recovered_state(&self, state: Vec<u8>) -> Result<(), Failure> {
        let workspace = self.order.workspace_id;
        let error = match state::save(self.hearth, workspace, self.order.build_id, &state).await {
            Ok(()) => return Ok(()),
            // No later build could store it either, so it must not stand in the way of all of them.
            Err(why @ (Error::Conflict(_) | Error::Malformed { .. })) => {
                match folders::set_aside(self.hearth, workspace, &state) {
                    Ok(name) => {
                        let words = format!("{why} It is not used; the server keeps it as {name}.");
                        self.log.hearth(LogLevel::Warn, "State", &words);
                        return Ok(());
                    }
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        Err(Failure::Refused(format!("the state could not be stored: {error}")))
    }
}

/// Writes the end of a build, everything in one transaction. False: the attempt was given up meanwhile.
async fn finish(
    hearth: &Hearth,
    lease: &Lease,
    order: &BuildOrder,
    built: &Result<Built, Failure>,
) -> Result<bool> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let (ending, outcome) = match built {
        Ok(_) => (Ending::succeeded(), Outcome::Succeeded),
        Err(failure) => ending(hearth, &mut tx, lease, failure).await?,
    };
    if !builds::finish(&mut tx, lease, &ending, outcome, now).await? {
        return Ok(false);
    }
    if let (Stage::Claim, Outcome::Failed | Outcome::Interrupted) = (order.stage, outcome) {
        tell::claim_failed(&mut tx, &hearth.access_url, order, &ending.error, now).await?;
    }
    if let Ok(built) = built {
        agents::replace_for_build(&mut tx, order.build_id, order.workspace_id, &built.agents, now).await?;
        resources::insert(&mut tx, (order.workspace_id, order.build_id), &built.resources, now).await?;
    }
    if outcome == Outcome::Interrupted {
        recover::clear_away(&mut tx, order, &ending.error, now).await?;
    }
    count(&mut tx, order, outcome).await?;
    tx.commit().await?;
    Ok(true)
}

/// A cancelled build was cancelled by a person, unless the server stops.
async fn ending(hearth: &Hearth, tx: &mut Tx, lease: &Lease, failure: &Failure) -> Result<(Ending, Outcome)> {
    if !matches!(failure, Failure::Cancelled) {
        let text = failure.to_string();
        let first_line = text.lines().next().unwrap_or_default();
        return Ok((Ending::failed(first_line), Outcome::Failed));
    }
    let asked = jobs::held_status(tx, lease.id, lease.fence).await? == Some(JobStatus::Canceling);
    if hearth.shutdown.is_cancelled() && !asked {
        return Ok((Ending::failed(recover::SERVER_STOPPED), Outcome::Interrupted));
    }
    Ok((Ending::canceled(), Outcome::Canceled))
}

/// Counts the pool's own first builds. Last in the transaction, because it waits for the pool's row.
async fn count(tx: &mut Tx, order: &BuildOrder, outcome: Outcome) -> Result<()> {
    let counter = match outcome {
        Outcome::Succeeded => Counter::Created,
        Outcome::Failed => Counter::Failed,
        Outcome::Canceled | Outcome::Interrupted => return Ok(()),
    };
    if let (Stage::Create, true, Some(pool)) = (order.stage, order.is_member, order.pool()) {
        pools::count(tx, &pool, counter).await?;
    }
    Ok(())
}

fn publish(hearth: &Hearth, lease: &Lease, order: &BuildOrder) {
    hearth.events.publish(Event::Job(lease.id));
    hearth.events.publish(Event::Workspace(order.workspace_id));
    if order.stage == Stage::Claim {
        hearth.events.publish(Event::Claimed(order.workspace_id));
        hearth.events.publish(Event::Inbox(order.owner_id));
    }
    if let (true, Some(preset)) = (order.is_member || order.stage == Stage::Claim, order.preset()) {
        hearth.events.publish(Event::Preset(preset));
    }
    // What was queued in the same transaction, if the server goes on.
    hearth.events.publish(Event::JobQueued);
}
