//! Runs the real terraform (or tofu).

pub(crate) mod assemble;
mod build;
mod command;
mod empty_state;
mod engine;
mod environment;
mod find;
mod group;
pub(crate) mod object;
mod rehearse;
pub(crate) mod run;
mod scratch;
pub(crate) mod stream;
mod version;
mod workdir;

pub use engine::{EngineConfig, TerraformEngine};
