//! The pages and acts that a search finds, by their words.

use crate::view::{Frame, PresetAct};

/// What can be done with a preset, as it is offered.
pub fn preset_act(act: PresetAct, template: &str, preset: &str) -> String {
    let what = match act {
        PresetAct::Claim => "Claim from",
        PresetAct::Pause => "Pause",
        PresetAct::Override => "Override",
        PresetAct::WhatIf => "What if for",
    };
    format!("{what} {template} / {preset}")
}

/// For whom a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Everybody,
    Readers,
    Admins,
}

/// A page or an act that has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination {
    pub label: &'static str,
    pub href: &'static str,
    /// It is found by these words too.
    pub words: &'static str,
    whose: For,
}

const fn to(label: &'static str, href: &'static str, words: &'static str, whose: For) -> Destination {
    Destination { label, href, words, whose }
}

const DESTINATIONS: [Destination; 18] = [
    to("Overview", "/", "pools presets home", For::Everybody),
    to("Overview › Needs attention", "/?state=attention", "failing empty", For::Everybody),
    to("Templates", "/templates", "", For::Everybody),
    to("Templates › New template", "/templates/new", "upload push import", For::Admins),
    to("Workspaces", "/workspaces", "mine own", For::Everybody),
    to("Workspaces › Prebuilds", "/workspaces?owner=prebuilds", "members pool", For::Readers),
    to("Workspaces › All", "/workspaces?owner=all", "everybody", For::Readers),
    to("Drift", "/drift", "causes recreated", For::Readers),
    to("Inbox", "/inbox", "notifications unread", For::Everybody),
    to("Inbox › All", "/inbox?status=all", "notifications read", For::Everybody),
    to("Activity", "/activity", "audit record log who did what", For::Readers),
    to("Settings › Reconciler", "/settings/reconciler", "limits intervals", For::Readers),
    to("Settings › Users", "/settings/users", "people roles", For::Readers),
    to("Settings › Tokens", "/settings/tokens", "api keys programs", For::Everybody),
    to("Settings › Preferences", "/settings/preferences", "theme dark light password", For::Everybody),
    to("Pause all prebuilds", "/?dialog=pause-all", "stop", For::Admins),
    to("Help", "/help", "words glossary", For::Everybody),
    to("Help › Keyboard", "/help/keyboard", "keys shortcuts", For::Everybody),
];

/// Those that this person may go to.
pub fn destinations(frame: &Frame) -> impl Iterator<Item = Destination> {
    let (reads, administers, paused) = (frame.reads_pools, frame.administers, frame.paused_all.is_some());
    DESTINATIONS.into_iter().filter(move |it| match it.whose {
        For::Everybody => true,
        For::Readers => reads,
        For::Admins => administers && !(paused && it.href == "/?dialog=pause-all"),
    })
}
