//! What two pages or more are made of.

pub mod badge;
pub mod dialog;
pub mod failure;
pub mod field;
pub mod filters;
pub mod icon;
pub mod live;
pub mod nav;
pub mod notice;
pub mod screen;
pub mod send_to;
pub mod slots;
pub mod theme;
pub mod time;
