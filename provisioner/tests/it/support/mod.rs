//! What a test needs to stand in for the server: a state backend, an observer, requests.

pub mod backend;
pub mod bench;
pub mod observer;
