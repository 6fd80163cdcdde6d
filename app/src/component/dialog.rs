//! A question before an act. It is part of the address (`?dialog=`), so it works without scripts and can be linked
//! to; everything else on the page is inert while it is open.

use leptos::prelude::*;

use crate::icon::Icon;

/// An open dialog. The form with its buttons is the children's; the element with `autofocus` gets the focus.
#[component]
pub fn Dialog(
    #[prop(into)] title: String,
    /// The address without the dialog.
    #[prop(into)]
    close: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="scrim">
            <a class="backdrop" href=close.clone() tabindex="-1" aria-hidden="true"></a>
            <dialog class="dialog" open=true aria-modal="true" aria-labelledby="dialog-title">
                <div class="dialog-head">
                    <h2 id="dialog-title">{title}</h2>
                    <a class="button" data-kind="plain" data-icon="" data-close="" href=close aria-label="Close">
                        <Icon href="#i-close"/>
                    </a>
                </div>
                {children()}
            </dialog>
        </div>
    }
    .into_any()
}

/// What the act of a dialog is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Light,
    /// To be thought about: Cancel has the focus.
    Grave,
    /// It destroys something: Cancel has the focus here, too.
    Destructive,
}

/// The end of a dialog's form: Cancel, and the act.
#[component]
pub fn Foot(
    /// As in [`Dialog`].
    #[prop(into)]
    close: String,
    #[prop(into)] act: String,
    /// What the button says meanwhile.
    doing: &'static str,
    #[prop(default = Weight::Light)] weight: Weight,
    /// The name of what it brings about, see [`Expected`](super::expect::Expected).
    #[prop(optional)]
    expect: Option<&'static str>,
    /// Another act.
    #[prop(optional, into)]
    besides: ViewFnOnce,
) -> impl IntoView {
    let kind = if weight == Weight::Destructive { "danger" } else { "primary" };
    view! {
        <div class="dialog-foot">
            <a class="button" href=close autofocus=weight != Weight::Light>"Cancel"</a>
            {besides.run()}
            <button class="button" data-kind=kind data-doing=doing data-expect=expect>{act}</button>
        </div>
    }
    .into_any()
}
