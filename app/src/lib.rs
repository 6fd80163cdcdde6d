//! The dashboard: pages as Leptos components, compiled to server HTML and to wasm.
//!
//! Every page is one resource, drawn on the server (`SsrMode::Async`, so that it is complete without scripts and can
//! set its own status) and taken over in the browser, which reads the resource again when the event stream says that
//! something it shows has changed. Acts are forms; filters and dialogs are addresses.
#![expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]

pub mod address;
#[cfg(feature = "ssr")]
mod answer;
#[cfg(feature = "ssr")]
pub mod backend;
#[cfg(feature = "ssr")]
pub mod caller;
pub mod component;
pub mod copy;
#[cfg(feature = "ssr")]
pub mod document;
pub mod error;
pub mod page;
pub mod view;
mod zone;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use component::{live::Live, screen::watch_navigation, theme::ThemeState, time::Tick};
use page::{
    drift::DriftPage, login::LoginPage, not_found::NotFoundPage, overview::OverviewPage, preset::PresetPage,
    setup::SetupPage, workspace::WorkspacePage, workspaces::WorkspacesPage,
};

/// The whole dashboard.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(Live::default());
    provide_context(Tick::start());
    view! {
        <Title formatter=|page: String| format!("{page} · Hearth")/>
        <Router>
            <Frame/>
        </Router>
    }
}

#[component]
fn Frame() -> impl IntoView {
    watch_navigation();
    provide_context(ThemeState::start());
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async/>
            <Route path=path!("/presets/:template/:preset") view=PresetPage ssr=SsrMode::Async/>
            <Route path=path!("/workspaces") view=WorkspacesPage ssr=SsrMode::Async/>
            <Route path=path!("/workspaces/:id") view=WorkspacePage ssr=SsrMode::Async/>
            <Route path=path!("/drift") view=DriftPage ssr=SsrMode::Async/>
            <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
            <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
            <Route path=path!("/*any") view=NotFoundPage ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}
