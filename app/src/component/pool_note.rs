//! The one sentence about a pool.

use leptos::prelude::*;

use crate::copy::{Note, in_a_line};

/// Without its link.
#[component]
pub fn PoolNote(
    note: Note,
    /// In a table, where it is to take one line; what is cut off of it is in a title.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let Note { strong, said, rest, .. } = note;
    let said = said.map(|said| {
        let shown = if short { in_a_line(&said) } else { said.clone() };
        let title = (shown != said).then_some(said);
        view! { <span title=title>{format!("“{shown}”.")}</span>" " }
    });
    view! { {(!strong.is_empty()).then(|| view! { <b>{strong}</b>" " })}{said}{rest} }.into_any()
}
