//! What the browser tests and the pictures of the dashboard need, in the feature `testkit` and never in what is shipped.
//!
//! `hearth seed` plays a week of a busy site into a fresh database: people push templates, the reconciler fills pools,
//! builds fail, claims meet drift. All of it goes through the functions that serve people, on a clock that stands until
//! the story moves it and with a stand-in for Terraform, so each run shows the same. `hearth serve --test-now` serves
//! the result without changing it, and has routes that move the clock, run a pass, and let builds end.

mod drift;
mod history;
mod log;
mod play;
mod routes;
mod story;
mod templates;
mod terraform;

use std::{
    io::{Write, stdout},
    sync::Arc,
};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use hearth_provisioner::Engine;

pub use routes::routes;

use self::{play::Play, terraform::Scripted};
use crate::{
    backend::identity::FirstAdmin, clock::Clock, config::Config, hearth::Hearth, serve, store::pulse::Pass,
};

/// Settings of `hearth seed`: those of the server that will serve it, whose first admin is made as well.
#[derive(Args)]
pub struct Seed {
    #[command(flatten)]
    config: Config,
    /// So many plain presets besides, whose pools are kept empty, for measuring
    #[arg(long, default_value_t = 0)]
    presets: u32,
}

/// Fills a fresh database, and prints the instant at which the scene is to be looked at.
pub async fn seed(Seed { config, presets }: Seed) -> anyhow::Result<()> {
    serve::prepare_data_dir(&config.data_dir)?;
    let clock = Clock::standing(story::beginning());
    let terraform = Arc::new(Scripted::new(clock.clone()));
    let local_url = format!("http://{}", config.listen);
    let (hearth, admin) = serve::open(config, local_url, (clock, terraform.clone())).await?;
    ensure!(
        admin == FirstAdmin::Made,
        "the database must be fresh, and HEARTH_ADMIN_USERNAME, HEARTH_ADMIN_EMAIL and HEARTH_ADMIN_PASSWORD name its admin"
    );
    let mut play = Play::new(hearth.clone(), terraform).await?;
    story::tell(&mut play, presets).await?;
    hearth.db.close().await;
    writeln!(stdout(), "{}", story::NOW)?;
    Ok(())
}

/// The stand-ins for clock and Terraform of a server that stands still.
pub(crate) fn tools(now: DateTime<Utc>) -> (Clock, Arc<dyn Engine>) {
    let clock = Clock::standing(now);
    (clock.clone(), Arc::new(Scripted::new(clock)))
}

/// On a server that stands still there was no pass: tells the foot of the dashboard of one all the same.
pub(crate) fn pretend_pass(hearth: &Hearth) {
    if hearth.clock.stands() {
        let at = hearth.clock.now() - TimeDelta::seconds(12);
        let next = at + TimeDelta::minutes(1);
        hearth.last_pass.set(Pass { number: 10_214, at, took_ms: 41, next });
    }
}
