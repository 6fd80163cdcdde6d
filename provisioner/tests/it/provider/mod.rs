//! The `coder/coder` provider, and the sample templates, against a real Terraform.

mod claims;
mod parameters;
mod refusals;
mod samples;
mod sockets;
mod table;
mod terraform;
