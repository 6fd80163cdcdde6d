//! `/workspaces/:id`: how a workspace came to be, and what it says.

use hearth_prebuilds::{ids::WorkspaceId, pool_state::WorkspaceStage};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    address,
    component::{
        badge::Badge,
        dialog::Dialog,
        icon::Shape,
        live::Live,
        log_view::{LogView, first_error},
        nav::Place,
        notice::{ActError, Notice},
        occurrence::Difference,
        screen::{Page, Screen, read_again_after, use_dialog},
        stage_rail::StageRail,
        time::{Now, Style, Time, duration},
    },
    copy::{self, Tone},
    error::AppError,
    page::workspace_panels::{Agents, History, Parameters, Receipt, Resources},
    view::{BuildRow, StageStatus, WorkspaceQuery, WorkspaceView},
};

/// Everything the page of one workspace shows. An id that is none is a workspace that is not there.
#[server(prefix = "/view", endpoint = "workspace", input = GetUrl)]
pub async fn load_workspace(
    id: String,
    #[server(default)] query: WorkspaceQuery,
) -> Result<WorkspaceView, AppError> {
    use crate::caller::{caller, refused};
    let caller = caller().await.map_err(refused)?;
    let missing = |_| refused(AppError::NotFound { what: "This workspace".to_owned() });
    let id: WorkspaceId = id.parse().map_err(missing)?;
    caller.backend.workspace(&caller.actor, id, &query).await.map_err(refused)
}

macro_rules! transitions {
    ($($(#[$doc:meta])* $name:ident, $endpoint:literal, $done:literal;)+) => {$(
        $(#[$doc])*
        #[server(prefix = "/act", endpoint = $endpoint)]
        pub async fn $name(id: WorkspaceId) -> Result<(), AppError> {
            let caller = crate::caller::caller().await?;
            caller.backend.$name(&caller.actor, id).await?;
            crate::caller::see_other(&format!(concat!("/workspaces/{}?done=", $done), id));
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

/// What can be ordered from here.
#[derive(Clone, Copy)]
struct Acts {
    start: ServerAction<StartWorkspace>,
    stop: ServerAction<StopWorkspace>,
    delete: ServerAction<DeleteWorkspace>,
}

#[component]
pub fn WorkspacePage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let query = Memo::new(move |_| {
        let build = query.read().get_str("build").and_then(|build| build.parse().ok()).unwrap_or_default();
        WorkspaceQuery { build }
    });
    let changes = expect_context::<Live>().version(move || vec![format!("workspace:{}", id.get())]);
    let data = Resource::new_blocking(
        move || (id.get(), query.get(), changes.get()),
        |(id, query, _)| load_workspace(id, query),
    );
    let acts = Acts { start: ServerAction::new(), stop: ServerAction::new(), delete: ServerAction::new() };
    read_again_after(acts.start, data);
    read_again_after(acts.stop, data);
    read_again_after(acts.delete, data);
    let dialog = use_dialog();

    view! {
        <Page data place=Some(Place::Workspaces) draw=move |view: WorkspaceView, now| {
            let may_delete = view.can_delete;
            let open = Memo::new(move |_| may_delete && dialog.get() == "delete");
            let (id, name, unclaimed) = (view.row.id, StoredValue::new(view.row.name.clone()), view.row.unclaimed);
            let own = view.row.owner == view.frame.username;
            let state = copy::stage_for(view.row.stage, own).label;
            Screen::new(view.row.name.clone(), workspace(view, acts, now))
                .announcing(state)
                .with_dialog(open.into(), move || open.get().then(|| view! {
                    <DeleteDialog id name=name.get_value() unclaimed action=acts.delete/>
                }))
        }/>
    }
}

fn workspace(view: WorkspaceView, acts: Acts, now: Now) -> impl IntoView {
    let agent_log = view.agent_log.clone();
    view! {
        <Head view=view.clone() acts/>
        <Path view=view.clone() now/>
        <div class="split" data-cols="1-336">
            <div class="stack">
                <Agents agents=view.agents.clone() now/>
                <Build view=view.clone() now/>
                {(!agent_log.is_empty()).then(|| view! {
                    <section class="panel" aria-labelledby="agent-log">
                        <div class="panel-head"><h2 id="agent-log">"Agent log"</h2><span class="meta">{format!("{} lines", agent_log.len())}</span></div>
                        <LogView lines=agent_log label="Log of the agents".to_owned() prefix="A"/>
                    </section>
                })}
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
fn Head(view: WorkspaceView, acts: Acts) -> impl IntoView {
    let row = view.row;
    let own = row.owner == view.frame.username;
    let open = view
        .agents
        .iter()
        .flat_map(|agent| &agent.apps)
        .find_map(|app| address::web_link(&app.url).map(str::to_owned));
    let was = match (&view.prebuild_name, row.unclaimed) {
        (Some(name), _) => format!(" (was prebuilds, as {name})"),
        (None, true) if row.stage == WorkspaceStage::Ready => ", until somebody claims it".to_owned(),
        (None, _) => String::new(),
    };
    let start = if row.stage == WorkspaceStage::Failed { "Retry" } else { "Start" };
    let stop = if row.unclaimed { "Stop and park" } else { "Stop" };
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href=if row.unclaimed { "/workspaces?owner=prebuilds" } else { "/workspaces" }>"Workspaces"</a></li>
                <li aria-current="page">{row.name.clone()}</li>
            </ol></nav>
            <div class="title"><h1 tabindex="-1">{row.name.clone()}</h1><Badge words=copy::stage_for(row.stage, own).marked()/></div>
            <div class="actions" data-sticky="">
                {open.map(|href| view! { <a class="button" data-kind="primary" href=href rel="noreferrer">"Open"</a> })}
                {view.can_start.then(|| view! {
                    <ActionForm action=acts.start><Order id=row.id.to_string() label=start pending="Starting…" busy=acts.start.pending() kind=Some("primary")/></ActionForm>
                })}
                {view.can_stop.then(|| view! {
                    <ActionForm action=acts.stop><Order id=row.id.to_string() label=stop pending="Stopping…" busy=acts.stop.pending() kind=None/></ActionForm>
                })}
                {view.can_delete.then(|| view! { <a class="button" href="?dialog=delete">"Delete…"</a> })}
            </div>
            <p class="sub">
                <a href=address::preset(&row.template, &row.preset)>{format!("{} / {}", row.template, row.preset)}</a>
                {format!(" · {} · owner {}{was}", row.version, row.owner)}
            </p>
            <ActError action=acts.start/>
            <ActError action=acts.stop/>
        </header>
    }
    .into_any()
}

/// The inside of a form that orders a transition at once.
#[component]
fn Order(
    id: String,
    label: &'static str,
    pending: &'static str,
    busy: Memo<bool>,
    kind: Option<&'static str>,
) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=id/>
        <button class="button" data-kind=kind aria-disabled=move || busy.get().then_some("true")>
            {move || if busy.get() { pending } else { label }}
        </button>
    }
    .into_any()
}

/// How it came to be, and what the claim has saved.
#[component]
fn Path(view: WorkspaceView, now: Now) -> impl IntoView {
    let failed = view.stages.iter().find(|stage| stage.status == StageStatus::Failed);
    let title = match (failed, view.prebuild_name.is_some(), view.row.unclaimed) {
        (Some(stage), ..) => format!("Stopped at {}", stage.label),
        (None, true, _) => "From the pool to its owner".to_owned(),
        (None, false, true) => "Into the pool".to_owned(),
        (None, false, false) => "From nothing".to_owned(),
    };
    let error = failed.is_some().then(|| view.build.error.clone()).filter(|error| !error.is_empty());
    let line = first_error(&view.log, "L");
    view! {
        <section class="panel" aria-labelledby="path-h">
            <div class="panel-head"><h2 id="path-h">{title}</h2><span class="meta">"made "<Time at=view.row.created_at now/></span></div>
            <div class="panel-body">
                <StageRail stages=view.stages.clone() claimed_at=view.row.claimed_at now/>
                {error.map(|error| view! {
                    <Notice tone=Tone::Bad shape=Shape::Octagon>
                        <p><b>"The build said: "</b><code>{error}</code>" "{line.map(|href| view! { <a href=href>"See the line"</a> })}</p>
                    </Notice>
                })}
                {view.claim_ms.map(|claim_ms| view! { <Receipt claim_ms cold_ms=view.cold_ms replaced=view.replacements.len() of=view.resources.len()/> })}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Build(view: WorkspaceView, now: Now) -> impl IntoView {
    let BuildRow { number, stage, status, started_at, finished_at, .. } = view.build;
    let took = match (started_at, finished_at) {
        (Some(from), Some(to)) => Some(duration((to - from).num_milliseconds().unsigned_abs())),
        _ => None,
    };
    let error = first_error(&view.log, "L");
    let lines = view.log.len();
    view! {
        <section class="panel" aria-labelledby="build-h">
            <div class="panel-head">
                <h2 id="build-h">{format!("Build {number}, {stage}")}</h2>
                <Badge words=copy::build_status(&status)/>
                <span class="meta">{took}</span>
                {error.map(|href| view! { <div class="actions"><a class="button" data-size="small" href=href>"Jump to the first error"</a></div> })}
            </div>
            {if lines == 0 {
                view! { <p class="empty-row">"No line yet."</p> }.into_any()
            } else {
                view! { <LogView lines=view.log label=format!("Log of build {number}")/> }.into_any()
            }}
            <div class="panel-foot"><span>{format!("{lines} lines")}
                {finished_at.map(|at| view! { " · finished "<Time at now style=Style::Short/>" UTC" })}</span></div>
        </section>
    }
    .into_any()
}

/// What the claim of this workspace recreated.
#[component]
fn Replaced(view: WorkspaceView, now: Now) -> impl IntoView {
    let items = view.replacements.into_iter().map(|occurrence| {
        let at = occurrence.at;
        view! {
            <div class="panel-body">
                <p class="verdict"><code>{occurrence.address.clone()}</code>" was destroyed and recreated by the claim"</p>
                <p class="muted"><Time at now/></p>
                <Difference occurrence/>
            </div>
        }
    });
    let items = items.collect_view();
    (!items.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="replaced-h">
                <div class="panel-head"><h2 id="replaced-h">"Recreated by the claim"</h2></div>
                {items}
            </section>
        }
    })
}

#[component]
fn DeleteDialog(
    id: WorkspaceId,
    name: String,
    unclaimed: bool,
    action: ServerAction<DeleteWorkspace>,
) -> impl IntoView {
    let close = format!("/workspaces/{id}");
    let after =
        if unclaimed { " The reconciler makes another one if the pool then has too few." } else { "" };
    view! {
        <Dialog title=format!("Delete {name}") close=close.clone()>
            <ActionForm action>
                <div class="dialog-body">
                    <p>"Everything that Terraform made for it is destroyed, with what is stored there. This cannot be undone."{after}</p>
                    <ActError action/>
                    <input type="hidden" name="id" value=id.to_string()/>
                </div>
                <div class="dialog-foot">
                    <a class="button" href=close autofocus=true>"Cancel"</a>
                    <button class="button" data-kind="danger">{format!("Delete {name}")}</button>
                </div>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
