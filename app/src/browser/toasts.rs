//! What an act has done stands at the top of its page; with scripts it is a toast, which goes by itself, except while
//! somebody is at it or when it offers to undo the act.

use std::time::Duration;

use leptos::prelude::set_timeout;
use web_sys::{Document, Element};

use super::{
    page::{elements, query, speak},
    picks,
};

const STAYS: Duration = Duration::from_secs(8);
const MOST: u32 = 3;

/// Makes toasts of what a page tells, and has it spoken.
pub fn take(page: &Document) {
    let Some(toasts) = query("#toasts") else { return };
    let told = elements(page.query_selector_all(".flash > .notice"));
    if !told.is_empty() {
        // What was ticked has been acted upon.
        picks::clear();
    }
    for toast in told {
        let _ = toasts.append_child(&toast);
        speak(&toast);
        let within = |selector| toast.query_selector(selector).ok().flatten();
        if let Some(button) = within("[data-dismiss]") {
            let _ = button.remove_attribute("hidden");
        }
        if within("form").is_none() {
            expire(toast);
        }
    }
    while toasts.child_element_count() > MOST {
        toasts.first_element_child().as_ref().map(Element::remove);
    }
}

fn expire(toast: Element) {
    let end = move || match toast.matches(":hover, :focus-within") {
        Ok(true) => expire(toast),
        _ => toast.remove(),
    };
    set_timeout(end, STAYS);
}

/// Takes the toast away that a control is part of.
pub fn dismiss(control: &Element) {
    if let Ok(Some(toast)) = control.closest("#toasts > *") {
        toast.remove();
    }
}
