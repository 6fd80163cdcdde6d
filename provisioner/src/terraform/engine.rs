//! The engine: which commands make an import and a build, in which order.
//!
//! A build is a plan that is saved, looked at, and then applied as it was: what the observer agreed to is what happens.
//! Whatever terraform could not save of its state is picked up from the work folder, before and after.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{
    build::Build,
    empty_state::EmptyState,
    environment::Environment,
    find::{self, Binary},
    group,
    rehearse::Rehearsal,
    run::Run,
    scratch::{Scratch, ScratchBase},
    version::VersionFolder,
    workdir::WorkFolder,
};
use crate::{
    engine::{
        BuildRequest, Built, Engine, ImportRequest, Imported, Observer, Stage, StateEndpoint, Timeouts,
    },
    error::Error,
    import::{Source, import},
    provider::{self, ProviderData, Served},
    rehearsal::{Gates, RehearseRequest, Rehearsed, Template},
};

/// Tells terraform that the coder provider is served already, and where.
const REATTACH: &str = "TF_REATTACH_PROVIDERS";

/// There is no state to save, so nothing needs a long farewell.
const IMPORT_GRACE: Duration = Duration::from_secs(10);

/// How the engine is set up.
#[derive(Clone, Debug, Default)]
pub struct EngineConfig {
    /// The binary; `None` looks for `terraform`, then `tofu`, on PATH.
    pub terraform: Option<PathBuf>,
    /// For plan files and sockets while they are needed. Private to this process, best on a memory disk.
    pub run_dir: PathBuf,
    /// Names of environment variables of the server that terraform may see as well (credentials of providers).
    pub provider_env: Vec<String>,
}

/// Runs terraform on this machine.
pub struct TerraformEngine {
    binary: Binary,
    ambient: Environment,
    scratches: ScratchBase,
    /// Held while a version's folder is initialised, so that it happens once.
    initialising: Mutex<()>,
    hurry: CancellationToken,
}

impl TerraformEngine {
    /// Finds terraform and checks that it can be used. What an earlier process left in the run folder is removed.
    pub fn new(config: &EngineConfig) -> Result<Self, Error> {
        let binary = find::find(config.terraform.as_deref())?;
        let run_dir = std::path::absolute(&config.run_dir).map_err(io("find the run folder"))?;
        fs::create_dir_all(&run_dir).map_err(io("make the run folder"))?;
        group::kill_left_behind(&run_dir, &binary.path);
        let scratches = ScratchBase::prepare(&run_dir).map_err(io("empty the folder for plans"))?;
        let ambient = Environment::ambient(&config.provider_env, &run_dir);
        let ambient = ambient.map_err(io("write the CLI configuration"))?;
        let (initialising, hurry) = (Mutex::new(()), CancellationToken::new());
        Ok(Self { binary, ambient, scratches, initialising, hurry })
    }

    /// The version of the terraform in use.
    pub fn version(&self) -> &str {
        &self.binary.version
    }

    pub(super) fn program(&self) -> &Path {
        &self.binary.path
    }

    pub(super) fn hurry_token(&self) -> CancellationToken {
        self.hurry.clone()
    }

    pub(super) fn scratch(&self) -> Result<Scratch, Error> {
        self.scratches.scratch().map_err(io("make a temporary folder"))
    }

    /// Prepares what the commands of one import or build share.
    pub(super) async fn open(
        &self,
        version: &VersionFolder,
        state: &StateEndpoint,
        variables: &BTreeMap<String, String>,
        data: ProviderData,
    ) -> Result<Session, Error> {
        let scratch = self.scratch()?;
        let served = provider::serve(scratch.socket(), data).await.map_err(io("serve the coder provider"))?;
        let mut environment = self.ambient.clone();
        environment.set_default("HOME", scratch.home());
        environment.set_default("TMPDIR", scratch.temporary());
        environment.set("TF_DATA_DIR", version.data());
        environment.set(REATTACH, served.reattach_env());
        environment.set_state(state);
        for (name, value) in variables {
            // Not as arguments: those can be read by every user of the machine.
            environment.set(format!("TF_VAR_{name}"), value);
        }
        Ok(Session { environment, scratch, served })
    }

    /// Does nothing when the version's folder is initialised already.
    async fn initialise(&self, version: &VersionFolder, run: &Run<'_>) -> Result<(), Error> {
        if version.is_initialised() {
            return Ok(());
        }
        let _one_at_a_time = self.initialising.lock().await;
        if version.is_initialised() {
            return Ok(());
        }
        version.write_backend().map_err(io("write the backend's file"))?;
        run.stream("Init", run.timeouts.init, &["init", "-input=false", "-no-color", "-json"]).await?;
        version.mark_initialised().map_err(io("mark the version's folder"))
    }
}

/// Lives as long as the commands of one import or build, or of one plan of a rehearsal.
pub(super) struct Session {
    pub environment: Environment,
    pub scratch: Scratch,
    pub served: Served,
}

#[async_trait]
impl Engine for TerraformEngine {
    async fn import(&self, request: ImportRequest, observer: &dyn Observer) -> Result<Imported, Error> {
        let version = VersionFolder::new(&request.version_dir).map_err(io("find the version's folder"))?;
        let source = Source::read(&version.sources())?;
        source.check_backend()?;
        let state = EmptyState::serve().await.map_err(io("listen on this machine"))?;
        let session =
            self.open(&version, &state.endpoint(), &request.variables, ProviderData::default()).await?;
        let run = Run {
            program: &self.binary.path,
            folder: version.sources(),
            environment: session.environment,
            timeouts: Timeouts { grace: IMPORT_GRACE, ..Timeouts::default() },
            cancel: request.cancel,
            hurry: self.hurry_token(),
            observer,
        };
        self.initialise(&version, &run).await?;
        let template = Template::of(source, &version.sources(), &version.data());
        let imported = import(&run, &template, &session.scratch.plan()).await;
        session.served.stop().await;
        imported
    }

    async fn build(&self, request: BuildRequest, observer: &dyn Observer) -> Result<Built, Error> {
        let version = VersionFolder::new(&request.version_dir).map_err(io("find the version's folder"))?;
        let data = provider_data(&request);
        let session = self.open(&version, &request.state, &request.variables, data).await?;
        let mut run = Run {
            program: &self.binary.path,
            folder: version.sources(),
            environment: session.environment,
            timeouts: request.timeouts,
            cancel: request.cancel.clone(),
            hurry: self.hurry_token(),
            observer,
        };
        self.initialise(&version, &run).await?;
        let work = WorkFolder::prepare(&request.work_dir, &version.sources());
        let work = work.map_err(io("prepare the workspace's folder"))?;
        run.folder = work.path().to_owned();
        let gates = Gates::new(version.sources(), version.data());
        let built = Build { run, work, plan: session.scratch.plan(), request: &request, gates }.run().await;
        session.served.stop().await;
        built
    }

    async fn rehearse(&self, request: RehearseRequest, observer: &dyn Observer) -> Result<Rehearsed, Error> {
        let claim = &request.claim;
        let version = VersionFolder::new(&claim.version_dir).map_err(io("find the version's folder"))?;
        let session = self.open(&version, &claim.state, &claim.variables, provider_data(claim)).await?;
        let run = Run {
            program: &self.binary.path,
            folder: version.sources(),
            environment: session.environment,
            timeouts: claim.timeouts,
            cancel: claim.cancel.clone(),
            hurry: self.hurry_token(),
            observer,
        };
        self.initialise(&version, &run).await?;
        session.served.stop().await;
        let work = WorkFolder::prepare(&claim.work_dir, &version.sources());
        let work = work.map_err(io("prepare the workspace's folder"))?;
        let gates = Gates::new(version.sources(), version.data());
        Rehearsal { engine: self, version, work, request: &request, observer, gates }.run().await
    }

    fn hurry(&self) {
        self.hurry.cancel();
    }
}

/// What templates learn about the workspace, its owner, and the kind of build.
pub(super) fn provider_data(request: &BuildRequest) -> ProviderData {
    ProviderData {
        workspace: request.workspace.clone(),
        owner: request.owner.clone(),
        access_url: request.access_url.clone(),
        transition: match request.stage {
            Stage::Create | Stage::Claim | Stage::Start => "start",
            Stage::Stop => "stop",
            Stage::Delete => "delete",
        },
        is_prebuild: request.owner.is_system,
        is_prebuild_claim: request.stage == Stage::Claim,
        parameters: request.parameters.clone(),
        previous_parameters: request.previous_parameters.clone(),
        init_scripts: request.init_scripts.clone(),
        in_build: true,
        ..ProviderData::default()
    }
}

/// Says what could not be done when a file or folder refuses.
pub(super) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::Io { what: format!("cannot {what}"), source }
}
