//! Messages that concern the whole page.

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

use crate::{
    caller::visitor,
    component::field::refusal,
    copy::{Tone, counted},
    error::AppError,
    icon::{Shape, ShapeIcon},
    page::{login::ExtendSession, overview::ResumeAll},
    time::{Now, Time, coarse, duration},
    view::{Frame, PauseView, QueueView, SlowPass, SystemNotices},
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

/// Says on every page what is wrong with the server as a whole.
#[component]
pub fn Notices(frame: Frame, now: Now) -> impl IntoView {
    let SystemNotices { stalled_since, slow_pass, queue } = frame.notices;
    let any = frame.paused_all.is_some() || stalled_since.is_some() || slow_pass.is_some() || queue.is_some();
    any.then(|| {
        view! {
            <section class="notices" role="region" aria-label="System notices">
                {frame.paused_all.map(|pause| view! { <Paused pause may_resume=frame.administers now/> })}
                {stalled_since.map(|since| view! { <Stalled since now/> })}
                {slow_pass.map(|pass| view! { <Slow pass/> })}
                {queue.map(|queue| view! { <Queue queue/> })}
            </section>
        }
        .into_any()
    })
}

/// Nothing is created or removed, by whose will and why.
#[component]
fn Paused(pause: PauseView, may_resume: bool, now: Now) -> impl IntoView {
    let note = if pause.note.is_empty() { String::new() } else { format!(": “{}”", pause.note) };
    let who_when_why = format!("{} paused all prebuilds {}{note}.", pause.by, now.relative(pause.at));
    view! {
        <Notice tone=Tone::Warn shape=Shape::Bars>
            <p>
                <b>{who_when_why}</b>
                " Nothing is created or removed. Ready ones can still be claimed."
            </p>
            {may_resume.then(|| view! {
                <div class="actions">
                    <ActionForm action={ServerAction::<ResumeAll>::new()}>
                        <button class="button" data-size="small">"Resume all"</button>
                    </ActionForm>
                    <ActError error={refusal::<ResumeAll>()}/>
                </div>
            })}
        </Notice>
    }
    .into_any()
}

#[component]
fn Stalled(since: DateTime<Utc>, now: Now) -> impl IntoView {
    let silent = (now.get() - since).num_seconds().unsigned_abs() * 1000;
    view! {
        <Notice tone=Tone::Bad shape=Shape::Octagon>
            <p>
                <b>{format!("The reconciler has not run for {}.", duration(silent))}</b>
                " Pools are neither filled nor emptied. Ready ones can still be claimed. The server's log says why."
            </p>
        </Notice>
    }
    .into_any()
}

#[component]
fn Slow(pass: SlowPass) -> impl IntoView {
    let SlowPass { took_ms, interval_ms } = pass;
    let what = format!(
        "The last pass took {}, longer than the {} between two.",
        duration(took_ms),
        coarse(interval_ms)
    );
    view! {
        <Notice tone=Tone::Warn shape=Shape::Clock>
            <p><b>{what}</b>" Pools follow late."</p>
            <div class="actions">
                <a class="button" data-size="small" href="/settings/reconciler">"See the reconciler"</a>
            </div>
        </Notice>
    }
    .into_any()
}

#[component]
fn Queue(queue: QueueView) -> impl IntoView {
    let QueueView { people, prebuild_jobs, pending } = queue;
    let people = if people == 1 { "1 person waits".to_owned() } else { format!("{people} people wait") };
    view! {
        <Notice tone=Tone::Warn shape=Shape::Clock>
            <p><b>{format!("{people} for a worker behind {}.", counted(prebuild_jobs, "prebuild job"))}</b></p>
            {(pending > 0).then(|| view! {
                <div class="actions">
                    <a class="button" data-size="small" href="/?dialog=cancel-pending">"Cancel pending prebuild jobs"</a>
                </div>
            })}
        </Notice>
    }
    .into_any()
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

/// Why an act was refused, at the control that ordered it. A script has it spoken.
#[component]
pub fn ActError(error: Option<AppError>) -> impl IntoView {
    error.map(|error| {
        let text = error.to_string();
        view! { <p class="error" data-refused=""><ShapeIcon shape=Shape::Octagon/><span>{text}</span></p> }
    })
}
