//! One file a page: its component, its server functions, and the small components only it uses. Two pages keep a part
//! of theirs in a second file of the same name.

pub mod drift;
pub mod login;
pub mod not_found;
pub mod overview;
pub mod preset;
pub mod preset_dialogs;
pub mod setup;
pub mod workspace;
pub mod workspace_panels;
pub mod workspaces;
