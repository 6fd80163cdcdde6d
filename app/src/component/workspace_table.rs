//! Workspaces in rows: members of a pool, or everybody's.

use hearth_prebuilds::pool_state::WorkspaceStage;
use leptos::prelude::*;

use crate::{
    address,
    component::{badge::Badge, panel::PresetName},
    copy,
    time::{Now, Style, Time},
    view::WorkspaceRow,
};

/// Which columns a table of workspaces has besides name, stage, version, age and agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Members of one pool: when each expires.
    Pool,
    /// One person's: the preset.
    Own,
    /// The system user's: preset, and when each expires.
    Prebuilds,
    /// All of it, with the owner.
    Everybody,
}

impl Columns {
    fn preset(self) -> bool {
        self != Self::Pool
    }

    fn owner(self) -> bool {
        self == Self::Everybody
    }

    fn expires(self) -> bool {
        self != Self::Own
    }

    /// How many come after the name.
    fn after_name(self) -> u32 {
        4 + u32::from(self.preset()) + u32::from(self.owner()) + u32::from(self.expires())
    }
}

#[component]
pub fn WorkspaceTable(
    rows: Vec<WorkspaceRow>,
    columns: Columns,
    caption: &'static str,
    /// Who looks: their own are called so.
    username: String,
    /// The form that rows can be chosen for, under the name `member`; those that one may not change cannot be.
    #[prop(default = None)]
    pick: Option<&'static str>,
    /// Why those that are ready are not handed over.
    #[prop(default = None)]
    held: Option<String>,
    now: Now,
) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let own = row.owner == username;
            let held = held.clone().filter(|_| row.stage == WorkspaceStage::Ready);
            let note = held.or_else(|| copy::stage_note(row.stage, row.unclaimed).map(str::to_owned));
            view! { <Workspace row columns own note pick now/> }
        })
        .collect_view();
    view! {
        <table class="table members" role="table" id="workspaces" data-ordered="">
            <caption class="sr-only">{caption}</caption>
            <thead role="rowgroup"><tr role="row">
                {pick.map(|_| view! {
                    <th role="columnheader" scope="col" class="pick"><span class="sr-only">"Select"</span></th>
                })}
                <th role="columnheader" scope="col">"Name"</th>
                <th role="columnheader" scope="col">"Stage"</th>
                {columns.preset().then(|| view! { <th role="columnheader" scope="col">"Preset"</th> })}
                {columns.owner().then(|| view! { <th role="columnheader" scope="col" data-rest="">"Owner"</th> })}
                <th role="columnheader" scope="col" data-rest="">"Version"</th>
                <th role="columnheader" scope="col">"Age"</th>
                {columns.expires().then(|| view! { <th role="columnheader" scope="col">"Expires"</th> })}
                <th role="columnheader" scope="col">"Agent"</th>
            </tr></thead>
            {rows}
        </table>
    }
    .into_any()
}

#[component]
fn Workspace(
    row: WorkspaceRow,
    columns: Columns,
    own: bool,
    note: Option<String>,
    pick: Option<&'static str>,
    now: Now,
) -> impl IntoView {
    let span = note.is_some().then_some(2);
    let href = format!("/workspaces/{}", row.id);
    let preset = if row.preset.is_empty() {
        view! { <span class="of">{row.template.clone()}</span> }.into_any()
    } else {
        let href = address::preset(&row.template, &row.preset);
        let name = view! { <PresetName template=row.template.clone() preset=row.preset.clone()/> };
        view! { <a class="calm" href=href>{name}</a> }.into_any()
    };
    let expires = match row.expires_at {
        Some(at) => view! { <Time at now/> }.into_any(),
        None => "—".into_any(),
    };
    let expires_card = if row.expires_at.is_some() { "on" } else { "off" };
    view! {
        <tbody role="rowgroup" data-key=row.id.to_string()>
            <tr role="row">
                {pick.map(|form| view! {
                    <td role="cell" class="pick" rowspan=span>{row.may_change.then(|| {
                        let label = format!("Select {}", row.name);
                        view! {
                            <label>
                                <input type="checkbox" name="member" value=row.id.to_string() form=form aria-label=label/>
                            </label>
                        }
                    })}</td>
                })}
                <th role="rowheader" scope="rowgroup" rowspan=span><a href=href.clone()>{row.name.clone()}</a></th>
                <td role="cell" data-col="state"><Badge words=copy::stage_for(row.stage, own).calm()/></td>
                {columns.preset().then(|| view! { <td role="cell" data-card="wide">{preset}</td> })}
                {columns.owner().then(|| view! { <td role="cell" data-rest="">{row.owner.clone()}</td> })}
                <td role="cell" data-rest="">{row.version.clone()}</td>
                <td role="cell" data-label="Age"><Time at=row.created_at now style=Style::Span/></td>
                {columns.expires().then(|| view! {
                    <td role="cell" data-label="Expires" data-card=expires_card>{expires}</td>
                })}
                <td role="cell" data-card="off">{agents(&row)}</td>
            </tr>
            {note.map(|note| view! {
                <tr role="row" class="note"><td role="cell" colspan=columns.after_name()>
                    {note}"\u{2002}"<span class="acts"><a href=href>"Open"</a></span>
                </td></tr>
            })}
        </tbody>
    }
    .into_any()
}

/// `main: ready`, one for each agent.
fn agents(row: &WorkspaceRow) -> String {
    let agents: Vec<_> = row
        .agents
        .iter()
        .map(|(name, lifecycle)| format!("{name}: {}", copy::lifecycle(lifecycle).label.to_lowercase()))
        .collect();
    if agents.is_empty() { "—".to_owned() } else { agents.join(", ") }
}
