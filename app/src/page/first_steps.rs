//! What a new server waits for: an account, a template, and the first claim. `/setup` is the first step; the others are
//! on the overview, for whoever administers templates, until somebody has claimed a workspace or skips the rest.

use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::{caller, cookie, remember, see_other},
    component::panel::Panel,
    copy,
    error::AppError,
    icon::{Shape, ShapeIcon},
    view::BedPool,
};

/// Which of the three is to be done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Account,
    Template,
    Claim,
}

impl Step {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Account, "Make the account"),
        (Self::Template, "Bring a template"),
        (Self::Claim, "Claim a workspace"),
    ];

    /// `2 of 3`.
    fn place(self) -> String {
        format!("{} of {}", self as usize + 1, Self::ALL.len())
    }
}

/// Does not show the steps in this browser any more.
#[server(prefix = "/act", endpoint = "skip-first-steps")]
pub async fn skip_first_steps() -> Result<(), AppError> {
    caller().await?;
    remember("first_steps", "skipped");
    see_other("/");
    Ok(())
}

/// Whether they were skipped in this browser.
pub fn skipped() -> bool {
    cookie("hearth_first_steps").is_some()
}

/// The three steps, and which of them is next.
#[component]
pub fn Steps(next: Step) -> impl IntoView {
    let steps = Step::ALL.map(|(step, name)| {
        let (shape, tone, line, state) = match step.cmp(&next) {
            std::cmp::Ordering::Less => (Shape::Disc, None, None, "done"),
            std::cmp::Ordering::Equal => (Shape::Half, Some("info"), Some("none"), "now"),
            std::cmp::Ordering::Greater => (Shape::Ring, None, Some("none"), "then"),
        };
        let current = (step == next).then_some("step");
        let skipped = step > next;
        view! {
            <li data-line=line data-tone=tone data-skipped=skipped aria-current=current>
                <ShapeIcon shape/>
                <span class="name">{name}</span>
                <span class="dur">{state}</span>
            </li>
        }
    });
    view! { <ol class="stages" data-few="" aria-label=format!("First steps, {}", next.place())>{steps.collect_view()}</ol> }
        .into_any()
}

/// The steps on a page of the dashboard: the page brings the template, or what there is to claim stands below them.
#[component]
pub fn FirstSteps(#[prop(optional_no_strip)] claim: Option<FirstClaim>) -> impl IntoView {
    let next = if claim.is_some() { Step::Claim } else { Step::Template };
    let beside = move || {
        view! {
            <span class="meta">{next.place()}</span>
            <ActionForm action={ServerAction::<SkipFirstSteps>::new()}>
                <button class="button" data-kind="plain" data-size="small">"Skip"</button>
            </ActionForm>
        }
    };
    view! {
        <Panel id="first-steps" title="First steps" beside>
            <div class="panel-body"><Steps next/>{claim.map(FirstClaim::draw)}</div>
        </Panel>
    }
    .into_any()
}

/// How far the first workspace is, and what to do about it.
pub struct FirstClaim {
    pub sentence: String,
    act: &'static str,
    href: Query,
}

impl FirstClaim {
    /// Of the pool that is furthest; `None` without any.
    pub fn of(pools: &[BedPool]) -> Option<Self> {
        let first = |is: fn(&BedPool) -> bool| pools.iter().find(|pool| is(pool));
        let ready = first(|pool| pool.counts.ready > 0).or_else(|| first(|pool| pool.counts.coming() > 0));
        let BedPool { template, preset, state, counts } = ready.or(pools.first())?;
        let (pool, href) = (format!("{template} / {preset}"), Query::new(address::preset(template, preset)));
        Some(match (counts.ready, counts.coming()) {
            (0, 0) => {
                let state = copy::pool_state(state).label;
                Self { sentence: format!("Nothing of {pool} is ready: {state}."), act: "See why", href }
            }
            (0, _) => {
                let sentence =
                    format!("The first of {pool} is being built. This page tells when it is ready.");
                Self { sentence, act: "Watch it", href }
            }
            (ready, _) => Self {
                sentence: format!("{ready} of {pool} can be claimed now."),
                act: "Claim a workspace",
                href: href.with("dialog", "claim"),
            },
        })
    }

    fn draw(self) -> AnyView {
        let Self { sentence, act, href } = self;
        view! {
            <p>{sentence}</p>
            <div class="actions"><a class="button" data-kind="primary" href=href.href()>{act}</a></div>
        }
        .into_any()
    }
}
