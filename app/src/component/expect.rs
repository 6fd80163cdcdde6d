//! What an act that can be undone brings about, drawn before it is done: a script shows it while the act is under way.
//! Without scripts a page is loaded with what is so.

use leptos::prelude::*;

/// What a button with `data-expect` of this name brings about. Each part is an [`InPlaceOf`].
#[component]
pub fn Expected(name: &'static str, children: Children) -> impl IntoView {
    view! { <template id=format!("expect-{name}")>{children()}</template> }.into_any()
}

/// The child stands in place of the one element that `of` selects in the button's row, or else on the page. Both have
/// the same tag.
#[component]
pub fn InPlaceOf(of: &'static str, children: Children) -> impl IntoView {
    view! { <div data-for=of>{children()}</div> }.into_any()
}
