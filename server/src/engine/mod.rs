//! The imperative ring around `prebuilds`.

pub mod claim;
mod create;
pub mod drift;
pub mod elapsed;
mod health;
pub mod known_drift;
mod last_pass;
pub mod names;
mod prune;
pub mod reconcile;
pub(crate) mod record;
pub mod rehearsal;
pub(crate) mod remove;
mod run;
pub(crate) mod tell;
pub mod transitions;
pub mod watch;

pub use last_pass::LastPass;
pub use run::run;
pub use tell::{KINDS, ONES_OWN};
