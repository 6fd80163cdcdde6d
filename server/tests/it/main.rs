//! Tests of the whole server, and of the store on both databases. One binary, so that it links once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod agents;
mod api;
mod cloud;
mod command;
mod engine;
mod pages;
mod planted;
mod plugin;
mod pool;
mod state;
mod stop;
mod store;
mod support;
