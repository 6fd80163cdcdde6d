//! `/`: will the next developer get a ready workspace, and if not, why?

use leptos::prelude::*;

use crate::{
    address::{Query, preset},
    caller::{caller, see_other},
    component::{
        dialog::{Dialog, Foot, Weight},
        field::{Field, FormError, refusal},
        filters::Ignored,
        nav::Place,
        notice::ActError,
        panel::Tile,
        screen::{Page, Screen, query},
        slots::{Coals, Dots, Legend},
    },
    copy::{self, counted, share},
    error::AppError,
    page::{
        first_steps::{self, FirstClaim, FirstSteps},
        overview_table::{Chips, Filters, Presets},
        preset::ResumePool,
        template_presets::NothingPrebuilt,
        templates::NoTemplates,
    },
    time::{Now, duration},
    view::{BedPool, Counts, OverviewQuery, OverviewView, Totals},
};

async fn load(query: OverviewQuery) -> Result<OverviewView, AppError> {
    let caller = caller().await?;
    caller.backend.overview(&caller.actor, &query).await
}

/// Stops creating and removing everywhere.
#[server(prefix = "/act", endpoint = "pause-all")]
pub async fn pause_all(
    #[server(default)] note: String,
    #[server(default)] confirm: String,
) -> Result<(), AppError> {
    let caller = caller().await?;
    if confirm.trim().to_lowercase() != "pause all" {
        let detail = "Type pause all here: this concerns every pool.".to_owned();
        return Err(AppError::Invalid { field: "confirm".to_owned(), detail });
    }
    caller.backend.pause_all(&caller.actor, note.trim()).await?;
    see_other("/?done=paused");
    Ok(())
}

/// Undoes it.
#[server(prefix = "/act", endpoint = "resume-all")]
pub async fn resume_all() -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.resume_all(&caller.actor).await
}

/// Cancels the first builds that no worker has taken.
#[server(prefix = "/act", endpoint = "cancel-pending")]
pub async fn cancel_pending() -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.cancel_pending(&caller.actor).await?;
    see_other("/?done=pending_canceled");
    Ok(())
}

#[component]
pub fn OverviewPage() -> impl IntoView {
    let asked = OverviewQuery {
        state: query("state"),
        q: query("q"),
        sort: query("sort"),
        template: query("template"),
        page: query("page"),
    };
    let dialog = query("dialog");
    view! {
        <Page load=load(asked.clone()) place=Place::Overview draw=move |view: OverviewView, now| {
            let may_pause = view.frame.administers && view.frame.paused_all.is_none();
            let (ready, wanted) = (view.totals.ready, view.totals.wanted);
            let attention = view.chips.iter().find(|(state, _)| state == "attention").map_or(0, |(_, count)| *count);
            let pending = view.frame.notices.queue.map(|queue| queue.pending).filter(|pending| *pending > 0);
            let paused = view.frame.paused_all.is_some();
            let dialog = match (dialog.as_str(), pending) {
                ("pause-all", _) if may_pause => Some(view! { <PauseAllDialog ready wanted/> }.into_any()),
                ("cancel-pending", Some(pending)) => Some(view! { <CancelPendingDialog pending paused/> }.into_any()),
                _ => None,
            };
            let first_steps = view.first_steps && !first_steps::skipped();
            let first_steps = first_steps.then(|| FirstClaim::of(&view.bed));
            let announced = match &first_steps {
                Some(Some(claim)) => claim.sentence.clone(),
                _ => format!("{} in need of attention", counted(attention, "preset")),
            };
            Screen::new("Overview", overview(view, first_steps, asked, now))
                .announcing(announced)
                .live(["pools", "settings", "templates", "drift"])
                .with_dialog(dialog)
        }/>
    }
}

fn overview(
    view: OverviewView,
    // Where they are shown; with what there is to claim.
    first_steps: Option<Option<FirstClaim>>,
    query: OverviewQuery,
    now: Now,
) -> impl IntoView {
    let OverviewView {
        frame,
        totals,
        bed,
        chips,
        any_template,
        first_steps: _,
        templates,
        ignored,
        rows,
        page,
        days,
    } = view;
    let may_pause = frame.administers && frame.paused_all.is_none();
    let empty = bed.is_empty();
    // Its dialog is gone when somebody else was quicker.
    let pending = frame.notices.queue.is_some_and(|queue| queue.pending > 0);
    let canceled_nothing = refusal::<CancelPending>().filter(|_| !pending);
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Overview"</h1></div>
            {may_pause.then(|| view! {
                <div class="actions"><a class="button" href="/?dialog=pause-all">"Pause all prebuilds"</a></div>
            })}
        </header>
        {first_steps.map(|claim| view! { <FirstSteps claim/> })}
        {if empty && any_template {
            view! { <section class="panel"><NothingPrebuilt/></section> }.into_any()
        } else if empty {
            view! { <NoTemplates admin=frame.administers/> }.into_any()
        } else {
            view! {
                <section class="panel" aria-labelledby="bed-h">
                    <h2 class="sr-only" id="bed-h">"Pools now"</h2>
                    <Tiles totals reads=frame.reads_pools/>
                    <Bed pools=bed/>
                </section>
                <Chips chips query=query.clone()/>
                <section class="panel" aria-label="Presets">
                    <Filters query=query.clone() templates reads=frame.reads_pools/>
                    <Ignored filters=ignored href="/".to_owned()/>
                    <ActError error={refusal::<ResumePool>().or(canceled_nothing)}/>
                    <Presets rows days query page reads=frame.reads_pools may_resume=frame.administers now/>
                </section>
            }.into_any()
        }}
    }
    .into_any()
}

#[component]
fn Tiles(
    totals: Totals,
    /// Knows what was asked of the pools, not only how many there are.
    reads: bool,
) -> impl IntoView {
    let Totals { ready, wanted, missing, short_pools, .. } = totals;
    let pools = if short_pools == 1 { "pool" } else { "pools" };
    view! {
        <dl class="tiles">
            <Tile label="Ready now" big=true wide=true value=ready.to_string() rest=format!("of {wanted} wanted")/>
            <Tile
                label="Missing"
                href="/?state=missing"
                value=missing.to_string()
                rest=format!("in {short_pools} {pools}")
            />
            {reads.then(|| view! { <Demanded totals/> })}
        </dl>
    }
    .into_any()
}

/// What was asked of all pools, and how long that took.
#[component]
fn Demanded(totals: Totals) -> impl IntoView {
    let Totals { claims_today, served_24h, requests_24h, .. } = totals;
    let claim = totals.median_claim_ms.map_or("—".to_owned(), duration);
    let cold = totals.median_cold_ms.map_or("none yet".to_owned(), |ms| format!("{} cold", duration(ms)));
    let served = format!("of {requests_24h} in 24\u{a0}h");
    view! {
        <Tile label="Claims today" href="/?sort=claims" value=claims_today.to_string() rest="since 00:00 UTC"/>
        <Tile label="From the pool" value=share(served_24h, requests_24h) rest=served/>
        <Tile label="Median claim" value=claim rest=cold/>
    }
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
    let many = groups.iter().map(|(_, pools)| pools.len()).sum::<usize>() > MANY_POOLS;
    let groups = groups.into_iter().map(|(template, pools)| {
        if many {
            return view! { <li><BedTemplate template pools/></li> }.into_any();
        }
        let pools = pools.into_iter().map(|pool| view! { <BedSlots pool/> }).collect_view();
        view! { <li><span class="bed-name">{template}</span><span class="bed-row">{pools}</span></li> }
            .into_any()
    });
    view! {
        <ul class="bed" aria-label="Slots of every pool, by template">{groups.collect_view()}</ul>
        <Legend/>
    }
    .into_any()
}

/// Above so many, the bed shows one glyph a pool and one link a template: it is to be seen whole, and quickly sent.
const MANY_POOLS: usize = 100;

/// The pools of a template, each as the fullest slot that says how it is.
#[component]
fn BedTemplate(template: String, pools: Vec<BedPool>) -> impl IntoView {
    let sum = |of: fn(&Counts) -> u32| pools.iter().map(|pool| of(&pool.counts)).sum::<u32>();
    let (ready, wanted) = (sum(|counts| counts.ready), sum(|counts| counts.wanted));
    let words = format!("{ready} of {wanted} ready in {}", counted(pools.len(), "pool"));
    let href = Query::new("/").with("template", &template).href();
    let dots = pools.into_iter().map(|pool| (pool.counts, pool.state.needs_attention())).collect();
    view! {
        <a href=href title=words>
            <span class="bed-name">{template}<span class="sr-only">{format!(": {words}")}</span></span>
            <Dots dots/>
        </a>
    }
    .into_any()
}

#[component]
fn BedSlots(pool: BedPool) -> impl IntoView {
    let BedPool { template, preset: name, state, counts } = pool;
    let Counts { ready, wanted, .. } = counts;
    let words = format!("{template} / {name}: {ready} of {wanted} ready, {}", copy::pool_state(&state).label);
    view! {
        <a href=preset(&template, &name) title=words>
            <Coals counts hot=state.needs_attention()/>
            <span class="sr-only">{words.clone()}</span>
        </a>
    }
    .into_any()
}

#[component]
fn PauseAllDialog(ready: u32, wanted: u32) -> impl IntoView {
    let error = refusal::<PauseAll>();
    let kept = format!("The {ready} of {wanted} that are ready can still be claimed; they are not replaced.");
    view! {
        <Dialog title="Pause all prebuilds" close="/">
            <ActionForm action={ServerAction::<PauseAll>::new()}>
                <div class="dialog-body">
                    <p>"Until somebody resumes, nothing is created, removed or canceled in any pool. " {kept}</p>
                    <FormError error=error.clone() fields=&["note", "confirm"]/>
                    <Field
                        name="note"
                        label="Why"
                        hint="Shown to everybody, with your name and the time."
                        error=error.clone()
                    />
                    <Field name="confirm" label="Type “pause all” to confirm" confirm="pause all" error/>
                </div>
                <Foot close="/" act="Pause all prebuilds" doing="Pausing…" weight=Weight::Destructive/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

#[component]
fn CancelPendingDialog(
    pending: u32,
    /// All pools are.
    paused: bool,
) -> impl IntoView {
    let jobs = counted(pending, "prebuild job");
    let again = if paused {
        "They are made again when somebody resumes."
    } else {
        "The reconciler makes them again within a minute or so; pause all prebuilds first to keep workers for people."
    };
    view! {
        <Dialog title="Cancel pending prebuild jobs" close="/">
            <ActionForm action={ServerAction::<CancelPending>::new()}>
                <div class="dialog-body">
                    <p>{format!("No worker has taken {jobs} yet, so nothing exists that would be lost. {again}")}</p>
                    <FormError error={refusal::<CancelPending>()}/>
                </div>
                <Foot close="/" act=format!("Cancel {jobs}") doing="Canceling…" weight=Weight::Destructive/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
