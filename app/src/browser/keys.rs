//! The keyboard. A control names its key in `data-shortcut`; a key is a click on it. Single keys are not heard in
//! fields, and not at all where the person has switched them off (WCAG 2.1.4); Ctrl or Cmd with K always is.

use std::cell::Cell;

use leptos::prelude::{document, window_event_listener};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::{
    page::{all, focused, query},
    palette,
};

thread_local! {
    /// `g` was pressed, and the next key says where to go.
    static GOING: Cell<bool> = const { Cell::new(false) };
}

pub fn listen() {
    std::mem::forget(window_event_listener(leptos::ev::keydown, |event| {
        if heard(&event) {
            event.prevent_default();
        }
    }));
}

fn heard(event: &KeyboardEvent) -> bool {
    let key = event.key();
    let command = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    if command && key.eq_ignore_ascii_case("k") {
        return palette::is_open() || click("[data-palette]");
    }
    if palette::is_open() {
        return !event.is_composing() && palette::heard(&key);
    }
    if key == "Escape" {
        return click(".scrim [data-close]");
    }
    if event.ctrl_key() || event.meta_key() || event.alt_key() || !single_keys() || typing(event) {
        return false;
    }
    if GOING.take() {
        return click(&format!("[data-shortcut='g {}']", escaped(&key)));
    }
    match key.as_str() {
        "g" => {
            GOING.set(true);
            true
        }
        "/" => query("input[type=search]").is_some_and(|search| search.focus().is_ok()),
        "j" => step(1),
        "k" => step(-1),
        "x" => pick(),
        _ => click(&format!("[data-shortcut='{}']", escaped(&key))),
    }
}

fn single_keys() -> bool {
    let root = document().document_element();
    root.is_none_or(|root| root.get_attribute("data-keys").as_deref() != Some("off"))
}

fn typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|target| {
        matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || target.is_content_editable()
    })
}

/// A key in a selector.
fn escaped(key: &str) -> String {
    key.replace(['\\', '\''], "")
}

fn click(selector: &str) -> bool {
    // What a dialog covers is out of reach of the keyboard too.
    let control =
        query(selector).filter(|control| control.closest("[inert]").is_ok_and(|inert| inert.is_none()));
    control.is_some_and(|control| {
        control.click();
        true
    })
}

/// Chooses the row that has the focus, or chooses it no more.
fn pick() -> bool {
    let row = focused().and_then(|here| here.closest("tr").ok().flatten());
    let choice = row.and_then(|row| row.query_selector("input[type=checkbox]").ok().flatten());
    choice.and_then(|choice| choice.dyn_into::<HtmlElement>().ok()).is_some_and(|choice| {
        choice.click();
        true
    })
}

/// Moves the focus to the next or previous row of the page's table.
fn step(by: isize) -> bool {
    let rows = all("main table tbody tr th a, main table tbody tr td:first-child a");
    let here = focused();
    let at = rows.iter().position(|row| here.as_ref().is_some_and(|here| here.is_same_node(Some(row))));
    let next = match at {
        Some(at) => at.saturating_add_signed(by).min(rows.len().saturating_sub(1)),
        None => 0,
    };
    rows.get(next)
        .and_then(|row: &Element| row.dyn_ref::<HtmlElement>())
        .is_some_and(|row| row.focus().is_ok())
}
