//! Filters are addresses: a GET form, whose empty values are left out.

use leptos::prelude::*;

use crate::component::screen::query;

/// The bar above a table.
#[component]
pub fn FilterForm(#[prop(into)] action: String, children: Children) -> impl IntoView {
    view! {
        <form class="filters" action=action method="get">
            {children()}
            <OrderChanged/>
        </form>
    }
    .into_any()
}

/// Shows while the rows of the panel's table are held in an order that is no longer theirs.
#[component]
pub fn OrderChanged() -> impl IntoView {
    view! { <button class="button" data-refresh="" type="button" hidden=true>"Order changed · Update"</button> }
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
                value=q
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

/// Says so where a choice in the address is none that this page has; it is as if it were not there.
#[component]
pub fn Unknown(
    name: &'static str,
    #[prop(into)] known: Vec<&'static str>,
    /// The address without it.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    let value = query(name);
    let unknown = !value.is_empty() && !known.contains(&value.as_str());
    let filters = Vec::from_iter(unknown.then(|| format!("{name}={value}")));
    view! { <Ignored filters href/> }
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
