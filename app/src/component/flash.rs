//! What an act has done, in one sentence on the page it led to. The address carries only the name of the sentence,
//! so nobody can put words into it.

use leptos::prelude::*;

use crate::{
    component::{notice::Notice, screen::query},
    copy::{self, Tone},
    icon::Shape,
};

/// The sentence named by `?done=`.
#[component]
pub fn Flash() -> impl IntoView {
    view! {
        <div class="flash" role="status">
            {copy::done(&query("done")).map(|sentence| view! {
                <Notice tone=Tone::Ok shape=Shape::Check><p>{sentence}</p></Notice>
            })}
        </div>
    }
    .into_any()
}
