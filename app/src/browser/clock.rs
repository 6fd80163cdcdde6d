//! Ages and remaining times tick, against the clock of the server, and what is due at an instant shows then. The zone of
//! the browser is offered for the times of pages.

use std::{cell::Cell, time::Duration};

use chrono::{DateTime, Utc};
use leptos::prelude::set_interval;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::page::{all, query, speak};
use crate::age::Age;

/// How often ages are written anew.
const TICK: Duration = Duration::from_secs(15);

thread_local! {
    /// Milliseconds that the server's clock is ahead of the browser's.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
}

pub fn start() {
    set_interval(tick, TICK);
}

/// A page has come, with the time at which the server drew it.
pub fn set() {
    let drawn = query("[data-now]").and_then(|main| main.get_attribute("data-now"));
    if let Some(drawn) = drawn.and_then(|drawn| drawn.parse::<f64>().ok()) {
        AHEAD.set(drawn - js_sys::Date::now());
    }
    offer_zone();
}

/// Offers the zone of this browser where times are told in another one.
fn offer_zone() {
    let Some(button) = query("button[data-offer]") else { return };
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    let zone = js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|zone| zone.as_string());
    let Some(zone) = zone else { return };
    if button.get_attribute("data-offer").as_ref() != Some(&zone) {
        button.set_text_content(Some(&format!("Use {zone}, the zone of this browser")));
        let _ = button.set_attribute("value", &zone);
        let _ = button.remove_attribute("hidden");
    }
}

/// Types the zone that the button offers, which then sends the form.
pub fn take_zone(button: &Element) {
    let field = query("#zone").and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    field.inspect(|field| field.set_value(&button.get_attribute("value").unwrap_or_default()));
}

fn tick() {
    let now = js_sys::Date::now() + AHEAD.get();
    for notice in all("[data-due][hidden]") {
        let due = notice.get_attribute("data-due").and_then(|due| due.parse::<f64>().ok());
        if due.is_some_and(|due| due <= now) {
            let _ = notice.remove_attribute("hidden");
            speak(&notice);
        }
    }
    let Some(now) = DateTime::<Utc>::from_timestamp_millis(now as i64) else { return };
    for time in all("time[data-tick]") {
        let attribute = |name| time.get_attribute(name).unwrap_or_default();
        let (at, age) = (attribute("datetime").parse(), Age::named(&attribute("data-tick")));
        if let (Ok(at), Some(age)) = (at, age) {
            let text = age.text(at, now);
            if time.text_content().as_ref() != Some(&text) {
                time.set_text_content(Some(&text));
            }
        }
    }
}
