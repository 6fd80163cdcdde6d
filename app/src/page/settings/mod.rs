//! `/settings`: the reconciler, people, tokens, and one's own preferences.

mod people;
mod person_dialogs;
mod preferences;
mod reconciler;
mod tokens;

use leptos::prelude::*;

pub use people::PeoplePage;
pub use preferences::PreferencesPage;
pub use reconciler::ReconcilerPage;
pub use tokens::TokensPage;

use crate::view::Frame;

/// The heading of a page of settings, and the way to the others. Those of the server are for people who read pools.
#[component]
fn Head(frame: Frame, here: &'static str) -> impl IntoView {
    let all = [
        ("/settings/reconciler", "Reconciler", frame.reads_pools),
        ("/settings/users", "Users", frame.reads_pools),
        ("/settings/tokens", "Tokens", true),
        ("/settings/preferences", "Preferences", true),
    ];
    let links = all.into_iter().filter(|(_, _, shown)| *shown).map(|(href, label, _)| {
        let current = (href == here).then_some("page");
        view! { <a href=href aria-current=current>{label}</a> }
    });
    let links = links.collect_view();
    let title = all.into_iter().find(|(href, ..)| *href == here).map(|(_, label, _)| label);
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">{title}</h1></div>
            <nav class="segments" aria-label="Settings">{links}</nav>
        </header>
    }
    .into_any()
}
