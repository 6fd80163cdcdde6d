//! Moves on to another page, before anything of this one is shown.

use leptos::prelude::*;

/// On the server the response becomes a redirect; in the browser the router moves.
#[component]
pub fn SendTo(#[prop(into)] path: String) -> impl IntoView {
    imp::send_to(&path);
}

#[cfg(feature = "ssr")]
mod imp {
    pub use crate::caller::see_other as send_to;
}

#[cfg(not(feature = "ssr"))]
mod imp {
    use leptos_router::{NavigateOptions, hooks::use_navigate};

    pub fn send_to(path: &str) {
        use_navigate()(path, NavigateOptions { replace: true, ..NavigateOptions::default() });
    }
}
