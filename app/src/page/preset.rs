//! `/presets/:template/:preset`: one pool, and why it is as it is.

use hearth_prebuilds::pool_state::{NextChange, PoolState};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    address::{self, Query},
    caller::{caller, see_other},
    component::{
        badge::Badge,
        expect::{Expected, InPlaceOf},
        field::refusal,
        flash::{Told, undo},
        nav::Place,
        notice::ActError,
        panel::{Panel, PresetName, Tile},
        pool_chart::PoolChart,
        pool_note::PoolNote,
        screen::{Page, Screen, parameter, query},
        slots::Coals,
        week_strip::{Size, WeekStrip},
        why::Why,
    },
    copy,
    error::AppError,
    page::{
        preset_acts::{
            DeleteMembersDialog, InvalidateDialog, Overridden, OverrideDialog, Overriding, PoolActs,
            Remedies, remedy,
        },
        preset_dialogs::{ClaimDialog, PauseDialog},
        preset_drift::Drift,
        preset_members::Members,
        preset_record::{Decisions, Demand},
    },
    time::{Now, coarse, duration},
    view::{PoolRow, PresetQuery, PresetView},
    zone,
};

async fn load(template: String, preset: String, query: PresetQuery) -> Result<PresetView, AppError> {
    let caller = caller().await?;
    caller.backend.preset(&caller.actor, &template, &preset, &query).await
}

/// Lets a paused pool go on.
#[server(prefix = "/act", endpoint = "resume-pool")]
pub async fn resume_pool(template: String, preset: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.resume_pool(&caller.actor, &template, &preset).await?;
    see_other(&format!("{}?done=resumed", address::preset(&template, &preset)));
    Ok(())
}

#[component]
pub fn PresetPage() -> impl IntoView {
    let (template, name) = (parameter("template"), parameter("preset"));
    let asked =
        PresetQuery { decision: query("decision"), at: zone::in_utc(query("at")), range: query("range") };
    let dialog = query("dialog");
    let chosen = use_query_map().with_untracked(|query| query.get_all("member").unwrap_or_default());
    view! {
        <Page load=load(template, name, asked) place=Place::Templates draw=move |view: PresetView, now| {
            let dialog = match dialog.as_str() {
                "claim" => Some(view! { <ClaimDialog view=view.clone() now/> }.into_any()),
                _ if !view.frame.administers => None,
                "scale" => Some(view! { <OverrideDialog view=view.clone() now/> }.into_any()),
                "invalidate" => Some(view! { <InvalidateDialog view=view.clone()/> }.into_any()),
                "delete" => Some(view! { <DeleteMembersDialog view=view.clone() chosen/> }.into_any()),
                "pause" if may_pause(&view) => Some(view! { <PauseDialog view=view.clone()/> }.into_any()),
                _ => None,
            };
            let told = told(&view);
            let pool = &view.pool;
            let state = format!("{} of {} ready, {}", pool.ready, pool.wanted, copy::pool_state(&pool.state).label);
            let (title, key) = (format!("{} / {}", pool.template, pool.preset), format!("pool:{}", view.preset_id));
            Screen::new(title, preset(view, now))
                .live([key.as_str(), "settings", "templates"])
                .announcing(state)
                .with_dialog(dialog)
                .telling(told)
        }/>
    }
}

fn may_pause(view: &PresetView) -> bool {
    view.frame.administers && view.pool.pause.is_none()
}

/// A pause can be undone where it is told.
fn told(view: &PresetView) -> Told {
    let PoolRow { template, preset, pause, .. } = view.pool.clone();
    let paused = query("done") == "paused" && view.frame.administers && pause.is_some();
    let undo = paused.then(|| view! { <Resume template preset>{undo()}</Resume> }.into_any());
    Told { undo, ..Told::default() }
}

#[component]
fn Resume(template: String, preset: String, children: Children) -> impl IntoView {
    view! {
        <ActionForm action={ServerAction::<ResumePool>::new()}>
            <input type="hidden" name="template" value=template/>
            <input type="hidden" name="preset" value=preset/>
            {children()}
        </ActionForm>
    }
    .into_any()
}

fn preset(view: PresetView, now: Now) -> impl IntoView {
    let reads_pools = view.frame.reads_pools;
    let members = reads_pools.then(|| {
        view! { <Members view=view.clone() now/> }
    });
    let here = Query::new(address::preset(&view.pool.template, &view.pool.preset));
    let demand = reads_pools.then(|| {
        let PoolRow { template, preset, .. } = view.pool.clone();
        view! { <Demand template preset demand=view.demand.clone()/> }
    });
    let decisions = reads_pools.then(|| {
        let chosen = view.why.as_ref().map(|why| why.id.clone());
        let rows = view.decisions.clone();
        view! { <Decisions here=here.clone() rows older=view.older_decision.clone() chosen missing=view.no_decision now/> }
    });
    view! {
        <Head view=view.clone() now/>
        <Sentence row=view.pool.clone() now/>
        <Tiles view=view.clone()/>
        {view.history.clone().map(|history| view! { <PoolChart history here=here.clone() now/> })}
        <div class="split" data-cols="7-5">
            {reads_pools.then(|| {
                view! { <div class="stack"><Reasons view=view.clone() here now/>{members}</div> }
            })}
            <div class="stack"><Schedule view=view.clone()/>{demand}<Settings view=view.clone() now/></div>
        </div>
        {decisions}
        {reads_pools.then(|| view! { <Drift view now/> })}
    }
    .into_any()
}

/// Why it is as it is, and what can be done about that; nothing can be about what was.
#[component]
fn Reasons(view: PresetView, here: Query, now: Now) -> impl IntoView {
    view.why.clone().map(|why| {
        let is_newest = why.newer.is_none();
        view! { <Why why here acts=move || is_newest.then(|| view! { <Remedies view/> }) now/> }
    })
}

#[component]
fn Head(view: PresetView, now: Now) -> impl IntoView {
    let may_pause = may_pause(&view);
    // With nothing ready, what may bring some comes before a build from nothing.
    let is_first = view.pool.ready > 0 || remedy(&view).is_none();
    let overriding = view! { <Overriding view=view.clone() now/> };
    let PoolRow { template, preset, state, drift, pause, ready, .. } = view.pool;
    let claim = if ready > 0 { "Claim" } else { "Build" };
    let here = Query::new(address::preset(&template, &preset));
    let may_resume = view.frame.administers && pause.is_some();
    let mut words = copy::pool_state(&state);
    if let PoolState::BackingOff { until, .. } = &state {
        let until = *until;
        words.label = format!("Backing off, next try {}", now.relative(until));
    }
    let drift_words = copy::drift_state(&drift);
    let drifts = drift_words.tone == copy::Tone::Drift;
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/templates">"Templates"</a></li>
                <li><a href=address::template(&template)>{template.clone()}</a></li>
                <li aria-current="page">{preset.clone()}</li>
            </ol></nav>
            <div class="title">
                <h1 tabindex="-1"><PresetName template=template.clone() preset=preset.clone()/></h1>
                <Badge words/>
                {drifts.then(|| view! { <Badge words=drift_words href="#drift"/> })}
                {overriding}
            </div>
            <div class="actions" data-sticky="">
                <a
                    class="button" data-kind=is_first.then_some("primary") data-shortcut="c"
                    href=here.clone().with("dialog", "claim").href()
                >
                    <span>{claim}<span class="long">" a workspace"</span></span>
                </a>
                {may_pause.then(|| {
                    let href = here.with("dialog", "pause").href();
                    view! { <a class="button" data-shortcut="p" href=href>"Pause"</a> }
                })}
                {may_resume.then(|| view! {
                    <Resume template preset><button class="button" data-expect="resumed">"Resume"</button></Resume>
                })}
            </div>
            {(!view.description.is_empty()).then(|| view! { <p class="sub">{view.description}</p> })}
            <ActError error={refusal::<ResumePool>()}/>
            {may_pause.then(|| view! { <Paused/> })}
            {may_resume.then(|| view! { <Resumed/> })}
        </header>
    }
    .into_any()
}

/// What pausing brings about at once.
#[component]
fn Paused() -> impl IntoView {
    view! {
        <Expected name="paused">
            <InPlaceOf of="h1 + .badge">{copy::pool_slug("paused").map(|words| view! { <Badge words/> })}</InPlaceOf>
            <InPlaceOf of="[data-shortcut=p]"><a class="button" data-shortcut="p">"Resume"</a></InPlaceOf>
        </Expected>
    }
}

/// What the state will be is the reconciler's to say.
#[component]
fn Resumed() -> impl IntoView {
    view! {
        <Expected name="resumed">
            <InPlaceOf of="h1 + .badge"><Badge words=copy::resuming()/></InPlaceOf>
            <InPlaceOf of="[data-expect=resumed]">
                <button class="button" data-expect="resumed">"Pause"</button>
            </InPlaceOf>
        </Expected>
    }
}

/// What matters about the pool now, in a sentence.
#[component]
fn Sentence(row: PoolRow, now: Now) -> impl IntoView {
    copy::pool_note(&row, now).map(|note| {
        let see = note.see.clone().map(|(label, href)| view! { <a href=href>{label}</a> });
        view! { <p class="lead"><PoolNote note/>" "{see}</p> }
    })
}

#[component]
fn Tiles(view: PresetView) -> impl IntoView {
    let until = view.next_change.as_ref().map_or("at all times".to_owned(), until);
    let counts = view.pool.counts();
    let PoolRow { state, ready, running, leaving, wanted, claims_today, served_24h, requests_24h, .. } =
        view.pool;
    let leaving = if leaving == 0 { String::new() } else { format!(", {leaving} to be removed") };
    let hot = state.needs_attention();
    let demand = view.frame.reads_pools.then(|| {
        let rest = format!("{served_24h} of {requests_24h} from the pool in 24\u{a0}h");
        view! { <Tile label="Claims today" value=claims_today.to_string() rest/> }
    });
    let p50 = view.claim_p50_ms.map_or("—".to_owned(), duration);
    let p95 =
        view.claim_p95_ms.map_or("no claim yet".to_owned(), |ms| format!("95% within {}", duration(ms)));
    view! {
        <dl class="panel tiles" data-stack="">
            <Tile
                label="Ready"
                value=ready.to_string()
                drawing=move || view! { <Coals counts hot/> }
                rest=format!("of {wanted} wanted")
            />
            <Tile label="Starting" value=counts.coming().to_string() rest=format!("{running} running in all{leaving}")/>
            <Tile label="Wanted" href="#schedule" value=wanted.to_string() rest=until/>
            {demand}
            <Tile label="Median claim" wide=true value=p50 rest=p95/>
        </dl>
    }
    .into_any()
}

fn until(next: &NextChange) -> String {
    format!("until {}, then {}", zone::local(next.at, &next.timezone), next.to)
}

#[component]
fn Schedule(view: PresetView) -> impl IntoView {
    let next = view.next_change.as_ref().map(|next| {
        let when = zone::local(next.at, &next.timezone);
        view! { <p class="table-foot">{format!("Next change {when}: {} → {}.", next.from, next.to)}</p> }
    });
    let zone = view.timezone.unwrap_or_default();
    let week =
        view.week.map(|week| view! { <div class="panel-body"><WeekStrip week size=Size::Full/></div> });
    let otherwise = if view.schedules.is_empty() { "At all times" } else { "All other times" };
    let rows = view.schedules.into_iter().map(|(cron, wanted)| {
        view! { <div><dt><code>{cron}</code></dt><dd>{format!("{wanted} wanted")}</dd></div> }
    });
    let rows = rows.collect_view();
    view! {
        <Panel id="schedule" title="Schedule" beside=move || view! { <span class="meta">{zone}</span> }>
            <dl class="facts">
                {rows}
                <div><dt>{otherwise}</dt><dd>{format!("{} wanted", view.instances)}</dd></div>
            </dl>
            {week}
            {next}
        </Panel>
    }
    .into_any()
}

#[component]
fn Settings(view: PresetView, now: Now) -> impl IntoView {
    let ttl = view.ttl_seconds.map_or("never".to_owned(), |seconds| coarse(seconds * 1000));
    let (version, parameters) = (view.version.clone(), view.parameters.clone());
    let parameters = parameters.into_iter().map(|(name, value)| {
        view! { <div><dt>{name}</dt><dd><code>{value}</code></dd></div> }
    });
    let parameters = parameters.collect_view();
    view! {
        <Panel id="settings" title="Settings" beside=move || view! { <span class="meta">{version}</span> }>
            <dl class="facts">
                {parameters}
                <div><dt>"Removed when unclaimed for"</dt><dd>{ttl}</dd></div>
                <Overridden view=view.clone() now/>
            </dl>
            <PoolActs view/>
        </Panel>
    }
    .into_any()
}
