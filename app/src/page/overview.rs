//! `/`: will the next developer get a ready workspace, and if not, why?

use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_router::hooks::use_query_map;

use crate::{
    address::{Query, preset},
    component::{
        badge::Badge,
        dialog::Dialog,
        field::{Field, FormError, refusal},
        filters::{Choice, FilterForm, Ignored},
        icon::{Icon, Shape, ShapeIcon},
        live::Live,
        nav::Place,
        notice::ActError,
        screen::{Page, Screen, read_again_after, use_dialog},
        slots::{Coals, Counts},
        time::{Now, duration},
    },
    copy::{self, share},
    error::AppError,
    page::preset::ResumePool,
    view::{BedPool, OverviewQuery, OverviewView, PoolRow, Totals},
};

/// Everything the overview shows.
#[server(prefix = "/view", endpoint = "overview", input = GetUrl)]
pub async fn load_overview(#[server(default)] query: OverviewQuery) -> Result<OverviewView, AppError> {
    use crate::caller::{caller, refused};
    let caller = caller().await.map_err(refused)?;
    caller.backend.overview(&caller.actor, &query).await.map_err(refused)
}

/// Stops creating and removing everywhere.
#[server(prefix = "/act", endpoint = "pause-all")]
pub async fn pause_all(#[server(default)] note: String) -> Result<(), AppError> {
    let caller = crate::caller::caller().await?;
    caller.backend.pause_all(&caller.actor, note.trim()).await?;
    crate::caller::see_other("/?done=paused");
    Ok(())
}

/// Undoes it.
#[server(prefix = "/act", endpoint = "resume-all")]
pub async fn resume_all() -> Result<(), AppError> {
    let caller = crate::caller::caller().await?;
    caller.backend.resume_all(&caller.actor).await
}

#[component]
pub fn OverviewPage() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| {
        let params = params.read();
        let get = |key| params.get_str(key).unwrap_or_default().to_owned();
        OverviewQuery { state: get("state"), q: get("q"), sort: get("sort"), template: get("template") }
    });
    let changes = expect_context::<Live>()
        .version(|| ["pools", "settings", "templates", "drift"].map(str::to_owned).to_vec());
    let data =
        Resource::new_blocking(move || (query.get(), changes.get()), |(query, _)| load_overview(query));
    let acts = Acts { pause_all: ServerAction::new(), resume_pool: ServerAction::new() };
    read_again_after(acts.pause_all, data);
    read_again_after(acts.resume_pool, data);
    let dialog = use_dialog();

    view! {
        <Page data place=Some(Place::Overview) draw=move |view: OverviewView, now| {
            let may_pause = view.frame.administers && view.frame.paused_all.is_none();
            let open = Memo::new(move |_| may_pause && dialog.get() == "pause-all");
            let (ready, wanted) = (view.totals.ready, view.totals.wanted);
            Screen::new("Overview", overview(view, query.get_untracked(), acts, now))
                .with_dialog(open.into(), move || open.get().then(|| view! {
                    <PauseAllDialog action=acts.pause_all ready wanted/>
                }))
        }/>
    }
}

/// What can be ordered from here.
#[derive(Clone, Copy)]
struct Acts {
    pause_all: ServerAction<PauseAll>,
    resume_pool: ServerAction<ResumePool>,
}

fn overview(view: OverviewView, query: OverviewQuery, acts: Acts, now: Now) -> impl IntoView {
    let OverviewView { frame, totals, bed, chips, templates, ignored, rows } = view;
    let may_pause = frame.administers && frame.paused_all.is_none();
    let empty = bed.is_empty();
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Overview"</h1></div>
            {may_pause.then(|| view! {
                <div class="actions"><a class="button" href="/?dialog=pause-all">"Pause all prebuilds"</a></div>
            })}
        </header>
        {if empty {
            view! { <NoPools admin=frame.administers/> }.into_any()
        } else {
            view! {
                <section class="panel" aria-labelledby="bed-h">
                    <h2 class="sr-only" id="bed-h">"Pools now"</h2>
                    <Tiles totals/>
                    <Bed pools=bed/>
                </section>
                <Chips chips query=query.clone()/>
                <section class="panel" aria-label="Presets">
                    <Filters query=query.clone() templates/>
                    <Ignored filters=ignored href="/".to_owned()/>
                    <ActError action=acts.resume_pool/>
                    <Presets rows query resume=frame.administers.then_some(acts.resume_pool) now/>
                </section>
            }.into_any()
        }}
    }
    .into_any()
}

#[component]
fn NoPools(admin: bool) -> impl IntoView {
    view! {
        <section class="panel empty">
            <h2>"No templates yet"</h2>
            <p>"A template describes a workspace in Terraform. A preset in it can keep a pool ready."</p>
            {admin.then(|| view! {
                <p>"Push a folder of Terraform files from its own directory:"</p>
                <div class="code" data-inline=""><pre tabindex="0" aria-label="Command line">"hearth templates push NAME"</pre></div>
            })}
        </section>
    }
}

#[component]
fn Tiles(totals: Totals) -> impl IntoView {
    let Totals { ready, wanted, missing, short_pools, claims_today, served_24h, requests_24h, .. } = totals;
    let pools = if short_pools == 1 { "pool" } else { "pools" };
    let claim = totals.median_claim_ms.map_or("—".to_owned(), duration);
    let cold = totals.median_cold_ms.map_or("none yet".to_owned(), |ms| format!("{} cold", duration(ms)));
    view! {
        <dl class="tiles">
            <div class="tile" data-wide=""><dt>"Ready now"</dt><dd><span class="value" data-size="big">{ready}</span>{format!(" of {wanted} wanted")}</dd></div>
            <div class="tile"><dt><a href="/?state=attention">"Missing"</a></dt><dd><span class="value">{missing}</span>{format!(" in {short_pools} {pools}")}</dd></div>
            <div class="tile"><dt><a href="/?sort=claims">"Claims today"</a></dt><dd><span class="value">{claims_today}</span>" since 00:00 UTC"</dd></div>
            <div class="tile"><dt>"From the pool"</dt><dd><span class="value">{share(served_24h, requests_24h)}</span>{format!(" of {requests_24h} in 24\u{a0}h")}</dd></div>
            <div class="tile"><dt>"Median claim"</dt><dd><span class="value">{claim}</span>" "{cold}</dd></div>
        </dl>
    }
    .into_any()
}

/// Every slot of every pool, grouped by template in an order that never changes: place is memory.
#[component]
fn Bed(pools: Vec<BedPool>) -> impl IntoView {
    let mut groups: Vec<(String, Vec<BedPool>)> = Vec::new();
    for pool in pools {
        match groups.last_mut() {
            Some((template, group)) if *template == pool.template => group.push(pool),
            _ => groups.push((pool.template.clone(), vec![pool])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(template, pools)| {
            let pools = pools.into_iter().map(|pool| view! { <BedSlots pool/> }).collect_view();
            view! { <li><span class="bed-name">{template}</span><span class="bed-row">{pools}</span></li> }
        })
        .collect_view();
    let legend = [
        ("ready", Shape::Disc, "Ready"),
        ("starting", Shape::Half, "Starting"),
        ("extra", Shape::HalfInverted, "Being removed"),
        ("missing", Shape::Ring, "Missing"),
    ];
    let legend = legend.map(|(class, shape, word)| {
        view! { <li><svg class="coals" data-hot="" width="12" height="12" aria-hidden="true"><use href=shape.href() class=class width="12" height="12"></use></svg>{word}</li> }
    });
    view! {
        <ul class="bed" aria-label="Slots of every pool, by template">{groups}</ul>
        <ul class="legend" aria-label="Marks">{legend.into_iter().collect_view()}</ul>
    }
    .into_any()
}

#[component]
fn BedSlots(pool: BedPool) -> impl IntoView {
    let BedPool { template, preset: name, state, ready, running, starting, wanted } = pool;
    let words = format!("{template} / {name}: {ready} of {wanted} ready, {}", copy::pool_state(&state).label);
    let counts = Counts { ready, running, starting, wanted };
    view! {
        <a href=preset(&template, &name) title=words>
            <Coals counts hot=state.needs_attention()/>
            <span class="sr-only">{words.clone()}</span>
        </a>
    }
    .into_any()
}

fn href(query: &OverviewQuery) -> Query {
    let OverviewQuery { state, q, sort, template } = query;
    Query::new("/").with("state", state).with("q", q).with("template", template).with("sort", sort)
}

/// How many pools are in each state; each leads to the list of them.
#[component]
fn Chips(chips: Vec<(String, u32)>, query: OverviewQuery) -> impl IntoView {
    let chosen = if query.state.is_empty() { "all".to_owned() } else { query.state.clone() };
    let chips = chips
        .into_iter()
        .map(|(slug, count)| {
            let current = (slug == chosen).then_some("true");
            let badge = copy::pool_slug(&slug);
            let label = match &badge {
                Some(badge) => badge.label.clone(),
                None if slug == "all" => "All".to_owned(),
                None => "Needs attention".to_owned(),
            };
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

const SORTS: [(&str, &str); 4] =
    [("name", "name"), ("ready", "ready"), ("wanted", "wanted"), ("claims", "claims today")];

#[component]
fn Filters(query: OverviewQuery, templates: Vec<String>) -> impl IntoView {
    let templates = templates.into_iter().map(|name| (name.clone(), name)).collect();
    let sorts = SORTS.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let sort = if query.sort == "attention" { String::new() } else { query.sort };
    let state = query.state;
    view! {
        <FilterForm action="/">
            <label>
                <span class="sr-only">"Filter by name"</span>
                <input class="input" name="q" type="search" placeholder="Filter by name" value=query.q.clone() prop:value=query.q/>
            </label>
            <Choice name="template" label="Template" any="any" options=templates chosen=query.template rest=true/>
            <Choice name="sort" label="Sort" any="attention first" options=sorts chosen=sort/>
            {(!state.is_empty()).then(|| view! { <input type="hidden" name="state" value=state.clone()/> })}
            <button class="button">"Filter"</button>
        </FilterForm>
    }
    .into_any()
}

/// The columns: label, sort key, class, whether narrow screens leave it out.
const COLUMNS: [(&str, Option<&str>, &str, bool); 8] = [
    ("Preset", Some("name"), "", false),
    ("State", Some("attention"), "", false),
    ("Ready", Some("ready"), "num", false),
    ("Running", None, "num", true),
    ("Wanted", Some("wanted"), "num", false),
    ("Today", Some("claims"), "num", false),
    ("From pool", None, "num", false),
    ("Claim drift", None, "", false),
];

#[component]
fn Presets(
    rows: Vec<PoolRow>,
    query: OverviewQuery,
    /// Absent for people who may not resume.
    resume: Option<ServerAction<ResumePool>>,
    now: Now,
) -> impl IntoView {
    let sorted = if query.sort.is_empty() { "attention" } else { query.sort.as_str() }.to_owned();
    let head = COLUMNS.map(|(label, sort, class, rest)| {
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
    let count = rows.len();
    let none = rows.is_empty();
    let rows = rows.into_iter().map(|row| view! { <Preset row resume now/> }).collect_view();
    view! {
        <table class="table" role="table" id="presets">
            <caption class="sr-only">{format!("Presets, sorted by {sorted}")}</caption>
            <thead role="rowgroup"><tr role="row">{head.into_iter().collect_view()}</tr></thead>
            {rows}
        </table>
        {none.then(|| view! { <p class="empty-row">"No preset matches these filters. " <a href="/">"Clear filters"</a></p> })}
        <p class="table-foot"><span>{format!("{count} shown")}</span><span>"Today is since 00:00 UTC"</span></p>
    }
    .into_any()
}

#[component]
fn Preset(row: PoolRow, resume: Option<ServerAction<ResumePool>>, now: Now) -> impl IntoView {
    let note = copy::pool_note(&row, now.as_loaded());
    let PoolRow {
        template,
        preset: name,
        state,
        ready,
        running,
        wanted,
        claims_today,
        served_24h,
        requests_24h,
        drift,
        ..
    } = row.clone();
    let span = note.is_some().then_some(2);
    let zero = |count: u32| if count == 0 { "num zero" } else { "num" };
    let drift_card =
        if matches!(drift, hearth_prebuilds::pool_state::DriftState::Clean { .. }) { "off" } else { "end" };
    view! {
        <tbody role="rowgroup">
            <tr role="row">
                <th role="rowheader" scope="rowgroup" rowspan=span>
                    <a href=preset(&template, &name)><span class="of">{template.clone()}" /"</span>" "{name.clone()}</a>
                </th>
                <td role="cell" data-col="state"><Badge words=copy::pool_state(&state)/></td>
                <td class=zero(ready) role="cell" data-label="Ready">{ready}</td>
                <td class=zero(running) role="cell" data-label="Running" data-rest="">{running}</td>
                <td class=zero(wanted) role="cell" data-label="Wanted">{wanted}</td>
                <td class=zero(claims_today) role="cell" data-label="Today" data-card="off">{claims_today}</td>
                <td class="num" role="cell" data-label="From pool" data-card="off" title=format!("{served_24h} of {requests_24h} in 24 h")>
                    {share(served_24h, requests_24h)}
                </td>
                <td role="cell" data-card=drift_card><DriftBadge row=row.clone()/></td>
            </tr>
            {note.map(|note| view! { <NoteRow row note resume now/> })}
        </tbody>
    }
    .into_any()
}

#[component]
fn DriftBadge(row: PoolRow) -> impl IntoView {
    let words = copy::drift_state(&row.drift);
    match words.tone {
        copy::Tone::Drift => view! { <Badge words href=drift_href(&row)/> }.into_any(),
        _ => view! { <Badge words/> }.into_any(),
    }
}

fn drift_href(row: &PoolRow) -> String {
    Query::new("/drift").with("template", &row.template).with("preset", &row.preset).href()
}

/// The one sentence below a row, and the one act that helps.
#[component]
fn NoteRow(
    row: PoolRow,
    note: copy::Note,
    resume: Option<ServerAction<ResumePool>>,
    now: Now,
) -> impl IntoView {
    let see =
        note.see.clone().or_else(|| copy::replaces(&row.drift).map(|_| ("See drift", drift_href(&row))));
    let resume = resume.filter(|_| row.pause.is_some());
    let (template, name) = (row.template.clone(), row.preset.clone());
    // The sentence holds times, so it is made anew at each tick.
    let text = move || {
        let note = copy::pool_note(&row, now.get()).unwrap_or_else(|| note.clone());
        view! { {(!note.strong.is_empty()).then(|| view! { <b>{note.strong}</b> })}" "{note.rest} }
    };
    view! {
        <tr role="row" class="note">
            <td role="cell" colspan="7">
                {text}
                {(see.is_some() || resume.is_some()).then(|| view! { "\u{2002}" <span class="acts">
                    {see.map(|(label, href)| view! { <a href=href>{label}</a> })}
                    {resume.map(|action| view! {
                        <ActionForm action>
                            <input type="hidden" name="template" value=template/>
                            <input type="hidden" name="preset" value=name/>
                            <button class="link">"Resume"</button>
                        </ActionForm>
                    })}
                </span> })}
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn PauseAllDialog(action: ServerAction<PauseAll>, ready: u32, wanted: u32) -> impl IntoView {
    let error = refusal(action);
    view! {
        <Dialog title="Pause all prebuilds" close="/">
            <ActionForm action>
                <div class="dialog-body">
                    <p>"Until somebody resumes, nothing is created, removed or canceled in any pool. "
                        {format!("The {ready} of {wanted} that are ready can still be claimed; they are not replaced.")}</p>
                    <FormError error fields=&["note"]/>
                    <Field name="note" label="Why" hint="Shown to everybody, with your name and the time." error/>
                </div>
                <div class="dialog-foot">
                    <a class="button" href="/" autofocus=true>"Cancel"</a>
                    <button class="button" data-kind="danger">"Pause all prebuilds"</button>
                </div>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
