//! The engine with the real terraform on PATH.

mod builds;
mod support;
