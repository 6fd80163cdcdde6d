//! `/workspaces/:id`: how a workspace came to be, and what it says.

use hearth_prebuilds::{ids::WorkspaceId, pool_state::WorkspaceStage};
use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::{caller, see_other},
    component::{
        badge::Badge,
        dialog::{Dialog, Foot, Weight},
        field::refusal,
        flash::Told,
        log_view::{LogPlace, LogView, RawLog, asked_part},
        nav::Place,
        notice::{ActError, Notice},
        occurrence::Difference,
        panel::Panel,
        screen::{Page, Screen, parameter, query},
        stage_rail::StageRail,
    },
    copy::{self, Tone},
    error::AppError,
    icon::Shape,
    page::workspace_panels::{Agents, History, Parameters, Receipt, Resources},
    time::{Now, Style, Time, duration},
    view::{BuildRow, LogPart, StageStatus, WorkspaceQuery, WorkspaceView},
};

/// An id that is none is a workspace that is not there.
async fn load(id: String, query: WorkspaceQuery) -> Result<WorkspaceView, AppError> {
    let caller = caller().await?;
    let id: WorkspaceId = id.parse().map_err(|_| AppError::NotFound { what: "This workspace".to_owned() })?;
    caller.backend.workspace(&caller.actor, id, &query).await
}

macro_rules! transitions {
    ($($(#[$doc:meta])* $name:ident, $endpoint:literal, $done:literal;)+) => {$(
        $(#[$doc])*
        #[server(prefix = "/act", endpoint = $endpoint)]
        pub async fn $name(id: WorkspaceId) -> Result<(), AppError> {
            let caller = caller().await?;
            caller.backend.$name(&caller.actor, id).await?;
            see_other(&format!(concat!("/workspaces/{}?done=", $done), id));
            Ok(())
        }
    )+};
}

transitions! {
    /// Starts a stopped workspace.
    start_workspace, "start-workspace", "starting";
    /// Stops a workspace; one of a pool is parked by it.
    stop_workspace, "stop-workspace", "stopping";
    /// Deletes a workspace and what it is made of.
    delete_workspace, "delete-workspace", "deleting";
}

#[component]
pub fn WorkspacePage() -> impl IntoView {
    let asked = WorkspaceQuery {
        build: query("build").parse().unwrap_or_default(),
        after: asked_part("after"),
        agent_after: asked_part("agent_after"),
    };
    let dialog = query("dialog");
    view! {
        <Page load=load(parameter("id"), asked) place=Place::Workspaces draw=move |view: WorkspaceView, now| {
            let row = view.row.clone();
            let state = copy::stage_for(row.stage, row.owner == view.frame.username).label;
            let dialog = (view.can_delete && dialog == "delete").then(|| view! {
                <DeleteDialog id=row.id name=row.name.clone() unclaimed=row.unclaimed/>
            });
            let key = format!("workspace:{}", row.id);
            let sentence = (query("done") == "claimed").then(|| copy::claimed(&row.name, view.claim_ms));
            Screen::new(row.name, workspace(view, now))
                .live([key.as_str()])
                .announcing(state)
                .with_dialog(dialog.map(IntoAny::into_any))
                .telling(Told { sentence, undo: None })
        }/>
    }
}

fn workspace(view: WorkspaceView, now: Now) -> impl IntoView {
    // The build is named even if it is the newest, so that an address goes on to lead to its log.
    let here = Query::new("").with("build", &view.build.number.to_string());
    let (log, agent_log) = (LogPlace::first(here.clone()), LogPlace::second(here));
    view! {
        <Head view=view.clone()/>
        <Path view=view.clone() log=log.clone() now/>
        <div class="split" data-cols="1-336">
            <div class="stack">
                <Agents agents=view.agents.clone() now/>
                <Build view=view.clone() place=log now/>
                <AgentLog log=view.agent_log.clone() place=agent_log/>
                <Replaced view=view.clone() now/>
            </div>
            <div class="stack">
                <Parameters view=view.clone()/>
                <Resources resources=view.resources.clone()/>
                <History id=view.row.id shown=view.build.number builds=view.builds now/>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Head(view: WorkspaceView) -> impl IntoView {
    let row = view.row.clone();
    let words = copy::stage_for(row.stage, row.owner == view.frame.username).marked();
    let list = if row.unclaimed { "/workspaces?owner=prebuilds" } else { "/workspaces" };
    let was = match &view.prebuild_name {
        Some(name) => format!(" (was prebuilds, as {name})"),
        None if row.stage == WorkspaceStage::Ready => ", until somebody claims it".to_owned(),
        None => String::new(),
    };
    let preset = address::preset(&row.template, &row.preset);
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href=list>"Workspaces"</a></li>
                <li aria-current="page">{row.name.clone()}</li>
            </ol></nav>
            <div class="title"><h1 tabindex="-1">{row.name}</h1><Badge words/></div>
            <Orders view/>
            <p class="sub">
                <a href=preset>{format!("{} / {}", row.template, row.preset)}</a>
                {format!(" · {} · owner {}{was}", row.version, row.owner)}
            </p>
            <ActError error={refusal::<StartWorkspace>()}/>
            <ActError error={refusal::<StopWorkspace>()}/>
        </header>
    }
    .into_any()
}

/// What can be done with it now.
#[component]
fn Orders(view: WorkspaceView) -> impl IntoView {
    let apps = view.agents.iter().flat_map(|agent| &agent.apps);
    let open = apps.filter_map(|app| address::web_link(&app.url)).next().map(str::to_owned);
    let id = view.row.id;
    let start = if view.row.stage == WorkspaceStage::Failed { "Retry" } else { "Start" };
    let stop = if view.row.unclaimed { "Stop and park" } else { "Stop" };
    // What is not started is started first.
    let opens = (!view.can_start).then_some("primary");
    view! {
        <div class="actions" data-sticky="">
            {open.map(|href| view! {
                <a class="button" data-kind=opens href=href rel="noreferrer">"Open"</a>
            })}
            {view.can_start.then(|| view! {
                <ActionForm action={ServerAction::<StartWorkspace>::new()}>
                    <Order id label=start doing="Starting…" kind=Some("primary")/>
                </ActionForm>
            })}
            {view.can_stop.then(|| view! {
                <ActionForm action={ServerAction::<StopWorkspace>::new()}>
                    <Order id label=stop doing="Stopping…" kind=None/>
                </ActionForm>
            })}
            {view.can_delete.then(|| view! { <a class="button" href="?dialog=delete">"Delete…"</a> })}
        </div>
    }
    .into_any()
}

/// The inside of a form that orders a transition at once.
#[component]
fn Order(
    id: WorkspaceId,
    label: &'static str,
    doing: &'static str,
    kind: Option<&'static str>,
) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=id.to_string()/>
        <button class="button" data-kind=kind data-doing=doing>{label}</button>
    }
    .into_any()
}

/// How it came to be, and what the claim has saved.
#[component]
fn Path(view: WorkspaceView, log: LogPlace, now: Now) -> impl IntoView {
    let failed = view.stages.iter().find(|stage| stage.status == StageStatus::Failed);
    let title = match (failed, view.prebuild_name.is_some(), view.row.unclaimed) {
        (Some(stage), ..) => format!("Stopped at {}", stage.label),
        (None, true, _) => "From the pool to its owner".to_owned(),
        (None, false, true) => "Into the pool".to_owned(),
        (None, false, false) => "From nothing".to_owned(),
    };
    let error = failed.is_some().then(|| view.build.error.clone()).filter(|error| !error.is_empty());
    let line = log.first_error(&view.log).map(|href| view! { <a href=href>"See the line"</a> });
    let (replaced, of, created_at) = (view.replacements.len(), view.resources.len(), view.row.created_at);
    let beside = move || view! { <span class="meta">"made " <Time at=created_at now/></span> };
    view! {
        <Panel id="path" title beside=beside>
            <div class="panel-body">
                <StageRail stages=view.stages.clone() claimed_at=view.row.claimed_at now/>
                {error.map(|error| view! {
                    <Notice tone=Tone::Bad shape=Shape::Octagon>
                        <p>
                            <b>"The build said: "</b> <code>{error}</code> " " {line}
                            {view.failures.map(|(count, limit)| view! {
                                <br/>{format!("This counts towards the limit of {limit}: {count} of {limit}.")}
                            })}
                        </p>
                    </Notice>
                })}
                {view.claim_ms.map(|claim_ms| view! { <Receipt claim_ms cold_ms=view.cold_ms replaced of/> })}
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Build(view: WorkspaceView, place: LogPlace, now: Now) -> impl IntoView {
    let BuildRow { id, number, stage, status, started_at, finished_at, .. } = view.build;
    let took = match (started_at, finished_at) {
        (Some(from), Some(to)) => Some(duration((to - from).num_milliseconds().unsigned_abs())),
        _ => None,
    };
    let (raw, file) =
        (format!("/api/v2/workspacebuilds/{id}/logs?format=text"), format!("{}-{number}.log", view.row.name));
    let beside = move || {
        view! {
            <Badge words=copy::build_status(&status)/>
            <span class="meta">{took}</span>
            <RawLog href=raw file/>
        }
    };
    let finished = move || {
        finished_at.map(|at| view! { " · finished " <Time at now style=Style::Short/> " "{now.zone()} })
    };
    view! {
        <Panel id="build" title=format!("Build {number}, {stage}") beside=beside>
            <LogView log=view.log place label=format!("Log of build {number}") rest=finished/>
        </Panel>
    }
    .into_any()
}

/// What the start scripts have said, before the claim and after it.
#[component]
fn AgentLog(log: LogPart, place: LogPlace) -> impl IntoView {
    (log.total > 0).then(|| {
        view! {
            <Panel id="agent-log" title="Agent log">
                <LogView log place label="Log of the agents".to_owned()/>
            </Panel>
        }
    })
}

/// What the claim of this workspace recreated.
#[component]
fn Replaced(view: WorkspaceView, now: Now) -> impl IntoView {
    let reads_pools = view.frame.reads_pools;
    let items = view.replacements.into_iter().map(|occurrence| {
        let (at, address, cause) =
            (occurrence.at, occurrence.address.clone(), address::cause(occurrence.cause));
        view! {
            <div class="panel-body">
                <p class="verdict"><code>{address}</code> " was destroyed and recreated by the claim"</p>
                <p class="muted">
                    <Time at now/>
                    {reads_pools.then(|| view! { " · "<a href=cause>"Open cause"</a> })}
                </p>
                <Difference occurrence/>
            </div>
        }
    });
    let items = items.collect_view();
    (!items.is_empty()).then(|| view! { <Panel id="replaced" title="Recreated by the claim">{items}</Panel> })
}

#[component]
fn DeleteDialog(id: WorkspaceId, name: String, unclaimed: bool) -> impl IntoView {
    let close = format!("/workspaces/{id}");
    let after =
        if unclaimed { " The reconciler makes another one if the pool then has too few." } else { "" };
    view! {
        <Dialog title=format!("Delete {name}") close=close.clone()>
            <ActionForm action={ServerAction::<DeleteWorkspace>::new()}>
                <div class="dialog-body">
                    <p>
                        "Everything that Terraform made for it is destroyed, with what is stored there. "
                        "This cannot be undone." {after}
                    </p>
                    <ActError error={refusal::<DeleteWorkspace>()}/>
                    <input type="hidden" name="id" value=id.to_string()/>
                </div>
                <Foot close=close act=format!("Delete {name}") doing="Deleting…" weight=Weight::Destructive/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
