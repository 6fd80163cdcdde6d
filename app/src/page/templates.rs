//! `/templates`: what workspaces are made from.

use hearth_prebuilds::pool_state::DriftState;
use leptos::prelude::*;

use crate::{
    address,
    caller::caller,
    component::{
        badge::Badge,
        filters::{Choice, FilterForm, Ignored, NameFilter},
        nav::Place,
        screen::{Page, Screen, query},
    },
    copy::{self, counted},
    error::AppError,
    page::upload::Sample,
    time::Now,
    view::{TemplateRow, TemplatesQuery, TemplatesView},
};

async fn load(query: TemplatesQuery) -> Result<TemplatesView, AppError> {
    let caller = caller().await?;
    caller.backend.templates(&caller.actor, &query).await
}

#[component]
pub fn TemplatesPage() -> impl IntoView {
    let asked = TemplatesQuery { q: query("q"), sort: query("sort") };
    view! {
        <Page load=load(asked.clone()) place=Place::Templates draw=move |view: TemplatesView, now| {
            Screen::new("Templates", templates(view, asked, now)).live(["templates", "pools"])
        }/>
    }
}

fn templates(view: TemplatesView, query: TemplatesQuery, now: Now) -> impl IntoView {
    let TemplatesView { frame, ignored, total, rows } = view;
    let new = frame.administers.then(|| {
        view! { <a class="button" data-kind="primary" data-shortcut="n" href="/templates/new">"New template"</a> }
    });
    let head = view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Templates"</h1></div>
            <div class="actions">{new}</div>
        </header>
    };
    if total == 0 {
        return view! { {head}<NoTemplates admin=frame.administers/> }.into_any();
    }
    view! {
        {head}
        <section class="panel" aria-label="Templates">
            <Filters query/>
            <Ignored filters=ignored href="/templates".to_owned()/>
            <List rows reads=frame.reads_pools now/>
        </section>
    }
    .into_any()
}

/// The first thing that somebody sees who has just set the server up.
#[component]
pub fn NoTemplates(admin: bool) -> impl IntoView {
    view! {
        <section class="panel empty">
            <h2>"No templates yet"</h2>
            <p>"A template describes a workspace in Terraform. A preset in it can keep a pool ready."</p>
            {admin.then(|| view! {
                <div class="actions">
                    <a class="button" data-kind="primary" href="/templates/new">"Upload a template"</a>
                    <Sample/>
                </div>
            })}
        </section>
    }
    .into_any()
}

const SORTS: [(&str, &str); 3] =
    [("attention", "attention first"), ("wanted", "wanted"), ("claims", "claims in 24 h")];

#[component]
fn Filters(query: TemplatesQuery) -> impl IntoView {
    let sorts = SORTS.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    view! {
        <FilterForm action="/templates">
            <NameFilter q=query.q/>
            <Choice name="sort" label="Sort" any="name" options=sorts chosen=query.sort/>
            <button class="button">"Filter"</button>
        </FilterForm>
    }
    .into_any()
}

#[component]
fn List(rows: Vec<TemplateRow>, reads: bool, now: Now) -> impl IntoView {
    let count = rows.len();
    let rows = rows.into_iter().map(|row| view! { <Row row reads now/> }).collect_view();
    view! {
        <table class="table" role="table" id="templates" data-ordered="">
            <caption class="sr-only">"Templates"</caption>
            <thead role="rowgroup"><tr role="row">
                <th role="columnheader" scope="col">"Template"</th>
                <th role="columnheader" scope="col">"Pools"</th>
                <th role="columnheader" scope="col" class="num">"Ready"</th>
                <th role="columnheader" scope="col" class="num">"Wanted"</th>
                <th role="columnheader" scope="col" class="num">"Presets"</th>
                {reads.then(|| view! {
                    <th role="columnheader" scope="col" class="num">"Claims 24\u{a0}h"</th>
                    <th role="columnheader" scope="col">"Claim drift"</th>
                })}
            </tr></thead>
            {rows}
        </table>
        {(count == 0).then(|| view! {
            <p class="empty-row">"No template has such a name. " <a href="/templates">"Clear filters"</a></p>
        })}
        <p class="table-foot"><span>{format!("{count} shown")}</span></p>
    }
    .into_any()
}

#[component]
fn Row(row: TemplateRow, reads: bool, now: Now) -> impl IntoView {
    let href = address::template(&row.name);
    let key = href.clone();
    let zero = |count: u32| if count == 0 { "num zero" } else { "num" };
    let claims = reads.then(|| {
        let of = format!("{} of {} from a pool", row.served_24h, row.requests_24h);
        let drift = row.drift.as_ref().map(|drift| view! { <Badge words=copy::drift_state(drift)/> });
        let card = if matches!(row.drift, None | Some(DriftState::Clean { .. })) { "off" } else { "end" };
        view! {
            <td class=zero(row.requests_24h) role="cell" data-label="Claims" data-card="off" title=of>
                {row.requests_24h}
            </td>
            <td role="cell" data-card=card>{drift}</td>
        }
    });
    let span = if reads { "6" } else { "4" };
    let note = about(&row, now);
    view! {
        <tbody role="rowgroup" data-key=key>
            <tr role="row">
                <th role="rowheader" scope="rowgroup" rowspan="2"><a href=href>{row.title().to_owned()}</a></th>
                <td role="cell" data-col="state"><Pools row=row.clone()/></td>
                <td class=zero(row.ready) role="cell" data-label="Ready">{row.ready}</td>
                <td class=zero(row.wanted) role="cell" data-label="Wanted">{row.wanted}</td>
                <td class=zero(row.presets) role="cell" data-label="Presets" data-card="off">{row.presets}</td>
                {claims}
            </tr>
            <tr role="row" class="note"><td role="cell" colspan=span>{note}</td></tr>
        </tbody>
    }
    .into_any()
}

/// Which version is active, since when, and what the template is for.
fn about(row: &TemplateRow, now: Now) -> String {
    let since = row.promoted.as_ref().map(|it| format!(", promoted {} by {}", now.relative(it.at), it.by));
    let workspaces =
        (row.workspaces > 0).then(|| format!(" · {} in use", counted(row.workspaces, "workspace")));
    let rest = if row.description.is_empty() { String::new() } else { format!(" · {}", row.description) };
    format!("{}{}{}{rest}", row.version, since.unwrap_or_default(), workspaces.unwrap_or_default())
}

/// The pool that needs a person most.
#[component]
fn Pools(row: TemplateRow) -> impl IntoView {
    match (&row.archived, &row.worst) {
        (Some(_), _) => view! { <Badge words=copy::archived()/> }.into_any(),
        (None, None) => view! { <span class="muted">"none"</span> }.into_any(),
        (None, Some((preset, state))) if state.needs_attention() => {
            let href = address::preset(&row.name, preset);
            let mut words = copy::pool_state(state);
            words.label = format!("{preset}: {}", words.label);
            view! { <Badge words href/> }.into_any()
        }
        (None, Some((_, state))) => view! { <Badge words=copy::pool_state(state)/> }.into_any(),
    }
}
