//! Tests of the decisions: tables whose case names are sentences, and properties that hold for every preset.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod backoff;
mod changes;
mod corpus;
mod counts;
mod document;
mod holds;
mod matching;
mod preset;
mod properties;
mod reasons;
mod removals;
mod schedule;
mod simulate;
mod stages;
mod wake;
