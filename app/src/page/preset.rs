//! `/presets/:template/:preset`: one pool, and why it is as it is.

use hearth_prebuilds::{
    ids::PresetId,
    pool_state::{NextChange, PoolState, WorkspaceStage},
};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    address::{self, Query},
    component::{
        badge::Badge,
        live::Live,
        nav::Place,
        notice::ActError,
        panel::{Panel, PresetName, Tile},
        screen::{Page, Screen, read_again_after, use_dialog},
        slots::{Coals, Counts},
        time::{Now, coarse, duration},
        week_strip::WeekStrip,
        why::Why,
        workspace_table::{Columns, WorkspaceTable},
    },
    copy,
    error::AppError,
    page::{
        preset_dialogs::{Claim, ClaimDialog, PauseDialog, PausePool},
        preset_drift::{Drift, DriftActs},
        preset_record::{Decisions, Demand},
    },
    view::{PoolRow, PresetQuery, PresetView, WorkspaceRow},
    zone,
};

/// Everything the page of one preset shows.
#[server(prefix = "/view", endpoint = "preset", input = GetUrl)]
pub async fn load_preset(
    template: String,
    preset: String,
    #[server(default)] query: PresetQuery,
) -> Result<PresetView, AppError> {
    use crate::caller::{caller, refused};
    let caller = caller().await.map_err(refused)?;
    caller.backend.preset(&caller.actor, &template, &preset, &query).await.map_err(refused)
}

/// Lets a paused pool go on.
#[server(prefix = "/act", endpoint = "resume-pool")]
pub async fn resume_pool(template: String, preset: String) -> Result<(), AppError> {
    let caller = crate::caller::caller().await?;
    caller.backend.resume_pool(&caller.actor, &template, &preset).await?;
    crate::caller::see_other(&format!("{}?done=resumed", address::preset(&template, &preset)));
    Ok(())
}

/// What can be ordered from here.
#[derive(Clone, Copy)]
struct Acts {
    claim: ServerAction<Claim>,
    pause: ServerAction<PausePool>,
    resume: ServerAction<ResumePool>,
    drift: DriftActs,
}

#[component]
pub fn PresetPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| {
        let params = params.read();
        let get = |key| params.get_str(key).unwrap_or_default().to_owned();
        (get("template"), get("preset"))
    });
    let query = use_query_map();
    let query = Memo::new(move |_| {
        let query = query.read();
        let get = |key| query.get_str(key).unwrap_or_default().to_owned();
        PresetQuery { decision: get("decision"), at: get("at") }
    });
    // Known once the page has its data.
    let preset_id = StoredValue::new(None::<PresetId>);
    let changes = expect_context::<Live>().version(move || {
        let pool = preset_id.get_value().map(|id| format!("pool:{id}")).unwrap_or_default();
        vec![pool, "settings".to_owned(), "templates".to_owned()]
    });
    let data = Resource::new_blocking(
        move || (key.get(), query.get(), changes.get()),
        |((template, preset), query, _)| load_preset(template, preset, query),
    );
    let acts = Acts {
        claim: ServerAction::new(),
        pause: ServerAction::new(),
        resume: ServerAction::new(),
        drift: DriftActs::new(data),
    };
    read_again_after(acts.pause, data);
    read_again_after(acts.resume, data);
    let dialog = use_dialog();

    view! {
        <Page data place=Some(Place::Overview) draw=move |view: PresetView, now| {
            preset_id.set_value(Some(view.preset_id));
            let may_pause = may_pause(&view);
            let asked = Memo::new(move |_| match dialog.get().as_str() {
                "claim" => "claim",
                "pause" if may_pause => "pause",
                _ => "",
            });
            let open = Signal::derive(move || !asked.get().is_empty());
            let shown = StoredValue::new(view.clone());
            let pool = &view.pool;
            let state = format!("{} of {} ready, {}", pool.ready, pool.wanted, copy::pool_state(&pool.state).label);
            Screen::new(format!("{} / {}", pool.template, pool.preset), preset(view, acts, now))
                .announcing(state)
                .with_dialog(open, move || match asked.get() {
                    "claim" => view! { <ClaimDialog view=shown.get_value() action=acts.claim now/> }.into_any(),
                    "pause" => view! { <PauseDialog view=shown.get_value() action=acts.pause/> }.into_any(),
                    _ => ().into_any(),
                })
        }/>
    }
}

fn may_pause(view: &PresetView) -> bool {
    view.frame.administers && view.pool.pause.is_none()
}

fn preset(view: PresetView, acts: Acts, now: Now) -> impl IntoView {
    let reads_pools = view.frame.reads_pools;
    let members = reads_pools.then(|| {
        view! { <Members rows=view.members.clone() username=view.frame.username.clone() now/> }
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
        <Head view=view.clone() acts now/>
        <Sentence row=view.pool.clone() now/>
        <Tiles view=view.clone()/>
        <div class="split" data-cols="7-5">
            {view.why.clone().map(|why| view! { <Why why here now/> })}
            <div class="stack"><Schedule view=view.clone()/>{demand}<Settings view=view.clone()/></div>
        </div>
        {members}
        {decisions}
        {reads_pools.then(|| view! { <Drift view acts=acts.drift now/> })}
    }
    .into_any()
}

#[component]
fn Head(view: PresetView, acts: Acts, now: Now) -> impl IntoView {
    let may_pause = may_pause(&view);
    let PoolRow { template, preset, state, drift, pause, .. } = view.pool;
    let here = Query::new(address::preset(&template, &preset));
    let may_resume = view.frame.administers && pause.is_some();
    let mut words = copy::pool_state(&state);
    if let PoolState::BackingOff { until, .. } = &state {
        let until = *until;
        words.label =
            format!("Backing off, next try {}", crate::component::time::relative(until, now.as_loaded()));
    }
    let drift_words = copy::drift_state(&drift);
    let drifts = drift_words.tone == copy::Tone::Drift;
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/">"Overview"</a></li>
                <li><a href=Query::new("/").with("template", &template).href()>{template.clone()}</a></li>
                <li aria-current="page">{preset.clone()}</li>
            </ol></nav>
            <div class="title">
                <h1 tabindex="-1"><PresetName template=template.clone() preset=preset.clone()/></h1>
                <Badge words/>
                {drifts.then(|| view! { <Badge words=drift_words href="#drift"/> })}
            </div>
            <div class="actions" data-sticky="">
                <a class="button" data-kind="primary" href=here.clone().with("dialog", "claim").href()>
                    <span>"Claim"<span class="long">" a workspace"</span></span>
                </a>
                {may_pause.then(|| {
                    let href = here.with("dialog", "pause").href();
                    view! { <a class="button" href=href>"Pause"</a> }
                })}
                {may_resume.then(|| view! {
                    <ActionForm action=acts.resume>
                        <input type="hidden" name="template" value=template/>
                        <input type="hidden" name="preset" value=preset/>
                        <button class="button">"Resume"</button>
                    </ActionForm>
                })}
            </div>
            {(!view.description.is_empty()).then(|| view! { <p class="sub">{view.description}</p> })}
            <ActError action=acts.resume/>
        </header>
    }
    .into_any()
}

/// What matters about the pool now, in a sentence.
#[component]
fn Sentence(row: PoolRow, now: Now) -> impl IntoView {
    let note = copy::pool_note(&row, now.as_loaded());
    let some = note.is_some();
    let see = note.and_then(|note| note.see);
    let text =
        move || copy::pool_note(&row, now.get()).map(|note| view! { <b>{note.strong}</b>" "{note.rest} });
    some.then(|| {
        view! { <p class="lead">{text}" "{see.map(|(label, href)| view! { <a href=href>{label}</a> })}</p> }
    })
}

#[component]
fn Tiles(view: PresetView) -> impl IntoView {
    let until = view.next_change.as_ref().map_or("at all times".to_owned(), until);
    let coming = view.pool.on_the_way();
    let PoolRow { state, ready, running, starting, wanted, claims_today, served_24h, requests_24h, .. } =
        view.pool;
    let counts = Counts { ready, running, starting, wanted };
    let hot = state.needs_attention();
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
            <Tile label="Starting" value=coming.to_string() rest=format!("{running} running in all")/>
            <Tile label="Wanted" href="#schedule" value=wanted.to_string() rest=until/>
            <Tile
                label="Claims today"
                value=claims_today.to_string()
                rest=format!("{served_24h} of {requests_24h} from the pool in 24\u{a0}h")
            />
            <Tile label="Median claim" wide=true value=p50 rest=p95/>
        </dl>
    }
    .into_any()
}

fn until(next: &NextChange) -> String {
    format!("until {}, then {}", zone::local(next.at, &next.timezone), next.to)
}

#[component]
fn Members(rows: Vec<WorkspaceRow>, username: String, now: Now) -> impl IntoView {
    let ready = rows.iter().filter(|row| row.stage == WorkspaceStage::Ready).count();
    let counts = format!("{} · {ready} can be claimed", rows.len());
    let table = if rows.is_empty() {
        view! { <p class="empty-row">"No members now."</p> }.into_any()
    } else {
        view! { <WorkspaceTable rows columns=Columns::Pool caption="Members of the pool" username now/> }
            .into_any()
    };
    view! {
        <Panel id="members" title="Pool members" beside=move || view! { <span class="meta">{counts}</span> }>{table}</Panel>
    }
    .into_any()
}

#[component]
fn Schedule(view: PresetView) -> impl IntoView {
    let next = view.next_change.as_ref().map(|next| {
        let when = zone::local(next.at, &next.timezone);
        view! { <p class="table-foot">{format!("Next change {when}: {} → {}.", next.from, next.to)}</p> }
    });
    let zone = view.timezone.unwrap_or_default();
    let week = view.week.map(|week| view! { <div class="panel-body"><WeekStrip week/></div> });
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
fn Settings(view: PresetView) -> impl IntoView {
    let ttl = view.ttl_seconds.map_or("never".to_owned(), |seconds| coarse(seconds * 1000));
    let version = view.version;
    let parameters = view.parameters.into_iter().map(|(name, value)| {
        view! { <div><dt>{name}</dt><dd><code>{value}</code></dd></div> }
    });
    let parameters = parameters.collect_view();
    view! {
        <Panel id="settings" title="Settings" beside=move || view! { <span class="meta">{version}</span> }>
            <dl class="facts">
                {parameters}
                <div><dt>"Removed when unclaimed for"</dt><dd>{ttl}</dd></div>
            </dl>
        </Panel>
    }
    .into_any()
}
