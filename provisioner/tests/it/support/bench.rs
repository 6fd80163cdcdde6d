//! One template version and one workspace on a bench of their own.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hearth_provisioner::{
    Engine, EngineConfig, Error, TerraformEngine,
    engine::{BuildRequest, Built, ImportRequest, Imported, Owner, Stage, Steps, Timeouts, WorkspaceFacts},
    rehearsal::{Effort, RehearseRequest, Rehearsed},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{backend::Backend, observer::Remembered};

pub struct Bench {
    pub engine: TerraformEngine,
    pub backend: Backend,
    folder: TempDir,
    workspace: Uuid,
}

impl Bench {
    /// With a template of these files.
    pub async fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join("version/src").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let run_dir = folder.path().join("run");
        let engine = TerraformEngine::new(&EngineConfig { run_dir, ..EngineConfig::default() }).unwrap();
        Self { engine, backend: Backend::start().await, folder, workspace: Uuid::new_v4() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn work_dir(&self) -> PathBuf {
        self.path("work")
    }

    /// What is left of plans, sockets and temporary files.
    pub fn scratch(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("run")).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    }

    pub fn state(&self) -> serde_json::Value {
        self.backend.state(&self.workspace.to_string())
    }

    pub fn is_locked(&self) -> bool {
        self.backend.is_locked(&self.workspace.to_string())
    }

    pub fn request(&self, stage: Stage, owner: &str) -> BuildRequest {
        BuildRequest {
            build_id: Uuid::new_v4(),
            stage,
            steps: Steps::Two,
            version_dir: self.path("version"),
            work_dir: self.work_dir(),
            state: self.backend.endpoint(&self.workspace.to_string()),
            workspace: WorkspaceFacts {
                id: self.workspace,
                name: "w".to_owned(),
                ..WorkspaceFacts::default()
            },
            owner: Owner { username: owner.to_owned(), is_system: owner == "prebuilds", ..Owner::default() },
            parameters: BTreeMap::new(),
            previous_parameters: BTreeMap::new(),
            variables: BTreeMap::from([("owner".to_owned(), owner.to_owned())]),
            access_url: "http://127.0.0.1:3000".to_owned(),
            init_scripts: BTreeMap::from([("linux_amd64".to_owned(), "#!/bin/sh\nexec agent\n".to_owned())]),
            timeouts: Timeouts { grace: Duration::from_millis(500), ..Timeouts::default() },
            cancel: CancellationToken::new(),
        }
    }

    pub async fn import(&self) -> (Result<Imported, Error>, Arc<Remembered>) {
        self.import_with(BTreeMap::new()).await
    }

    /// With values of variables.
    pub async fn import_with(
        &self,
        variables: BTreeMap<String, String>,
    ) -> (Result<Imported, Error>, Arc<Remembered>) {
        let request =
            ImportRequest { version_dir: self.path("version"), variables, cancel: CancellationToken::new() };
        let observer = Arc::<Remembered>::default();
        let imported = self.engine.import(request, &*observer).await;
        (imported, observer)
    }

    pub async fn build(&self, stage: Stage, owner: &str) -> (Result<Built, Error>, Arc<Remembered>) {
        self.run(self.request(stage, owner)).await
    }

    pub async fn run(&self, request: BuildRequest) -> (Result<Built, Error>, Arc<Remembered>) {
        let observer = Arc::<Remembered>::default();
        let built = self.engine.build(request, &*observer).await;
        (built, observer)
    }
}

impl Bench {
    /// Of a claim of the member that `created` made; its state can only be read.
    pub fn rehearsal(&self, created: &BuildRequest) -> RehearseRequest {
        let mut claim = created.clone();
        claim.stage = Stage::Claim;
        claim.state = self.backend.read_only(&self.workspace.to_string());
        claim.workspace.name = "rehearsal".to_owned();
        claim.owner = Owner {
            id: Uuid::new_v4(),
            username: "rehearsal".to_owned(),
            full_name: "A rehearsal".to_owned(),
            email: "rehearsal@example.com".to_owned(),
            groups: vec!["Everyone".to_owned()],
            login_type: "password".to_owned(),
            is_system: false,
        };
        RehearseRequest {
            claim,
            member: created.owner.clone(),
            member_name: created.workspace.name.clone(),
            effort: Effort::default(),
        }
    }

    /// Makes a member, rehearses its claim, and checks that this left nothing behind.
    pub async fn rehearse(&self, created: &BuildRequest) -> Rehearsed {
        self.run(created.clone()).await.0.unwrap();
        self.rehearse_made(created).await
    }

    /// The same for a member that is there.
    pub async fn rehearse_made(&self, created: &BuildRequest) -> Rehearsed {
        let (before, files) = (self.state(), files_in(&self.path("")));
        let observer = Arc::<Remembered>::default();
        let rehearsed = self.engine.rehearse(self.rehearsal(created), &*observer).await.unwrap();
        assert_eq!(self.state(), before);
        assert_eq!(files_in(&self.path("")), files);
        assert_eq!((self.is_locked(), self.backend.refused()), (false, 0));
        rehearsed
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_in(&entry.path()));
        }
        found.push(entry.path());
    }
    found.sort();
    found
}

/// Processes that run in this folder.
pub fn processes_in(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let there =
        processes.filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|it| it.starts_with(folder)));
    there.filter_map(|process| fs::read_to_string(process.join("cmdline")).ok()).collect()
}

/// Nothing may run in this folder any more. The system takes a moment to end what it has been told to kill.
pub async fn assert_left(folder: &Path) {
    for _ in 0..100 {
        if processes_in(folder).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still running in {}: {:?}", folder.display(), processes_in(folder));
}
