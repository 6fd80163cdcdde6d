//! The decisions of Hearth: what to create, delete and leave alone, and why. Pure values in, pure values out.
#![warn(missing_docs)]

pub mod ids;
pub mod pool_state;
pub mod snapshot;
