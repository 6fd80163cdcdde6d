//! HTTP: routes, who is calling, and the one place where an error becomes a status code.

pub mod agents;
pub mod api;
pub mod assets;
pub mod auth;
pub mod binary;
pub mod csrf;
pub mod envelope;
pub mod error;
pub mod events;
pub mod extract;
pub mod health;
pub mod metrics;
pub mod pages;
pub mod router;
pub mod state;
