//! `/drift`: what claims have recreated, grouped by cause.

use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::{caller, see_other},
    component::{
        badge::Badge,
        field::refusal,
        filters::{Choice, FilterForm, Ignored},
        nav::Place,
        notice::ActError,
        screen::{Page, Screen, query},
    },
    copy::{self, counted},
    error::AppError,
    time::{Now, Time, coarse, duration},
    view::{CauseView, DriftQuery, DriftView},
};

async fn load(query: DriftQuery) -> Result<DriftView, AppError> {
    let caller = caller().await?;
    caller.backend.drift(&caller.actor, &query).await
}

/// Asks for a rehearsal of a claim from every pool.
#[server(prefix = "/act", endpoint = "rehearse-all")]
pub async fn rehearse_all() -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.rehearse_all(&caller.actor).await?;
    see_other("/drift?done=rehearsing_all");
    Ok(())
}

#[component]
pub fn DriftPage() -> impl IntoView {
    let asked = DriftQuery {
        template: query("template"),
        preset: query("preset"),
        resource: query("resource"),
        status: query("status"),
        range: query("range"),
    };
    view! {
        <Page load=load(asked.clone()) place=Place::Drift draw=move |view: DriftView, now| {
            let open = counted(view.open_causes, "open cause");
            Screen::new("Drift", drift(view, asked, now)).live(["drift"]).announcing(open)
        }/>
    }
}

fn href(query: &DriftQuery) -> Query {
    let DriftQuery { template, preset, resource, status, range } = query;
    Query::new("/drift")
        .with("status", status)
        .with("template", template)
        .with("preset", preset)
        .with("resource", resource)
        .with("range", range)
}

fn drift(view: DriftView, query: DriftQuery, now: Now) -> AnyView {
    let DriftView {
        frame,
        open_causes,
        claims_7d,
        lost_seconds,
        templates,
        presets,
        resources,
        ignored,
        causes,
    } = view;
    let unfiltered = query == DriftQuery::default();
    let may_rehearse = frame.administers;
    let none = causes.is_empty();
    let lost = lost_seconds.map(|seconds| format!(" · about {} lost", duration(seconds * 1000)));
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Drift"</h1></div>
            <p class="sub">
                <b>{counted(open_causes, "open cause")}</b>
                {format!(" · {} slowed in 7 days", counted(claims_7d, "claim"))}{lost}
            </p>
        </header>
        <section class="panel" aria-label="Causes">
            <Filters query templates presets resources/>
            <Ignored filters=ignored href="/drift".to_owned()/>
            {if none {
                view! { <Nothing unfiltered may_rehearse/> }.into_any()
            } else {
                view! { <Causes causes now/> }.into_any()
            }}
        </section>
    }
    .into_any()
}

#[component]
fn Causes(causes: Vec<CauseView>, now: Now) -> impl IntoView {
    let count = causes.len();
    let rows = causes.into_iter().map(|cause| view! { <Row cause now/> }).collect_view();
    view! {
        <table class="table causes" role="table" id="causes" data-ordered="">
            <caption class="sr-only">"Causes of drift: open ones first, then the one seen last"</caption>
            <thead role="rowgroup"><tr role="row">
                <th role="columnheader" scope="col">"Status"</th>
                <th role="columnheader" scope="col">"Resource"</th>
                <th role="columnheader" scope="col">"Cause"</th>
                <th role="columnheader" scope="col">"Template"</th>
                <th role="columnheader" scope="col" class="num">"Claims"</th>
                <th role="columnheader" scope="col" data-rest="">"First"</th>
                <th role="columnheader" scope="col" data-rest="">"Last"</th>
                <th role="columnheader" scope="col" class="num">"Cost"</th>
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
    }
    .into_any()
}

const STATUSES: [(&str, &str); 4] =
    [("", "All"), ("open", "Open"), ("acked", "Acknowledged"), ("fixed", "Fixed")];

const RANGES: [(&str, &str); 3] =
    [("24h", "within 24 h"), ("7d", "within 7 days"), ("30d", "within 30 days")];

#[component]
fn Filters(
    query: DriftQuery,
    templates: Vec<String>,
    presets: Vec<String>,
    resources: Vec<String>,
) -> impl IntoView {
    let tabs = STATUSES.map(|(status, label)| {
        let current = (query.status == status).then_some("true");
        view! { <a href=href(&query).with("status", status).href() aria-current=current>{label}</a> }
    });
    let named = |names: Vec<String>| names.into_iter().map(|name| (name.clone(), name)).collect();
    let ranges = RANGES.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let DriftQuery { template, preset, resource, status, range } = query;
    view! {
        <FilterForm action="/drift">
            <nav class="segments" aria-label="Status">{tabs.into_iter().collect_view()}</nav>
            <Choice name="template" label="Template" any="any" options=named(templates) chosen=template/>
            <Choice name="preset" label="Preset" any="any" options=named(presets) chosen=preset rest=true/>
            <Choice name="resource" label="Resource" any="any" options=named(resources) chosen=resource rest=true/>
            <Choice name="range" label="Seen" any="any time" options=ranges chosen=range rest=true/>
            {(!status.is_empty()).then(|| view! { <input type="hidden" name="status" value=status/> })}
            <button class="button">"Filter"</button>
        </FilterForm>
    }
    .into_any()
}

#[component]
fn Nothing(unfiltered: bool, may_rehearse: bool) -> impl IntoView {
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
            {(!unfiltered).then(|| view! { <p><a href="/drift">"Clear filters"</a></p> })}
            {(unfiltered && may_rehearse).then(|| view! {
                <ActionForm action={ServerAction::<RehearseAll>::new()}>
                    <button class="button" data-doing="Queuing…">"Rehearse all presets"</button>
                </ActionForm>
            })}
            <ActError error={refusal::<RehearseAll>()}/>
        </div>
    }
}

#[component]
fn Row(cause: CauseView, now: Now) -> impl IntoView {
    let (id, href) = (cause.id.to_string(), address::cause(cause.id));
    let from = (!cause.fields.is_empty()).then(|| format!(" ← {}", cause.fields.join(", ")));
    let cost = cause.lost_seconds.map_or("—".to_owned(), |seconds| coarse(seconds * 1000));
    view! {
        <tbody role="rowgroup" data-key=id>
            <tr role="row">
                <td role="cell" data-col="state"><Badge words=copy::cause_status(&cause.status)/></td>
                <th role="rowheader" scope="row"><a href=href><code>{cause.address}</code></a></th>
                <td role="cell" data-card="wide"><code>{cause.path}</code>{from}</td>
                <td role="cell" data-label="In">{cause.template}</td>
                <td role="cell" class="num" data-label="Claims">{cause.claims}</td>
                <td role="cell" data-rest="">{cause.first_version}", "<Time at=cause.first_seen_at now/></td>
                <td role="cell" data-rest="">{cause.last_version}", "<Time at=cause.last_seen_at now/></td>
                <td role="cell" class="num" data-label="Cost">{cost}</td>
            </tr>
        </tbody>
    }
    .into_any()
}
