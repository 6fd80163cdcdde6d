//! `/activity`: who did what to which thing.

use chrono::{DateTime, TimeDelta};
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
    page::activity_groups::Group,
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
    let rows = Group::of(rows).into_iter().map(|group| view! { <Row group now/> }).collect_view();
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
        view! {
            " between " <Time at=since now style=Style::Short/> " and " <Time at=now.get() now style=Style::Short/> " "
            {now.zone()}
        }
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
fn Row(group: Group, now: Now) -> impl IntoView {
    let what = sentence(&group);
    // Newer ones may join it while somebody looks, so its oldest names it.
    let key = group.oldest().id.clone();
    let spread = group.newest.at - group.oldest().at >= TimeDelta::minutes(1);
    let from = spread.then(|| view! { <Time at=group.oldest().at now style=Style::Short/> " to " });
    let style = if spread { Style::Short } else { Style::Relative };
    let at = group.newest.at;
    let note = if group.others.is_empty() {
        changes(&group.newest, now)
    } else {
        Some(view! { <Each group now/> }.into_any())
    };
    let note = note.map(|note| {
        view! { <tr role="row" class="note"><td role="cell" colspan="2">{note}</td></tr> }
    });
    view! {
        <tbody role="rowgroup" data-key=key>
            <tr role="row">
                <th class="said" role="rowheader" scope="rowgroup">{what}</th>
                <td role="cell" data-col="state">{from} <Time at now style=style/></td>
            </tr>
            {note}
        </tbody>
    }
    .into_any()
}

/// The acts that one row tells together.
#[component]
fn Each(group: Group, now: Now) -> impl IntoView {
    let together = group.sentence().why.is_some();
    let acts = [group.newest].into_iter().chain(group.others);
    let items = acts.map(|act| {
        let why = Sentence::of(&act).why.filter(|_| !together).map(|why| format!(": {why}"));
        let href = target_href(&act);
        let changes = changes(&act, now);
        view! {
            <li>
                <span><a href=href>{act.target_name}</a>{why}</span>
                <span class="muted"><Time at=act.at now/></span>
                {changes}
            </li>
        }
    });
    let items = items.collect_view();
    view! { <details class="disclosure"><summary>"Each of them"</summary><ul class="facts">{items}</ul></details> }
}

/// What an act changed, as far as that is news after its sentence.
fn changes(row: &ActivityRow, now: Now) -> Option<AnyView> {
    let news: Vec<_> = row.changes.iter().filter(|change| !is_said(row, &change.field)).cloned().collect();
    (!news.is_empty()).then(|| {
        let changes = news.into_iter().map(|change| view! { <Change change now/> }).collect_view();
        view! {
            <details class="disclosure"><summary>"Before and after"</summary><dl class="facts">{changes}</dl></details>
        }
        .into_any()
    })
}

/// One sentence, with links to what it names.
fn sentence(group: &Group) -> AnyView {
    let Sentence { begin, name, pool, why } = group.sentence();
    let name = (!name.is_empty()).then(|| match target_href(&group.newest) {
        Some(href) => view! { " " <a href=href>{name}</a> }.into_any(),
        None => format!(" {name}").into_any(),
    });
    let pool = pool.map(|(word, template, preset)| {
        let href = address::preset(template, preset);
        view! { " " {word} " " <a href=href>{format!("{template} / {preset}")}</a> }
    });
    let why = why.map(|why| format!(": {why}"));
    view! { {begin} {name} {pool} {why} }.into_any()
}

/// Whether the sentence has it already, or the page of the thing.
fn is_said(row: &ActivityRow, field: &str) -> bool {
    match field {
        "template" | "preset" => row.pool().is_some(),
        "reason" | "build_number" => row.target_type == "workspace",
        _ => false,
    }
}

#[component]
fn Change(change: FieldChange, now: Now) -> impl IntoView {
    let words =
        |value: String| DateTime::parse_from_rfc3339(&value).map_or(value, |at| now.full(at.to_utc()));
    let side = |value: Option<String>| match value {
        Some(value) => view! { <code>{words(value)}</code> }.into_any(),
        None => view! { <span class="muted">"nothing"</span> }.into_any(),
    };
    let (before, after) = (side(change.before), side(change.after));
    view! { <div><dt>{change.field}</dt><dd>{before} " → " {after}</dd></div> }
}

/// The page of the thing, where there is one.
fn target_href(row: &ActivityRow) -> Option<String> {
    match row.target_type.as_str() {
        "workspace" => Some(format!("/workspaces/{}", row.target_id)),
        "template" => Some(address::template(&row.target_name)),
        "drift_cause" => Some(format!("/drift/{}", row.target_id)),
        "pool" => row.target_name.split_once('/').map(|(template, preset)| address::preset(template, preset)),
        "prebuilds_settings" => Some("/settings/reconciler".to_owned()),
        _ => None,
    }
}
