//! `/drift/:cause`: one cause of drift: what it changes, the way to it through the template, what helps, and whom it
//! has hit.

use hearth_prebuilds::ids::CauseId;
use leptos::prelude::*;

use crate::{
    address,
    caller::{caller, see_other},
    component::{
        badge::Badge,
        expect::{Expected, InPlaceOf},
        field::refusal,
        flash::{Told, undo},
        nav::Place,
        notice::ActError,
        occurrence::{Difference, Fix},
        panel::Panel,
        screen::{Page, Screen, parameter, query},
    },
    copy::{self, counted},
    error::AppError,
    page::preset_drift::{Import, Rehearsed},
    time::{Now, Style, Time, duration},
    view::{CauseEventView, CausePageView, CauseView, OccurrenceView, RehearsedCause},
};

async fn load(cause: String) -> Result<CausePageView, AppError> {
    let caller = caller().await?;
    let cause = cause.parse().map_err(|_| AppError::NotFound { what: "This cause".to_owned() })?;
    caller.backend.cause(&caller.actor, cause).await
}

/// Says that somebody knows of a cause.
#[server(prefix = "/act", endpoint = "acknowledge")]
pub async fn acknowledge(cause: CauseId) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.acknowledge(&caller.actor, cause).await?;
    see_other(&format!("{}?done=acknowledged", address::cause(cause)));
    Ok(())
}

/// Takes that back.
#[server(prefix = "/act", endpoint = "unacknowledge")]
pub async fn unacknowledge(cause: CauseId) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.unacknowledge(&caller.actor, cause).await?;
    see_other(&format!("{}?done=unacknowledged", address::cause(cause)));
    Ok(())
}

#[component]
pub fn CausePage() -> impl IntoView {
    view! {
        <Page load=load(parameter("cause")) place=Place::Drift draw=move |view: CausePageView, now| {
            let title = format!("{} in {}", view.cause.address, view.cause.template);
            let state = copy::cause_status(&view.cause.status).label;
            let told = told(&view);
            Screen::new(title, cause(view, now)).live(["drift"]).announcing(state).telling(told)
        }/>
    }
}

/// An acknowledgement can be undone where it is told.
fn told(view: &CausePageView) -> Told {
    let known = view.frame.administers && view.cause.status == "acknowledged";
    let id = view.cause.id.to_string();
    let undo = (known && query("done") == "acknowledged").then(|| {
        view! {
            <ActionForm action={ServerAction::<Unacknowledge>::new()}>
                <input type="hidden" name="cause" value=id/>
                {undo()}
            </ActionForm>
        }
        .into_any()
    });
    Told { undo, ..Told::default() }
}

fn cause(view: CausePageView, now: Now) -> impl IntoView {
    let CausePageView { frame, cause, rehearsed, history } = view;
    let (of_head, of_claims, administers) = (cause.clone(), cause.clone(), frame.administers);
    view! {
        <Head cause=of_head may_acknowledge=administers now/>
        <Panel id="cause" title="What changes, and what helps">
            <div class="panel-body"><Changed cause rehearsed administers now/></div>
        </Panel>
        <div class="split" data-cols="7-5">
            <Claims cause=of_claims now/>
            <History history now/>
        </div>
    }
    .into_any()
}

#[component]
fn Head(cause: CauseView, may_acknowledge: bool, now: Now) -> impl IntoView {
    let CauseView { id, template, address, path, status, claims, lost_seconds, .. } = cause;
    let is_open = matches!(status.as_str(), "open" | "back");
    let acknowledge = (is_open && may_acknowledge).then(|| {
        view! {
            <div class="actions" data-sticky="">
                <Expected name="acknowledged">
                    <InPlaceOf of="h1 + .badge"><Badge words=copy::cause_status("acknowledged")/></InPlaceOf>
                </Expected>
                <ActionForm action={ServerAction::<Acknowledge>::new()}>
                    <input type="hidden" name="cause" value=id.to_string()/>
                    <button class="button" data-expect="acknowledged">"Acknowledge"</button>
                </ActionForm>
            </div>
        }
    });
    let lost = lost_seconds.map(|seconds| format!(", which cost about {}", duration(seconds * 1000)));
    let cost = format!("{}{}.", counted(claims, "claim") + " hit", lost.unwrap_or_default());
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/drift">"Drift"</a></li>
                <li><a href=address::template(&template)>{template.clone()}</a></li>
                <li aria-current="page">{address.clone()}</li>
            </ol></nav>
            <div class="title"><h1 tabindex="-1">{address}</h1><Badge words=copy::cause_status(&status)/></div>
            {acknowledge}
            <p class="sub">
                "A claim destroys and recreates it because of " <code>{path}</code> ". " {cost} " First seen "
                <Time at=cause.first_seen_at now/> " in " {cause.first_version} ", last seen "
                <Time at=cause.last_seen_at now/> " in " {cause.last_version} "."
            </p>
            <ActError error={refusal::<Acknowledge>().or(refusal::<Unacknowledge>())}/>
        </header>
    }
    .into_any()
}

/// As a rehearsal has found it, with the way through the template and the patch; else as the newest claim has.
#[component]
fn Changed(
    cause: CauseView,
    rehearsed: Option<RehearsedCause>,
    administers: bool,
    now: Now,
) -> impl IntoView {
    let newest = cause.occurrences.into_iter().next();
    match (rehearsed, newest) {
        (Some(RehearsedCause { preset, rehearsal, is_current }), _) => {
            let import = (administers && is_current).then_some(Import { template: cause.template, preset });
            view! { <Rehearsed rehearsal import now/> }.into_any()
        }
        (None, newest) => view! {
            {newest.map(|occurrence| view! { <Difference occurrence/> })}
            <div class="cause-grid"><Fix address=cause.address path=cause.path/></div>
        }
        .into_any(),
    }
}

#[component]
fn Claims(cause: CauseView, now: Now) -> impl IntoView {
    let CauseView { template, claims, occurrences, .. } = cause;
    let shown = occurrences.len();
    let beside = (shown < claims as usize).then(|| format!("the newest {shown} of {claims}"));
    let rows = occurrences.into_iter().map(|occurrence| {
        view! { <li><Claim occurrence template=template.clone() now/></li> }
    });
    let rows = rows.collect_view();
    view! {
        <Panel id="claims" title="Claims it has hit" beside=move || view! { <span class="meta">{beside}</span> }>
            <div class="panel-body">
                {if shown == 0 {
                    view! { <p class="muted">"None: a rehearsal found it before anybody claimed."</p> }.into_any()
                } else {
                    view! { <ul class="claims">{rows}</ul> }.into_any()
                }}
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Claim(occurrence: OccurrenceView, template: String, now: Now) -> impl IntoView {
    let OccurrenceView { workspace_id, workspace_name, preset, claimed_by, at, .. } = occurrence;
    view! {
        <a href=format!("/workspaces/{workspace_id}")>{workspace_name}</a>
        {format!(" by {claimed_by}, from ")}<a href=address::preset(&template, &preset)>{preset.clone()}</a>
        ", "<Time at now style=Style::Short/>" "{now.zone()}
    }
}

/// What became of it, newest first.
#[component]
fn History(history: Vec<CauseEventView>, now: Now) -> impl IntoView {
    let rows = history.into_iter().map(|CauseEventView { status, version, by, at }| {
        let words = copy::cause_event(&status, version.as_deref(), by.as_deref());
        view! { <li><Time at now/><span>{words}</span></li> }
    });
    let rows = rows.collect_view();
    view! {
        <Panel id="history" title="History">
            <ul class="events">{rows}</ul>
            <p class="table-foot">"It turns to fixed by itself when a claim or a rehearsal of a newer version does not meet it."</p>
        </Panel>
    }
    .into_any()
}
