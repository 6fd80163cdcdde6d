//! Why: the reconciler's last decision as a worked sum, in the words it recorded when it decided.

use leptos::prelude::*;

use crate::{
    component::{
        panel::Panel,
        time::{Now, Time},
    },
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
pub fn Why(why: WhyView, now: Now) -> impl IntoView {
    let (lines, sum) = lines(&why.reasons);
    let lines = lines.into_iter().map(|line| match line {
        Line::Reason { text, what, figure } => view! {
            <li>
                <span class="reason">{text}</span>
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
    let besides = why.reasons.iter().filter(|reason| reason.figure.is_none());
    let besides = besides.map(|reason| view! { <p>{reason.text.clone()}</p> }).collect_view();
    let (decided_at, confirmed_at) = (why.decided_at, why.confirmed_at);
    let beside = move || {
        let (decided, looked) = (view! { <Time at=decided_at now/> }, view! { <Time at=confirmed_at now/> });
        view! { <span class="meta">"decided " {decided} ", looked at " {looked}</span> }
    };
    view! {
        <Panel id="why" title="Why" beside=beside>
            <div class="panel-body">
                <p class="verdict">{why.verdict}</p>
                <ol class="sum">
                    {lines.collect_view()}
                    <li class="total answer">
                        <span class="what">"to create now"</span>
                        <span class="fig">{sum}</span>
                    </li>
                </ol>
                <div class="aside-notes">{besides}</div>
            </div>
        </Panel>
    }
    .into_any()
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
