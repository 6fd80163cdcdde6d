//! How the reconciler is set, for those who read pools. The values come from flags and the environment and are
//! changed there; pausing is the one thing that is done here.

use std::time::Duration;

use hearth_app::{backend::Actor, view::ReconcilerView};
use hearth_prebuilds::words::duration;

use super::frame;
use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

pub async fn reconciler(hearth: &Hearth, actor: &Actor) -> Result<ReconcilerView> {
    Error::unless(
        actor.role.reads_pools(),
        "Only template admins and auditors see the reconciler's settings.",
    )?;
    let config = &hearth.config;
    let time = |duration_of: Duration| duration(duration_of.as_secs());
    let hard_limit = match config.failure_hard_limit {
        0 => "never".to_owned(),
        limit => format!("after {limit} failed builds in a row"),
    };
    let keep = format!("{} d, at most {} a preset", config.decisions_keep_days, config.decisions_keep_count);
    let settings = [
        ("Looks at every pool at least every", time(config.reconcile_interval), "HEARTH_RECONCILE_INTERVAL"),
        ("Each failure adds a wait of", time(config.backoff_interval), "HEARTH_BACKOFF_INTERVAL"),
        ("A failure counts for", time(config.backoff_lookback), "HEARTH_BACKOFF_LOOKBACK"),
        ("Stops creating", hard_limit, "HEARTH_FAILURE_HARD_LIMIT"),
        ("Builds at the same time", config.workers.to_string(), "HEARTH_WORKERS"),
        ("Keeps decisions for", keep, "HEARTH_DECISIONS_KEEP_DAYS, HEARTH_DECISIONS_KEEP_COUNT"),
    ];
    Ok(ReconcilerView {
        frame: frame::frame(hearth, actor).await?,
        settings: settings.map(|(what, value, name)| (what.to_owned(), value, name.to_owned())).to_vec(),
        leads: hearth.last_pass.get().is_some(),
    })
}
