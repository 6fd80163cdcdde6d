//! What two pages or more are made of.

pub mod ansi;
pub mod badge;
pub mod dialog;
pub mod expect;
pub mod failure;
pub mod field;
pub mod filters;
pub mod flash;
pub mod log_view;
pub mod nav;
pub mod notice;
pub mod occurrence;
pub mod palette;
pub mod panel;
pub mod pool_chart;
pub mod pool_note;
pub mod screen;
pub mod series;
pub mod slots;
pub mod spark;
pub mod stage_rail;
pub mod theme;
pub mod week_strip;
pub mod why;
pub mod workspace_table;
