//! The search over everything that has a name, as far as a person may see it. So many queries, whatever there is.

use std::collections::HashMap;

use hearth_app::{
    backend::Actor,
    copy,
    view::{
        Found, PersonFound, PoolFound, PresetAct, PresetActFound, PresetFound, SearchView, TemplateFound,
    },
    words::Words,
};

use super::{
    frame,
    pools::{self, PoolNow},
    workspace_row,
};
use crate::{
    error::Result,
    hearth::Hearth,
    store::{
        page::search::{self, Name},
        users, workspaces,
    },
};

/// So many of each kind are shown.
const MOST: usize = 8;
/// What is typed beyond is not looked at.
const LONGEST: usize = 100;

pub async fn search(hearth: &Hearth, actor: &Actor, typed: &str) -> Result<SearchView> {
    let q = readable(typed);
    let words = Words::of(&q);
    let frame = frame::frame(hearth, actor).await?;
    let mut view = SearchView {
        frame,
        q,
        templates: Found::default(),
        presets: Found::default(),
        acts: Found::default(),
        workspaces: Found::default(),
        people: Found::default(),
    };
    if words.is_empty() {
        return Ok(view);
    }
    let now = hearth.clock.now();
    let pools = pools::read(hearth, now).await?;
    let reads = actor.role.reads_pools();
    let one_more = MOST as u32 + 1;
    let mut conn = hearth.db.snapshot().await?;
    let names = search::names(&mut conn).await?;
    let owner = (!reads).then_some(actor.user_id);
    let found = workspaces::named_like(&mut conn, owner, &view.q, one_more).await?;
    view.workspaces = first(workspace_row::rows(&mut conn, actor, found, now).await?);
    if reads {
        let people = users::named_like(&mut conn, &view.q, one_more).await?;
        view.people = first(people.into_iter().map(|(username, email)| PersonFound { username, email }));
    }
    drop(conn);
    view.templates = templates(&names, &words);
    let presets = Presets::new(&names, &pools);
    view.presets = presets.named(&words);
    view.acts = presets.acts(&words, actor);
    Ok(view)
}

/// What can be looked for: some databases refuse a zero byte.
fn readable(typed: &str) -> String {
    let plain: String = typed.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    plain.trim().to_owned()
}

fn first<T>(found: impl IntoIterator<Item = T>) -> Found<T> {
    let mut rows: Vec<T> = found.into_iter().take(MOST + 1).collect();
    let more = rows.len() > MOST;
    rows.truncate(MOST);
    Found { rows, more }
}

fn templates(names: &[Name], words: &Words) -> Found<TemplateFound> {
    let mut named: Vec<&Name> = names
        .iter()
        .filter(|name| words.are_in(&format!("{} {}", name.template, name.display_name)))
        .collect();
    named.dedup_by_key(|name| &name.template);
    first(named.into_iter().map(|name| TemplateFound {
        name: name.template.clone(),
        display_name: name.display_name.clone(),
        archived: name.archived,
    }))
}

/// Presets of active versions, with their pools.
struct Presets<'a> {
    names: Vec<(&'a Name, &'a str)>,
    pools: HashMap<(&'a str, &'a str), &'a PoolNow>,
}

impl<'a> Presets<'a> {
    fn new(names: &'a [Name], pools: &'a [PoolNow]) -> Self {
        let names = names.iter().filter_map(|name| Some((name, name.preset.as_deref()?)));
        let pools =
            pools.iter().map(|pool| ((pool.preset.template.as_str(), pool.preset.name.as_str()), pool));
        Self { names: names.collect(), pools: pools.collect() }
    }

    fn named(&self, words: &Words) -> Found<PresetFound> {
        let is_it = |name: &Name, preset: &str| {
            let Name { template, display_name, .. } = name;
            words.are_in(&format!("{template} / {preset} {template}/{preset} {display_name}"))
        };
        let found = self.names.iter().filter(|(name, preset)| is_it(name, preset));
        first(found.map(|(name, preset)| PresetFound {
            template: name.template.clone(),
            preset: (*preset).to_owned(),
            pool: self.pools.get(&(name.template.as_str(), *preset)).map(|pool| PoolFound {
                state: pool.state.clone(),
                ready: pool.decision.state.eligible,
                wanted: pool.decision.state.desired,
            }),
        }))
    }

    /// What this person may do, found by the words that it is shown with.
    fn acts(&self, words: &Words, actor: &Actor) -> Found<PresetActFound> {
        let all = PresetAct::ALL.into_iter().flat_map(|act| self.names.iter().map(move |at| (act, at)));
        let found = all.filter(|(act, (name, preset))| {
            self.may(actor, *act, name, preset)
                && words.are_in(&copy::preset_act(*act, &name.template, preset))
        });
        first(found.map(|(act, (name, preset))| PresetActFound {
            act,
            template: name.template.clone(),
            preset: (*preset).to_owned(),
        }))
    }

    fn may(&self, actor: &Actor, act: PresetAct, name: &Name, preset: &str) -> bool {
        let pool = self.pools.get(&(name.template.as_str(), preset));
        match act {
            PresetAct::Claim => !name.archived,
            PresetAct::Pause => {
                actor.role.administers_templates() && pool.is_some_and(|pool| pool.preset.paused.is_none())
            }
            PresetAct::Override => actor.role.administers_templates() && pool.is_some(),
            PresetAct::WhatIf => actor.role.reads_pools() && pool.is_some(),
        }
    }
}
