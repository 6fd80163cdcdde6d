//! The agent: runs inside a workspace.

pub mod protocol;
