//! `/inbox`: what a person was told.

use hearth_prebuilds::ids::CauseId;
use leptos::prelude::*;

use crate::{
    address::{Query, and, safe_next, web_link},
    caller::{caller, see_other},
    component::{
        badge::Badge,
        expect::{Expected, InPlaceOf},
        field::refusal,
        filters::{Choice, FilterForm, Ignored},
        flash::{Told, undo},
        nav::{InboxLink, Place},
        notice::ActError,
        screen::{Page, Screen, query},
    },
    copy::{self, counted},
    error::AppError,
    time::{Now, Time},
    view::{InboxQuery, InboxView, NotificationRow},
};

async fn load(query: InboxQuery) -> Result<InboxView, AppError> {
    let caller = caller().await?;
    caller.backend.inbox(&caller.actor, &query).await
}

/// Marks one notification, and goes back to the list.
#[server(prefix = "/act", endpoint = "mark-read")]
pub async fn mark_read(
    id: String,
    #[server(default)] unread: bool,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.mark_read(&caller.actor, &id, !unread).await?;
    let back = if back.starts_with("/inbox") { safe_next(&back) } else { "/inbox" };
    see_other(&if unread { back.to_owned() } else { and(&and(back, "done", "read"), "read", &id) });
    Ok(())
}

/// Nothing is told of a cause for a while.
#[server(prefix = "/act", endpoint = "mute-cause")]
pub async fn mute_cause(cause: CauseId) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.mute_cause(&caller.actor, cause).await?;
    see_other("/inbox?done=muted");
    Ok(())
}

/// Marks everything that this person was told.
#[server(prefix = "/act", endpoint = "mark-all-read")]
pub async fn mark_all_read() -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.mark_all_read(&caller.actor).await?;
    see_other("/inbox");
    Ok(())
}

#[component]
pub fn InboxPage() -> impl IntoView {
    let asked = InboxQuery { status: query("status"), kind: query("kind"), before: query("before") };
    view! {
        <Page load=load(asked.clone()) place=Place::Inbox draw=move |view: InboxView, now| {
            let unread = counted(view.frame.unread, "unread notification");
            let told = told(&asked);
            Screen::new("Inbox", inbox(view, asked, now)).live(["inbox"]).announcing(unread).telling(told)
        }/>
    }
}

/// What was just marked as read can be unread again where that is told.
fn told(asked: &InboxQuery) -> Told {
    let (id, back) = (query("read"), href(asked).with("before", &asked.before).href());
    let undo = (!id.is_empty()).then(|| {
        view! {
            <ActionForm action={ServerAction::<MarkRead>::new()}>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="back" value=back/>
                <input type="hidden" name="unread" value="true"/>
                {undo()}
            </ActionForm>
        }
        .into_any()
    });
    Told { undo, ..Told::default() }
}

fn href(query: &InboxQuery) -> Query {
    Query::new("/inbox").with("status", &query.status).with("kind", &query.kind)
}

fn inbox(view: InboxView, query: InboxQuery, now: Now) -> AnyView {
    let InboxView { frame, rows, older, ignored } = view;
    let older = older.map(|before| href(&query).with("before", &before).href());
    let back = href(&query).with("before", &query.before).href();
    let error = refusal::<MarkRead>().or(refusal::<MarkAllRead>()).or(refusal::<MuteCause>());
    let list = if rows.is_empty() {
        let sentence = if query == InboxQuery::default() {
            "Everything has been read."
        } else {
            "Nothing fits these filters."
        };
        view! {
            <div class="empty">
                <h2>"Nothing needs you"</h2>
                <p>{sentence}</p>
                <p><a href="/inbox?status=all">"Show all"</a></p>
            </div>
        }
        .into_any()
    } else {
        rows.into_iter()
            .map(|row| view! { <Notification row back=back.clone() now/> })
            .collect_view()
            .into_any()
    };
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Inbox"</h1></div>
            <div class="actions">
                {(frame.unread > 0).then(|| view! {
                    <ActionForm action={ServerAction::<MarkAllRead>::new()}>
                        <button class="button" data-doing="Marking…">"Mark all read"</button>
                    </ActionForm>
                })}
            </div>
            <Count unread=frame.unread/>
            <ActError error/>
            <Marked name="read" read=true unread=frame.unread.saturating_sub(1)/>
            <Marked name="unread" read=false unread=frame.unread + 1/>
        </header>
        <section class="panel" aria-label="Notifications">
            <Filters query/>
            <Ignored filters=ignored href="/inbox".to_owned()/>
            {list}
            {older.map(|href| view! { <p class="table-foot"><span></span><a href=href rel="next">"Older"</a></p> })}
        </section>
    }
    .into_any()
}

#[component]
fn Count(unread: u32) -> impl IntoView {
    view! { <p class="sub">{counted(unread, "unread notification")}</p> }
}

/// What marking a notification brings about at once; then so many are unread.
#[component]
fn Marked(name: &'static str, read: bool, unread: u32) -> impl IntoView {
    view! {
        <Expected name>
            <InPlaceOf of=".unread"><Mark unread=!read/></InPlaceOf>
            <InPlaceOf of="[data-expect]"><MarkButton unread=!read/></InPlaceOf>
            <InPlaceOf of="[data-shortcut='g i']"><InboxLink unread current=Some("page")/></InPlaceOf>
            <InPlaceOf of=".page-head .sub"><Count unread/></InPlaceOf>
        </Expected>
    }
    .into_any()
}

#[component]
fn Mark(unread: bool) -> impl IntoView {
    view! { <span class="unread">{unread.then(|| view! { <Badge words=copy::unread()/> })}</span> }
}

/// Turns what is unread into what is read, and the other way.
#[component]
fn MarkButton(unread: bool) -> impl IntoView {
    let (label, expect) = if unread { ("Mark read", "read") } else { ("Mark unread", "unread") };
    view! { <button class="button" data-size="small" data-kind="plain" data-expect=expect>{label}</button> }
}

#[component]
fn Filters(query: InboxQuery) -> impl IntoView {
    let tabs = [("", "Unread"), ("all", "All")].map(|(status, label)| {
        let current = (query.status == status).then_some("true");
        view! { <a href=href(&query).with("status", status).href() aria-current=current>{label}</a> }
    });
    let kinds = copy::KINDS.map(|(kind, words, _)| (kind.to_owned(), words.to_owned())).to_vec();
    let status = query.status.clone();
    view! {
        <FilterForm action="/inbox">
            <nav class="segments" aria-label="Status">{tabs.into_iter().collect_view()}</nav>
            <Choice name="kind" label="About" any="anything" options=kinds chosen=query.kind/>
            {(!status.is_empty()).then(|| view! { <input type="hidden" name="status" value=status/> })}
            <button class="button">"Filter"</button>
        </FilterForm>
    }
    .into_any()
}

#[component]
fn Notification(row: NotificationRow, back: String, now: Now) -> impl IntoView {
    let action = row.action.and_then(|(label, href)| {
        let local = safe_next(&href) == href || web_link(&href).is_some();
        local.then(|| view! { <a class="button" data-size="small" href=href>{label}</a> })
    });
    let paragraphs = now.retold(&row.content).split("\n\n").map(paragraph).collect_view();
    let (key, name) = (row.id.clone(), row.title.clone());
    view! {
        <article data-key=key aria-label=name>
            <div class="panel-head">
                <Mark unread=row.unread/>
                <h2>{row.title}</h2>
                <span class="meta"><Time at=row.at now/></span>
            </div>
            <div class="panel-body">
                {paragraphs}
                <div class="actions">
                    {action}
                    <ActionForm action={ServerAction::<MarkRead>::new()}>
                        <input type="hidden" name="id" value=row.id/>
                        <input type="hidden" name="back" value=back/>
                        {(!row.unread).then(|| view! { <input type="hidden" name="unread" value="true"/> })}
                        <MarkButton unread=row.unread/>
                    </ActionForm>
                    {row.cause.map(|cause| view! {
                        <ActionForm action={ServerAction::<MuteCause>::new()}>
                            <input type="hidden" name="cause" value=cause.to_string()/>
                            <button class="button" data-size="small" data-kind="plain">"Mute this cause for 7 days"</button>
                        </ActionForm>
                    })}
                </div>
            </div>
        </article>
    }
    .into_any()
}

/// Sentences, or lines of a list.
fn paragraph(text: &str) -> AnyView {
    if !text.starts_with("- ") {
        return view! { <p>{marked(text)}</p> }.into_any();
    }
    let lines = text.lines().map(|line| view! { <li>{marked(line.trim_start_matches("- "))}</li> });
    view! { <ul>{lines.collect_view()}</ul> }.into_any()
}

/// The marks that they use: `**bold**`, and code between backticks.
fn marked(text: &str) -> AnyView {
    let code = |(place, part): (usize, &str)| {
        let part = part.to_owned();
        if place % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
    };
    let parts = text.split("**").enumerate().map(|(place, part)| {
        let part = part.split('`').enumerate().map(code).collect_view();
        if place % 2 == 1 { view! { <b>{part}</b> }.into_any() } else { part.into_any() }
    });
    parts.collect_view().into_any()
}
