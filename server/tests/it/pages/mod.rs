//! What the pages show, from rows that the store and the engine wrote.

mod bulk;
mod drift;
mod inbox;
mod notices;
mod overview;
mod preset;
mod saved_filters;
mod scene;
mod search;
mod templates;
mod uploads;
mod workspace;
mod workspaces;
