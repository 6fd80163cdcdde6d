//! The `coder/coder` provider against a real Terraform.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod claims;
mod parameters;
mod samples;
mod table;
mod terraform;
