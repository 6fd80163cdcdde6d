//! The filters that a person keeps: chips above the list of workspaces.

use leptos::prelude::*;

use super::workspaces::href;
use crate::{
    address::{and, safe_next},
    caller::{caller, see_other},
    component::{
        field::{Field, FormError, Submit, refusal},
        notice::ActError,
    },
    error::AppError,
    icon::Icon,
    view::{SavedFilter, WorkspacesQuery},
};

/// Keeps a filter under a name.
#[server(prefix = "/act", endpoint = "save-filter")]
pub async fn save_filter(name: String, #[server(default)] filter: WorkspacesQuery) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.save_filter(&caller.actor, &name, &filter).await?;
    see_other(&and(&href(&filter).href(), "done", "filter_saved"));
    Ok(())
}

/// Forgets it, and goes back to the list.
#[server(prefix = "/act", endpoint = "remove-filter")]
pub async fn remove_filter(id: String, #[server(default)] back: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.remove_filter(&caller.actor, &id).await?;
    let back = if back.starts_with("/workspaces") { safe_next(&back) } else { "/workspaces" };
    see_other(&and(back, "done", "filter_removed"));
    Ok(())
}

#[component]
pub fn SavedFilters(saved: Vec<SavedFilter>, query: WorkspacesQuery) -> impl IntoView {
    let back = href(&query).href();
    let known = query == WorkspacesQuery::default() || saved.iter().any(|it| it.filter == query);
    let chips = saved.into_iter().map(|saved| {
        let current = (saved.filter == query).then_some("true");
        view! { <Chip saved current back=back.clone()/> }
    });
    let chips = chips.collect_view();
    view! {
        <div class="saved">
            {(!chips.is_empty()).then(|| view! { <ul class="chips" aria-label="Saved filters">{chips}</ul> })}
            <ActError error={refusal::<RemoveFilter>()}/>
            {(!known).then(|| view! { <Save filter=query/> })}
        </div>
    }
    .into_any()
}

#[component]
fn Chip(saved: SavedFilter, current: Option<&'static str>, back: String) -> impl IntoView {
    let SavedFilter { id, name, filter } = saved;
    let key = id.clone();
    view! {
        <li data-key=key>
            <a class="chip" href=href(&filter).href() aria-current=current>{name.clone()}</a>
            <ActionForm action={ServerAction::<RemoveFilter>::new()}>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="back" value=back/>
                <button class="button" data-kind="plain" data-size="small" data-icon="" aria-label=format!("Remove the filter {name}")>
                    <Icon href="#i-close"/>
                </button>
            </ActionForm>
        </li>
    }
    .into_any()
}

#[component]
fn Save(filter: WorkspacesQuery) -> impl IntoView {
    let error = refusal::<SaveFilter>();
    let open = error.is_some();
    let parts = filter.parts().map(|(name, value)| {
        view! { <input type="hidden" name=format!("filter[{name}]") value=value.to_owned()/> }
    });
    view! {
        <details class="disclosure" open=open>
            <summary>"Save this filter"</summary>
            <ActionForm action={ServerAction::<SaveFilter>::new()}>
                <FormError error=error.clone() fields=&["name"]/>
                {parts.into_iter().collect_view()}
                <div class="actions">
                    <Field name="name" label="Name of the filter" error/>
                    <Submit label="Save" doing="Saving…"/>
                </div>
            </ActionForm>
        </details>
    }
    .into_any()
}
