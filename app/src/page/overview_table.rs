//! The lower half of the overview: pools by state, filters, and the table.

use hearth_prebuilds::pool_state::DriftState;
use leptos::prelude::*;

use crate::{
    address::{self, Query},
    component::{
        badge::Badge,
        filters::{Choice, FilterForm, NameFilter},
        panel::PresetName,
        pool_note::PoolNote,
        spark::Spark,
    },
    copy,
    icon::{Icon, ShapeIcon},
    page::preset::ResumePool,
    time::Now,
    view::{HistoryView, OverviewQuery, PageView, PoolRow},
};

/// The first page with these filters in this order.
fn href(query: &OverviewQuery) -> Query {
    let OverviewQuery { state, q, sort, template, .. } = query;
    Query::new("/").with("state", state).with("q", q).with("template", template).with("sort", sort)
}

/// How many pools are in each state; each leads to the list of them.
#[component]
pub fn Chips(chips: Vec<(String, u32)>, query: OverviewQuery) -> impl IntoView {
    let chosen = if query.state.is_empty() { "all".to_owned() } else { query.state.clone() };
    let chips = chips
        .into_iter()
        .map(|(slug, count)| {
            let current = (slug == chosen).then_some("true");
            let badge = copy::pool_slug(&slug);
            let label = if slug == "all" { "All".to_owned() } else { state_words(&slug) };
            // A phone keeps all, attention and the states in trouble.
            let calm =
                badge.as_ref().is_some_and(|badge| !matches!(badge.tone, copy::Tone::Bad | copy::Tone::Warn));
            let href = href(&query).with("state", if slug == "all" { "" } else { &slug }).href();
            let tone = badge.as_ref().map(|badge| badge.tone.name());
            view! {
                <li data-rest=calm>
                    <a class="chip" data-tone=tone href=href aria-current=current>
                        {badge.map(|badge| view! { <ShapeIcon shape=badge.shape/> })}
                        {label}" "<span class="n">{count}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <nav aria-label="Filter by state"><ul class="chips">{chips}</ul></nav> }
}

/// What pools are filtered by, in words.
fn state_words(slug: &str) -> String {
    match copy::pool_slug(slug) {
        Some(badge) => badge.label,
        None if slug == "missing" => "Some missing".to_owned(),
        None => "Needs attention".to_owned(),
    }
}

const SORTS: [(&str, &str); 4] =
    [("name", "name"), ("ready", "ready"), ("wanted", "wanted"), ("claims", "claims today")];

/// By name and template, and the order. By `claims` only those sort who know how many there were.
#[component]
pub fn Filters(query: OverviewQuery, templates: Vec<String>, reads: bool) -> impl IntoView {
    let templates = templates.into_iter().map(|name| (name.clone(), name)).collect();
    let sorts = SORTS.into_iter().filter(|(value, _)| reads || *value != "claims");
    let sorts = sorts.map(|(value, text)| (value.to_owned(), text.to_owned())).collect();
    let sort = if query.sort == "attention" { String::new() } else { query.sort };
    let state = query.state;
    view! {
        <FilterForm action="/">
            <NameFilter q=query.q/>
            <Choice name="template" label="Template" any="any" options=templates chosen=query.template rest=true/>
            <Choice name="sort" label="Sort" any="attention first" options=sorts chosen=sort/>
            {(!state.is_empty()).then(|| view! { <input type="hidden" name="state" value=state.clone()/> })}
            <button class="button">"Filter"</button>
        </FilterForm>
    }
    .into_any()
}

/// The columns: label, sort key, class, whether narrow screens leave it out.
const COLUMNS: [(&str, Option<&str>, &str, bool); 9] = [
    ("Preset", Some("name"), "", false),
    ("State", Some("attention"), "", false),
    ("Ready", Some("ready"), "num", false),
    ("Running", None, "num", true),
    ("Wanted", Some("wanted"), "num", false),
    ("Today", Some("claims"), "num", false),
    ("From pool", None, "num", false),
    ("24\u{a0}h", None, "", true),
    ("Claim drift", None, "", false),
];
/// So many of them tell how many workspaces there are. The others are for those who read pools.
const COUNTS: usize = 5;

/// One row for each pool; one that needs a word has a sentence below.
#[component]
pub fn Presets(
    rows: Vec<PoolRow>,
    /// Of each row.
    days: Vec<HistoryView>,
    query: OverviewQuery,
    page: PageView,
    reads: bool,
    may_resume: bool,
    now: Now,
) -> impl IntoView {
    let sorted = if query.sort.is_empty() { "attention" } else { query.sort.as_str() }.to_owned();
    let columns = if reads { COLUMNS.len() } else { COUNTS };
    let head = COLUMNS.into_iter().take(columns).map(|(label, sort, class, rest)| {
        let here = sort.is_some_and(|sort| sort == sorted);
        let order = here.then_some(if matches!(sort, Some("name")) { "ascending" } else { "descending" });
        let label = match sort {
            Some(sort) => {
                let href = href(&query).with("sort", if sort == "attention" { "" } else { sort }).href();
                view! { <a href=href>{label}{here.then(|| view! { <Icon href="#i-down"/> })}</a> }.into_any()
            }
            None => label.into_any(),
        };
        view! { <th role="columnheader" scope="col" class=class data-rest=rest aria-sort=order>{label}</th> }
    });
    let (none, shown) = (rows.is_empty(), rows.len());
    let days = days.into_iter().map(Some).chain(std::iter::repeat(None));
    let rows = rows.into_iter().zip(days);
    let rows = rows.map(|(row, day)| view! { <Preset row day reads may_resume now/> }).collect_view();
    view! {
        <table class="table" role="table" id="presets" data-ordered="">
            <caption class="sr-only">{format!("Presets, sorted by {sorted}")}</caption>
            <thead role="rowgroup"><tr role="row">{head.collect_view()}</tr></thead>
            {rows}
        </table>
        {none.then(|| view! {
            <p class="empty-row">{nothing_matches(&query)} " " <a href="/">"Clear filters"</a></p>
        })}
        <p class="table-foot">
            <Pages page shown here=href(&query)/>
            {reads.then(|| view! { <span>"Today is since 00:00 UTC"</span> })}
        </p>
    }
    .into_any()
}

/// Names the filters that leave nothing.
fn nothing_matches(query: &OverviewQuery) -> String {
    let filters = [
        (!query.state.is_empty()).then(|| format!("state = {}", state_words(&query.state).to_lowercase())),
        (!query.template.is_empty()).then(|| format!("template = {}", query.template)),
        (!query.q.is_empty()).then(|| format!("name ~ {}", query.q)),
    ];
    let filters: Vec<_> = filters.into_iter().flatten().collect();
    format!("No preset matches {}.", filters.join(", "))
}

/// Which rows are shown, and the way to the others.
#[component]
fn Pages(page: PageView, shown: usize, here: Query) -> impl IntoView {
    let PageView { number, pages, before, total } = page;
    let first = before + u32::from(total > 0);
    let step = |label: &'static str, rel: &'static str, to: u32| {
        let to = if to == 1 { String::new() } else { to.to_string() };
        view! { " "<a href=here.clone().with("page", &to).href() rel=rel>{label}</a> }
    };
    view! {
        <span>
            {format!("{first}–{} of {total}", before as usize + shown)}
            {(number > 1).then(|| step("Previous", "prev", number - 1))}
            {(number < pages).then(|| step("Next", "next", number + 1))}
        </span>
    }
    .into_any()
}

fn figure(count: u32) -> &'static str {
    if count == 0 { "num zero" } else { "num" }
}

#[component]
fn Preset(row: PoolRow, day: Option<HistoryView>, reads: bool, may_resume: bool, now: Now) -> impl IntoView {
    let note = copy::pool_note(&row, now);
    let span = note.is_some().then_some(2);
    let columns = if reads { COLUMNS.len() } else { COUNTS } - 1;
    let href = address::preset(&row.template, &row.preset);
    let key = href.clone();
    view! {
        <tbody role="rowgroup" data-key=key>
            <tr role="row">
                <th role="rowheader" scope="rowgroup" rowspan=span>
                    <a href=href><PresetName template=row.template.clone() preset=row.preset.clone()/></a>
                </th>
                <td role="cell" data-col="state"><Badge words=copy::pool_state(&row.state)/></td>
                <td class=figure(row.ready) role="cell" data-label="Ready">{row.ready}</td>
                <td class=figure(row.running) role="cell" data-label="Running" data-rest="">{row.running}</td>
                <td class=figure(row.wanted) role="cell" data-label="Wanted">{row.wanted}</td>
                {reads.then(|| view! { <Demand row=row.clone() day now/> })}
            </tr>
            {note.map(|note| view! { <NoteRow row note columns may_resume/> })}
        </tbody>
    }
    .into_any()
}

/// What was asked of a pool, and what a claim does.
#[component]
fn Demand(row: PoolRow, day: Option<HistoryView>, now: Now) -> impl IntoView {
    let of = format!("{} of {} in 24 h", row.served_24h, row.requests_24h);
    let drift = if matches!(row.drift, DriftState::Clean { .. }) { "off" } else { "end" };
    view! {
        <td class=figure(row.claims_today) role="cell" data-label="Today" data-card="off">{row.claims_today}</td>
        <td class="num" role="cell" data-label="From pool" data-card="off" title=of>
            {copy::share(row.served_24h, row.requests_24h)}
        </td>
        <td role="cell" data-rest="">{day.map(|history| view! { <Spark history now/> })}</td>
        <td role="cell" data-card=drift><DriftBadge row/></td>
    }
}

#[component]
fn DriftBadge(row: PoolRow) -> impl IntoView {
    let words = copy::drift_state(&row.drift);
    match row.drift {
        DriftState::Replaces { .. } => view! { <Badge words href=copy::drift_href(&row)/> }.into_any(),
        DriftState::Clean { .. } | DriftState::NotRehearsed | DriftState::Unknown { .. } => {
            view! { <Badge words/> }.into_any()
        }
    }
}

/// The one sentence below a row, and the one act that helps.
#[component]
fn NoteRow(row: PoolRow, note: copy::Note, columns: usize, may_resume: bool) -> impl IntoView {
    let resume = may_resume && row.pause.is_some();
    let see = note.see.clone();
    let acts = (see.is_some() || resume).then(|| {
        view! {
            "\u{2002}"
            <span class="acts">
                {see.map(|(label, href)| view! { <a href=href>{label}</a> })}
                {resume.then(|| view! {
                    <ActionForm action={ServerAction::<ResumePool>::new()}>
                        <input type="hidden" name="template" value=row.template/>
                        <input type="hidden" name="preset" value=row.preset/>
                        <button class="link">"Resume"</button>
                    </ActionForm>
                })}
            </span>
        }
    });
    view! { <tr role="row" class="note"><td role="cell" colspan=columns><PoolNote note short=true/>{acts}</td></tr> }.into_any()
}
