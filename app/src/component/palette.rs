//! The command palette: a dialog on every page, opened by a script. Its list is drawn by the server, on `/search`;
//! without scripts that page is the same.

use leptos::prelude::*;

/// One line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub href: String,
    pub label: String,
    pub note: String,
}

/// The dialog, closed. Live updates leave it alone.
#[component]
pub fn Palette(
    /// With their headings; what is not there yet is fetched when it opens.
    groups: Vec<(&'static str, Vec<Choice>)>,
    /// In place of choices.
    nothing: Option<String>,
) -> impl IntoView {
    let count: usize = groups.iter().map(|(_, choices)| choices.len()).sum();
    let spoken = nothing.clone().unwrap_or_else(|| crate::copy::counted(count, "result"));
    let mut numbers = 0..;
    let groups = groups.into_iter().map(|(title, choices)| {
        let options = choices.into_iter().zip(numbers.by_ref()).map(option).collect_view();
        view! {
            <div role="group" aria-label=title><span class="group" aria-hidden="true">{title}</span>{options}</div>
        }
    });
    let groups = groups.collect_view();
    view! {
        <dialog class="dialog palette" id="palette" aria-label="Go to" data-kept="">
            <form action="/search" method="get">
                <input
                    class="input"
                    id="palette-q"
                    name="q"
                    type="text"
                    role="combobox"
                    aria-label="Go to"
                    aria-autocomplete="list"
                    aria-controls="palette-list"
                    aria-expanded="true"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder="Page, preset, workspace or act"
                />
            </form>
            <div id="palette-found">
                <div role="listbox" id="palette-list" aria-label="Results">{groups}</div>
                {nothing.map(|nothing| view! { <p class="empty-row">{nothing}</p> })}
                <p class="sr-only" role="status">{spoken}</p>
            </div>
            <p class="dialog-foot hint">
                <kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" move · "<kbd>"Enter"</kbd>" open · "<kbd>"Esc"</kbd>" close"
            </p>
        </dialog>
    }
    .into_any()
}

/// The first one is what Enter opens.
fn option((choice, number): (Choice, u32)) -> impl IntoView {
    let Choice { href, label, note } = choice;
    let selected = if number == 0 { "true" } else { "false" };
    view! {
        <a role="option" id=format!("palette-{number}") href=href tabindex="-1" aria-selected=selected>
            <span>{label}</span><span class="muted">{note}</span>
        </a>
    }
}
