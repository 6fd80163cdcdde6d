//! `/drift`: what claims have recreated, grouped by cause.

use hearth_prebuilds::ids::CauseId;
use leptos::prelude::*;

use crate::{
    address::Query,
    caller::{caller, see_other},
    component::{
        badge::Badge,
        field::refusal,
        filters::{Choice, FilterForm, Ignored},
        nav::Place,
        notice::ActError,
        occurrence::{Difference, Fix},
        screen::{Page, Screen, query},
    },
    copy::{self, counted},
    error::AppError,
    time::{Now, Style, Time, duration},
    view::{CauseView, DriftQuery, DriftView, OccurrenceView},
};

async fn load(query: DriftQuery) -> Result<DriftView, AppError> {
    let caller = caller().await?;
    caller.backend.drift(&caller.actor, &query).await
}

/// Says that somebody knows of a cause.
#[server(prefix = "/act", endpoint = "acknowledge")]
pub async fn acknowledge(cause: CauseId) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.acknowledge(&caller.actor, cause).await?;
    see_other(&format!("/drift?cause={cause}&done=acknowledged#cause"));
    Ok(())
}

#[component]
pub fn DriftPage() -> impl IntoView {
    let asked = DriftQuery { template: query("template"), preset: query("preset"), status: query("status") };
    let chosen = query("cause");
    view! {
        <Page load=load(asked.clone()) place=Place::Drift draw=move |view: DriftView, now| {
            let open = counted(view.open_causes, "open cause");
            Screen::new("Drift", drift(view, asked, &chosen, now)).live(["drift"]).announcing(open)
        }/>
    }
}

fn href(query: &DriftQuery) -> Query {
    let DriftQuery { template, preset, status } = query;
    Query::new("/drift").with("status", status).with("template", template).with("preset", preset)
}

fn drift(view: DriftView, query: DriftQuery, chosen: &str, now: Now) -> AnyView {
    let DriftView { open_causes, claims_7d, templates, ignored, causes, frame } = view;
    let unfiltered = query == DriftQuery::default();
    let count = causes.len();
    let cause = causes.iter().find(|cause| cause.id.to_string() == chosen).or(causes.first()).cloned();
    let may_acknowledge = frame.administers;
    let detail = cause.map(|cause| view! { <Cause cause may_acknowledge now/> });
    let row = |cause: CauseView| {
        let current = (cause.id.to_string() == chosen).then_some("");
        view! { <Row cause query=query.clone() current now/> }
    };
    let rows = causes.into_iter().map(row).collect_view();
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Drift"</h1></div>
            <p class="sub">
                <b>{counted(open_causes, "open cause")}</b>
                {format!(" · {} slowed in 7 days", counted(claims_7d, "claim"))}
            </p>
            <ActError error={refusal::<Acknowledge>()}/>
        </header>
        <section class="panel" aria-label="Causes">
            <Filters query templates/>
            <Ignored filters=ignored href="/drift".to_owned()/>
            {if count == 0 {
                view! { <Nothing unfiltered/> }.into_any()
            } else {
                view! {
                    <table class="table causes" role="table">
                        <caption class="sr-only">"Causes of drift, newest first"</caption>
                        <thead role="rowgroup"><tr role="row">
                            <th role="columnheader" scope="col">"Status"</th>
                            <th role="columnheader" scope="col">"Resource"</th>
                            <th role="columnheader" scope="col">"Attribute"</th>
                            <th role="columnheader" scope="col">"Template"</th>
                            <th role="columnheader" scope="col" class="num">"Claims"</th>
                            <th role="columnheader" scope="col" data-rest="">"First seen"</th>
                            <th role="columnheader" scope="col" data-rest="">"Last seen"</th>
                        </tr></thead>
                        {rows}
                    </table>
                    <p class="table-foot">
                        <span>{format!("{count} shown")}</span>
                        <span>
                            "A cause is a template, a resource and the attribute that forces it. "
                            "Copies of a resource count once."
                        </span>
                    </p>
                }.into_any()
            }}
        </section>
        {detail}
    }
    .into_any()
}

const STATUSES: [(&str, &str); 4] =
    [("", "All"), ("open", "Open"), ("acked", "Acknowledged"), ("fixed", "Fixed")];

#[component]
fn Filters(query: DriftQuery, templates: Vec<String>) -> impl IntoView {
    let tabs = STATUSES.map(|(status, label)| {
        let current = (query.status == status).then_some("true");
        view! { <a href=href(&query).with("status", status).href() aria-current=current>{label}</a> }
    });
    let templates = templates.into_iter().map(|name| (name.clone(), name)).collect();
    let status = query.status.clone();
    view! {
        <FilterForm action="/drift">
            <nav class="segments" aria-label="Status">{tabs.into_iter().collect_view()}</nav>
            <Choice name="template" label="Template" any="any" options=templates chosen=query.template.clone()/>
            <label data-rest="">
                "Preset "
                <input
                    class="input"
                    name="preset"
                    type="search"
                    placeholder="any"
                    value=query.preset.clone()
                />
            </label>
            {(!status.is_empty()).then(|| view! { <input type="hidden" name="status" value=status/> })}
            <button class="button">"Filter"</button>
        </FilterForm>
    }
    .into_any()
}

#[component]
fn Nothing(unfiltered: bool) -> impl IntoView {
    let (title, sentence) = if unfiltered {
        (
            "No claim has recreated anything",
            "A claim changes owner and name. If a resource cannot change in place, it is destroyed and made again; \
             it would be listed here.",
        )
    } else {
        ("No cause matches these filters", "")
    };
    view! {
        <div class="empty"><h2>{title}</h2><p>{sentence}</p>
            {(!unfiltered).then(|| view! { <p><a href="/drift">"Clear filters"</a></p> })}</div>
    }
}

#[component]
fn Row(cause: CauseView, query: DriftQuery, current: Option<&'static str>, now: Now) -> impl IntoView {
    let id = cause.id.to_string();
    let href = format!("{}#cause", href(&query).with("cause", &id).href());
    view! {
        <tbody role="rowgroup" data-key=id data-current=current>
            <tr role="row">
                <td role="cell" data-col="state"><Badge words=copy::cause_status(&cause.status)/></td>
                <th role="rowheader" scope="row"><a href=href><code>{cause.address}</code></a></th>
                <td role="cell" data-card="wide"><code>{cause.path}</code></td>
                <td role="cell" data-label="In">{cause.template}</td>
                <td role="cell" class="num" data-label="Claims">{cause.claims}</td>
                <td role="cell" data-rest="">{cause.first_version}", "<Time at=cause.first_seen_at now/></td>
                <td role="cell" data-rest="">{cause.last_version}", "<Time at=cause.last_seen_at now/></td>
            </tr>
        </tbody>
    }
    .into_any()
}

/// One cause: its newest claim before and after, a fix, and the other claims it has hit.
#[component]
fn Cause(cause: CauseView, may_acknowledge: bool, now: Now) -> impl IntoView {
    let known =
        cause.acknowledged_by.clone().zip(cause.acknowledged_at).filter(|_| cause.status == "acknowledged");
    let lost = cause.lost_seconds.map(|seconds| {
        view! { <div><dt>"Lost by them"</dt><dd>{format!("about {}", duration(seconds * 1000))}</dd></div> }
    });
    let is_open = ["open", "back"].contains(&cause.status.as_str());
    let CauseView { id, template, address, path, status, occurrences, claims, first_version, .. } = cause;
    let mut occurrences = occurrences.into_iter();
    let newest = occurrences.next();
    let others: Vec<_> = occurrences.collect();
    let heading = newest.as_ref().map_or(address.clone(), |newest| newest.address.clone());
    view! {
        <section class="panel" aria-labelledby="cause">
            <div class="panel-head">
                <h2 id="cause"><code>{heading}</code></h2>
                <Badge words=copy::cause_status(&status)/>
                {newest.clone().map(|occurrence| view! {
                    <span class="meta"><Claim occurrence template=template.clone() now/></span>
                })}
            </div>
            <div class="panel-body">
                <p class="verdict">
                    "Destroyed and recreated at the claim, because of " <code>{path.clone()}</code>
                </p>
                {newest.map(|occurrence| view! { <Difference occurrence/> })}
                <div class="cause-grid">
                    <Fix address path/>
                    <div>
                        <h3>"Claims it has hit"</h3>
                        <dl class="facts" data-flat="">
                            <div><dt>{format!("Since {first_version}")}</dt><dd>{claims}</dd></div>
                            {lost}
                        </dl>
                        <ul class="claims">{others.into_iter().map(|occurrence| view! {
                            <li><Claim occurrence template=template.clone() now/></li>
                        }).collect_view()}</ul>
                    </div>
                </div>
            </div>
            <div class="panel-foot">
                {(is_open && may_acknowledge).then(|| view! {
                    <ActionForm action={ServerAction::<Acknowledge>::new()}>
                        <input type="hidden" name="cause" value=id.to_string()/>
                        <button class="button" data-size="small">"Acknowledge"</button>
                    </ActionForm>
                })}
                {known.map(|(by, at)| view! { <span>{format!("Acknowledged by {by}, ")}<Time at now/></span> })}
                <span>"Turns to Fixed by itself when a claim of a newer version no longer recreates it."</span>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Claim(occurrence: OccurrenceView, template: String, now: Now) -> impl IntoView {
    let OccurrenceView { workspace_id, workspace_name, preset, claimed_by, at, .. } = occurrence;
    view! {
        "claim of "<a href=format!("/workspaces/{workspace_id}")>{workspace_name}</a>
        {format!(" ({template} / {preset}) by {claimed_by}, ")}<Time at now style=Style::Short/>" UTC"
    }
}
