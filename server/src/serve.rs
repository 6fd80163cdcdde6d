//! Starts and stops a whole server: the binary and the tests take the same way.
//!
//! Order of a start: data folder, listener, Terraform, database, key, first admin, routes, tasks. Whatever is missing
//! ends it with an error that says what to do. A stop cancels [`Hearth::shutdown`], on which every task and stream
//! ends by itself. Builds are given a moment, then they are cancelled, in a hurry, and Terraform saves its state through
//! the listener, which therefore ends last. What has not ended in time is dropped.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::serve::ListenerExt;
use hearth_provisioner::{Engine, EngineConfig, TerraformEngine};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    backend::identity::{self, FirstAdmin, Gate},
    clock::Clock,
    config::Config,
    demo,
    engine::{self, LastPass},
    error::Error,
    events::{Changes, Events},
    hearth::Hearth,
    http::{events, router},
    jobs, rotation,
    secrets::{self, Secrets},
    store::{self, Db},
};

/// The process may take 10 s to stop: most of it is for builds, then the listener, then the database.
const WORK_STOPS_WITHIN: Duration = Duration::from_secs(7);
const LISTENER_STOPS_WITHIN: Duration = Duration::from_secs(2);

/// Why the server did not start, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the data folder `{}` cannot be used: {source}. Make it writable, or choose another with --data-dir", path.display())]
    DataDir { path: PathBuf, source: io::Error },
    #[error("cannot listen on {address}: {source}. Choose another address with --listen")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the database URL must begin with postgres://. Mend --database-url or HEARTH_DATABASE_URL")]
    DatabaseUrl,
    #[error("the database cannot be opened: {0}")]
    Database(#[from] store::Error),
    #[error("{0}")]
    Secrets(#[from] secrets::Error),
    #[error("{0}")]
    Terraform(#[from] hearth_provisioner::Error),
    #[error("the access URL `{0}` must begin with http:// or https:// and have no path. Mend --access-url")]
    AccessUrl(String),
    #[error(
        "the first admin cannot be made: {0}. Mend HEARTH_ADMIN_USERNAME, HEARTH_ADMIN_EMAIL or HEARTH_ADMIN_PASSWORD"
    )]
    Admin(String),
    #[error("{0}")]
    Fault(#[from] Error),
}

/// A server that serves.
pub struct Running {
    /// Where browsers reach it.
    pub url: String,
    /// The code for `/setup`; `None` when somebody exists already.
    pub setup_code: Option<String>,
    /// Name and password of the demo's admin, if this start made them up.
    pub demo_admin: Option<(String, String)>,
    pub hearth: Hearth,
    /// The reconciler and the workers.
    work: TaskTracker,
    /// The listener and what hangs on it.
    serving: TaskTracker,
    /// Ends the listener, after the workers: Terraform saves its state through it.
    stop_listening: CancellationToken,
}

impl Running {
    /// Ends everything; returns when it has ended, within 10 s.
    pub async fn shutdown(self) {
        self.hearth.provisioner.hurry();
        self.hearth.shutdown.cancel();
        self.work.close();
        self.serving.close();
        ended(WORK_STOPS_WITHIN, &self.work).await;
        self.stop_listening.cancel();
        ended(LISTENER_STOPS_WITHIN, &self.serving).await;
        let _ = tokio::time::timeout(Duration::from_secs(1), self.hearth.db.close()).await;
    }
}

async fn ended(within: Duration, tasks: &TaskTracker) {
    if tokio::time::timeout(within, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "some tasks did not end in time and were dropped");
    }
}

/// Starts a server as configured.
pub async fn start(mut config: Config) -> Result<Running, StartError> {
    let invents_admin = config.demo && config.admin_password.is_none();
    if config.demo {
        demo::name_admin(&mut config);
    }
    prepare_data_dir(&config.data_dir)?;
    let listen_error = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let local_url = format!("http://{}", reachable(address));
    let tools = tools(&config)?;
    let (hearth, admin) = open(config, local_url, tools).await?;
    #[cfg(feature = "testkit")]
    crate::testkit::pretend_pass(&hearth);
    let setup_code = (admin == FirstAdmin::Missing).then(|| hearth.gate.open_setup());
    let demo_admin = hearth.config.admin_username.clone().zip(hearth.config.admin_password.clone());
    let demo_admin = demo_admin.filter(|_| invents_admin && admin == FirstAdmin::Made);
    let (work, serving, stop_listening) = (TaskTracker::new(), TaskTracker::new(), CancellationToken::new());
    serve_http(&hearth, (listener, stop_listening.clone()), &serving);
    work.spawn(events::translate(hearth.clone()));
    if !hearth.clock.stands() {
        work.spawn(engine::run(hearth.clone()));
        work.spawn(engine::watch::run(hearth.clone()));
        jobs::spawn(&hearth, &work);
        if hearth.config.demo {
            work.spawn(demo::run(hearth.clone()));
        }
    }
    let url = hearth.access_url.to_string();
    Ok(Running { url, setup_code, demo_admin, hearth, work, serving, stop_listening })
}

/// Everything but tasks and listener: database, key and first admin.
pub(crate) async fn open(
    config: Config,
    local_url: String,
    (clock, provisioner): Tools,
) -> Result<(Hearth, FirstAdmin), StartError> {
    let access_url = access_url(&config, &local_url)?;
    let db = open_database(&config).await?;
    let secrets = Secrets::load(config.secrets_key.as_deref(), &config.data_dir)?
        .after(config.secrets_key_previous.as_deref())?;
    if !secrets.verify(&db, clock.now()).await? {
        rotation::seal_again(&db, &secrets, &clock).await?;
    }
    let gate = Gate::default();
    let admin = first_admin(&db, &gate, &config, &clock).await?;
    let hearth = Hearth {
        db,
        clock,
        events: Events::default(),
        changes: Changes::default(),
        secrets,
        provisioner,
        access_url: access_url.into(),
        local_url: local_url.into(),
        agent_binary: agent_binary(&config)?.into(),
        last_pass: LastPass::default(),
        gate: Arc::new(gate),
        shutdown: CancellationToken::new(),
        config: Arc::new(config),
    };
    Ok((hearth, admin))
}

/// What a server works with.
type Tools = (Clock, Arc<dyn Engine>);

/// The machine's clock and Terraform; under test their stand-ins.
fn tools(config: &Config) -> Result<Tools, hearth_provisioner::Error> {
    #[cfg(feature = "testkit")]
    if let Some(now) = config.test_now {
        return Ok(crate::testkit::tools(now));
    }
    Ok((Clock::default(), provisioner(config)?))
}

fn serve_http(hearth: &Hearth, (listener, stop): (TcpListener, CancellationToken), tasks: &TaskTracker) {
    let service = router::router(hearth).into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|stream| {
        // Live updates and logs are small writes that must not wait for each other.
        let _ = stream.set_nodelay(true);
    });
    let server = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned());
    tasks.spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the listener ended");
        }
    });
}

pub(crate) fn prepare_data_dir(path: &Path) -> Result<(), StartError> {
    let fault = |source| StartError::DataDir { path: path.to_owned(), source };
    if !path.exists() {
        fs::create_dir_all(path).map_err(fault)?;
        // The database and the key in it are for this user alone.
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(path, private).map_err(fault)?;
    }
    tempfile::tempfile_in(path).map_err(fault)?;
    Ok(())
}

async fn open_database(config: &Config) -> Result<Db, StartError> {
    Ok(match &config.database_url {
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Db::open_postgres(url).await?
        }
        Some(_) => return Err(StartError::DatabaseUrl),
        None => Db::open_sqlite(&config.data_dir.join("hearth.db")).await?,
    })
}

async fn first_admin(db: &Db, gate: &Gate, config: &Config, clock: &Clock) -> Result<FirstAdmin, StartError> {
    match identity::admin_from_config(db, gate, config, clock.now()).await {
        Ok(admin) => Ok(admin),
        Err(Error::Invalid(fields)) => {
            let words: Vec<_> = fields.iter().map(|f| format!("{} {}", f.field, f.detail)).collect();
            Err(StartError::Admin(words.join("; ")))
        }
        Err(error) => Err(error.into()),
    }
}

fn access_url(config: &Config, local_url: &str) -> Result<String, StartError> {
    let url = config.access_url.as_deref().unwrap_or(local_url).trim_end_matches('/');
    let well_formed = url.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && matches!(uri.path(), "" | "/")
    });
    if well_formed { Ok(url.to_owned()) } else { Err(StartError::AccessUrl(url.to_owned())) }
}

/// Where this machine itself reaches an address that may mean "all".
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn agent_binary(config: &Config) -> Result<PathBuf, Error> {
    match &config.agent_binary {
        Some(path) => Ok(path.clone()),
        None => std::env::current_exe().map_err(|error| Error::Internal(format!("own binary: {error}"))),
    }
}

fn provisioner(config: &Config) -> Result<Arc<dyn Engine>, hearth_provisioner::Error> {
    let engine = TerraformEngine::new(&EngineConfig {
        terraform: config.terraform.clone(),
        run_dir: config.data_dir.join("run"),
        provider_env: config.provider_env.clone(),
    })?;
    tracing::info!(version = engine.version(), "found Terraform");
    Ok(Arc::new(engine))
}
