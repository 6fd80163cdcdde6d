//! Where somebody was on a page. Back leads there again: the browser brings back how far it was scrolled, and this the
//! row that had the focus.

use leptos::prelude::{window, window_event_listener_untyped};
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement, NavigationType, PerformanceNavigationTiming, Storage};

use super::{
    morph,
    page::{all, focused, href},
};

pub fn listen() {
    std::mem::forget(window_event_listener_untyped("pagehide", |_| keep()));
}

/// Whether this page was left before, or loaded again.
pub fn returned() -> bool {
    let performance = window().performance();
    let entry = performance.map(|performance| performance.get_entries_by_type("navigation").get(0));
    let entry = entry.and_then(|entry| entry.dyn_into::<PerformanceNavigationTiming>().ok());
    entry.is_some_and(|entry| matches!(entry.type_(), NavigationType::BackForward | NavigationType::Reload))
}

/// Gives the focus back to the row that had it, if it is still there.
pub fn restore() {
    let Some(kept) = storage().and_then(|storage| storage.get_item(&href()).ok().flatten()) else { return };
    let row = all("[data-key]").into_iter().find(|row| morph::key(row).as_ref() == Some(&kept));
    let link = row.and_then(|row| row.query_selector("a[href]").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = link.focus_with_options(&options);
    }
}

fn keep() {
    let row = focused().and_then(|focused| focused.closest("[data-key]").ok().flatten());
    if let (Some(storage), Some(key)) = (storage(), row.and_then(|row| morph::key(&row))) {
        // It may be full; then the page begins at its heading, as it would without scripts.
        let _ = storage.set_item(&href(), &key);
    }
}

/// Ends with the tab.
fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
