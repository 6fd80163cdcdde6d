//! Makes the document on screen equal to a new one, node by node, so that what has not changed is not touched: it
//! keeps its focus, its scroll position and what has been typed into it.
//!
//! Children are matched by `id`, `data-key`, heading or (sections) name where they have one, and else by their place among nodes of the
//! same kind. Islands and what is marked as kept are left alone, and so is whether a `details` is open, which is the person's
//! business.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

/// Makes `old` equal to `new`, which is used up by it.
pub fn morph(old: &Element, new: &Element) {
    if old.tag_name() == "LEPTOS-ISLAND" || old.has_attribute("data-kept") {
        return;
    }
    attributes(old, new);
    // What a template holds is none of its children.
    if old.tag_name() == "TEMPLATE" {
        return old.set_inner_html(&new.inner_html());
    }
    children(old, new);
}

fn attributes(old: &Element, new: &Element) {
    let own = |name: &str| name == "open" && old.tag_name() == "DETAILS";
    for name in names(new).into_iter().filter(|name| !own(name)) {
        let value = new.get_attribute(&name).unwrap_or_default();
        if old.get_attribute(&name).as_ref() != Some(&value) {
            let _ = old.set_attribute(&name, &value);
        }
    }
    for name in names(old).into_iter().filter(|name| !own(name) && !new.has_attribute(name)) {
        let _ = old.remove_attribute(&name);
    }
}

fn names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}

fn children(old: &Element, new: &Element) {
    let mut next = old.first_child();
    let mut wanted = new.first_child();
    while let Some(child) = wanted {
        // What stands for nothing from here on goes, so that what comes after it is found in its place.
        while let Some(gone) = next.clone().filter(|node| !stays(node, &child)) {
            next = gone.next_sibling();
            let _ = old.remove_child(&gone);
        }
        wanted = child.next_sibling();
        let Some(kept) = counterpart(next.as_ref(), &child) else {
            let _ = old.insert_before(&child, next.as_ref());
            continue;
        };
        if next.as_ref().is_some_and(|next| next.is_same_node(Some(&kept))) {
            next = kept.next_sibling();
        } else {
            let _ = old.insert_before(&kept, next.as_ref());
        }
        update(&kept, &child);
    }
    while let Some(left) = next {
        next = left.next_sibling();
        let _ = old.remove_child(&left);
    }
}

/// The node on screen that stands for this new one.
fn counterpart(next: Option<&Node>, new: &Node) -> Option<Node> {
    let next = next.cloned();
    match key(new) {
        Some(_) => from(next).find(|node| stand_for_each_other(node, new)),
        None => next.filter(|node| stand_for_each_other(node, new)),
    }
}

/// Whether a node on screen stands for this new one or for one that comes later. A comment marks where something would
/// be; it holds nothing, and must not keep what comes after it from its place.
fn stays(old: &Node, new: &Node) -> bool {
    let is_comment = |node: &Node| node.node_type() == Node::COMMENT_NODE;
    let has_counterpart = || from(Some(new.clone())).any(|new| stand_for_each_other(old, &new));
    has_counterpart() && (!is_comment(old) || is_comment(new))
}

fn stand_for_each_other(old: &Node, new: &Node) -> bool {
    old.node_name() == new.node_name() && key(old) == key(new)
}

/// A node and its later siblings.
fn from(node: Option<Node>) -> impl Iterator<Item = Node> {
    std::iter::successors(node, Node::next_sibling)
}

/// What tells a node from its siblings; a section is told by its heading or its name. Other names may change with what
/// they say, as that of a switch does.
pub fn key(node: &Node) -> Option<String> {
    let element = node.dyn_ref::<Element>()?;
    let attribute = |name: &str| element.get_attribute(name);
    let name = || attribute("aria-label").filter(|_| element.tag_name() == "SECTION");
    ["data-key", "id", "aria-labelledby"].into_iter().find_map(attribute).or_else(name)
}

fn update(old: &Node, new: &Node) {
    if let (Some(old), Some(new)) = (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        return morph(old, new);
    }
    if old.node_value() != new.node_value() {
        old.set_node_value(new.node_value().as_deref());
        mark(old);
    }
}

/// A changed figure is tinted for a moment.
fn mark(text: &Node) {
    let Some(cell) = text.parent_element().and_then(|parent| parent.closest("td, dd").ok().flatten()) else {
        return;
    };
    let Ok(cell) = cell.dyn_into::<HtmlElement>() else { return };
    let _ = cell.set_attribute("data-changed", "");
}
