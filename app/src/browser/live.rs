//! Live updates. One event stream a tab says which things have changed, never what they are now; a page that shows
//! one of them is fetched again.

use std::{cell::Cell, time::Duration};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::page;
use crate::icon::{Shape, ShapeIcon};

/// How the tab hears of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// Not connected: no scripts, or not yet.
    Off,
    Live,
    Away,
    /// Stopped by the person (WCAG 2.2.2).
    Paused,
}

impl Link {
    /// State, word, shape, and what a click does.
    fn drawn(self) -> (&'static str, &'static str, Shape, &'static str) {
        match self {
            Self::Off => ("off", "As of", Shape::Ring, "This page does not update by itself"),
            Self::Live => ("live", "Live", Shape::Disc, "Pause live updates"),
            Self::Away => ("away", "Reconnecting", Shape::Clock, "Pause live updates"),
            Self::Paused => ("paused", "Paused", Shape::Bars, "Resume live updates"),
        }
    }
}

/// How often a page is fetched again, whatever has been told: sentences hold ages too.
const SAFETY_NET: Duration = Duration::from_secs(60);

thread_local! {
    /// The tab's own. Not a stored value: the server draws the indicator as well, where what belongs to one thread must
    /// not be kept.
    static STREAM: Cell<Option<EventSource>> = const { Cell::new(None) };
}

/// The indicator in the header, and the way to stop.
#[island]
pub fn LiveIndicator() -> impl IntoView {
    let link = RwSignal::new(Link::Off);
    if !cfg!(feature = "ssr") {
        STREAM.set(connected(link));
        set_interval(move || look_again(link), SAFETY_NET);
    }
    let toggle = move |_| {
        if link.get_untracked() == Link::Paused {
            STREAM.set(connected(link));
            page::refresh();
        } else {
            STREAM.take().inspect(EventSource::close);
            link.set(Link::Paused);
        }
    };
    let drawn = move || link.get().drawn();
    view! {
        <button
            class="live"
            type="button"
            data-state=move || drawn().0
            title=move || drawn().3
            disabled=move || link.get() == Link::Off
            on:click=toggle
        >
            {move || view! { <ShapeIcon shape=drawn().2/> }}
            <span>{move || drawn().1}</span>
        </button>
    }
}

fn look_again(link: RwSignal<Link>) {
    if link.get_untracked() != Link::Paused {
        page::changed(&["*".to_owned()]);
    }
}

fn connected(link: RwSignal<Link>) -> Option<EventSource> {
    let source = EventSource::new("/events").ok()?;
    let message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let keys = event.data().as_string().and_then(|text| serde_json::from_str::<Vec<String>>(&text).ok());
        page::changed(&keys.unwrap_or_default());
    });
    let open = Closure::<dyn Fn()>::new(move || {
        // What was told meanwhile has been missed.
        if link.get_untracked() == Link::Away {
            page::refresh();
        }
        link.set(Link::Live);
    });
    let of = source.clone();
    let lost = Closure::<dyn Fn()>::new(move || {
        link.set(Link::Away);
        // Refused for good: most likely the session has ended, and fetching anything will say so.
        if of.ready_state() == EventSource::CLOSED {
            page::refresh();
        }
    });
    source.set_onmessage(Some(message.as_ref().unchecked_ref()));
    source.set_onopen(Some(open.as_ref().unchecked_ref()));
    source.set_onerror(Some(lost.as_ref().unchecked_ref()));
    // They live as long as the tab.
    message.forget();
    open.forget();
    lost.forget();
    Some(source)
}
