//! Ages and remaining times tick, against the clock of the server, and what is due at an instant shows then.

use std::{cell::Cell, time::Duration};

use chrono::{DateTime, Utc};
use leptos::prelude::set_interval;

use super::page::{all, query, speak};
use crate::time::Style;

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
        let (at, style) = (attribute("datetime").parse(), Style::ticking(&attribute("data-tick")));
        if let (Ok(at), Some(style)) = (at, style) {
            let text = style.text(at, now);
            if time.text_content().as_ref() != Some(&text) {
                time.set_text_content(Some(&text));
            }
        }
    }
}
