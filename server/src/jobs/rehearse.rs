//! Runs one rehearsal: a claim of the pool's oldest ready member by nobody in particular, planned and never applied.
//!
//! Nothing is held meanwhile. The member may be claimed or deleted under the rehearsal's hands; then what was planned is
//! not what anybody will meet, so the verdict is that nothing is known, and the next member is looked at.

use async_trait::async_trait;
use chrono::TimeDelta;
use hearth_prebuilds::ids::{UserId, WorkspaceId};
use hearth_provisioner::{
    Error as Failure, Observer,
    engine::{LogLevel, LogLine, Owner, Stage},
    plan::PlanSummary,
    rehearsal::{Effort, RehearseRequest, Rehearsed, Verdict},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{again_while_passing, build, log::Log};
use crate::{
    clock::new_id,
    engine::rehearsal,
    error::{Error, Result},
    hearth::Hearth,
    store::{
        jobs::Lease,
        orders::{self, BuildOrder},
        rehearsals::{self, Begun},
    },
};

/// How long a verdict holds.
const HOLDS: TimeDelta = TimeDelta::hours(24);
/// When a plan that failed is tried again: a cloud may have been away.
const TRY_AGAIN: TimeDelta = TimeDelta::minutes(10);
/// The words with which an unfinished one ends.
const GONE: &str = "The member was claimed or deleted meanwhile. The next one is looked at.";
const CUT_OFF: &str = "The server stopped meanwhile.";
const NO_MEMBER: &str = "No member of the pool was ready.";

/// A rehearsal that has a member.
struct Member {
    begun: Begun,
    order: BuildOrder,
    groups: Vec<String>,
}

/// What came of it, and for how long that holds.
#[derive(Clone)]
struct Outcome {
    rehearsed: Rehearsed,
    holds: TimeDelta,
}

impl Outcome {
    /// Nothing was learnt, but the next try may.
    fn again(why: &str) -> Self {
        Self { rehearsed: Rehearsed::unknown(why), holds: TimeDelta::zero() }
    }
}

pub(super) async fn run(hearth: &Hearth, lease: &Lease, cancel: &CancellationToken) -> Result<()> {
    let member = again_while_passing(|| choose(hearth, lease)).await?;
    let log = Log::open(hearth, lease.id, None);
    let outcome = match &member {
        Some(member) => rehearse(hearth, lease, member, (cancel, &log)).await,
        None => Outcome::again(NO_MEMBER),
    };
    if let Verdict::Unknown { why } = &outcome.rehearsed.verdict {
        log.hearth(LogLevel::Error, "Rehearse", why);
    }
    log.close().await;
    let told = again_while_passing(|| finish(hearth, lease, member.as_ref(), outcome.clone())).await?;
    match told {
        Some(told) => rehearsal::publish(hearth, lease, told),
        None => {
            tracing::warn!(job_id = %lease.id, "this attempt was given up meanwhile; its result is refused");
        }
    }
    Ok(())
}

async fn choose(hearth: &Hearth, lease: &Lease) -> Result<Option<Member>> {
    let mut tx = hearth.db.write().await?;
    let begun = rehearsals::begin(&mut tx, lease.id, hearth.clock.now()).await?;
    let begun = begun.ok_or_else(|| Error::Internal(format!("job {} has no rehearsal", lease.id)))?;
    let mut member = None;
    if let Some(workspace) = begun.workspace_id {
        let job = rehearsals::newest_build(&mut tx, WorkspaceId(workspace)).await?;
        let order = match job {
            Some(job) => orders::build(&mut tx, job).await?,
            None => None,
        };
        if let Some(order) = order {
            let groups = orders::groups(&mut tx, order.owner_id).await?;
            member = Some(Member { begun, order, groups });
        }
    }
    tx.commit().await?;
    Ok(member)
}

async fn rehearse(
    hearth: &Hearth,
    lease: &Lease,
    member: &Member,
    (cancel, log): (&CancellationToken, &Log),
) -> Outcome {
    let rehearsed = match request(hearth, lease, member, cancel).await {
        Ok(request) => hearth.provisioner.rehearse(request, &RehearsalObserver { log }).await,
        Err(error) => Err(Failure::Refused(error.to_string())),
    };
    match rehearsed {
        Ok(rehearsed) => {
            let is_known = !matches!(rehearsed.verdict, Verdict::Unknown { .. });
            Outcome { rehearsed, holds: if is_known { HOLDS } else { TRY_AGAIN } }
        }
        Err(Failure::Cancelled) => Outcome::again(CUT_OFF),
        Err(failure) => Outcome { rehearsed: Rehearsed::unknown(failure.to_string()), holds: TRY_AGAIN },
    }
}

/// The claim as it would be built, but by nobody, and with a state that can only be read.
async fn request(
    hearth: &Hearth,
    lease: &Lease,
    member: &Member,
    cancel: &CancellationToken,
) -> Result<RehearseRequest> {
    let order = &member.order;
    let state = build::open_state(hearth, lease, (order.workspace_id, member.begun.id.0)).await?;
    let mut claim = build::request(hearth, order, member.groups.clone(), state, cancel).await?;
    claim.stage = Stage::Claim;
    claim.previous_parameters.clone_from(&claim.parameters);
    let member = std::mem::replace(&mut claim.owner, nobody());
    let member_name = std::mem::replace(&mut claim.workspace.name, "rehearsal".to_owned());
    Ok(RehearseRequest { claim, member, member_name, effort: Effort::default() })
}

/// Somebody who differs from the system user in everything that a template can read.
fn nobody() -> Owner {
    Owner {
        id: new_id::<Uuid>(),
        username: "rehearsal".to_owned(),
        full_name: "Rehearsal".to_owned(),
        email: "rehearsal@hearth.invalid".to_owned(),
        groups: vec!["rehearsal".to_owned()],
        login_type: "password".to_owned(),
        is_system: false,
    }
}

/// Writes everything in one transaction. `None`: the attempt was given up meanwhile.
async fn finish(
    hearth: &Hearth,
    lease: &Lease,
    member: Option<&Member>,
    mut outcome: Outcome,
) -> Result<Option<Vec<UserId>>> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if let Some(Member { order, .. }) = member
        && !rehearsals::is_unchanged(&mut tx, order.workspace_id, order.build_id).await?
    {
        outcome = Outcome::again(GONE);
    }
    let Outcome { rehearsed, holds } = outcome;
    if !rehearsals::finish(&mut tx, lease, &rehearsed, now + holds, now).await? {
        return Ok(None);
    }
    let mut told = Vec::new();
    if let Some(Member { begun, order, .. }) = member {
        told = rehearsal::record(hearth, &mut tx, (begun.id, order), &rehearsed).await?;
    }
    tx.commit().await?;
    Ok(Some(told))
}

/// Ends an attempt whose worker is gone. A rehearsal is due again at once.
pub(super) async fn give_up(hearth: &Hearth, lease: &Lease, reason: &str) -> Result<()> {
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let ended = rehearsals::finish(&mut tx, lease, &Rehearsed::unknown(reason), now, now).await?;
    tx.commit().await?;
    if ended {
        rehearsal::publish(hearth, lease, Vec::new());
    }
    Ok(())
}

struct RehearsalObserver<'a> {
    log: &'a Log,
}

#[async_trait]
impl Observer for RehearsalObserver<'_> {
    fn log(&self, line: LogLine) {
        self.log.terraform(&line);
    }

    async fn planned(&self, _plan: &PlanSummary) -> Result<(), Failure> {
        Ok(())
    }

    async fn recovered_state(&self, _state: Vec<u8>) -> Result<(), Failure> {
        // Nothing is applied, so there is no state that could not be saved.
        Ok(())
    }
}
