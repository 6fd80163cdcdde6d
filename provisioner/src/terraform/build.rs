//! One transition of one workspace: plan, look, apply, read what exists; or plan and apply in one step, and look then.

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{
    assemble::{assemble, left_out},
    engine::io,
    object::{self, is_bookkeeping},
    run::Run,
    stream::{PlannedChange, Stream},
    workdir::WorkFolder,
};
use crate::{
    engine::{BuildRequest, Built, Stage, Steps},
    error::Error,
    plan::{self, PlanSummary, TakenBy},
    rehearsal::Gates,
};

const PLAN: &str = "Plan";
const APPLY: &str = "Apply";

pub(super) struct Build<'a> {
    pub run: Run<'a>,
    pub work: WorkFolder,
    /// Where the plan is saved.
    pub plan: String,
    pub request: &'a BuildRequest,
    pub gates: Gates,
}

impl Build<'_> {
    pub async fn run(mut self) -> Result<Built, Error> {
        // Left by a build that was killed together with the server.
        self.recover().await?;
        match self.request.steps {
            Steps::Two => {
                let planned = self.plan().await?;
                let summary = self.summary(&planned).await?;
                self.run.observer.planned(&summary).await?;
                self.apply(&self.plan, |_| {}).await?;
            }
            Steps::One => self.plan_and_apply().await?,
        }
        self.outcome().await
    }

    async fn plan(&self) -> Result<Stream, Error> {
        let out = format!("-out={}", self.plan);
        let mut arguments = vec!["plan", "-input=false", "-no-color", "-json", "-lock-timeout=10s", &out];
        let limit = self.request.timeouts.plan;
        if self.request.stage != Stage::Delete {
            return self.run.stream(PLAN, limit, &arguments).await;
        }
        arguments.push("-destroy");
        let refreshed = self.run.stream(PLAN, limit, &arguments).await;
        let Err(Error::Diagnostics(_)) = refreshed else { return refreshed };
        // A data source that fails, or a thing that cannot be reached, must not stand in the way of its deletion.
        self.run.warn(PLAN, "Planning the deletion again, from the state alone".to_owned());
        arguments.push("-refresh=false");
        self.run.stream(PLAN, limit, &arguments).await
    }

    async fn summary(&self, planned: &Stream) -> Result<PlanSummary, Error> {
        let mut summary = brief(planned);
        // Reading the plan starts all providers again, so it is done only when the stream says that something goes.
        if self.request.stage == Stage::Claim && planned.planned.iter().any(PlannedChange::destroys) {
            let document = self.run.capture("Read plan", &["show", "-json", "-no-color", &self.plan]).await?;
            summary.replacements = plan::read(&document, &self.meant())?.replacements;
            summary.forget_replaced();
        }
        Ok(summary)
    }

    fn meant(&self) -> impl Fn(&str, TakenBy) -> bool {
        |address, taken_by| self.gates.are_for_prebuilds(address, taken_by)
    }

    /// One step. What is replaced is told as soon as it is planned, before anything is touched: whatever becomes of the
    /// rest, that is on record.
    async fn plan_and_apply(&self) -> Result<(), Error> {
        let (planned, seen) = oneshot::channel();
        let mut planned = Some(planned);
        // Moved into the future that ends with the command: where nothing was planned, nobody waits for it.
        let applied = async move {
            let tell = |said: &Stream| {
                if let Some(planned) = planned.take_if(|_| said.has_planned) {
                    // Somebody listens until the command has ended.
                    let _ = planned.send(said.clone());
                }
            };
            self.apply("-auto-approve", tell).await
        };
        let told = async {
            let Ok(said) = seen.await else { return Ok(()) };
            let mut summary = brief(&said);
            summary.replacements = plan::said(&said.planned, &self.meant());
            summary.forget_replaced();
            self.run.observer.planned(&summary).await
        };
        let (applied, told) = tokio::join!(applied, told);
        applied.and(told)
    }

    /// Applies the saved plan, or what is planned now.
    async fn apply(&self, what: &str, watch: impl FnMut(&Stream) + Send) -> Result<(), Error> {
        let arguments = ["apply", "-input=false", "-no-color", "-json", "-lock-timeout=10s", what];
        let applied = self.run.watch(APPLY, self.request.timeouts.apply, &arguments, watch).await.map(drop);
        let recovered = self.recover().await;
        if let (Err(_), Err(error)) = (&applied, &recovered) {
            self.run.warn(APPLY, format!("The state that terraform left could not be stored: {error}"));
        }
        applied.and(recovered)
    }

    /// Hands over a state that terraform could not save. The file stays until the receiver has it.
    async fn recover(&self) -> Result<(), Error> {
        let Some(state) = self.work.errored_state().map_err(io("read the state that terraform left"))? else {
            return Ok(());
        };
        self.run.warn(APPLY, "Terraform could not save its state; storing what it left on disk".to_owned());
        self.run.observer.recovered_state(state).await?;
        self.work.remove_errored_state().map_err(io("remove the state that terraform left"))
    }

    async fn outcome(&mut self) -> Result<Built, Error> {
        // What was applied is true, even when somebody cancels now.
        self.run.cancel = CancellationToken::new();
        let objects = object::from_state(&self.run.capture("Read state", &["state", "pull"]).await?)?;
        if self.request.stage == Stage::Delete {
            if !objects.is_empty() {
                return Err(Error::LeftOver(objects.into_iter().map(|object| object.address).collect()));
            }
            self.work.remove().map_err(io("remove the workspace's folder"))?;
        }
        for warning in left_out(&objects) {
            self.run.warn(APPLY, warning);
        }
        assemble(&objects)
    }
}

/// The plan as the stream tells it, without what is replaced.
fn brief(said: &Stream) -> PlanSummary {
    let replaced =
        |change: &&PlannedChange| change.action == "replace" && is_bookkeeping(&change.resource_type);
    let bookkeeping = said.planned.iter().filter(replaced).map(|change| change.address.clone());
    PlanSummary {
        add: said.totals.add,
        change: said.totals.change,
        destroy: said.totals.remove,
        replacements: Vec::new(),
        bookkeeping: bookkeeping.collect(),
    }
}
