//! A page that cannot be shown: says why, with the status that belongs to it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::{
    caller::see_other,
    component::{nav::Brand, panel::CommandLine},
    error::AppError,
    page::login::login_href,
};

/// What stands in place of a page.
#[component]
pub fn Failure(error: AppError) -> impl IntoView {
    match error {
        AppError::NotSetUp => sent_on("/setup"),
        AppError::Unauthenticated => {
            let (path, search) = asked();
            sent_on(&login_href(&path, &search))
        }
        AppError::NotFound { .. } => {
            let text = format!("{error} It may have been removed, or it is not yours to see.");
            view! { <Explained title="Not found" text/> }.into_any()
        }
        AppError::Forbidden { .. } => {
            view! { <Explained title="Not allowed" text=error.to_string()/> }.into_any()
        }
        _ => failed(&error),
    }
}

/// Where somebody wanted to go: path and query.
fn asked() -> (String, String) {
    let location = use_location();
    (location.pathname.get_untracked(), location.search.get_untracked())
}

/// A fault of the server, which may be gone by the next time; who looks for it needs the reference.
fn failed(error: &AppError) -> AnyView {
    let (path, search) = asked();
    let again = if search.is_empty() { path } else { format!("{path}?{search}") };
    let reference = match error {
        AppError::Unexpected { reference } => Some(reference.clone()),
        _ => None,
    };
    let title = "Something failed";
    view! {
        <Title text=title/>
        <Alone title text=error.to_string() again>
            {reference.map(|reference| view! { <CommandLine command=reference label="Reference"/> })}
        </Alone>
    }
    .into_any()
}

/// Nothing to see: the response leads on.
pub fn sent_on(path: &str) -> AnyView {
    see_other(path);
    ().into_any()
}

/// A page of one heading, one sentence and one way on.
#[component]
pub fn Explained(title: &'static str, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <Title text=title/>
        <Alone title text/>
    }
    .into_any()
}

/// What such a page shows.
#[component]
pub fn Alone(
    title: &'static str,
    text: String,
    /// What may be there by the next time.
    #[prop(optional, into)]
    again: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="header"><Brand/></header>
        <main class="main alone" id="main">
            <h1 tabindex="-1">{title}</h1>
            <p>{text}</p>
            {children.map(|children| children())}
            <p class="actions">
                {again.map(|href| view! { <a class="button" data-kind="primary" href=href>"Try again"</a> })}
                <a class="button" href="/">"Go to the overview"</a>
            </p>
        </main>
    }
    .into_any()
}
