//! A rehearsal: the plans that it takes, in which order, and what is concluded from them.
//!
//! Every plan runs in the workspace's own folder, because a template may use `path.cwd`; nothing is written there. Only
//! the proof of a fix reads other sources, from a copy; `-chdir` keeps the working folder what it was.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use tokio::time::Instant;

use super::{
    engine::{TerraformEngine, io, provider_data},
    object::is_bookkeeping,
    run::Run,
    scratch::Scratch,
    stream::{PlannedChange, Stream},
    version::VersionFolder,
    workdir::WorkFolder,
};
use crate::{
    engine::{LogLevel, LogLine, Observer, Stage},
    error::Error,
    import::{Graph, Relevelled},
    plan::{self, ClaimPlan, Replacement, ReplacementKind},
    provider::{ProviderData, Served},
    rehearsal::{
        Advice, Blame, Cause, Field, Fix, Gates, Patch, RehearseRequest, Rehearsed, Template, Trace, Verdict,
        advice, disruptions, may_disrupt,
    },
    terraform::object::without_keys,
};

const STEP: &str = "Rehearse";

pub(super) struct Rehearsal<'a> {
    pub engine: &'a TerraformEngine,
    pub version: VersionFolder,
    pub work: WorkFolder,
    pub request: &'a RehearseRequest,
    pub observer: &'a dyn Observer,
    pub gates: Gates,
}

/// Addresses of what a plan destroys.
type Gone = BTreeSet<String>;

/// What the counterfactual plans of a rehearsal showed.
#[derive(Default)]
struct Evidence {
    /// Destroyed although nothing changed.
    always: Gone,
    /// With one field changed.
    alone: BTreeMap<Field, Gone>,
    /// With all fields changed but one.
    without: BTreeMap<Field, Gone>,
    /// There was no time or no plan left.
    exhausted: bool,
}

impl Rehearsal<'_> {
    pub async fn run(&self) -> Result<Rehearsed, Error> {
        let (plan, agents_stay) = match self.claim(None).await {
            Ok(plan) => plan,
            Err(error @ (Error::Cancelled | Error::Io { .. })) => return Err(error),
            Err(error) => return Ok(Rehearsed::unknown(format!("The plan of a claim failed: {error}"))),
        };
        let disruptive = disruptions(&plan.updates);
        if plan.replacements.is_empty() {
            return Ok(Rehearsed { disruptive, agents_stay, ..Rehearsed::with(Verdict::Clean) });
        }
        let template = Template::read(&self.version.sources(), &self.version.data())?;
        let blame = self.blame(&plan.replacements, &template).await?;
        let (fix, advice) = self.fix(&plan.replacements, &blame, &template).await?;
        let verdict = Verdict::Replaces { replacements: plan.replacements };
        Ok(Rehearsed { verdict, disruptive, blame, fix, advice, agents_stay: false })
    }

    /// Plans the whole claim, with the template's sources or with a copy of them; and whether nothing changes that an
    /// agent reads.
    async fn claim(&self, sources: Option<&str>) -> Result<(ClaimPlan, bool), Error> {
        let observer = Relevelled {
            observer: self.observer,
            level: |level| Some(if level == LogLevel::Error { LogLevel::Warn } else { level }),
        };
        let opened = self.open(provider_data(&self.request.claim), &observer).await?;
        let planned = opened.plan(sources).await?;
        let matters = |change: &PlannedChange| match change.action.as_str() {
            "update" => may_disrupt(&change.resource_type),
            _ => change.destroys(),
        };
        let plan = if planned.planned.iter().any(matters) {
            let mut arguments = Vec::from_iter(sources);
            let file = opened.scratch.plan();
            arguments.extend(["show", "-json", "-no-color", &file]);
            let document = opened.run.capture(STEP, &arguments).await?;
            let meant = |address: &str, taken_by| self.gates.are_for_prebuilds(address, taken_by);
            plan::read(&document, &meant)?
        } else {
            ClaimPlan::default()
        };
        opened.served.stop().await;
        Ok((plan, !planned.planned.iter().any(is_read_by_agents)))
    }

    /// What is destroyed when the data are these.
    async fn gone(&self, data: ProviderData) -> Result<Gone, Error> {
        let silent = Relevelled { observer: self.observer, level: |_| None };
        let opened = self.open(data, &silent).await?;
        let planned = opened.plan(None).await?;
        opened.served.stop().await;
        Ok(planned.planned.into_iter().filter(PlannedChange::destroys).map(|change| change.address).collect())
    }

    async fn open<'o>(&'o self, data: ProviderData, observer: &'o dyn Observer) -> Result<Opened<'o>, Error> {
        let claim = &self.request.claim;
        let session = self.engine.open(&self.version, &claim.state, &claim.variables, data).await?;
        let run = Run {
            program: self.engine.program(),
            folder: self.work.path().to_owned(),
            environment: session.environment,
            timeouts: claim.timeouts,
            cancel: claim.cancel.clone(),
            hurry: self.engine.hurry_token(),
            observer,
        };
        Ok(Opened { run, scratch: session.scratch, served: session.served })
    }

    async fn blame(&self, replacements: &[Replacement], template: &Template) -> Result<Vec<Blame>, Error> {
        let member = self.member();
        let claim = provider_data(&self.request.claim);
        let fields = self.fields(replacements, template, (&member, &claim)).await?;
        let evidence = self.evidence(replacements, &fields, (&member, &claim)).await?;
        let trace = Trace(template);
        let blocks = BTreeSet::from_iter(replacements.iter().map(Replacement::block));
        Ok(replacements.iter().map(|it| blame(it, &evidence, &fields, (&trace, &blocks))).collect())
    }

    /// The member as it is now.
    fn member(&self) -> ProviderData {
        let mut member = self.request.claim.clone();
        member.owner.clone_from(&self.request.member);
        member.workspace.name.clone_from(&self.request.member_name);
        // Its owner makes it a prebuild, and its stage no claim.
        member.stage = Stage::Start;
        provider_data(&member)
    }

    /// What a claim changes, as far as it can reach one of these resources.
    async fn fields(
        &self,
        replacements: &[Replacement],
        template: &Template,
        (member, claim): (&ProviderData, &ProviderData),
    ) -> Result<Vec<Field>, Error> {
        let silent = Relevelled { observer: self.observer, level: |_| None };
        let opened = self.open(member.clone(), &silent).await?;
        let graph = opened.run.capture(STEP, &["graph", "-type=plan"]).await?;
        opened.served.stop().await;
        let graph = Graph::read(&String::from_utf8_lossy(&graph));
        let blocks = Vec::from_iter(replacements.iter().map(Replacement::block));
        let reached = BTreeSet::from_iter(blocks.iter().flat_map(|block| graph.data_types_below(block)));
        let counts = |field: &Field| {
            field.differs(member, claim) && reached.contains(field.data_source()) && template.mentions(*field)
        };
        Ok(Field::ALL.into_iter().filter(counts).collect())
    }

    async fn evidence(
        &self,
        replacements: &[Replacement],
        fields: &[Field],
        (member, claim): (&ProviderData, &ProviderData),
    ) -> Result<Evidence, Error> {
        let mut search =
            Search { rehearsal: self, until: Instant::now() + self.request.effort.time, plans: 0 };
        let mut evidence = Evidence::default();
        match search.gone(member.clone()).await? {
            Some(gone) => evidence.always = gone,
            None => evidence.exhausted = true,
        }
        for field in fields {
            let mut data = member.clone();
            field.copy(claim, &mut data);
            self.say(format!("Planning with another value of {} alone", field.words()));
            match search.gone(data).await? {
                Some(gone) => drop(evidence.alone.insert(*field, gone)),
                None => evidence.exhausted = true,
            }
        }
        let explained = |it: &Replacement| {
            evidence.always.contains(&it.address)
                || evidence.alone.values().any(|gone| gone.contains(&it.address))
        };
        if fields.len() < 2 || replacements.iter().all(explained) {
            return Ok(evidence);
        }
        for field in fields {
            let mut data = claim.clone();
            field.copy(member, &mut data);
            self.say(format!("Planning with all changed but {}", field.words()));
            match search.gone(data).await? {
                Some(gone) => drop(evidence.without.insert(*field, gone)),
                None => evidence.exhausted = true,
            }
        }
        Ok(evidence)
    }

    /// The narrowest patch that helps, tried; and words for what none can help.
    async fn fix(
        &self,
        replacements: &[Replacement],
        blame: &[Blame],
        template: &Template,
    ) -> Result<(Option<Fix>, Vec<Advice>), Error> {
        let roots = || replacements.iter().zip(blame).filter(|(_, blame)| blame.follows.is_none());
        let advised = roots()
            .filter_map(|(it, _)| Some(Advice { address: it.address.clone(), words: advice(it, template)? }));
        let advised = Vec::from_iter(advised);
        let patchable = roots().map(|(it, _)| it).filter(|it| advice(it, template).is_none());
        let mut patch = Patch::new(template, patchable);
        let mut best = None;
        loop {
            let files = patch.files();
            if files.is_empty() {
                return Ok((best, advised));
            }
            self.say("Planning the claim again with a patched copy of the template".to_owned());
            match self.with_patch(&files).await {
                Ok(plan) => {
                    let left = Vec::from_iter(plan.replacements.into_iter().map(|it| it.address));
                    let proved = left.is_empty();
                    let blocks = BTreeSet::from_iter(left.iter().map(|address| without_keys(address)));
                    if left.len() < replacements.len() {
                        best = Some(patch.fix(files, proved, left));
                    }
                    if proved || !patch.widen(Some(&blocks)) {
                        return Ok((best, advised));
                    }
                }
                Err(error @ (Error::Cancelled | Error::Io { .. })) => return Err(error),
                Err(_) if patch.widen(None) => {}
                Err(_) => return Ok((best, advised)),
            }
        }
    }

    /// The claim with these files changed, in a copy.
    async fn with_patch(&self, files: &BTreeMap<String, (String, String)>) -> Result<ClaimPlan, Error> {
        let copy = self.engine.scratch()?;
        // Beside the version's own data, so that paths to modules fetched from elsewhere lead to them.
        let sources: PathBuf = copy.temporary().join("src");
        let prepared = WorkFolder::prepare(&sources, &self.version.sources()).and_then(|_| {
            std::os::unix::fs::symlink(self.version.data(), copy.temporary().join(".terraform"))?;
            files.iter().try_for_each(|(place, (_, after))| {
                let file = sources.join(place);
                fs::remove_file(&file)?;
                fs::write(file, after)
            })
        });
        prepared.map_err(io("copy the version's folder"))?;
        let (plan, _) = self.claim(Some(&format!("-chdir={}", sources.display()))).await?;
        Ok(plan)
    }

    fn say(&self, output: String) {
        self.observer.log(LogLine { level: LogLevel::Info, stage: STEP, output });
    }
}

/// What one plan needs; gone with everything in it when dropped.
struct Opened<'a> {
    run: Run<'a>,
    scratch: Scratch,
    served: Served,
}

impl Opened<'_> {
    async fn plan(&self, sources: Option<&str>) -> Result<Stream, Error> {
        let out = format!("-out={}", self.scratch.plan());
        let mut arguments = Vec::from_iter(sources);
        arguments.extend([
            "plan",
            "-input=false",
            "-no-color",
            "-json",
            "-lock=false",
            "-refresh=false",
            &out,
        ]);
        self.run.stream(STEP, self.run.timeouts.plan, &arguments).await
    }
}

/// A change of a record that agents get something from; metadata of resources is only for people.
fn is_read_by_agents(change: &PlannedChange) -> bool {
    let changes = !matches!(change.action.as_str(), "noop" | "read");
    changes && is_bookkeeping(&change.resource_type) && change.resource_type != "coder_metadata"
}

/// Counts what the search for causes has cost.
struct Search<'a> {
    rehearsal: &'a Rehearsal<'a>,
    until: Instant,
    plans: u32,
}

impl Search<'_> {
    /// `None`: nothing is left to spend, or this plan could not be made.
    async fn gone(&mut self, data: ProviderData) -> Result<Option<Gone>, Error> {
        if self.plans >= self.rehearsal.request.effort.plans || Instant::now() >= self.until {
            return Ok(None);
        }
        self.plans += 1;
        match self.rehearsal.gone(data).await {
            Ok(gone) => Ok(Some(gone)),
            Err(error @ (Error::Cancelled | Error::Io { .. })) => Err(error),
            // A template may refuse a combination that never happens.
            Err(_) => Ok(None),
        }
    }
}

fn blame(
    replacement: &Replacement,
    evidence: &Evidence,
    tried: &[Field],
    (trace, blocks): (&Trace<'_>, &BTreeSet<String>),
) -> Blame {
    let cause = evidence.cause(&replacement.address, tried);
    let mut blame = Blame { address: replacement.address.clone(), cause, follows: None, path: Vec::new() };
    let others = {
        let own = replacement.block();
        blocks.iter().filter(|block| **block != own).cloned().collect()
    };
    let dragged = drags_along(replacement).then(|| trace.to_resources(replacement, &others)).flatten();
    if let Some((path, other)) = dragged {
        (blame.path, blame.follows) = (path, Some(other));
    } else if let Cause::Fields { fields } | Cause::Together { fields } = &blame.cause {
        blame.path = trace.to_fields(replacement, fields);
    }
    blame
}

/// Whether it is replaced for what another resource will be, rather than for a value that is known.
fn drags_along(replacement: &Replacement) -> bool {
    let mut forcing = replacement.forcing();
    replacement.kind == ReplacementKind::Triggered || forcing.any(|change| change.after_unknown)
}

impl Evidence {
    fn cause(&self, address: &str, tried: &[Field]) -> Cause {
        if self.always.contains(address) {
            return Cause::EveryBuild;
        }
        let alone = self.alone.iter().filter(|(_, gone)| gone.contains(address)).map(|(field, _)| *field);
        let alone = Vec::from_iter(alone);
        if !alone.is_empty() {
            return Cause::Fields { fields: alone };
        }
        if self.exhausted {
            return Cause::NotFound { why: "Not every plan could be made that would tell.".to_owned() };
        }
        let needed = self.without.iter().filter(|(_, gone)| !gone.contains(address)).map(|(field, _)| *field);
        let needed = Vec::from_iter(needed);
        match (needed.is_empty(), tried.len()) {
            (false, _) => Cause::Together { fields: needed },
            (true, 2..) => Cause::Together { fields: tried.to_vec() },
            (true, _) => {
                Cause::NotFound { why: "Nothing that a claim changes replaces it by itself.".to_owned() }
            }
        }
    }
}
