//! A state in a word, a shape and a color. What it says comes from `copy`, never from a page.

use leptos::prelude::*;

use crate::{
    copy::{Badge as Words, Tone},
    icon::ShapeIcon,
};

impl Tone {
    /// The value of `data-tone`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Idle => "idle",
            Self::Drift => "drift",
        }
    }
}

/// A state that asks for something is tinted; a calm one is shape and plain text.
#[component]
pub fn Badge(
    words: Words,
    /// Makes it a link.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    let Words { label, shape, tone, quiet } = words;
    match href {
        Some(href) => view! {
            <a class="badge" data-tone=tone.name() data-quiet=quiet href=href><ShapeIcon shape/>{label}</a>
        }
        .into_any(),
        None => view! {
            <span class="badge" data-tone=tone.name() data-quiet=quiet><ShapeIcon shape/>{label}</span>
        }
        .into_any(),
    }
}
