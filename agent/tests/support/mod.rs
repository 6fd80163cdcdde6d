//! A server of the agent protocol that remembers what it was told, and can be away.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use futures::{StreamExt, stream};
use hearth_agent::{AgentConfig, protocol::*};
use tokio::{net::TcpListener, runtime::Runtime, sync::watch, task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub const TOKEN: &str = "2f1b4f4e-secret";

/// What the server knows and was told.
#[derive(Default)]
pub struct World {
    pub manifest: Option<Manifest>,
    /// The claim that the agent has to hear about.
    pub claim: Option<Reinit>,
    /// The workspace is nobody's prebuild.
    pub is_ordinary: bool,
    /// So many answers to log batches get lost after the lines were stored.
    pub lose_answers: u32,
    /// Acknowledgements are stored, but the claim is told again this often.
    pub repeat_claim: u32,
    /// The template's variables, after the first acknowledgement of a claim.
    pub environment_later: BTreeMap<String, String>,
    pub lifecycle: Vec<Lifecycle>,
    pub lines: BTreeMap<(Uuid, i64), LogLine>,
    pub batches: u32,
    pub completed: Vec<(Uuid, ScriptCompleted)>,
    pub metadata: Vec<MetadataValue>,
    pub acknowledged: Vec<Uuid>,
    pub asked_for_reinit: u32,
    pub manifests: u32,
    pub heartbeats: u32,
}

impl World {
    pub fn output(&self) -> Vec<&str> {
        self.lines.values().filter(|line| line.source != "agent").map(|line| line.output.as_str()).collect()
    }
}

/// Waits for the address: who went away before may still be closing its socket.
async fn bind(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse => sleep(Duration::from_millis(5)).await,
            bound => return bound.unwrap(),
        }
    }
}

#[derive(Clone)]
pub struct Server {
    world: Arc<Mutex<World>>,
    changed: watch::Sender<()>,
    address: SocketAddr,
    running: Arc<Mutex<Option<Runtime>>>,
}

impl Server {
    /// Not running yet.
    pub fn away(manifest: Manifest) -> Self {
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let world = World { manifest: Some(manifest), ..World::default() };
        Self {
            world: Arc::new(Mutex::new(world)),
            changed: watch::channel(()).0,
            address,
            running: Arc::default(),
        }
    }

    pub fn start(manifest: Manifest) -> Self {
        let server = Self::away(manifest);
        server.come_back();
        server
    }

    pub fn come_back(&self) {
        let runtime = Runtime::new().unwrap();
        let (address, app) = (self.address, router(self.clone()));
        let listener =
            std::thread::scope(|scope| scope.spawn(|| runtime.block_on(bind(address))).join().unwrap());
        runtime.spawn(async move { axum::serve(listener, app).await });
        *self.running.lock().unwrap() = Some(runtime);
    }

    /// Every connection breaks, as when the process is killed.
    pub fn go_away(&self) {
        self.running.lock().unwrap().take().unwrap().shutdown_background();
    }

    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let answer = change(&mut self.world.lock().unwrap());
        self.changed.send_replace(());
        answer
    }

    pub fn claim(&self, owner: &str) -> Uuid {
        self.change(|world| {
            let manifest = world.manifest.as_mut().unwrap();
            manifest.owner_username = owner.to_owned();
            manifest.owner_id = Uuid::new_v4();
            manifest.build_id = Uuid::new_v4();
            world.claim = Some(Reinit {
                reason: PREBUILD_CLAIMED.to_owned(),
                workspace_id: manifest.workspace_id,
                owner_id: manifest.owner_id,
            });
            manifest.build_id
        })
    }

    /// Waits until `condition` holds.
    pub async fn until(&self, what: &str, condition: impl Fn(&World) -> bool) {
        let mut changes = self.changed.subscribe();
        let holds = async {
            while !condition(&self.world.lock().unwrap()) {
                changes.changed().await.unwrap();
            }
        };
        if tokio::time::timeout(Duration::from_secs(20), holds).await.is_err() {
            let world = self.world.lock().unwrap();
            panic!("never: {what}; {:?}, {:?}", world.lifecycle, world.lines.values());
        }
    }

    pub async fn until_lifecycle(&self, states: &[Lifecycle]) {
        self.until(&format!("{states:?}"), |world| world.lifecycle.ends_with(states)).await;
    }

    pub fn agent(&self) -> Agent {
        let config = AgentConfig::new(&format!("http://{}/", self.address), TOKEN.to_owned()).unwrap();
        let stop = CancellationToken::new();
        Agent { task: tokio::spawn(hearth_agent::run(config, stop.clone())), stop }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A runtime may not be dropped inside another one.
        if Arc::strong_count(&self.running) == 1
            && let Some(runtime) = self.running.lock().unwrap().take()
        {
            runtime.shutdown_background();
        }
    }
}

pub struct Agent {
    task: JoinHandle<Result<(), hearth_agent::Error>>,
    stop: CancellationToken,
}

impl Agent {
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

fn router(server: Server) -> Router {
    let me = Router::new()
        .route("/manifest", get(manifest))
        .route("/lifecycle", post(lifecycle))
        .route("/heartbeat", post(heartbeat))
        .route("/logs", post(logs))
        .route("/scripts/{id}/completed", post(completed))
        .route("/metadata", post(metadata))
        .route("/reinit", get(reinit))
        .route("/reinit/acknowledge", post(acknowledge));
    Router::new().nest("/api/v2/workspaceagents/me", me).with_state(server)
}

async fn manifest(State(server): State<Server>, headers: HeaderMap) -> Response {
    assert_eq!(headers["coder-session-token"], TOKEN);
    let manifest = server.change(|world| {
        world.manifests += 1;
        world.manifest.clone()
    });
    manifest
        .map_or_else(|| StatusCode::UNAUTHORIZED.into_response(), |manifest| Json(manifest).into_response())
}

async fn lifecycle(State(server): State<Server>, Json(report): Json<LifecycleReport>) -> StatusCode {
    server.change(|world| world.lifecycle.push(report.state));
    StatusCode::NO_CONTENT
}

async fn heartbeat(State(server): State<Server>, Json(_): Json<Heartbeat>) -> StatusCode {
    server.change(|world| world.heartbeats += 1);
    StatusCode::NO_CONTENT
}

async fn logs(State(server): State<Server>, Json(batch): Json<LogBatch>) -> Response {
    server.change(|world| {
        world.batches += 1;
        let next = batch.first + batch.lines.len() as i64;
        for (sequence, line) in (batch.first..).zip(batch.lines) {
            let known = world.lines.insert((batch.run_id, sequence), line.clone());
            assert!(known.is_none_or(|known| known == line), "sequence {sequence} names two lines");
        }
        if world.lose_answers > 0 {
            world.lose_answers -= 1;
            return StatusCode::BAD_GATEWAY.into_response();
        }
        Json(LogAcknowledged { next }).into_response()
    })
}

async fn completed(
    State(server): State<Server>,
    Path(script): Path<Uuid>,
    Json(end): Json<ScriptCompleted>,
) -> StatusCode {
    server.change(|world| world.completed.push((script, end)));
    StatusCode::NO_CONTENT
}

async fn metadata(State(server): State<Server>, Json(report): Json<MetadataReport>) -> StatusCode {
    server.change(|world| world.metadata.extend(report.items));
    StatusCode::NO_CONTENT
}

async fn acknowledge(State(server): State<Server>, Json(body): Json<ReinitAcknowledge>) -> StatusCode {
    server.change(|world| {
        world.acknowledged.push(body.build_id);
        if world.claim.is_some() && world.manifest.as_ref().unwrap().build_id == body.build_id {
            if world.repeat_claim > 0 {
                world.repeat_claim -= 1;
                let later = std::mem::take(&mut world.environment_later);
                world.manifest.as_mut().unwrap().environment.extend(later);
            } else {
                world.claim = None;
                world.is_ordinary = true;
            }
        }
    });
    StatusCode::NO_CONTENT
}

async fn reinit(State(server): State<Server>) -> Response {
    let mut changes = server.changed.subscribe();
    if server.change(|world| {
        world.asked_for_reinit += 1;
        world.is_ordinary
    }) {
        return StatusCode::CONFLICT.into_response();
    }
    let event = async move {
        loop {
            if let Some(claim) = server.world.lock().unwrap().claim.clone() {
                return Ok::<_, std::convert::Infallible>(
                    Event::default().event("data").json_data(claim).unwrap(),
                );
            }
            changes.changed().await.unwrap();
        }
    };
    let ping = Event::default().event("ping");
    let events = stream::once(async { Ok(ping) }).chain(stream::once(event)).chain(stream::pending());
    Sse::new(events).keep_alive(KeepAlive::new()).into_response()
}

/// A workspace in the pool with these start scripts.
pub fn pool_member(scripts: &[&str]) -> Manifest {
    Manifest {
        agent_id: Uuid::new_v4(),
        agent_name: "main".to_owned(),
        workspace_id: Uuid::new_v4(),
        workspace_name: "prebuild-1".to_owned(),
        build_id: Uuid::new_v4(),
        owner_id: Uuid::new_v4(),
        owner_username: "prebuilds".to_owned(),
        owner_email: "prebuilds@system".to_owned(),
        directory: String::new(),
        environment: BTreeMap::new(),
        scripts: scripts.iter().map(|text| start_script(text)).collect(),
        metadata: Vec::new(),
    }
}

pub fn start_script(text: &str) -> Script {
    Script {
        id: Uuid::new_v4(),
        display_name: "Set-up".to_owned(),
        script: text.to_owned(),
        cron: String::new(),
        run_on_start: true,
        run_on_stop: false,
        start_blocks_login: true,
        timeout_seconds: 0,
    }
}
