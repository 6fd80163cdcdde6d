//! `/settings/reconciler`: how the reconciler is set, and what it does now.

use leptos::prelude::*;

use super::Head;
use crate::{
    caller::caller,
    component::{
        panel::Panel,
        screen::{Page, Screen},
    },
    error::AppError,
    time::{Now, Time},
    view::{PassView, ReconcilerView},
};

async fn load() -> Result<ReconcilerView, AppError> {
    let caller = caller().await?;
    caller.backend.reconciler(&caller.actor).await
}

#[component]
pub fn ReconcilerPage() -> impl IntoView {
    view! {
        <Page load=load() draw=|view: ReconcilerView, now| {
            Screen::new("Reconciler", reconciler(view, now)).live(["settings", "pools"])
        }/>
    }
}

fn reconciler(view: ReconcilerView, now: Now) -> AnyView {
    let ReconcilerView { frame, settings, leads } = view;
    let pass = frame.last_pass.clone();
    let may_pause = frame.administers && frame.paused_all.is_none();
    let rows = settings.into_iter().map(|(what, value, variable)| {
        view! { <div><dt>{what}<br/><code>{variable}</code></dt><dd>{value}</dd></div> }
    });
    let rows = rows.collect_view();
    view! {
        <Head frame here="/settings/reconciler"/>
        <Panel id="now" title="Now">
            <dl class="facts">{now_rows(pass, leads, now)}</dl>
            {may_pause.then(|| view! {
                <div class="panel-foot"><a class="button" href="/?dialog=pause-all">"Pause all prebuilds"</a></div>
            })}
        </Panel>
        <Panel id="values" title="Settings" beside=|| view! {
            <span class="meta">"From flags and the environment; a change needs a restart."</span>
        }>
            <dl class="facts">{rows}</dl>
        </Panel>
    }
    .into_any()
}

fn now_rows(pass: Option<PassView>, leads: bool, now: Now) -> AnyView {
    let leader = if leads { "This process" } else { "Another replica" };
    let leader = view! { <div><dt>"Runs in"</dt><dd>{leader}</dd></div> };
    let pass = pass.map(|PassView { number, took_ms, at, next }| view! {
        <div><dt>"Last pass"</dt><dd>{format!("number {number}, {took_ms}\u{a0}ms, ")}<Time at now/></dd></div>
        {next.map(|at| view! { <div><dt>"Next pass at the latest"</dt><dd><Time at now/></dd></div> })}
    });
    view! { {leader}{pass} }.into_any()
}
