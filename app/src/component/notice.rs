//! Messages that concern the whole page.

use leptos::prelude::*;

use crate::{
    component::field::refusal,
    copy::Tone,
    error::AppError,
    icon::{Shape, ShapeIcon},
    page::overview::ResumeAll,
    time::{Now, relative},
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
    .into_any()
}

/// Says on every page that nothing is created or removed, by whose will and why.
#[component]
pub fn PausedNotice(frame: Frame, now: Now) -> impl IntoView {
    frame.paused_all.map(|pause| {
        let note = if pause.note.is_empty() { String::new() } else { format!(": “{}”", pause.note) };
        let who_when_why =
            format!("{} paused all prebuilds {}{note}.", pause.by, relative(pause.at, now.get()));
        view! {
            <section class="notices" role="region" aria-label="System notices">
                <Notice tone=Tone::Warn shape=Shape::Bars>
                    <p>
                        <b>{who_when_why}</b>
                        " Nothing is created or removed. Ready ones can still be claimed."
                    </p>
                    {frame.administers.then(|| view! {
                        <div class="actions">
                            <ActionForm action={ServerAction::<ResumeAll>::new()}>
                                <button class="button" data-size="small">"Resume all"</button>
                            </ActionForm>
                            <ActError error={refusal::<ResumeAll>()}/>
                        </div>
                    })}
                </Notice>
            </section>
        }
        .into_any()
    })
}

/// Why an act was refused, at the control that ordered it.
#[component]
pub fn ActError(error: Option<AppError>) -> impl IntoView {
    error.map(|error| {
        let text = error.to_string();
        view! { <p class="error" role="alert"><ShapeIcon shape=Shape::Octagon/><span>{text}</span></p> }
    })
}
