//! The agent: runs inside a workspace.
//!
//! It fetches its manifest, runs the workspace's scripts, and tells the server what happens. A **round** is everything
//! that runs for one manifest: start scripts, schedules, metadata. When a prebuild is claimed the round ends, with
//! every process it started, and the next one begins with the manifest of the new owner.
//!
//! The server may be away at any time, and the agent must not care: what the server has to hear waits in two queues
//! ([`reports`] in order, [`logs`] by sequence) that are sent again until it has confirmed them, and scripts never
//! wait for the network.

mod client;
mod clock;
mod config;
mod environment;
mod error;
pub mod first_process;
mod logs;
mod metadata;
mod process;
pub mod protocol;
mod reinit;
mod reports;
mod round;
mod run;
mod schedule;
mod scripts;

pub use config::AgentConfig;
pub use error::Error;
pub use run::run;
