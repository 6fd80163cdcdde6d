//! The imperative ring around `prebuilds`.

mod last_pass;

pub use last_pass::{LastPass, Pass};
