//! Which address leads to which page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::page::{
    activity::ActivityPage,
    cause::CausePage,
    drift::DriftPage,
    help::{HelpPage, KeyboardPage},
    inbox::InboxPage,
    login::LoginPage,
    not_found::NotFoundPage,
    overview::OverviewPage,
    preset::PresetPage,
    search::SearchPage,
    settings::{PeoplePage, PreferencesPage, ReconcilerPage, TokensPage},
    setup::SetupPage,
    simulate::SimulatePage,
    template::TemplatePage,
    templates::TemplatesPage,
    upload::UploadPage,
    version::VersionPage,
    workspace::WorkspacePage,
    workspaces::WorkspacesPage,
};

/// Titles name what people have named, and nothing else escapes them.
fn title(page: String) -> String {
    format!("{} · Hearth", page.replace('&', "&amp;").replace('<', "&lt;"))
}

/// The whole dashboard. Each page waits for its data (`SsrMode::Async`), so that it is complete without scripts and
/// can set its own status.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=title/>
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async/>
                <Route path=path!("/presets/:template/:preset") view=PresetPage ssr=SsrMode::Async/>
                <Route path=path!("/presets/:template/:preset/simulate") view=SimulatePage ssr=SsrMode::Async/>
                <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async/>
                <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async/>
                <Route path=path!("/inbox") view=InboxPage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=PreferencesPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/reconciler") view=ReconcilerPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/users") view=PeoplePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/tokens") view=TokensPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/preferences") view=PreferencesPage ssr=SsrMode::Async/>
                <Route path=path!("/help") view=HelpPage ssr=SsrMode::Async/>
                <Route path=path!("/help/keyboard") view=KeyboardPage ssr=SsrMode::Async/>
                <Route path=path!("/templates") view=TemplatesPage ssr=SsrMode::Async/>
                <Route path=path!("/templates/new") view=UploadPage ssr=SsrMode::Async/>
                <Route path=path!("/templates/:template") view=TemplatePage ssr=SsrMode::Async/>
                <Route path=path!("/templates/:template/versions/:version") view=VersionPage ssr=SsrMode::Async/>
                <Route path=path!("/workspaces") view=WorkspacesPage ssr=SsrMode::Async/>
                <Route path=path!("/workspaces/:id") view=WorkspacePage ssr=SsrMode::Async/>
                <Route path=path!("/drift") view=DriftPage ssr=SsrMode::Async/>
                <Route path=path!("/drift/:cause") view=CausePage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
                <Route path=path!("/*any") view=NotFoundPage ssr=SsrMode::Async/>
            </FlatRoutes>
        </Router>
    }
}
