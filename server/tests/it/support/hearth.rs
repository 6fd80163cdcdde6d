//! Everything but HTTP, workers and Terraform: for tests of the backend and the engine on a database.

use std::sync::Arc;

use async_trait::async_trait;
use hearth_app::backend::{Actor, Role};
use hearth_prebuilds::ids::UserId;
use hearth_provisioner::{
    Engine, Error,
    engine::{BuildRequest, Built, ImportRequest, Imported, Observer},
    rehearsal::{RehearseRequest, Rehearsed},
};
use hearth_server::{
    clock::Clock,
    engine::LastPass,
    events::{Changes, Events},
    hearth::Hearth,
    secrets::Secrets,
    store::Db,
};
use tokio_util::sync::CancellationToken;

use super::server::config;

/// Runs nothing: whoever needs a build done says what it came to.
struct NoTerraform;

#[async_trait]
impl Engine for NoTerraform {
    async fn import(&self, _: ImportRequest, _: &dyn Observer) -> Result<Imported, Error> {
        unreachable!("this test runs no Terraform")
    }

    async fn build(&self, _: BuildRequest, _: &dyn Observer) -> Result<Built, Error> {
        unreachable!("this test runs no Terraform")
    }

    async fn rehearse(&self, _: RehearseRequest, _: &dyn Observer) -> Result<Rehearsed, Error> {
        unreachable!("this test runs no Terraform")
    }
}

/// A server's inside on this database.
pub fn hearth(db: Db) -> Hearth {
    let folder = std::env::temp_dir();
    Hearth {
        db,
        clock: Clock::default(),
        events: Events::default(),
        changes: Changes::default(),
        secrets: Secrets::load(Some(&"7f".repeat(32)), &folder).unwrap(),
        config: Arc::new(config(folder.clone())),
        provisioner: Arc::new(NoTerraform),
        access_url: "http://hearth.example".into(),
        local_url: "http://hearth.example".into(),
        agent_binary: folder.into(),
        last_pass: LastPass::default(),
        gate: Arc::default(),
        shutdown: CancellationToken::new(),
    }
}

pub fn actor(user_id: UserId, username: &str, role: Role) -> Actor {
    Actor { user_id, username: username.to_owned(), role }
}
