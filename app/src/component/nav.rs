//! The way around: a rail on wide screens, a row on tablets, a bar at the thumb on phones.

use leptos::prelude::*;

use crate::{
    icon::{Icon, Mark},
    time::{Now, Time},
    view::{Frame, PassView},
};

/// The pages that the navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Overview,
    Templates,
    Workspaces,
    Drift,
    Inbox,
}

#[component]
pub fn Brand() -> impl IntoView {
    view! { <a class="brand" href="/"><Mark/>"Hearth"</a> }
}

/// The primary navigation; its foot shows the reconciler's pulse.
#[component]
pub fn Nav(frame: Frame, place: Option<Place>, now: Now, inert: bool) -> impl IntoView {
    let (open, unread, reads_pools) = (frame.open_causes, frame.unread, frame.reads_pools);
    let current = move |of: Place| (place == Some(of)).then_some("page");
    view! {
        <nav class="nav" aria-label="Primary" inert=inert>
            <ul>
                <li><a href="/" data-shortcut="g o" aria-current=current(Place::Overview)>
                    <Icon href="#i-overview"/><span>"Overview"</span>
                </a></li>
                <li><a href="/templates" data-shortcut="g t" aria-current=current(Place::Templates)>
                    <Icon href="#i-templates"/><span>"Templates"</span>
                </a></li>
                <li><a href="/workspaces" data-shortcut="g w" aria-current=current(Place::Workspaces)>
                    <Icon href="#i-workspaces"/><span>"Workspaces"</span>
                </a></li>
                {reads_pools.then(|| view! {
                    <li><a href="/drift" data-shortcut="g d" aria-current=current(Place::Drift)>
                        <Icon href="#i-drift"/><span>"Drift"</span>
                        {(open > 0).then(|| view! {
                            <span class="count" data-tone="drift">
                                {open}<span class="sr-only">" open causes"</span>
                            </span>
                        })}
                    </a></li>
                })}
                <li><InboxLink unread current=current(Place::Inbox)/></li>
            </ul>
            {frame.last_pass.map(|pass| view! { <Pulse pass now/> })}
        </nav>
    }
    .into_any()
}

/// The way to the inbox, with the count of what is unread there.
#[component]
pub fn InboxLink(unread: u32, current: Option<&'static str>) -> impl IntoView {
    view! {
        <a href="/inbox" data-shortcut="g i" aria-current=current>
            <Icon href="#i-inbox"/><span>"Inbox"</span>
            {(unread > 0).then(|| view! {
                <span class="count">{unread}<span class="sr-only">" unread"</span></span>
            })}
        </a>
    }
}

#[component]
fn Pulse(pass: PassView, now: Now) -> impl IntoView {
    let PassView { number, took_ms, at, next } = pass;
    view! {
        <p class="nav-foot">
            <span>{format!("Pass {number} · {took_ms}\u{a0}ms")}</span>
            <span><Time at now/>{next.map(|at| view! { " · next " <Time at now/> })}</span>
        </p>
    }
    .into_any()
}
