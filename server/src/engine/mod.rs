//! The imperative ring around `prebuilds`.
