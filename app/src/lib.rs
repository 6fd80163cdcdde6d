//! The dashboard: pages as Leptos components, drawn by the server, and the little that runs in the browser.
//!
//! A page is its data, drawn: there is no state in it, and nothing of it is drawn a second time in the browser. Acts
//! are forms; filters and dialogs are addresses. Live updates, and links and forms that do not leave the document, are
//! the business of [`browser`], which puts what the server draws anew into the page on screen.
#![recursion_limit = "256"]
#![expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]

#[cfg(feature = "ssr")]
pub mod address;
pub mod age;
#[cfg(feature = "ssr")]
mod answer;
#[cfg(feature = "ssr")]
pub mod backend;
pub mod browser;
#[cfg(feature = "ssr")]
pub mod caller;
#[cfg(feature = "ssr")]
pub mod component;
#[cfg(feature = "ssr")]
pub mod copy;
#[cfg(feature = "ssr")]
pub mod document;
#[cfg(feature = "ssr")]
pub mod error;
pub mod icon;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
pub mod time;
#[cfg(feature = "ssr")]
mod typed;
#[cfg(feature = "ssr")]
pub mod view;
#[cfg(feature = "ssr")]
pub mod words;
#[cfg(feature = "ssr")]
mod zone;
