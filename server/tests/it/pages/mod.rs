//! What the pages show, from rows that the store and the engine wrote.

mod drift;
mod overview;
mod preset;
mod scene;
mod templates;
mod uploads;
mod workspace;
mod workspaces;
