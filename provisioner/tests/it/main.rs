//! The engine and the provider with the real terraform on PATH.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod builds;
mod coder;
mod faults;
mod imports;
mod provider;
mod rehearsals;
mod samples;
mod support;
