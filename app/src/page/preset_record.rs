//! What the preset page keeps of the past: the record of decisions, and what was asked of the pool.

use leptos::prelude::*;

use crate::{
    address::{Query, escape},
    component::{filters::FilterForm, panel::Panel},
    copy,
    time::{Now, Style, Time, coarse},
    view::{DecisionRow, DemandView, NoDecision},
};

/// The record, each decision a link to its reasons.
#[component]
pub fn Decisions(
    here: Query,
    rows: Vec<DecisionRow>,
    /// The one that comes after them.
    older: Option<String>,
    /// The one whose reasons are shown.
    chosen: Option<String>,
    missing: Option<NoDecision>,
    now: Now,
) -> impl IntoView {
    let older = older.map(|id| step(&here, &id));
    let body = if rows.is_empty() {
        view! { <p class="empty-row">"Nothing has been decided yet."</p> }.into_any()
    } else {
        let row = |row: DecisionRow| {
            let current = (chosen.as_ref() == Some(&row.id)).then_some("");
            view! { <Decision href=step(&here, &row.id) row current now/> }
        };
        let rows = rows.into_iter().map(row).collect_view();
        view! {
            <table class="table" role="table">
                <caption class="sr-only">"Decisions about this pool, newest first"</caption>
                <thead role="rowgroup"><tr role="row">
                    <th role="columnheader" scope="col">{format!("Time ({})", now.zone())}</th>
                    <th role="columnheader" scope="col">"Decision"</th>
                    <th role="columnheader" scope="col" class="num">"Ready"</th>
                    <th role="columnheader" scope="col" class="num">"Starting"</th>
                    <th role="columnheader" scope="col" class="num">"Wanted"</th>
                    <th role="columnheader" scope="col" data-rest="">"Version"</th>
                </tr></thead>
                {rows}
            </table>
        }
        .into_any()
    };
    view! {
        <Panel id="decisions" title="Decisions">
            <FilterForm action=here.href()>
                <label>
                    "What was decided at "
                    <input class="input" name="at" type="datetime-local" step="1" required=true/>
                    " "{now.zone()}
                </label>
                <button class="button">"Look up"</button>
            </FilterForm>
            {missing.map(|why| view! { <p class="ignored" role="status">{copy::no_decision(why, now)}</p> })}
            {body}
            <p class="table-foot">
                <span>"A decision is written down when it differs from the one before."</span>
                {older.map(|href| view! { <a href=href>"Older decisions"</a> })}
            </p>
        </Panel>
    }
    .into_any()
}

/// The page with this decision's reasons.
fn step(here: &Query, decision: &str) -> String {
    format!("{}#why", here.clone().with("decision", decision).href())
}

#[component]
fn Decision(href: String, row: DecisionRow, current: Option<&'static str>, now: Now) -> impl IntoView {
    view! {
        <tbody role="rowgroup" data-current=current>
            <tr role="row">
                <th role="rowheader" scope="row"><a href=href><Time at=row.at now style=Style::Exact/></a></th>
                <td role="cell" data-card="wide">{now.retold(&row.verdict)}</td>
                <td role="cell" class="num" data-label="Ready">{row.ready}</td>
                <td role="cell" class="num" data-label="Starting">{row.starting}</td>
                <td role="cell" class="num" data-label="Wanted">{row.wanted}</td>
                <td role="cell" data-rest="">{row.version}</td>
            </tr>
        </tbody>
    }
    .into_any()
}

/// What was asked of the pool lately, and how much of it the pool served.
#[component]
pub fn Demand(template: String, preset: String, demand: Vec<DemandView>) -> impl IntoView {
    let scenario = format!("/api/v2/pools/{}/{}/scenario", escape(&template), escape(&preset));
    let row = |window: DemandView| {
        let DemandView { seconds, claims, misses } = window;
        let requests = claims + misses;
        let served = match requests {
            0 => "no request".to_owned(),
            _ => format!("{claims} of {requests} from the pool"),
        };
        let share = (requests > 0).then(|| view! { " " <b>{copy::share(claims, requests)}</b> });
        view! { <div><dt>{format!("Last {}", coarse(seconds * 1000))}</dt><dd>{served}{share}</dd></div> }
    };
    view! {
        <Panel id="demand" title="Demand">
            <dl class="facts">{demand.into_iter().map(row).collect_view()}</dl>
            <p class="panel-foot">
                <a href=scenario download="" rel="external">"Download the last 7 days as a scenario"</a>
            </p>
        </Panel>
    }
    .into_any()
}
