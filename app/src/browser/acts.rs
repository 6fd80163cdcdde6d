//! Links and forms, heard at the document: so what comes later is served too.

use leptos::{
    prelude::{document, window, window_event_listener_untyped},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, Event, FormData, HtmlAnchorElement, HtmlElement, HtmlFormElement, HtmlInputElement, MouseEvent,
    SubmitEvent, Url, UrlSearchParams,
};

use super::{
    clock,
    expect::{self, Before},
    page::{self, Address, Lost},
    palette, picks, toasts,
};

/// Marks a form that is being sent.
const SENT: &str = "data-sent";
/// Of a field that has to hold this before its form can be sent.
const CONFIRM: &str = "data-confirm";
/// Says that it did not arrive.
const UNREACHED: &str = ".unreached";

pub fn listen() {
    let hear = |name, act: fn(Event)| std::mem::forget(window_event_listener_untyped(name, act));
    hear("click", |event| clicked(event.unchecked_ref()));
    hear("submit", |event| submitted(event.unchecked_ref()));
    hear("input", |event| match target(&event) {
        Some(field) if field.id() == "palette-q" => palette::look(),
        Some(field) if field.has_attribute(CONFIRM) => hold_back(),
        _ => {}
    });
    hear("change", |event| {
        target(&event).inspect(picks::changed);
    });
    hear("popstate", |_| page::visit(page::href(), Address::Replaced));
    hear("visibilitychange", |_| page::seen());
}

/// What cannot be undone waits until its name has been typed. Without scripts the server alone asks for it.
pub fn hold_back() {
    for field in page::all("input[data-confirm]") {
        let wanted = field.get_attribute(CONFIRM).unwrap_or_default();
        let typed = field.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value).unwrap_or_default();
        let form = field.closest("form").ok().flatten();
        let act = form.and_then(|form| form.query_selector("button[data-kind=danger]").ok().flatten());
        act.inspect(|act| {
            let _ = act.toggle_attribute_with_force("disabled", !typed.trim().eq_ignore_ascii_case(&wanted));
        });
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn clicked(event: &MouseEvent) {
    let Some(target) = target(event) else { return };
    if let Ok(Some(button)) = target.closest("button[data-copy]") {
        return copy(&button);
    }
    if let Ok(Some(button)) = target.closest("button[data-refresh]") {
        button.remove();
        return page::visit(page::href(), Address::Replaced);
    }
    if let Ok(Some(button)) = target.closest("button[data-dismiss]") {
        return toasts::dismiss(&button);
    }
    if let Ok(Some(button)) = target.closest("button[data-reveal]") {
        return reveal(&button);
    }
    if let Ok(Some(button)) = target.closest("button[data-offer]") {
        clock::take_zone(&button);
    }
    let plain = event.button() == 0
        && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
        && !event.default_prevented();
    if plain && target.closest("[data-palette]").is_ok_and(|opener| opener.is_some()) {
        event.prevent_default();
        return palette::open();
    }
    // A choice, or what lies behind the palette.
    if plain
        && (target.id() == "palette" || target.closest("#palette a").is_ok_and(|choice| choice.is_some()))
    {
        palette::close();
    }
    let link =
        target.closest("a[href]").ok().flatten().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link.filter(|link| plain && is_same_path(link)) {
        event.prevent_default();
        page::visit(link.href(), Address::Pushed);
    }
}

/// Whether a link leads to another view of this same page: a filter, an order, a dialog.
fn is_same_path(link: &HtmlAnchorElement) -> bool {
    let location = window().location();
    let same = |theirs: String, ours: Result<String, JsValue>| ours.is_ok_and(|ours| ours == theirs);
    same(link.origin(), location.origin())
        && same(link.pathname(), location.pathname())
        && !same(link.search(), location.search())
        && link.target().is_empty()
        && !link.has_attribute("download")
}

fn copy(button: &Element) {
    let Some(text) =
        button.closest(".code").ok().flatten().and_then(|code| code.query_selector("pre").ok().flatten())
    else {
        return;
    };
    let _ = window().navigator().clipboard().write_text(&text.text_content().unwrap_or_default());
    button.set_text_content(Some("Copied"));
}

/// Shows a password while the button is pressed in.
fn reveal(button: &Element) {
    let shown = button.get_attribute("aria-pressed").as_deref() == Some("true");
    let name = button.get_attribute("data-reveal").unwrap_or_default();
    if let Some(field) = document().get_element_by_id(&name) {
        let _ = field.set_attribute("type", if shown { "password" } else { "text" });
        let _ = button.set_attribute("aria-pressed", if shown { "false" } else { "true" });
    }
}

fn submitted(event: &SubmitEvent) {
    let form = target(event).and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form.filter(|_| !event.default_prevented()) else { return };
    let submitter = event.submitter().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let Ok(data) = entries(&form, submitter.as_ref()) else { return };
    // By attribute: a field of this name would hide the property.
    let action = form.get_attribute("action").unwrap_or_default();
    let Ok(url) = Url::new_with_base(&action, &page::href()) else { return };
    if form.method() != "post" {
        if url.pathname() == window().location().pathname().unwrap_or_default() {
            event.prevent_default();
            url.set_search(&query(&data));
            page::visit(url.href(), Address::Pushed);
        }
        return;
    }
    event.prevent_default();
    if form.has_attribute(SENT) {
        return;
    }
    let body = if form.enctype() == "multipart/form-data" {
        data.into()
    } else {
        parameters(&data).map(JsValue::from).unwrap_or_default()
    };
    let before = submitter.as_ref().and_then(expect::show);
    begin(&form, submitter.as_ref());
    spawn_local(async move {
        let sent = page::send(&url.href(), &body).await;
        ended(&form, submitter.as_ref(), before, sent);
    });
}

/// The fields of a form, and the button that sent it.
fn entries(form: &HtmlFormElement, button: Option<&HtmlElement>) -> Result<FormData, JsValue> {
    let data = FormData::new_with_form(form)?;
    let attribute = |name| button.and_then(|button| button.get_attribute(name));
    if let Some(name) = attribute("name") {
        data.append_with_str(&name, &attribute("value").unwrap_or_default())?;
    }
    Ok(data)
}

fn parameters(data: &FormData) -> Result<UrlSearchParams, JsValue> {
    UrlSearchParams::new_with_str_sequence_sequence(data)
}

/// A filter's query, without what is empty.
pub fn query(data: &FormData) -> String {
    let Ok(query) = parameters(data) else { return String::new() };
    let text: String = query.to_string().into();
    let kept: Vec<_> = text.split('&').filter(|pair| !pair.ends_with('=')).collect();
    kept.join("&")
}

/// The button says what it does and keeps its width.
fn begin(form: &HtmlFormElement, button: Option<&HtmlElement>) {
    let _ = form.set_attribute(SENT, "");
    if let Ok(Some(message)) = form.query_selector(UNREACHED) {
        message.remove();
    }
    let Some(button) = button else { return };
    let _ = button.set_attribute("aria-disabled", "true");
    if let Some(doing) = button.get_attribute("data-doing") {
        let _ = button.style().set_property("min-width", &format!("{}px", button.offset_width()));
        let _ = button.set_attribute("data-label", &button.text_content().unwrap_or_default());
        button.set_text_content(Some(&doing));
    }
}

/// The page that the form led to is on screen; the form may still be there.
fn ended(
    form: &HtmlFormElement,
    button: Option<&HtmlElement>,
    before: Option<Before>,
    sent: Result<(), Lost>,
) {
    let _ = form.remove_attribute(SENT);
    if let Some(button) = button {
        let _ = button.remove_attribute("aria-disabled");
        if let Some(label) = button.get_attribute("data-label") {
            let _ = button.remove_attribute("data-label");
            button.set_text_content(Some(&label));
        }
    }
    let words = match sent {
        Ok(()) => return toasts::dismiss(form),
        Err(Lost::Unreached) => "The server cannot be reached. Nothing you typed is lost: try again.",
        Err(Lost::LoggedOut) => {
            "<span>Your session has ended. Nothing you typed is lost: <a href=\"/login\" target=\"_blank\">log in</a> in \
             another tab, then try again.</span>"
        }
    };
    let Ok(message) = document().create_element("p") else { return };
    message.set_class_name("error unreached");
    message.set_inner_html(words);
    match (before, button) {
        // What was expected has not come: nothing is lost that would have to interrupt anybody.
        (Some(before), Some(button)) => {
            before.restore(button);
            page::speak(&message);
        }
        _ => drop(message.set_attribute("role", "alert")),
    }
    let _ = form.append_child(&message);
}
