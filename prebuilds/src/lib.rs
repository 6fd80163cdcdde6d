//! The decisions of Hearth: what to create, delete and leave alone, and why. Pure values in, pure values out.
//!
//! The engine reads a [`snapshot`] of each preset and calls [`decide`]. That is two steps, which can also be taken
//! one by one: [`calculate_state`] counts (the diagnosis), [`calculate_actions`] says what to do about it. Nothing in
//! here reads a clock or does I/O, and no decision can fail: whatever is wrong with a preset (a schedule that cannot
//! be followed, say) is a fact which becomes a [`Reason`]. What would happen over weeks is tried out by
//! [`simulate`](mod@simulate), which takes the seed of its random numbers as an argument.
//!
//! Words: a *preset* with a pool wants a number of *prebuilds*, its *members*: workspaces of the system user that a
//! person can claim. A member is *running* when its latest build is a succeeded start, *eligible* when its agents are
//! ready as well, *expired* when it is too old or was invalidated, *extraneous* when it is one too many. A preset is
//! *active* when its version is the active one of a template that is neither deleted nor deprecated.
#![warn(missing_docs)]

pub mod actions;
mod backoff;
pub mod changes;
mod cron;
pub mod decide;
pub mod document;
pub mod ids;
mod instant;
mod json;
pub mod matching;
pub mod policy;
pub mod pool_state;
pub mod reason;
pub mod schedule;
pub mod simulate;
pub mod snapshot;
pub mod stage;
pub mod state;
mod target;
pub mod words;

pub use actions::{Action, DeleteReason, calculate_actions};
pub use backoff::failures_in_a_row;
pub use decide::{Decision, decide};
pub use matching::best_match;
pub use reason::Reason;
pub use state::{State, calculate_state};
pub use target::next_change;
