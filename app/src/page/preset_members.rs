//! The members of a pool on the preset's page, and what an empty one waits for.

use hearth_prebuilds::pool_state::{PoolState, WorkspaceStage};
use leptos::prelude::*;

use crate::{
    address::{self, Query},
    component::{
        filters::OrderChanged,
        panel::Panel,
        workspace_table::{Columns, WorkspaceTable},
    },
    time::{Now, coarse},
    view::{PresetView, WorkspaceRow},
    zone,
};

/// The form that members are chosen for.
const PICK: &str = "pick-members";

#[component]
pub fn Members(view: PresetView, now: Now) -> impl IntoView {
    let none_ready = view! { <NoneReady view=view.clone()/> };
    let PresetView { frame, pool, members: rows, blocked, .. } = view;
    let held = blocked.map(|why| format!("Held back: {why}"));
    let may_delete = frame.administers && !rows.is_empty();
    let pick = may_delete.then_some(PICK);
    let act = address::preset(&pool.template, &pool.preset);
    let delete = may_delete.then(|| {
        view! {
            <form id=PICK method="get" action=act>
                <input type="hidden" name="dialog" value="delete"/>
                <button class="button" data-size="small">"Delete selected…"</button>
            </form>
        }
    });
    let is_claimable = |row: &&WorkspaceRow| row.stage == WorkspaceStage::Ready && held.is_none();
    let ready = rows.iter().filter(is_claimable).count();
    let counts = format!("{} · {ready} can be claimed", rows.len());
    let table = if rows.is_empty() {
        view! { <p class="empty-row">"No members now."</p> }.into_any()
    } else {
        let username = frame.username;
        view! { <WorkspaceTable rows columns=Columns::Pool caption="Members of the pool" username pick held now/> }
            .into_any()
    };
    view! {
        <Panel id="members" title="Pool members" beside=move || view! { <OrderChanged/><span class="meta">{counts}</span>{delete} }>
            {none_ready}
            {table}
        </Panel>
    }
    .into_any()
}

/// Why nothing can be claimed: the first is being built, or none is wanted now.
#[component]
fn NoneReady(view: PresetView) -> impl IntoView {
    use WorkspaceStage as S;
    let pool = &view.pool;
    let coming = |stage| matches!(stage, S::Queued | S::Building | S::StartingAgent);
    let first = view.members.iter().find(|row| coming(row.stage));
    let (title, sentence, action) = match (&pool.state, first) {
        _ if pool.ready > 0 => return None,
        (PoolState::OffHours { next: Some(next) }, _) => {
            let scale = Query::new(address::preset(&pool.template, &pool.preset)).with("dialog", "scale");
            (
                format!("Nothing wanted until {}", zone::local(next.at, &next.timezone)),
                "Outside the schedule this preset keeps 0 ready. A claim now builds from nothing.".to_owned(),
                view.frame.administers.then(|| ("Override for today", scale.href())),
            )
        }
        (_, Some(first)) if pool.wanted > 0 => {
            let usual = pool.cold_ms.map(|ms| format!("Usually ready in about {}. ", coarse(ms)));
            (
                "The first one is being built".to_owned(),
                format!("{}You may leave this page.", usual.unwrap_or_default()),
                Some(("See its log", format!("/workspaces/{}", first.id))),
            )
        }
        _ => return None,
    };
    Some(view! {
        <div class="empty">
            <h3>{title}</h3>
            <p>{sentence}</p>
            {action.map(|(label, href)| view! { <p><a href=href>{label}</a></p> })}
        </div>
    })
}
