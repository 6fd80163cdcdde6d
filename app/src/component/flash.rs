//! What an act has done, in one sentence on the page it led to. The address carries only the name of the sentence,
//! so nobody can put words into it.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    component::{icon::Shape, notice::Notice},
    copy::{self, Tone},
};

/// The sentence named by `?done=`.
#[component]
pub fn Flash() -> impl IntoView {
    let query = use_query_map();
    let sentence = Memo::new(move |_| query.read().get_str("done").and_then(copy::done));
    view! {
        <div class="flash" role="status">
            {move || sentence.get().map(|sentence| view! {
                <Notice tone=Tone::Ok shape=Shape::Check><p>{sentence}</p></Notice>
            })}
        </div>
    }
}
