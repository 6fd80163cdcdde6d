//! What an act has done, in one sentence on the page it led to; a script makes a toast of it. The address carries only
//! the name of the sentence, so nobody can put words into it.

use leptos::prelude::*;

use crate::{
    component::{notice::Notice, screen::query},
    copy::{self, Tone},
    icon::{Icon, Shape},
};

/// What a page knows better about the act that has led to it.
#[derive(Default)]
pub struct Told {
    /// In place of the sentence named by `?done=`.
    pub sentence: Option<String>,
    /// The form that undoes it, with a button from [`undo`].
    pub undo: Option<AnyView>,
}

/// The button of a form that undoes what was just done.
pub fn undo() -> AnyView {
    view! { <button class="button" data-size="small" data-doing="Undoing…">"Undo"</button> }.into_any()
}

/// The sentence named by `?done=`, with the way back.
#[component]
pub fn Flash(told: Told) -> impl IntoView {
    let Told { sentence, undo } = told;
    view! {
        <div class="flash">
            {copy::done(&query("done")).map(|usual| view! {
                <Notice tone=Tone::Ok shape=Shape::Check>
                    <p>{sentence.unwrap_or(usual.to_owned())}</p>
                    <div class="actions">
                        {undo}
                        <button class="button" type="button" data-kind="plain" data-icon="" data-dismiss="" hidden=true aria-label="Dismiss">
                            <Icon href="#i-close"/>
                        </button>
                    </div>
                </Notice>
            })}
        </div>
    }
    .into_any()
}
