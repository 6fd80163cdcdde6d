//! `/settings/users`: who there is, and what owners change about them.

use leptos::prelude::*;

use super::{
    Head,
    person_dialogs::{ChangeRole, NewPersonDialog, ResetPasswordDialog},
};
use crate::{
    address::Query,
    caller::{caller, see_other},
    component::{
        badge::Badge,
        field::refusal,
        notice::ActError,
        panel::Panel,
        screen::{Page, Screen, query},
    },
    copy,
    error::AppError,
    time::{Now, Time},
    view::{PeopleQuery, PeopleView, PersonAct, PersonRow},
};

pub const HERE: &str = "/settings/users";

async fn load(query: PeopleQuery) -> Result<PeopleView, AppError> {
    let caller = caller().await?;
    caller.backend.people(&caller.actor, &query).await
}

/// Lets nobody in under this name, or lets them in again.
#[server(prefix = "/act", endpoint = "suspend-person")]
pub async fn suspend_person(username: String, suspend: bool) -> Result<(), AppError> {
    let caller = caller().await?;
    let act = if suspend { PersonAct::Suspend } else { PersonAct::Activate };
    caller.backend.change_person(&caller.actor, &username, &act).await?;
    see_other(&format!("{HERE}?done={}", if suspend { "suspended" } else { "activated" }));
    Ok(())
}

#[component]
pub fn PeoplePage() -> impl IntoView {
    let asked = PeopleQuery { system: query("system") };
    let (dialog, who) = (query("dialog"), query("user"));
    view! {
        <Page load=load(asked.clone()) draw=move |view: PeopleView, now| {
            let known = view.people.iter().any(|person| person.username == who);
            let dialog = match dialog.as_str() {
                _ if !view.may_change => None,
                "new" => Some(view! { <NewPersonDialog/> }.into_any()),
                "password" if known => Some(view! { <ResetPasswordDialog username=who/> }.into_any()),
                _ => None,
            };
            Screen::new("Users", people(view, asked, now)).with_dialog(dialog)
        }/>
    }
}

fn people(view: PeopleView, query: PeopleQuery, now: Now) -> AnyView {
    let PeopleView { frame, people, may_change } = view;
    let error = refusal::<SuspendPerson>().or(refusal::<ChangeRole>());
    let shown = query.system == "show";
    let rows = people.into_iter().map(|row| view! { <Row row may_change now/> }).collect_view();
    let (label, href) = if shown {
        ("Hide the system user", HERE.to_owned())
    } else {
        ("Show the system user", format!("{HERE}?system=show"))
    };
    view! {
        <Head frame here=HERE/>
        <Panel id="people" title="Users" beside=move || view! {
            <div class="actions">
                <a href=href>{label}</a>
                {may_change.then(|| view! {
                    <a class="button" data-kind="primary" href=format!("{HERE}?dialog=new")>"Add a user"</a>
                })}
            </div>
        }>
            <ActError error/>
            <table class="table" role="table">
                <caption class="sr-only">"Users by name"</caption>
                <thead role="rowgroup"><tr role="row">
                    <th role="columnheader" scope="col">"Name"</th>
                    <th role="columnheader" scope="col">"Role"</th>
                    <th role="columnheader" scope="col">"Last seen"</th>
                    {may_change.then(|| view! {
                        <th role="columnheader" scope="col"><span class="sr-only">"Acts"</span></th>
                    })}
                </tr></thead>
                {rows}
            </table>
            {(!may_change).then(|| view! { <p class="table-foot">"Only owners change people."</p> })}
        </Panel>
    }
    .into_any()
}

#[component]
fn Row(row: PersonRow, may_change: bool, now: Now) -> impl IntoView {
    let seen = match row.last_seen_at {
        Some(at) => view! { <Time at now/> }.into_any(),
        None => "never".into_any(),
    };
    let changeable = may_change && !row.myself && !row.is_system;
    let role = if row.is_system { "system".to_owned() } else { row.role.clone() };
    let key = row.username.clone();
    let role = if changeable { view! { <Role row=row.clone()/> }.into_any() } else { role.into_any() };
    let acts = may_change.then(|| {
        let acts = changeable.then(|| view! { <Acts row=row.clone()/> });
        view! { <td role="cell" class="num">{acts}</td> }
    });
    view! {
        <tbody role="rowgroup" data-key=key>
            <tr role="row">
                <th role="rowheader" scope="row">
                    {row.username} " " <span class="of">{row.email}</span>
                    {row.suspended.then(|| view! { " " <Badge words=copy::suspended()/> })}
                </th>
                <td role="cell" data-label="Role">{role}</td>
                <td role="cell" data-label="Seen">{seen}</td>
                {acts}
            </tr>
        </tbody>
    }
    .into_any()
}

#[component]
fn Role(row: PersonRow) -> impl IntoView {
    let label = format!("Role of {}", row.username);
    view! {
        <ActionForm action={ServerAction::<ChangeRole>::new()}>
            <input type="hidden" name="username" value=row.username/>
            <div class="actions">
                <select class="select" name="role" aria-label=label>{role_options(&row.role)}</select>
                <button class="button" data-size="small">"Set"</button>
            </div>
        </ActionForm>
    }
    .into_any()
}

pub(super) fn role_options(chosen: &str) -> AnyView {
    let roles = ["member", "auditor", "template-admin", "owner"];
    let options = roles.map(|role| view! { <option value=role selected=role == chosen>{role}</option> });
    options.into_iter().collect_view().into_any()
}

#[component]
fn Acts(row: PersonRow) -> impl IntoView {
    let (label, doing) =
        if row.suspended { ("Activate", "Activating…") } else { ("Suspend", "Suspending…") };
    let reset = Query::new(HERE).with("dialog", "password").with("user", &row.username).href();
    let of = format!("{label} {}", row.username);
    let reset_of = format!("Reset the password of {}", row.username);
    view! {
        <div class="actions">
            <a class="button" data-size="small" href=reset aria-label=reset_of>"Reset password"</a>
            <ActionForm action={ServerAction::<SuspendPerson>::new()}>
                <input type="hidden" name="username" value=row.username/>
                <input type="hidden" name="suspend" value=(!row.suspended).to_string()/>
                <button class="button" data-size="small" data-doing=doing aria-label=of>{label}</button>
            </ActionForm>
        </div>
    }
    .into_any()
}
