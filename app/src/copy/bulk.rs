//! What an act on several workspaces comes to.

use hearth_prebuilds::stage::Transition;

use super::{be, counted};
use crate::view::{BulkOutcome, LeftOut};

/// What the act is called on its button, and what the button says meanwhile.
pub fn bulk_act(act: Transition) -> (&'static str, &'static str) {
    match act {
        Transition::Start => ("Start", "Starting…"),
        Transition::Stop => ("Stop", "Stopping…"),
        Transition::Delete => ("Delete", "Deleting…"),
    }
}

/// `2 workspaces are being stopped, 1 left out: it has a build under way.`
pub fn bulk_done(act: Transition, outcome: BulkOutcome) -> String {
    let done = match act {
        Transition::Start => "started",
        Transition::Stop => "stopped",
        Transition::Delete => "deleted",
    };
    let BulkOutcome { changed, left_out: left } = outcome;
    let left = left_out(act, left).map(|left| format!(", {left}")).unwrap_or_default();
    format!("{} {} being {done}{left}.", counted(changed, "workspace"), be(changed))
}

/// `3 left out: 1 has a build under way, 2 are stopped already`; `None` when none is.
pub fn left_out(act: Transition, left: LeftOut) -> Option<String> {
    let already = match act {
        Transition::Start => "running already",
        Transition::Stop => "stopped already",
        Transition::Delete => "deleted already",
    };
    let reason = |count: u32, kind: usize| match (kind, count) {
        (0, 1) => "has a build under way".to_owned(),
        (0, _) => "have a build under way".to_owned(),
        (1, _) => format!("{} {already}", be(count)),
        (2, _) => format!("cannot be started as {} {}", pronoun(count), be(count)),
        _ => format!("{} gone or not yours to change", be(count)),
    };
    let reasons = left.parts().into_iter().enumerate().filter(|(_, count)| *count > 0);
    let reasons: Vec<(u32, String)> = reasons.map(|(kind, count)| (count, reason(count, kind))).collect();
    match reasons.as_slice() {
        [] => None,
        [(count, why)] => Some(format!("{count} left out: {} {why}", pronoun(*count))),
        several => {
            let all: u32 = several.iter().map(|(count, _)| count).sum();
            let each: Vec<_> = several.iter().map(|(count, why)| format!("{count} {why}")).collect();
            Some(format!("{all} left out: {}", each.join(", ")))
        }
    }
}

fn pronoun(count: u32) -> &'static str {
    if count == 1 { "it" } else { "they" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_says_what_was_done_and_what_was_left_out() {
        let said = |changed, [busy, already, unfit, denied]: [u32; 4]| {
            let left_out = LeftOut { busy, already, unfit, denied };
            bulk_done(Transition::Stop, BulkOutcome { changed, left_out })
        };
        assert_eq!(said(1, [0; 4]), "1 workspace is being stopped.");
        assert_eq!(
            said(2, [1, 0, 0, 0]),
            "2 workspaces are being stopped, 1 left out: it has a build under way."
        );
        assert_eq!(
            said(2, [0, 0, 0, 2]),
            "2 workspaces are being stopped, 2 left out: they are gone or not yours to change."
        );
        assert_eq!(
            said(9, [2, 1, 0, 0]),
            "9 workspaces are being stopped, 3 left out: 2 have a build under way, 1 is stopped already."
        );
    }
}
