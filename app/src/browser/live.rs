//! Live updates. An event stream says which things have changed, never what they are now; a page that shows one of them
//! is fetched again.

use std::time::Duration;

use leptos::prelude::*;

use super::{
    page,
    stream::{self, News},
};
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

/// The indicator in the header, and the way to stop.
#[island]
pub fn LiveIndicator() -> impl IntoView {
    let link = RwSignal::new(Link::Off);
    let hear = move |news| heard(link, news);
    if !cfg!(feature = "ssr") {
        stream::start(hear);
        set_interval(move || look_again(link), SAFETY_NET);
    }
    let toggle = move |_| {
        if link.get_untracked() == Link::Paused {
            link.set(Link::Away);
            stream::start(hear);
        } else {
            stream::stop();
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

fn heard(link: RwSignal<Link>, news: News) {
    let before = link.get_untracked();
    match news {
        News::Changed(keys) => page::changed(&keys),
        News::Opened | News::Live => {
            link.set(Link::Live);
            let again = before == Link::Away || (before == Link::Live && news == News::Opened);
            // What has ended between the drawing of the page and now was told to nobody here.
            if again || (before == Link::Off && page::shows_work()) {
                page::refresh();
            }
        }
        News::Away => link.set(Link::Away),
        News::Asked => {}
    }
}
