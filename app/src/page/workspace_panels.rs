//! The smaller panels of the workspace page.

use hearth_prebuilds::ids::WorkspaceId;
use leptos::prelude::*;

use crate::{
    address,
    component::{badge::Badge, panel::Panel},
    copy,
    time::{Now, Style, Time, duration},
    view::{AgentView, BuildRow, ResourceView, ScriptView, WorkspaceView},
};

/// What the claim took beside a build from nothing, true to scale.
#[component]
pub fn Receipt(claim_ms: u64, cold_ms: Option<u64>, replaced: usize, of: usize) -> impl IntoView {
    let longest = cold_ms.unwrap_or(claim_ms).max(claim_ms).max(1);
    let bar = |class: &'static str, ms: u64| {
        let width = format!("{:.2}%", ms as f64 * 100.0 / longest as f64);
        view! {
            <dd>
                <svg class="meter" width="100%" height="8" aria-hidden="true">
                    <rect class="track" width="100%" height="8" rx="1"></rect>
                    <rect class=class width=width height="8" rx="1"></rect>
                </svg>
                <span>{duration(ms)}</span>
            </dd>
        }
    };
    let saved = cold_ms.map(|cold| duration(cold.saturating_sub(claim_ms)));
    view! {
        <div class="receipt">
            <p class="verdict">{format!("{} from claim to ready", duration(claim_ms))}</p>
            <dl class="bars">
                <div><dt>"This claim"</dt>{bar("hot", claim_ms)}</div>
                {cold_ms.map(|ms| view! { <div><dt>"From nothing"</dt>{bar("fill", ms)}</div> })}
            </dl>
            <dl class="receipt-facts">
                <div><dt>"Waited"</dt><dd>{duration(claim_ms)}</dd></div>
                {saved.map(|saved| view! { <div><dt>"Saved"</dt><dd>{saved}</dd></div> })}
                <div><dt>"Recreated"</dt><dd>{format!("{replaced} of {of}")}</dd></div>
            </dl>
        </div>
    }
    .into_any()
}

#[component]
pub fn Agents(agents: Vec<AgentView>, now: Now) -> impl IntoView {
    let none = agents.is_empty();
    let agents = agents.into_iter().map(|agent| view! { <Agent agent now/> }).collect_view();
    view! {
        <Panel id="agents" title="Agents">
            {none.then(|| view! { <p class="empty-row">"No agent yet."</p> })}
            {agents}
        </Panel>
    }
    .into_any()
}

#[component]
fn Agent(agent: AgentView, now: Now) -> impl IntoView {
    let metadata = agent.metadata.iter().map(|(name, value, error)| {
        if error.is_empty() {
            view! { " · "{format!("{name} {value}")} }.into_any()
        } else {
            view! { " · "{name.clone()}" "<span class="failed" title=error.clone()>"failed"</span> }
                .into_any()
        }
    });
    let apps = agent.apps.iter().filter_map(|app| {
        let href = address::web_link(&app.url)?.to_owned();
        let name = app.display_name.clone();
        Some(view! { <a class="button" data-size="small" href=href rel="noreferrer">{name}</a> })
    });
    let seen = agent.last_seen.map(|at| view! { " · seen " <Time at now/> });
    let (metadata, apps) = (metadata.collect_view(), apps.collect_view());
    let scripts = agent.scripts.into_iter().map(|script| view! { <Script script/> }).collect_view();
    view! {
        <div class="agent">
            <p><b>{agent.name}</b><Badge words=copy::lifecycle(&agent.lifecycle)/></p>
            <p class="muted small">{agent.version} {seen} {metadata}</p>
            {(!apps.is_empty()).then(|| view! { <div class="actions">{apps}</div> })}
            {(!scripts.is_empty()).then(|| view! { <ul class="scripts" aria-label="Scripts">{scripts}</ul> })}
        </div>
    }
}

#[component]
fn Script(script: ScriptView) -> impl IntoView {
    let ScriptView { display_name, status, exit_code, duration_ms } = script;
    let exit = exit_code.filter(|code| *code != 0).map(|code| format!(", exit code {code}"));
    let took = duration_ms.map(|ms| format!(", {}", duration(ms)));
    view! { <li><b>{display_name}</b>" "<span class="muted">{status}{exit}{took}</span></li> }
}

#[component]
pub fn Parameters(view: WorkspaceView) -> impl IntoView {
    let parameters = view.parameters.into_iter().map(|(name, value)| {
        let value =
            if value.is_empty() { "—".into_any() } else { view! { <code>{value}</code> }.into_any() };
        view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
    });
    let parameters = parameters.collect_view();
    let preset = format!("preset {}", view.row.preset);
    (!parameters.is_empty()).then(|| {
        view! {
            <Panel id="parameters" title="Parameters" beside=move || view! { <span class="meta">{preset}</span> }>
                <dl class="facts">{parameters}</dl>
            </Panel>
        }
    })
}

#[component]
pub fn Resources(resources: Vec<ResourceView>) -> impl IntoView {
    let count = resources.len();
    let items = resources.into_iter().map(|resource| {
        let metadata: Vec<_> =
            resource.metadata.into_iter().map(|(key, value)| format!("{key} {value}")).collect();
        let metadata = metadata.join(", ");
        view! { <li><code>{resource.address}</code><span class="muted">{metadata}</span></li> }
    });
    let items = items.collect_view();
    (count > 0).then(|| {
        view! {
            <Panel id="resources" title="Resources" beside=move || view! { <span class="meta">{count}</span> }>
                <ul class="facts">{items}</ul>
            </Panel>
        }
    })
}

/// The builds, newest first; each shows its log.
#[component]
pub fn History(id: WorkspaceId, shown: i64, builds: Vec<BuildRow>, now: Now) -> impl IntoView {
    let items = builds.into_iter().map(|build| {
        let current = (build.number == shown).then_some("true");
        let href = format!("/workspaces/{id}?build={}", build.number);
        let name = format!("Build\u{a0}{}, {}", build.number, build.stage);
        let status = copy::build_status(&build.status).label.to_lowercase();
        view! {
            <li>
                <Time at=build.created_at now style=Style::Short/>
                <span>
                    <a href=href aria-current=current>{name}</a>
                    <span class="muted">{format!(" by {}, {status}", build.initiator)}</span>
                </span>
            </li>
        }
    });
    let items = items.collect_view();
    view! {
        <Panel id="history" title="History" beside=move || view! { <span class="meta">{now.zone()}</span> }>
            <ol class="events">{items}</ol>
        </Panel>
    }
    .into_any()
}
