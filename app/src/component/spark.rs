//! A pool's last day in a row: a line for what was wanted, an area for what was ready.

use leptos::prelude::*;

use crate::{
    component::series::{Field, Scale, shortfall},
    time::Now,
    view::HistoryView,
};

const FIELD: Field = Field { left: 0.0, right: 96.0, top: 1.0, floor: 19.0 };

#[component]
pub fn Spark(history: HistoryView, now: Now) -> impl IntoView {
    let scale = Scale::of(&history, FIELD);
    let words = shortfall(&history, now);
    view! {
        <svg class="spark" width="96" height="20" role="img">
            <title>{words}</title>
            <path class="area" d=scale.areas(&history).concat()/>
            <path d=scale.wanted(&history)/>
        </svg>
    }
    .into_any()
}
