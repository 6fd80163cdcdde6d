//! Filters are addresses: a GET form, whose empty values are left out when scripts run.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

use crate::address::Query;

/// The bar above a table.
#[component]
pub fn FilterForm(#[prop(into)] action: String, children: Children) -> impl IntoView {
    let navigate = StoredValue::new(use_navigate());
    let path = action.clone();
    let submit = move |event: SubmitEvent| {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some(data) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return };
        event.prevent_default();
        let query = js_sys::try_iter(&data).ok().flatten().into_iter().flatten().flatten();
        let query = query.fold(Query::new(path.clone()), |query, pair| {
            let pair: js_sys::Array = pair.unchecked_into();
            query.with(
                &pair.get(0).as_string().unwrap_or_default(),
                &pair.get(1).as_string().unwrap_or_default(),
            )
        });
        navigate.with_value(|navigate| navigate(&query.href(), Default::default()));
    };
    view! { <form class="filters" action=action method="get" on:submit=submit>{children()}</form> }
}

/// Part of a name.
#[component]
pub fn NameFilter(q: String) -> impl IntoView {
    view! {
        <label>
            <span class="sr-only">"Filter by name"</span>
            <input
                class="input"
                name="q"
                type="search"
                placeholder="Filter by name"
                value=q.clone()
                prop:value=q
            />
        </label>
    }
}

/// A choice in a filter bar; the empty value stands for any.
#[component]
pub fn Choice(
    name: &'static str,
    label: &'static str,
    any: &'static str,
    options: Vec<(String, String)>,
    chosen: String,
    #[prop(optional)] rest: bool,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <label data-rest=rest>
            {label} " "
            <select class="select" name=name>
                <option value="">{any}</option>
                {options}
            </select>
        </label>
    }
}

/// Filters that were not understood, each with a link that drops them.
#[component]
pub fn Ignored(filters: Vec<String>, href: String) -> impl IntoView {
    filters
        .into_iter()
        .map(|filter| {
            view! {
                <p class="ignored">
                    "Ignored filter " <code>{filter}</code> ". " <a href=href.clone()>"Clear filters"</a>
                </p>
            }
        })
        .collect_view()
}
