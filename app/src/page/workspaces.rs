//! `/workspaces`: one's own, the system user's, or everybody's.

use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::caller,
    component::{
        filters::{Choice, FilterForm, Ignored, NameFilter},
        nav::Place,
        panel::PresetName,
        screen::{Framed, Page, Screen, query},
        workspace_table::{Columns, WorkspaceTable},
    },
    error::AppError,
    page::{
        workspaces_bulk::{Ask, Asked, Bar, BulkDialog, PICK, told},
        workspaces_saved::SavedFilters,
    },
    time::Now,
    view::{Frame, WorkspacesQuery, WorkspacesView},
};

/// The list, and what is asked before an act on some of it.
struct Loaded {
    view: WorkspacesView,
    asked: Option<Asked>,
}

impl Framed for Loaded {
    fn frame(&self) -> &Frame {
        &self.view.frame
    }
}

async fn load(query: WorkspacesQuery, ask: Option<Ask>) -> Result<Loaded, AppError> {
    let caller = caller().await?;
    let view = caller.backend.workspaces(&caller.actor, &query).await?;
    let asked = match ask {
        Some(ask) => Some(ask.asked(&caller).await),
        None => None,
    };
    Ok(Loaded { view, asked })
}

#[component]
pub fn WorkspacesPage() -> impl IntoView {
    let asked = WorkspacesQuery {
        owner: query("owner"),
        q: query("q"),
        preset: query("preset"),
        state: query("state"),
        after: query("after"),
    };
    let ask = Ask::of_address(&asked);
    view! {
        <Page load=load(asked.clone(), ask) place=Place::Workspaces draw=move |loaded: Loaded, now| {
            let query = asked.clone();
            let dialog = loaded.asked.map(|asked| view! { <BulkDialog asked query/> }.into_any());
            Screen::new("Workspaces", workspaces(loaded.view, asked, now))
                .live(["workspaces"])
                .with_dialog(dialog)
                .telling(told())
        }/>
    }
}

/// The first page with these filters.
pub(super) fn href(query: &WorkspacesQuery) -> Query {
    query.parts().into_iter().fold(Query::new("/workspaces"), |href, (name, value)| href.with(name, value))
}

fn workspaces(view: WorkspacesView, query: WorkspacesQuery, now: Now) -> impl IntoView {
    let WorkspacesView { frame, saved, owner, ignored, rows, next, matches, presets } = view;
    let first = (!query.after.is_empty()).then(|| href(&query).href());
    let next = next.map(|after| href(&query).with("after", &after).href());
    let filter = WorkspacesQuery { after: String::new(), ..query.clone() };
    let columns = match owner.as_str() {
        "all" => Columns::Everybody,
        "prebuilds" => Columns::Prebuilds,
        _ => Columns::Own,
    };
    let filtered = !(query.q.is_empty() && query.preset.is_empty() && query.state.is_empty());
    let clear = Query::new("/workspaces").with("owner", &query.owner).href();
    let count = rows.len();
    let pick = (matches > 0).then_some(PICK);
    let here = query.clone();
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Workspaces"</h1></div>
            <div class="actions"><NewWorkspace presets=presets.clone()/></div>
            {(owner == "prebuilds").then(|| view! {
                <p class="sub">
                    "These belong to the system user " <code>"prebuilds"</code> " until somebody claims one. "
                    "Stopping one parks it: the reconciler leaves it alone."
                </p>
            })}
        </header>
        <SavedFilters saved query=filter/>
        <section class="panel" aria-label="Workspaces">
            <Filters query owner=owner.clone() presets everybody=frame.reads_pools/>
            <Ignored filters=ignored href=clear.clone()/>
            {if rows.is_empty() {
                view! { <Nothing owner filtered clear/> }.into_any()
            } else {
                view! {
                    <Bar query=here matches/>
                    <WorkspaceTable rows columns caption="Workspaces" username=frame.username pick now/>
                    <p class="table-foot">
                        <span>{format!("{count} shown")}</span>
                        <span>
                            {first.map(|href| view! { <a href=href>"First page"</a>" " })}
                            {next.map(|href| view! { <a href=href rel="next">"Next page"</a> })}
                        </span>
                    </p>
                }.into_any()
            }}
        </section>
    }
    .into_any()
}

/// A choice of presets; each leads to its claim.
#[component]
fn NewWorkspace(presets: Vec<String>) -> impl IntoView {
    let links = presets.into_iter().filter_map(|name| {
        let (template, preset) = name.split_once('/')?;
        let href = Query::new(address::preset(template, preset)).with("dialog", "claim").href();
        Some(view! { <li><a href=href><PresetName template preset/></a></li> })
    });
    let links = links.collect_view();
    (!links.is_empty()).then(|| {
        view! {
            <details class="picker">
                <summary class="button" data-kind="primary">"New workspace"</summary>
                <ul class="menu" aria-label="Presets">{links}</ul>
            </details>
        }
    })
}

const STAGES: [(&str, &str); 8] = [
    ("ready", "ready in the pool"),
    ("yours", "ready for its owner"),
    ("building", "building"),
    ("failed", "failed"),
    ("parked", "parked"),
    ("stopped", "stopped"),
    ("expired", "expired"),
    ("deleting", "deleting"),
];

#[component]
fn Filters(query: WorkspacesQuery, owner: String, presets: Vec<String>, everybody: bool) -> impl IntoView {
    let tab = |value: &'static str, label: &'static str| {
        let current = (owner == value).then_some("true");
        let href = href(&query).with("owner", if value == "me" { "" } else { value }).href();
        view! { <a href=href aria-current=current>{label}</a> }
    };
    let tabs = everybody.then(|| {
        let tabs = [("me", "Mine"), ("prebuilds", "Prebuilds"), ("all", "All")]
            .map(|(value, label)| tab(value, label));
        view! { <nav class="segments" aria-label="Owner">{tabs.into_iter().collect_view()}</nav> }
    });
    let presets = presets.into_iter().map(|name| (name.clone(), name)).collect();
    let stages = STAGES.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let keep = query.owner.clone();
    view! {
        <FilterForm action="/workspaces">
            {tabs}
            <NameFilter q=query.q/>
            <Choice name="preset" label="Preset" any="any" options=presets chosen=query.preset rest=true/>
            <Choice name="state" label="Stage" any="any" options=stages chosen=query.state/>
            {(!keep.is_empty()).then(|| view! { <input type="hidden" name="owner" value=keep/> })}
            <button class="button">"Filter"</button>
        </FilterForm>
    }
    .into_any()
}

#[component]
fn Nothing(owner: String, filtered: bool, clear: String) -> impl IntoView {
    let (title, sentence) = match owner.as_str() {
        _ if filtered => ("No workspace matches these filters", ""),
        "me" => ("No workspaces yet", "Claim one from a pool: it is ready in seconds."),
        "prebuilds" => {
            ("Nothing is prebuilt now", "Add a prebuilds block to a preset to keep workspaces ready.")
        }
        _ => ("No workspaces yet", "The first pool that fills shows up here."),
    };
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{sentence}</p>
            {filtered.then(|| view! { <p><a href=clear>"Clear filters"</a></p> })}
        </div>
    }
    .into_any()
}
