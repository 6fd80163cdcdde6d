//! What a claim recreated: before and after, side by side, with the attributes that forced it marked.

use leptos::prelude::*;

use crate::{
    component::panel::Copy,
    view::{ChangeView, OccurrenceView, ValueView},
};

/// A value as it stands in a diff; what the server keeps to itself is said in words.
fn written(value: &ValueView) -> AnyView {
    match value {
        ValueView::Text(text) => text.clone().into_any(),
        ValueView::Absent => view! { <i>"(absent)"</i> }.into_any(),
        ValueView::KnownAfterApply => view! { <i>"(known after apply)"</i> }.into_any(),
        ValueView::Sensitive => view! { <i>"(sensitive)"</i> }.into_any(),
    }
}

/// The attribute that a fix would name: the first part of the path.
pub fn attribute(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

#[component]
fn Half(side: Side, owner: String, changes: Vec<ChangeView>) -> impl IntoView {
    let (title, label) = match side {
        Side::Before => (format!("Before, owned by {owner}"), "Before the claim"),
        Side::After => (format!("After, owned by {owner}"), "After the claim"),
    };
    let lines = changes.iter().map(|change| {
        let value = written(if side == Side::Before { &change.before } else { &change.after });
        let path = format!("{} = ", change.path);
        let forces = change.forces.then(|| view! { <i>"  forces replacement"</i> });
        match side {
            _ if change.before == change.after => view! { <span class="l">{path}{value}</span> }.into_any(),
            Side::Before => view! {
                <del class="l"><span class="sr-only">"removed: "</span>{path}{value}</del>
            }
            .into_any(),
            Side::After => view! {
                <ins class="l"><span class="sr-only">"added: "</span>{path}{value}{forces}</ins>
            }
            .into_any(),
        }
    });
    let lines = lines.collect_view();
    view! { <div><p class="code-bar">{title}</p><pre tabindex="0" aria-label=label>{lines}</pre></div> }
}

/// The differences of one resource that a claim recreated.
#[component]
pub fn Difference(occurrence: OccurrenceView) -> impl IntoView {
    view! { <Changes owner=occurrence.claimed_by changes=occurrence.changes/> }
}

/// What changes when a member of the pool becomes somebody's.
#[component]
pub fn Changes(owner: String, changes: Vec<ChangeView>) -> impl IntoView {
    view! {
        <div class="diff" data-split="">
            <Half side=Side::Before owner="prebuilds".to_owned() changes=changes.clone()/>
            <Half side=Side::After owner changes/>
        </div>
    }
    .into_any()
}

/// The narrow fix: the resource survives, and what that costs.
#[component]
pub fn Fix(address: String, path: String) -> impl IntoView {
    let attribute = attribute(&path).to_owned();
    let fix = format!("lifecycle {{\n  ignore_changes = [{attribute}]\n}}");
    view! {
        <div>
            <h3>"Fix that keeps the resource"</h3>
            <div class="code">
                <p class="code-bar">{format!("in {address}")}<Copy/></p>
                <pre tabindex="0" aria-label="Fix, HCL">{fix}</pre>
            </div>
            <p class="muted small">
                "Trade-off: later changes to " <code>{attribute}</code>
                " will not reach running workspaces until they are rebuilt."
            </p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::attribute;

    #[test]
    fn a_fix_names_the_attribute_and_not_its_inside() {
        for (path, name) in [("env[0]", "env"), ("triggers.owner", "triggers"), ("name", "name")] {
            assert_eq!(attribute(path), name);
        }
    }
}
