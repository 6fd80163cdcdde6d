//! One file a page: its component, its server functions, and the small components only it uses. Larger pages keep a
//! part of theirs in a second file whose name begins the same.

pub mod activity;
mod activity_groups;
pub mod cause;
pub mod drift;
pub mod first_steps;
pub mod help;
pub mod inbox;
pub mod login;
pub mod not_found;
pub mod overview;
pub mod overview_table;
pub mod preset;
pub mod preset_acts;
pub mod preset_dialogs;
pub mod preset_drift;
mod preset_members;
mod preset_record;
mod preset_values;
pub mod search;
pub mod settings;
pub mod setup;
pub mod simulate;
pub mod template;
pub mod template_dialogs;
pub mod template_presets;
pub mod templates;
pub mod upload;
pub mod version;
pub mod workspace;
pub mod workspace_panels;
pub mod workspaces;
mod workspaces_bulk;
mod workspaces_saved;
