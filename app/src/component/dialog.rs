//! A question before an act. It is part of the address (`?dialog=`), so it works without scripts and can be linked
//! to; everything else on the page is inert while it is open.

use leptos::{
    ev::{SubmitEvent, keydown},
    html,
    prelude::*,
};
use leptos_router::hooks::use_navigate;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::component::icon::Icon;

/// An open dialog. The form with its buttons is the children's; the element with `autofocus` gets the focus.
#[component]
pub fn Dialog(
    #[prop(into)] title: String,
    /// The address without the dialog.
    #[prop(into)]
    close: String,
    /// The act is under way: another submit is ignored.
    #[prop(optional, into)]
    busy: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    hold_focus(dialog);
    close_on_escape(close.clone());
    let once = move |event: SubmitEvent| {
        if busy.get_untracked() {
            event.prevent_default();
        }
    };
    view! {
        <div class="scrim" on:submit:capture=once>
            <a class="backdrop" href=close.clone() tabindex="-1" aria-hidden="true"></a>
            <dialog class="dialog" open=true aria-modal="true" aria-labelledby="dialog-title" node_ref=dialog>
                <div class="dialog-head">
                    <h2 id="dialog-title">{title}</h2>
                    <a class="button" data-kind="plain" data-icon="" href=close aria-label="Close">
                        <Icon href="#i-close"/>
                    </a>
                </div>
                {children()}
            </dialog>
        </div>
    }
    .into_any()
}

/// Moves the focus in, and back to where it was when the dialog goes.
fn hold_focus(dialog: NodeRef<html::Dialog>) {
    let opener = StoredValue::new(None::<SendWrapper<HtmlElement>>);
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        let active = document().active_element().and_then(|element| element.dyn_into().ok());
        opener.set_value(active.map(SendWrapper::new));
        if let Ok(Some(first)) = dialog.query_selector("[autofocus]") {
            let _ = first.unchecked_into::<HtmlElement>().focus();
        }
    });
    on_cleanup(move || {
        if let Some(opener) = opener.try_get_value().flatten() {
            // After the page has stopped being inert.
            request_animation_frame(move || {
                let _ = opener.focus();
            });
        }
    });
}

fn close_on_escape(close: String) {
    Effect::new(move || {
        let (close, navigate) = (close.clone(), use_navigate());
        let listener = window_event_listener(keydown, move |event| {
            if event.key() == "Escape" {
                navigate(&close, Default::default());
            }
        });
        on_cleanup(move || listener.remove());
    });
}
