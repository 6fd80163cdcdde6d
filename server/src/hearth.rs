//! Everything the shell needs to touch the world: made once at start, shared by all tasks and requests.

use std::{path::Path, sync::Arc};

use hearth_provisioner::Engine;
use tokio_util::sync::CancellationToken;

use crate::{
    backend::identity::Gate,
    clock::Clock,
    config::Config,
    engine::LastPass,
    events::{Changes, Events},
    secrets::Secrets,
    store::Db,
};

/// One running server.
#[derive(Clone)]
pub struct Hearth {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    /// What open pages hear of them.
    pub changes: Changes,
    pub secrets: Secrets,
    pub config: Arc<Config>,
    /// Runs Terraform.
    pub provisioner: Arc<dyn Engine>,
    /// Where browsers and agents reach this server; no trailing slash.
    pub access_url: Arc<str>,
    /// Where Terraform, on this machine, reaches this server; no trailing slash.
    pub local_url: Arc<str>,
    /// The file handed out at `/bin/hearth-<os>-<arch>`: this very binary, except under test.
    pub agent_binary: Arc<Path>,
    /// The newest pass of the reconciler in this process.
    pub last_pass: LastPass,
    /// The set-up code and the count of failed log-ins.
    pub gate: Arc<Gate>,
    /// Ends every task and every stream.
    pub shutdown: CancellationToken,
}
