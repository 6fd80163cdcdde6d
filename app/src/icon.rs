//! The drawings: one sprite a document, so that badge, chip, bed, legend and rail show the same shapes.

use leptos::prelude::*;

/// The shape of a state, 12 by 12. It says the same as the word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Disc,
    Ring,
    Half,
    HalfInverted,
    Octagon,
    Clock,
    Bars,
    Dash,
    Archive,
    Triangle,
    TriangleOutline,
    Check,
    Dots,
    Parked,
    Diamond,
}

impl Shape {
    /// Where the sprite holds it.
    pub fn href(self) -> &'static str {
        match self {
            Self::Disc => "#s-disc",
            Self::Ring => "#s-ring",
            Self::Half => "#s-half",
            Self::HalfInverted => "#s-half-inv",
            Self::Octagon => "#s-octagon",
            Self::Clock => "#s-clock",
            Self::Bars => "#s-bars",
            Self::Dash => "#s-dash",
            Self::Archive => "#s-box",
            Self::Triangle => "#s-triangle",
            Self::TriangleOutline => "#s-triangle-o",
            Self::Check => "#s-check",
            Self::Dots => "#s-dots",
            Self::Parked => "#s-parked",
            Self::Diamond => "#s-diamond",
        }
    }
}

/// A state's shape beside its word.
#[component]
pub fn ShapeIcon(shape: Shape) -> impl IntoView {
    view! { <svg class="shape" aria-hidden="true"><use href=shape.href()></use></svg> }
}

/// An icon, 16 by 16, beside a label.
#[component]
pub fn Icon(
    /// The id in the sprite, with its `#`.
    href: &'static str,
) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use href=href></use></svg> }
}

/// The product's mark: a chimney, a hearth, an ember.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <path
                d="M2.5 2.5h4v6.3a9.4 9.4 0 0 1 5.5-1.8 9.5 9.5 0 0 1 9.5 9.5v5h-4v-5a5.5 5.5 0 0 0-11 0v5h-4z"
                fill="currentColor"
            ></path>
            <circle cx="12" cy="18.25" r="3.25"></circle>
        </svg>
    }
}
