//! Pools on whole servers: real Terraform, real agents, over HTTP.

mod claim;
mod drift;
mod errored_state;
mod kill;
