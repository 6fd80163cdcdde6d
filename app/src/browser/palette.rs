//! The command palette. The server draws its list, on `/search`; here it is opened, asked for, and moved through.

use std::{cell::Cell, time::Duration};

use leptos::{
    prelude::{set_timeout, window},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement, Request};

use super::{
    acts, morph,
    page::{self, all, query},
};

/// How long somebody has stopped typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(120);

thread_local! {
    /// How often something was asked for; what answers anything older is not shown.
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

fn dialog() -> Option<HtmlDialogElement> {
    query("#palette")?.dyn_into().ok()
}

fn form() -> Option<HtmlFormElement> {
    query("#palette form")?.dyn_into().ok()
}

pub fn is_open() -> bool {
    dialog().is_some_and(|dialog| dialog.open())
}

/// Opens it, empty.
pub fn open() {
    if let (Some(dialog), Some(form)) = (dialog(), form()) {
        form.reset();
        // The browser keeps everything else out of reach, closes it on Escape, and brings the focus back.
        let _ = dialog.show_modal();
        look();
    }
}

pub fn close() {
    dialog().as_ref().map(HtmlDialogElement::close);
}

/// Asks for what fits what is typed, soon.
pub fn look() {
    let asked = ASKED.get() + 1;
    ASKED.set(asked);
    let ask = move || {
        if ASKED.get() == asked {
            // A server that cannot be reached leaves the list as it is; Enter still goes to the page.
            spawn_local(async move { drop(show(asked).await) });
        }
    };
    set_timeout(ask, PAUSE);
}

async fn show(asked: u32) -> Result<(), JsValue> {
    let Some(form) = form() else { return Ok(()) };
    let address = format!("/search?{}", acts::query(&FormData::new_with_form(&form)?));
    let response = page::get(&Request::new_with_str(&address)?).await?;
    let new = page::parse(&page::text(&response).await?);
    if ASKED.get() != asked {
        return Ok(());
    }
    match (query("#palette-found"), new.and_then(|new| new.get_element_by_id("palette-found"))) {
        (Some(old), Some(new)) => {
            morph::morph(&old, &new);
            point();
            Ok(())
        }
        // Most likely the session has ended, and the page leads to the log-in.
        _ => window().location().assign(&address),
    }
}

/// A key while it is open; whether it was for the list.
pub fn heard(key: &str) -> bool {
    let options = all("#palette [role=option]");
    let selected = options.iter().position(is_selected);
    let next = match (key, selected) {
        ("Enter", Some(at)) => {
            options[at].unchecked_ref::<HtmlElement>().click();
            return true;
        }
        ("ArrowDown", Some(at)) => (at + 1) % options.len(),
        ("ArrowUp", Some(at)) => (at + options.len() - 1) % options.len(),
        _ => return false,
    };
    for (at, option) in options.iter().enumerate() {
        let _ = option.set_attribute("aria-selected", if at == next { "true" } else { "false" });
    }
    point();
    true
}

fn is_selected(option: &Element) -> bool {
    option.get_attribute("aria-selected").as_deref() == Some("true")
}

/// The field says which option is the selected one.
fn point() {
    let selected = query("#palette [aria-selected=true]");
    if let Some(selected) = &selected {
        page::scroll_near(selected);
    }
    if let Some(field) = query("#palette-q") {
        let id = selected.map(|selected| selected.id()).unwrap_or_default();
        let _ = field.set_attribute("aria-activedescendant", &id);
    }
}
