//! Messages that concern the whole page.

use chrono::TimeDelta;
use leptos::prelude::*;

use crate::{
    caller::visitor,
    component::field::refusal,
    copy::Tone,
    error::AppError,
    icon::{Shape, ShapeIcon},
    page::{login::ExtendSession, overview::ResumeAll},
    time::{Now, Time, relative},
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

/// So long before its end a session says so.
const WARNING: TimeDelta = TimeDelta::minutes(2);

/// Says that the session ends soon, and offers to go on. A page that is open by then shows it when it is due.
#[component]
pub fn SessionNotice(now: Now) -> impl IntoView {
    visitor().session_ends.map(|ends| {
        let due = ends - WARNING;
        view! {
            <div class="flash">
                <div class="notices" data-due=due.timestamp_millis() hidden={now.get() < due}>
                    <Notice tone=Tone::Warn shape=Shape::Clock>
                        <p><b>"Your session ends " <Time at=ends now/> "."</b></p>
                        <div class="actions">
                            <ActionForm action={ServerAction::<ExtendSession>::new()}>
                                <button class="button" data-size="small">"Extend"</button>
                            </ActionForm>
                            <ActError error={refusal::<ExtendSession>()}/>
                        </div>
                    </Notice>
                </div>
            </div>
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
