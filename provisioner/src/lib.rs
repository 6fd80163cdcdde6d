//! Runs Terraform for Hearth.

pub mod archive;
pub mod engine;
pub mod error;
mod import;
pub mod plan;
pub mod provider;
pub mod rehearsal;
pub mod sources;
mod terraform;

pub use engine::{Engine, Observer};
pub use error::Error;
pub use terraform::{EngineConfig, TerraformEngine};
