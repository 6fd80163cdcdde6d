//! `/activity`: who did what to which thing.

use chrono::TimeDelta;
use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::caller,
    component::{
        filters::{Choice, FilterForm, Ignored, Unknown},
        screen::{Page, Screen, query},
    },
    copy::{self, Sentence},
    error::AppError,
    time::{Now, Style, Time},
    view::{ActivityQuery, ActivityRow, ActivityView, FieldChange},
};

async fn load(query: ActivityQuery) -> Result<ActivityView, AppError> {
    let caller = caller().await?;
    caller.backend.activity(&caller.actor, &query).await
}

#[component]
pub fn ActivityPage() -> impl IntoView {
    let verb = query("verb");
    let asked = ActivityQuery {
        actor: query("actor"),
        verb: if copy::VERBS.iter().any(|(known, _)| *known == verb) { verb } else { String::new() },
        target: query("target"),
        range: query("range"),
        cursor: query("cursor"),
    };
    view! {
        <Page load=load(asked.clone()) draw=move |view: ActivityView, now| {
            Screen::new("Activity", activity(view, asked, now))
                .live(["drift", "pools", "settings", "templates", "workspaces"])
        }/>
    }
}

fn href(query: &ActivityQuery) -> Query {
    let ActivityQuery { actor, verb, target, range, .. } = query;
    Query::new("/activity")
        .with("actor", actor)
        .with("verb", verb)
        .with("target", target)
        .with("range", range)
}

const RANGES: [(&str, &str); 5] =
    [("1h", "1 h"), ("24h", "24 h"), ("", "7 d"), ("30d", "30 d"), ("all", "All")];

fn activity(view: ActivityView, query: ActivityQuery, now: Now) -> AnyView {
    let ActivityView { rows, actors, older, ignored, .. } = view;
    let empty = rows.is_empty();
    let wanted = query.clone();
    let older = older.map(|cursor| href(&query).with("cursor", &cursor).href());
    let newest = (!query.cursor.is_empty()).then(|| href(&query).href());
    let rows = rows.into_iter().map(|row| view! { <Row row now/> }).collect_view();
    let export = href(&query).at("/api/v2/audit.csv").href();
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Activity"</h1></div>
            <div class="actions"><a class="button" href=export download="activity.csv">"Export as CSV"</a></div>
            <p class="sub">"What people and Hearth itself did. Why the reconciler did it stands on each preset's page."</p>
        </header>
        <section class="panel" aria-label="What was done">
            <Filters query actors/>
            <Unknown name="verb" known=copy::VERBS.map(|(verb, _)| verb) href=href(&wanted).href()/>
            <Ignored filters=ignored href="/activity".to_owned()/>
            {if empty {
                view! {
                    <Quiet query=wanted now/>
                }.into_any()
            } else {
                view! {
                    <table class="table" role="table">
                        <caption class="sr-only">"Acts, newest first"</caption>
                        <thead role="rowgroup"><tr role="row">
                            <th role="columnheader" scope="col">"What"</th>
                            <th role="columnheader" scope="col">"When"</th>
                        </tr></thead>
                        {rows}
                    </table>
                    <p class="table-foot">
                        <span>{newest.map(|href| view! { <a href=href>"Newest"</a> })}</span>
                        <span>{older.map(|href| view! { <a href=href rel="next">"Older"</a> })}</span>
                    </p>
                }.into_any()
            }}
        </section>
    }
    .into_any()
}

/// Nothing was done: since when, and the next wider time.
#[component]
fn Quiet(query: ActivityQuery, now: Now) -> impl IntoView {
    let wider = match query.range.as_str() {
        "1h" => Some((1, "24h", "Widen to 24 h")),
        "24h" => Some((24, "", "Widen to 7 d")),
        "30d" => Some((30 * 24, "all", "Show all")),
        "all" => None,
        _ => Some((7 * 24, "30d", "Widen to 30 d")),
    };
    let filtered = ActivityQuery { range: query.range.clone(), ..ActivityQuery::default() } != query;
    let between = wider.map(|(hours, ..)| {
        let since = now.get() - TimeDelta::hours(hours);
        view! { " between " <Time at=since now style=Style::Short/> " and " <Time at=now.get() now style=Style::Short/> }
    });
    let wider = wider.map(|(_, range, label)| (href(&query).with("range", range).href(), label));
    view! {
        <div class="empty">
            <h2>"Quiet: no change" {between}</h2>
            {filtered.then(|| view! { <p>"Only what fits the filters is looked for. "<a href="/activity">"Clear filters"</a></p> })}
            {wider.map(|(href, label)| view! { <p><a href=href>{label}</a></p> })}
        </div>
    }
    .into_any()
}

#[component]
fn Filters(query: ActivityQuery, actors: Vec<String>) -> impl IntoView {
    let ranges = RANGES.map(|(range, label)| {
        let current = (query.range == range).then_some("true");
        view! { <a href=href(&query).with("range", range).href() aria-current=current>{label}</a> }
    });
    let verbs = copy::VERBS.map(|(verb, words)| (verb.to_owned(), words.to_owned())).to_vec();
    let range = query.range.clone();
    let actors = actors.into_iter().map(|actor| view! { <option value=actor></option> }).collect_view();
    view! {
        <FilterForm action="/activity">
            <nav class="segments" aria-label="Time">{ranges.into_iter().collect_view()}</nav>
            <label>
                "Who "
                <input class="input" name="actor" type="search" list="actors" placeholder="anybody" value=query.actor/>
            </label>
            <datalist id="actors">{actors}</datalist>
            <Choice name="verb" label="Did" any="anything" options=verbs chosen=query.verb/>
            <label data-rest="">
                "To " <input class="input" name="target" type="search" placeholder="anything" value=query.target/>
            </label>
            {(!range.is_empty()).then(|| view! { <input type="hidden" name="range" value=range/> })}
            <button class="button">"Filter"</button>
        </FilterForm>
    }
    .into_any()
}

#[component]
fn Row(row: ActivityRow, now: Now) -> impl IntoView {
    let what = sentence(&row);
    let changes: Vec<_> =
        row.changes.iter().filter(|change| !is_said(&row, &change.field)).cloned().collect();
    let changes = (!changes.is_empty()).then(|| {
        let changes = changes.into_iter().map(|change| view! { <Change change/> }).collect_view();
        view! {
            <tr role="row" class="note"><td role="cell" colspan="2">
                <details class="disclosure"><summary>"Before and after"</summary><dl class="facts">{changes}</dl></details>
            </td></tr>
        }
    });
    view! {
        <tbody role="rowgroup" data-key=row.id>
            <tr role="row">
                <th role="rowheader" scope="rowgroup">{what}</th>
                <td role="cell" data-col="state"><Time at=row.at now/></td>
            </tr>
            {changes}
        </tbody>
    }
    .into_any()
}

/// One sentence, with links to what it names.
fn sentence(row: &ActivityRow) -> AnyView {
    let Sentence { begin, name, pool, why } = Sentence::of(row);
    let name = match target_href(row) {
        Some(href) => view! { <a href=href>{name.to_owned()}</a> }.into_any(),
        None => name.to_owned().into_any(),
    };
    let pool = pool.map(|(word, template, preset)| {
        let href = address::preset(template, preset);
        view! { " " {word} " " <a href=href>{format!("{template} / {preset}")}</a> }
    });
    let why = why.map(|why| format!(": {why}"));
    view! { {begin} " " {name} {pool} {why} }.into_any()
}

/// Whether the sentence has it already.
fn is_said(row: &ActivityRow, field: &str) -> bool {
    match field {
        "template" | "preset" => row.pool().is_some(),
        "reason" => row.target_type == "workspace",
        _ => false,
    }
}

#[component]
fn Change(change: FieldChange) -> impl IntoView {
    let side = |value: Option<String>| match value {
        Some(value) => view! { <code>{value}</code> }.into_any(),
        None => view! { <span class="muted">"nothing"</span> }.into_any(),
    };
    let (before, after) = (side(change.before), side(change.after));
    view! { <div><dt>{change.field}</dt><dd>{before} " → " {after}</dd></div> }
}

/// The page of the thing, where there is one.
fn target_href(row: &ActivityRow) -> Option<String> {
    match row.target_type.as_str() {
        "workspace" => Some(format!("/workspaces/{}", row.target_id)),
        "drift_cause" => Some(format!("/drift/{}", row.target_id)),
        "pool" => row.target_name.split_once('/').map(|(template, preset)| address::preset(template, preset)),
        "prebuilds_settings" => Some("/settings/reconciler".to_owned()),
        _ => None,
    }
}
