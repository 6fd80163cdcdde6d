//! Why: a decision of the reconciler as a worked sum, in the words it recorded when it decided; and the way to the
//! decisions before and after it.

use leptos::prelude::*;

use crate::{
    address::Query,
    component::panel::Panel,
    time::{Now, Time},
    view::{ReasonView, WhyView},
};

/// The word between a reason and its figure.
fn what(code: &str) -> &'static str {
    match code {
        "instances" | "scheduled" | "schedule_invalid" | "overridden" | "inactive" => "wanted",
        "running" => "running",
        "starting" => "starting",
        "starting_surplus" | "extraneous" => "not needed",
        _ => "held back",
    }
}

/// A figure of the sum: the first stands alone, the others add or take.
fn signed(figure: i64, first: bool) -> String {
    match figure {
        _ if first => figure.to_string(),
        1.. => format!("+{figure}"),
        _ => format!("−{}", figure.unsigned_abs()),
    }
}

/// A line of the sum.
enum Line {
    Reason { text: String, what: &'static str, figure: String },
    Missing(i64),
}

/// The reasons that have a figure, with the number missing below the counts and above what holds creation back.
fn lines(reasons: &[ReasonView]) -> (Vec<Line>, i64) {
    let mut sum = 0;
    let mut lines = Vec::new();
    let mut missing_shown = false;
    for reason in reasons {
        let Some(figure) = reason.figure else { continue };
        let what = what(&reason.code);
        if what == "held back" && !missing_shown {
            lines.push(Line::Missing(sum));
            missing_shown = true;
        }
        let first = lines.is_empty();
        sum += figure;
        lines.push(Line::Reason { text: reason.text.clone(), what, figure: signed(figure, first) });
    }
    (lines, sum)
}

/// The panel "Why".
#[component]
pub fn Why(
    why: WhyView,
    /// The page that it lies on.
    here: Query,
    #[prop(default = "Why".to_owned())] title: String,
    /// What can be done about it.
    #[prop(optional, into)]
    acts: ViewFnOnce,
    now: Now,
) -> impl IntoView {
    let (lines, sum) = lines(&why.reasons);
    let lines = lines.into_iter().map(move |line| match line {
        Line::Reason { text, what, figure } => view! {
            <li>
                <span class="reason">{now.retold(&text)}</span>
                <span class="what">{what}</span>
                <span class="fig">{figure}</span>
            </li>
        }
        .into_any(),
        Line::Missing(count) => view! {
            <li class="total"><span class="what">"missing"</span><span class="fig">{count}</span></li>
        }
        .into_any(),
    });
    // The verdict may be the reason itself: that nothing is to be done.
    let besides = why.reasons.iter().filter(|reason| reason.figure.is_none() && reason.text != why.verdict);
    let besides = besides.map(|reason| view! { <p>{now.retold(&reason.text)}</p> }).collect_view();
    let (decided_at, confirmed_at) = (why.decided_at, why.confirmed_at);
    let beside = move || {
        let (decided, looked) = (view! { <Time at=decided_at now/> }, view! { <Time at=confirmed_at now/> });
        view! { <span class="meta">"decided " {decided} ", looked at " {looked}</span> }
    };
    let title = match why.newer {
        Some(_) => format!("{title}, {}", now.full(decided_at)),
        None => title,
    };
    let steps = view! { <Steps here older=why.older newer=why.newer id=why.id/> };
    view! {
        <Panel id="why" title beside=beside>
            <div class="panel-body">
                <p class="verdict">{now.retold(&why.verdict)}</p>
                <ol class="sum">
                    {lines.collect_view()}
                    <li class="total answer">
                        <span class="what">"to create now"</span>
                        <span class="fig">{sum}</span>
                    </li>
                </ol>
                <div class="aside-notes">{besides}</div>
                {acts.run()}
            </div>
            {steps}
        </Panel>
    }
    .into_any()
}

/// To the decisions before and after, and the decision as a document.
#[component]
fn Steps(here: Query, older: Option<String>, newer: Option<String>, id: String) -> impl IntoView {
    let newest = newer.is_some().then(|| format!("{}#why", here.href()));
    let step = |label: &'static str, id: Option<String>| {
        id.map(|id| {
            let href = format!("{}#why", here.clone().with("decision", &id).href());
            view! { <a href=href>{label}</a> }
        })
    };
    let document = format!("/api/v2/decisions/{id}/document");
    view! {
        <nav class="panel-foot" aria-label="Decisions before and after">
            {step("Older decision", older)}
            {step("Newer decision", newer)}
            {newest.map(|href| view! { <a href=href>"Newest decision"</a> })}
            <a href=document download="" rel="external">"Download as document"</a>
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str, figure: Option<i64>) -> ReasonView {
        ReasonView { code: code.to_owned(), text: code.to_owned(), figure }
    }

    #[test]
    fn the_sum_is_the_answer_and_what_is_missing_stands_above_what_holds_back() {
        let reasons = [
            reason("scheduled", Some(4)),
            reason("running", Some(-1)),
            reason("starting", Some(0)),
            reason("backing_off", Some(-3)),
            reason("failed_retention", None),
        ];
        let (lines, sum) = lines(&reasons);
        let figures: Vec<_> = lines
            .iter()
            .map(|line| match line {
                Line::Reason { figure, .. } => figure.clone(),
                Line::Missing(count) => format!("= {count}"),
            })
            .collect();
        assert_eq!(figures, ["4", "−1", "−0", "= 3", "−3"]);
        assert_eq!(sum, 0);
    }
}
