//! Runs the real terraform (or tofu).

mod assemble;
mod build;
mod command;
mod engine;
mod environment;
mod find;
mod group;
pub(crate) mod object;
mod run;
mod stream;
mod version;
mod workdir;

pub use engine::{EngineConfig, TerraformEngine};
