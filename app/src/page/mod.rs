//! One file a page: its component, its server functions, and the small components only it uses.

pub mod login;
pub mod not_found;
pub mod overview;
pub mod preset;
pub mod setup;
