//! The dashboard: pages as Leptos components, compiled to server HTML and to wasm.

#[cfg(feature = "ssr")]
pub mod backend;
pub mod error;
pub mod view;

use leptos::prelude::*;

#[component]
pub fn App() -> impl IntoView {
    view! { <p>"Hearth"</p> }
}
