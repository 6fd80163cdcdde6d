//! Live updates. One event stream a tab says which things changed, never what they are now; the page that shows one
//! of them reads it again. Without scripts nothing here runs and every page is as of its loading.

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use crate::component::{
    icon::{Shape, ShapeIcon},
    time::{Now, Style, Time},
};

/// The key that stands for everything: events may have been missed.
const EVERYTHING: &str = "*";

/// How the tab hears of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// Not connected: no scripts, not yet, or nobody logged in.
    Off,
    Live,
    Away,
    /// Stopped by the person (WCAG 2.2.2).
    Paused,
}

/// The tab's event stream.
#[derive(Clone, Copy)]
pub struct Live {
    link: RwSignal<Link>,
    /// The keys of the newest message.
    seen: RwSignal<Vec<String>>,
    /// Only ever set in the browser, which has one thread.
    source: StoredValue<Option<SendWrapper<EventSource>>>,
}

impl Default for Live {
    fn default() -> Self {
        Self { link: RwSignal::new(Link::Off), seen: RwSignal::default(), source: StoredValue::new(None) }
    }
}

impl Live {
    /// Connects, unless it is connected or paused. Call when the page is alive and somebody is logged in.
    pub fn connect(self) {
        let closed = self.source.with_value(|source| {
            source.as_ref().is_none_or(|source| source.ready_state() == EventSource::CLOSED)
        });
        if !closed || self.link.get_untracked() == Link::Paused {
            return;
        }
        let Ok(source) = EventSource::new("/events") else { return };
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let keys = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
            if self.link.get_untracked() != Link::Paused {
                self.seen.set(keys.unwrap_or_default());
            }
        });
        let open = Closure::<dyn Fn()>::new(move || self.opened());
        let error = Closure::<dyn Fn()>::new(move || self.lost());
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onopen(Some(open.as_ref().unchecked_ref()));
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        // They live as long as the tab.
        message.forget();
        open.forget();
        error.forget();
        self.source.set_value(Some(SendWrapper::new(source)));
    }

    fn opened(self) {
        if self.link.get_untracked() == Link::Away {
            self.seen.set(vec![EVERYTHING.to_owned()]);
        }
        if self.link.get_untracked() != Link::Paused {
            self.link.set(Link::Live);
        }
    }

    fn lost(self) {
        let closed = self.source.with_value(|source| {
            source.as_ref().is_some_and(|source| source.ready_state() == EventSource::CLOSED)
        });
        if self.link.get_untracked() != Link::Paused {
            self.link.set(Link::Away);
        }
        // Refused for good: most likely the session has ended, and reading anything again will say so.
        if closed {
            self.seen.set(vec![EVERYTHING.to_owned()]);
        }
    }

    fn toggle(self) {
        if self.link.get_untracked() == Link::Paused {
            self.link.set(Link::Live);
            self.seen.set(vec![EVERYTHING.to_owned()]);
            self.connect();
        } else {
            self.link.set(Link::Paused);
        }
    }

    /// A number that grows whenever one of these keys changed. Part of a resource's source.
    pub fn version(self, keys: impl Fn() -> Vec<String> + 'static) -> ReadSignal<u32> {
        let version = RwSignal::new(0);
        // The first run only begins to listen: what was said before this page came does not concern it.
        Effect::new(move |listening: Option<()>| {
            let seen = self.seen.get();
            if listening.is_some() {
                let mine = untrack(&keys);
                if seen.iter().any(|key| key == EVERYTHING || mine.contains(key)) {
                    version.update(|count| *count += 1);
                }
            }
        });
        version.read_only()
    }
}

/// The indicator in the header, and the way to stop.
#[component]
pub fn LiveIndicator(now: Now) -> impl IntoView {
    let live = expect_context::<Live>();
    let (state, word, shape) = (
        move || match live.link.get() {
            Link::Off => "off",
            Link::Live => "live",
            Link::Away => "away",
            Link::Paused => "paused",
        },
        move || match live.link.get() {
            Link::Off => "As of",
            Link::Live => "Live",
            Link::Away => "Reconnecting",
            Link::Paused => "Paused",
        },
        move || match live.link.get() {
            Link::Off => Shape::Ring,
            Link::Live => Shape::Disc,
            Link::Away => Shape::Clock,
            Link::Paused => Shape::Bars,
        },
    );
    let title = move || match live.link.get() {
        Link::Off => "This page does not update by itself",
        Link::Paused => "Resume live updates",
        Link::Live | Link::Away => "Pause live updates",
    };
    let at = now.as_loaded();
    view! {
        <button
            class="live"
            type="button"
            data-state=state
            title=title
            disabled=move || live.link.get() == Link::Off
            on:click=move |_| live.toggle()
        >
            {move || view! { <ShapeIcon shape=shape()/> }}
            <span>{word}</span>
            " "
            <Time at now style=Style::Clock/>
        </button>
    }
    .into_any()
}
