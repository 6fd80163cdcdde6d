//! Reads a template version: which parameters, presets and variables it has, and what a start would make.
//!
//! The configuration is validated first, as a whole. Parameters and presets are values, so only a plan knows them. It is targeted at them: that reads them and what they
//! depend on, and nothing else, so that an import needs no credentials of any cloud. The graph of the configuration
//! names the targets and shows which of them depend on a resource, which cannot be: there is none yet. A plan of
//! everything follows, and when it fails, only the list of resources is missing.
//!
//! The version's folder is initialised for the http backend. While it is imported, that is a tiny server without a
//! state.

mod check;
mod declared;
mod graph;
mod lint;
mod source;

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::{
    engine::{Imported, LogLevel, LogLine, Observer, Preset, Resource},
    error::{Diagnostic, Error},
    plan::PlanSummary,
    rehearsal::Template,
    terraform::{assemble, run::Run, stream::Stream},
};

use declared::Plan;
pub(crate) use graph::Graph;
pub(crate) use source::{File, Source};

const READ: &str = "Read parameters and presets";
const PLAN: &str = "Plan";
const TYPES: [&str; 2] = ["data.coder_parameter", "data.coder_workspace_preset"];

/// The steps after the initialisation; `plan` is where plans are saved.
pub(crate) async fn import(run: &Run<'_>, template: &Template, plan: &str) -> Result<Imported, Error> {
    let source = template.root();
    run.validate("Validate").await?;
    let graph = run.capture(READ, &["graph", "-type=plan"]).await?;
    let graph = Graph::read(&String::from_utf8_lossy(&graph));
    let targets = Vec::from_iter(TYPES.iter().flat_map(|kind| graph.of_type(kind)));
    check_targets(&targets, &graph, source)?;
    let declared = declare(run, &targets, plan).await?;
    if let Some(address) = declared.unread().next() {
        return Err(unsupported(source, address, "something that is known only after an apply"));
    }
    let (parameters, presets) = (declared.parameters(), declared.presets());
    let problems = check::check(&parameters, &presets, source);
    if !problems.is_empty() {
        return Err(run.fail(READ, problems));
    }
    let mut imported = Imported {
        parameters: parameters.into_iter().map(|it| it.item).collect(),
        presets: presets.into_iter().map(|it| it.item).collect(),
        variables: source.variables(),
        resources: Vec::new(),
        warnings: lint::lint(template),
        readme: source.readme().to_owned(),
    };
    imported.parameters.sort_by_key(|parameter| parameter.order);
    imported.warnings.extend(about_agents(source, &graph, &imported.presets));
    match resources(run, &graph, plan).await {
        Ok((resources, warnings)) => {
            imported.resources = resources;
            imported.warnings.extend(warnings);
        }
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(error) => {
            imported.warnings.push(format!("what a start would make could not be planned: {error}"));
        }
    }
    Ok(imported)
}

fn check_targets(targets: &[&str], graph: &Graph, source: &Source) -> Result<(), Error> {
    for address in targets {
        if let Some(resource) = graph.resources_below(address).first() {
            return Err(unsupported(source, address, resource));
        }
    }
    Ok(())
}

fn unsupported(source: &Source, address: &str, on: &str) -> Error {
    let place =
        source.place_of_data(address).map(|(file, line)| format!("{file}:{line}: ")).unwrap_or_default();
    Error::Unsupported(format!(
        "{place}{address} depends on {on}: parameters and presets must be known before anything is built"
    ))
}

/// Plans the targets alone.
async fn declare(run: &Run<'_>, targets: &[&str], plan: &str) -> Result<Plan, Error> {
    if targets.is_empty() {
        return read_plan(b"{}");
    }
    let targets = Vec::from_iter(targets.iter().map(|address| format!("-target={address}")));
    // The warnings are about the targeting; others come again with the plan of everything.
    let observer =
        Relevelled { observer: run.observer, level: |level| (level != LogLevel::Warn).then_some(level) };
    let run = Run { observer: &observer, ..run.clone() };
    run_plan(&run, READ, &targets, plan).await?;
    read_plan(&run.capture(READ, &["show", "-json", "-no-color", plan]).await?)
}

/// Plans everything. What goes wrong is written into the log as warnings.
async fn resources(run: &Run<'_>, graph: &Graph, plan: &str) -> Result<(Vec<Resource>, Vec<String>), Error> {
    let warn_at_most = |level| Some(if level == LogLevel::Error { LogLevel::Warn } else { level });
    let observer = Relevelled { observer: run.observer, level: warn_at_most };
    let run = Run { observer: &observer, ..run.clone() };
    let stream = run_plan(&run, PLAN, &[], plan).await?;
    let planned = read_plan(&run.capture(PLAN, &["show", "-json", "-no-color", plan]).await?)?;
    let mut objects = planned.objects();
    for object in &mut objects {
        object.dependencies = graph.resources_below(&object.block).into_iter().map(str::to_owned).collect();
    }
    let mut warnings = assemble::left_out(&objects);
    warnings.extend(stream.diagnostics.iter().map(Diagnostic::to_string));
    Ok((assemble::resources(&objects), warnings))
}

async fn run_plan(
    run: &Run<'_>,
    stage: &'static str,
    targets: &[String],
    plan: &str,
) -> Result<Stream, Error> {
    let out = format!("-out={plan}");
    let mut arguments =
        vec!["plan", "-input=false", "-no-color", "-json", "-lock=false", "-refresh=false", &out];
    arguments.extend(targets.iter().map(String::as_str));
    run.stream(stage, run.timeouts.plan, &arguments).await
}

fn read_plan(document: &[u8]) -> Result<Plan, Error> {
    serde_json::from_slice(document).map_err(|error| Error::Unexpected {
        step: "Read plan",
        status: "a plan".to_owned(),
        output: error.to_string(),
    })
}

fn about_agents(source: &Source, graph: &Graph, presets: &[Preset]) -> Option<String> {
    let agents = Vec::from_iter(BTreeSet::from_iter(graph.of_type("coder_agent")));
    let has_pool = presets.iter().any(|preset| preset.prebuilds.is_some());
    lint::several_agents(source, &agents).filter(|_| has_pool)
}

/// Writes log lines with another level, or not at all.
pub(crate) struct Relevelled<'a> {
    pub observer: &'a dyn Observer,
    pub level: fn(LogLevel) -> Option<LogLevel>,
}

#[async_trait]
impl Observer for Relevelled<'_> {
    fn log(&self, line: LogLine) {
        if let Some(level) = (self.level)(line.level) {
            self.observer.log(LogLine { level, ..line });
        }
    }

    async fn planned(&self, plan: &PlanSummary) -> Result<(), Error> {
        self.observer.planned(plan).await
    }

    async fn recovered_state(&self, state: Vec<u8>) -> Result<(), Error> {
        self.observer.recovered_state(state).await
    }
}
