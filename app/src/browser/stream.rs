//! One event stream for all tabs of a browser, which allows a server six connections at a time (HTTP/1.1): with a stream
//! in each, the seventh tab would never load.
//!
//! The tab that holds a lock keeps the stream and passes on what it hears. When that tab goes, the browser gives the lock
//! to the next one. Where there are no locks (an address without TLS that is not this machine) each tab has its own.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use js_sys::{Function, Promise};
use leptos::prelude::set_timeout;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

/// When a stream that was refused is asked for again.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// Of the lock, and of the channel between the tabs.
const NAME: &str = "hearth-events";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "locks"], js_name = request, catch)]
    fn request_lock(name: &str, granted: &Function) -> Result<Promise, JsValue>;
}

/// What a tab hears.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    Changed(Vec<String>),
    /// A stream has begun: what happened before it has been missed.
    Opened,
    Live,
    Away,
    /// From a tab that has just come: how is it?
    Asked,
}

type Listener = Box<dyn Fn(News)>;

thread_local! {
    static HEAR: RefCell<Option<Listener>> = const { RefCell::new(None) };
    static CHANNEL: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
    /// The stream, if this tab keeps it, and what gives the lock back.
    static KEPT: RefCell<Option<(EventSource, Option<Function>)>> = const { RefCell::new(None) };
    /// Whether this tab wants to hear anything.
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// From now on, or again after [`stop`], `hear` is told.
pub fn start(hear: impl Fn(News) + 'static) {
    HEAR.set(Some(Box::new(hear)));
    LISTENS.set(true);
    CHANNEL.with_borrow_mut(|channel| {
        if channel.is_none() {
            *channel = joined();
        }
    });
    let granted = Closure::<dyn FnMut() -> JsValue>::once_into_js(|| {
        if !LISTENS.get() || KEPT.with_borrow(Option::is_some) {
            return JsValue::UNDEFINED;
        }
        // The lock is held until this promise is kept.
        Promise::new(&mut |keep, _| open(Some(keep))).into()
    });
    match request_lock(NAME, granted.unchecked_ref()) {
        Ok(_) => post(&News::Asked),
        Err(_) => open(None),
    }
}

/// This tab wants to hear nothing; another may keep the stream.
pub fn stop() {
    LISTENS.set(false);
    if let Some((source, release)) = KEPT.take() {
        source.close();
        release.inspect(|release| _ = release.call0(&JsValue::NULL));
    }
}

fn joined() -> Option<BroadcastChannel> {
    let channel = BroadcastChannel::new(NAME).ok()?;
    let told = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let news = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
        match news {
            Some(News::Asked) => KEPT.with_borrow(|kept| {
                if let Some((source, _)) = kept {
                    let open = source.ready_state() == EventSource::OPEN;
                    post(&if open { News::Live } else { News::Away });
                }
            }),
            Some(news) => hear(news),
            None => {}
        }
    });
    channel.set_onmessage(Some(told.as_ref().unchecked_ref()));
    told.forget();
    Some(channel)
}

fn hear(news: News) {
    HEAR.with_borrow(|hear| {
        if let Some(hear) = hear.as_ref().filter(|_| LISTENS.get()) {
            hear(news);
        }
    });
}

fn post(news: &News) {
    CHANNEL.with_borrow(|channel| {
        if let (Some(channel), Ok(text)) = (channel, serde_json::to_string(news)) {
            let _ = channel.post_message(&text.into());
        }
    });
}

/// Told here and in every other tab.
fn tell(news: News) {
    post(&news);
    hear(news);
}

fn open(release: Option<Function>) {
    let Ok(source) = EventSource::new("/events") else { return };
    let message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let keys = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
        tell(News::Changed(keys.unwrap_or_default()));
    });
    let opened = Closure::<dyn Fn()>::new(|| tell(News::Opened));
    let of = source.clone();
    let lost = Closure::<dyn Fn()>::new(move || {
        tell(News::Away);
        // Otherwise the browser tries again by itself. Most likely the session has ended, and fetching anything says so.
        if of.ready_state() == EventSource::CLOSED {
            tell(News::Changed(vec!["*".to_owned()]));
            set_timeout(open_again, TRY_AGAIN);
        }
    });
    source.set_onmessage(Some(message.as_ref().unchecked_ref()));
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    source.set_onerror(Some(lost.as_ref().unchecked_ref()));
    // They live as long as the tab.
    message.forget();
    opened.forget();
    lost.forget();
    KEPT.set(Some((source, release)));
}

fn open_again() {
    if let Some((_, release)) = KEPT.take() {
        open(release);
    }
}
