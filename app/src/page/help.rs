//! `/help`, and `/help/keyboard`: what the words mean, and which keys do what.

use leptos::prelude::*;

use crate::{
    caller::caller,
    component::{
        panel::Panel,
        screen::{Page, Screen},
    },
    copy,
    error::AppError,
    view::Frame,
};

async fn load() -> Result<Frame, AppError> {
    let caller = caller().await?;
    caller.backend.frame(&caller.actor).await
}

#[component]
pub fn HelpPage() -> impl IntoView {
    view! { <Page load=load() draw=|_: Frame, _| Screen::new("Help", help())/> }
}

fn help() -> AnyView {
    let words = copy::GLOSSARY.map(|(word, meaning)| view! { <div><dt>{word}</dt><dd>{meaning}</dd></div> });
    view! {
        <header class="page-head"><div class="title"><h1 tabindex="-1">"Help"</h1></div></header>
        <Panel id="words" title="Words"><dl class="facts">{words.into_iter().collect_view()}</dl></Panel>
        <Panel id="more" title="More">
            <ul class="panel-body">
                <li><a href="/help/keyboard">"Keyboard"</a>": which keys do what"</li>
                <li><a href="/settings/preferences">"Preferences"</a>": theme, single keys, password"</li>
                <li><a href="/settings/tokens">"Tokens"</a>": for the command line and your own programs"</li>
            </ul>
        </Panel>
    }
    .into_any()
}

#[component]
pub fn KeyboardPage() -> impl IntoView {
    view! { <Page load=load() draw=|_: Frame, _| Screen::new("Keyboard", keyboard())/> }
}

fn keyboard() -> AnyView {
    let state = if crate::document::single_keys() { "on" } else { "off" };
    let rows = copy::KEYS.map(|(keys, what)| {
        let keys = keys.split(' ').map(|key| view! { <kbd>{key}</kbd>" " }).collect_view();
        view! { <div><dt>{what}</dt><dd>{keys}</dd></div> }
    });
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/help">"Help"</a></li>
                <li aria-current="page">"Keyboard"</li>
            </ol></nav>
            <div class="title"><h1 tabindex="-1">"Keyboard"</h1></div>
            <p class="sub">
                {format!("Single keys are {state} in this browser. ")}
                <a href="/settings/preferences#keys">"Preferences"</a>
            </p>
        </header>
        <Panel id="keys" title="Keys"><dl class="facts">{rows.into_iter().collect_view()}</dl></Panel>
    }
    .into_any()
}
