//! One act on several workspaces of the list: the bar that rows are ticked for, and the question before the act.

use hearth_prebuilds::stage::Transition;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::workspaces::href;
use crate::{
    address::{Query, and},
    caller::{Caller, caller, see_other},
    component::{
        dialog::{Dialog, Foot, Weight},
        field::{Field, FormError, refusal},
        flash::Told,
        screen::query,
    },
    copy::{self, counted},
    error::AppError,
    view::{BulkOutcome, BulkQuestion, Chosen, LeftOut, MOST_AT_ONCE, WorkspacesQuery},
};

/// The form that rows are ticked for.
pub const PICK: &str = "pick";

/// So many are named before the act; the others are counted.
const NAMED: usize = 8;

/// Starts, stops or deletes those named in `members`; where `seen` is given, all that match the filter.
#[server(prefix = "/act", endpoint = "change-workspaces")]
pub async fn change_workspaces(
    act: String,
    #[server(default)] members: String,
    #[server(default)] seen: Option<u32>,
    #[server(default)] filter: WorkspacesQuery,
    #[server(default)] typed: String,
) -> Result<(), AppError> {
    let caller = caller().await?;
    let transition = Transition::named(&act).ok_or_else(|| {
        let detail = "Must be start, stop or delete.".to_owned();
        AppError::Invalid { field: "act".to_owned(), detail }
    })?;
    let chosen = match seen {
        Some(_) => Chosen::Matching { filter: filter.clone(), seen },
        None => Chosen::Named(members.split(',').filter_map(|id| id.parse().ok()).collect()),
    };
    let outcome = caller.backend.change_workspaces(&caller.actor, transition, &chosen, &typed).await?;
    let [busy, already, unfit, denied] = outcome.left_out.parts();
    let told = format!("{act}.{}.{busy}.{already}.{unfit}.{denied}", outcome.changed);
    see_other(&and(&and(&page(&filter).href(), "done", "changing"), "told", &told));
    Ok(())
}

/// What the act that led here has come to. The address carries numbers only.
pub fn told() -> Told {
    let told = query("told");
    let sentence = told.split_once('.').and_then(|(act, numbers)| {
        let numbers: Vec<u32> = numbers.split('.').filter_map(|number| number.parse().ok()).collect();
        let [changed, busy, already, unfit, denied] = numbers.try_into().ok()?;
        let left_out = LeftOut { busy, already, unfit, denied };
        Some(copy::bulk_done(Transition::named(act)?, BulkOutcome { changed, left_out }))
    });
    Told { sentence, undo: None }
}

/// The list with these filters, from where the person was in it.
fn page(query: &WorkspacesQuery) -> Query {
    href(query).with("after", &query.after)
}

/// A filter in a form: what `name` makes of the name of each part.
fn hidden(query: &WorkspacesQuery, name: impl Fn(&str) -> String) -> AnyView {
    let parts = query.parts().into_iter().chain([("after", query.after.as_str())]);
    let parts = parts.filter(|(_, value)| !value.is_empty());
    parts
        .map(|(part, value)| view! { <input type="hidden" name=name(part) value=value.to_owned()/> })
        .collect_view()
        .into_any()
}

#[component]
pub fn Bar(query: WorkspacesQuery, matches: usize) -> impl IntoView {
    let all = match matches {
        0 => return None,
        1..=MOST_AT_ONCE => view! {
            <label>
                <input type="checkbox" name="all" value=matches.to_string()/>
                {format!("Select all {matches} that match")}
            </label>
        }
        .into_any(),
        _ => view! { <span class="muted">{format!("More than {MOST_AT_ONCE} match. Narrow the filter to select all.")}</span> }
            .into_any(),
    };
    let acts = [Transition::Start, Transition::Stop, Transition::Delete].map(|act| {
        let label = format!("{}…", copy::bulk_act(act).0);
        view! { <button class="button" data-size="small" name="dialog" value=act.name()>{label}</button> }
    });
    Some(
        view! {
            <form class="filters" id=PICK data-picks="" action="/workspaces" method="get" aria-label="Selected workspaces">
                {hidden(&query, str::to_owned)}
                {all}
                // A script counts them.
                <span data-picked="" hidden=true><b></b>" selected"</span>
                <div class="actions">{acts.into_iter().collect_view()}</div>
            </form>
        }
        .into_any(),
    )
}

/// The act that the address asks about with `?dialog=`: on each `member`, or with `all` on what matches.
pub struct Ask {
    act: Transition,
    chosen: Chosen,
}

impl Ask {
    pub fn of_address(filter: &WorkspacesQuery) -> Option<Self> {
        let act = Transition::named(&query("dialog"))?;
        let members = use_query_map().with_untracked(|query| query.get_all("member").unwrap_or_default());
        let chosen = if query("all").is_empty() {
            Chosen::Named(members.iter().filter_map(|id| id.parse().ok()).collect())
        } else {
            Chosen::Matching { filter: filter.clone(), seen: None }
        };
        Some(Self { act, chosen })
    }

    /// What the act would come to.
    pub async fn asked(self, caller: &Caller) -> Asked {
        let Self { act, chosen } = self;
        let question = caller.backend.bulk_question(&caller.actor, act, &chosen).await;
        Asked { act, chosen, question }
    }
}

/// What is asked before an act.
pub struct Asked {
    act: Transition,
    chosen: Chosen,
    /// What it would come to, or why it cannot be.
    question: Result<BulkQuestion, AppError>,
}

#[component]
pub fn BulkDialog(asked: Asked, query: WorkspacesQuery) -> impl IntoView {
    let Asked { act, chosen, question } = asked;
    let (label, doing) = copy::bulk_act(act);
    let close = page(&query).href();
    let (question, refused) = match question {
        Ok(question) => (question, None),
        Err(error) => (BulkQuestion::default(), Some(error)),
    };
    let error = refusal::<ChangeWorkspaces>().or(refused);
    let count = question.names.len();
    let weight = if act == Transition::Delete { Weight::Destructive } else { Weight::Grave };
    let foot = if count == 0 {
        view! { <div class="dialog-foot"><a class="button" href=close.clone() autofocus=true>"Cancel"</a></div> }
            .into_any()
    } else {
        let act = format!("{label} {}", counted(count, "workspace"));
        view! { <Foot close=close.clone() act doing weight/> }.into_any()
    };
    let left_out = copy::left_out(act, question.left_out).map(|words| view! { <p>{format!("{words}.")}</p> });
    let typed = question.typed.then(|| {
        let error = error.clone();
        view! { <Field name="typed" label="Type their number to delete them" confirm=count.to_string() error/> }
    });
    let fields: &[&str] = if question.typed { &["typed"] } else { &[] };
    view! {
        <Dialog title=format!("{label} workspaces") close>
            <ActionForm action={ServerAction::<ChangeWorkspaces>::new()}>
                <div class="dialog-body">
                    {(count > 0).then(|| view! { <Consequence act question=question.clone()/> })}
                    {left_out}
                    <FormError error fields/>
                    <input type="hidden" name="act" value=act.name()/>
                    {which(&chosen, &question)}
                    {hidden(&query, |part| format!("filter[{part}]"))}
                    {typed}
                </div>
                {foot}
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

/// Which are meant, for the act: each by its id, or how many match now.
fn which(chosen: &Chosen, question: &BulkQuestion) -> AnyView {
    match chosen {
        Chosen::Named(ids) => {
            let ids = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            view! { <input type="hidden" name="members" value=ids/> }.into_any()
        }
        Chosen::Matching { .. } => {
            view! { <input type="hidden" name="seen" value=question.chosen().to_string()/> }.into_any()
        }
    }
}

/// What becomes of them, in numbers, and their names.
#[component]
fn Consequence(act: Transition, question: BulkQuestion) -> impl IntoView {
    let BulkQuestion { mut names, prebuilds, .. } = question;
    let count = counted(names.len(), "workspace");
    let what = match act {
        Transition::Start => format!("This starts {count}: Terraform builds what was taken down."),
        Transition::Stop => format!("This stops {count}. What runs there ends; each can be started again."),
        Transition::Delete => format!("This destroys {count} with everything inside. It cannot be undone."),
    };
    let pool = match act {
        Transition::Start => "what is ready can be claimed",
        Transition::Stop => "the reconciler leaves alone what is parked",
        Transition::Delete => "the reconciler builds others where they are wanted",
    };
    let pool = (prebuilds > 0)
        .then(|| format!(" {} {} among them; {pool}.", counted(prebuilds, "prebuild"), copy::be(prebuilds)));
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let names = format!("{}{more}.", names.join(", "));
    view! { <p>{what}{pool}</p><p class="muted">{names}</p> }.into_any()
}
