//! The shell: everything of Hearth that touches the world.
//!
//! `http -> backend -> {engine, store}`, `engine -> {prebuilds, store, jobs, clock}`; `store` knows nobody.

pub mod agents;
pub mod backend;
pub mod clock;
pub mod command;
pub mod config;
pub mod demo;
pub mod engine;
pub mod error;
pub mod events;
pub mod hearth;
pub mod http;
pub mod import;
pub mod jobs;
pub mod names;
pub mod parameters;
pub mod request_id;
pub mod rotation;
pub mod secrets;
pub mod serve;
pub mod state;
pub mod store;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod variables;
