//! Messages that concern the whole page.

use leptos::prelude::*;

use crate::{
    component::{
        icon::{Shape, ShapeIcon},
        time::{Now, relative},
    },
    copy::Tone,
    error::AppError,
    page::overview::ResumeAll,
    view::Frame,
};

/// A tinted box: what is so, and what to do about it.
#[component]
pub fn Notice(tone: Tone, shape: Shape, children: Children) -> impl IntoView {
    view! {
        <div class="notice" data-tone=tone.name()>
            <ShapeIcon shape/>
            {children()}
        </div>
    }
}

/// Says on every page that nothing is created or removed, by whose will and why.
#[component]
pub fn PausedNotice(frame: Frame, now: Now, resume: ServerAction<ResumeAll>) -> impl IntoView {
    frame.paused_all.map(|pause| {
        let note = if pause.note.is_empty() { String::new() } else { format!(": “{}”", pause.note) };
        let who_when_why =
            move || format!("{} paused all prebuilds {}{note}.", pause.by, relative(pause.at, now.get()));
        view! {
            <section class="notices" role="region" aria-label="System notices">
                <Notice tone=Tone::Warn shape=Shape::Bars>
                    <p>
                        <b>{who_when_why}</b>
                        " Nothing is created or removed. Ready ones can still be claimed."
                    </p>
                    {frame.administers.then(|| view! {
                        <div class="actions">
                            <ActionForm action=resume>
                                <button class="button" data-size="small">"Resume all"</button>
                            </ActionForm>
                            <ActError action=resume/>
                        </div>
                    })}
                </Notice>
            </section>
        }
    })
}

/// Why an act was refused, at the control that ordered it.
#[component]
pub fn ActError<S>(action: ServerAction<S>) -> impl IntoView
where
    S: leptos::server_fn::ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let error =
        move || action.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
    move || {
        error().map(|error| {
            let text = error.to_string();
            view! { <p class="error" role="alert"><ShapeIcon shape=Shape::Octagon/><span>{text}</span></p> }
        })
    }
}
