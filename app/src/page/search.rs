//! `/search`: everything that has a name, in groups. What it finds is drawn twice: as lists, and for the palette.

use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::caller,
    component::{
        badge::Badge,
        palette::{Choice, Palette},
        panel::Panel,
        screen::{Page, Screen, query},
    },
    copy,
    error::AppError,
    view::{Found, PresetAct, PresetActFound, PresetFound, SearchView, TemplateFound, WorkspaceRow},
    words::Words,
};

async fn load(q: String) -> Result<SearchView, AppError> {
    let caller = caller().await?;
    caller.backend.search(&caller.actor, &q).await
}

#[component]
pub fn SearchPage() -> impl IntoView {
    view! {
        <Page load=load(query("q")) draw=|view: SearchView, _| {
            let title = if view.q.is_empty() { "Search".to_owned() } else { format!("{} · Search", view.q) };
            let groups = groups(&view);
            let palette = palette(&view, &groups);
            Screen::new(title, search(view, groups)).with_palette(palette)
        }/>
    }
}

/// Something to go to.
struct Hit {
    href: String,
    label: String,
    badge: Option<copy::Badge>,
    note: String,
}

struct Group {
    id: &'static str,
    title: &'static str,
    hits: Vec<Hit>,
    more: bool,
}

fn groups(view: &SearchView) -> Vec<Group> {
    let words = Words::of(&view.q);
    let pages = copy::destinations(&view.frame)
        .filter(|it| words.are_in(&format!("{} {}", it.label, it.words)))
        .map(|it| Hit {
            href: it.href.to_owned(),
            label: it.label.to_owned(),
            badge: None,
            note: String::new(),
        });
    let username = &view.frame.username;
    let groups = [
        group("templates", "Templates", &view.templates, template),
        group("presets", "Presets", &view.presets, preset),
        group("workspaces", "Workspaces", &view.workspaces, |row| workspace(row, username)),
        group("people", "People", &view.people, |person| Hit {
            href: Query::new("/workspaces").with("owner", &person.username).href(),
            label: person.username.clone(),
            badge: None,
            note: person.email.clone(),
        }),
        group("acts", "Acts", &view.acts, act),
        Group { id: "pages", title: "Pages", hits: pages.collect(), more: false },
    ];
    groups.into_iter().filter(|group| !group.hits.is_empty()).collect()
}

fn group<T>(id: &'static str, title: &'static str, found: &Found<T>, hit: impl Fn(&T) -> Hit) -> Group {
    Group { id, title, hits: found.rows.iter().map(hit).collect(), more: found.more }
}

fn template(found: &TemplateFound) -> Hit {
    Hit {
        href: address::template(&found.name),
        label: found.name.clone(),
        badge: found.archived.then(copy::archived),
        note: found.display_name.clone(),
    }
}

fn preset(found: &PresetFound) -> Hit {
    let PresetFound { template, preset, pool } = found;
    Hit {
        href: address::preset(template, preset),
        label: format!("{template} / {preset}"),
        badge: pool.as_ref().map(|pool| copy::pool_state(&pool.state)),
        note: match pool {
            Some(pool) => format!("{} of {} ready", pool.ready, pool.wanted),
            None => "no pool".to_owned(),
        },
    }
}

fn workspace(row: &WorkspaceRow, username: &str) -> Hit {
    let own = row.owner == username;
    Hit {
        href: format!("/workspaces/{}", row.id),
        label: row.name.clone(),
        badge: Some(copy::stage_for(row.stage, own)),
        note: if own { "yours".to_owned() } else { format!("of {}", row.owner) },
    }
}

fn act(found: &PresetActFound) -> Hit {
    let PresetActFound { act, template, preset } = found;
    let page = address::preset(template, preset);
    let dialog = |name: &str| Query::new(page.as_str()).with("dialog", name).href();
    Hit {
        href: match act {
            PresetAct::Claim => dialog("claim"),
            PresetAct::Pause => dialog("pause"),
            PresetAct::Override => dialog("scale"),
            PresetAct::WhatIf => format!("{page}/simulate"),
        },
        label: copy::preset_act(*act, template, preset),
        badge: None,
        note: String::new(),
    }
}

/// The same for the palette.
fn palette(view: &SearchView, groups: &[Group]) -> AnyView {
    let choice = |hit: &Hit| {
        let state = hit.badge.as_ref().map(|badge| badge.label.clone());
        let notes: Vec<String> =
            state.into_iter().chain([hit.note.clone()]).filter(|it| !it.is_empty()).collect();
        Choice { href: hit.href.clone(), label: hit.label.clone(), note: notes.join(" · ") }
    };
    let nothing = groups.is_empty().then(|| nothing(&view.q));
    let groups = groups.iter().map(|group| (group.title, group.hits.iter().map(choice).collect())).collect();
    view! { <Palette groups nothing/> }.into_any()
}

fn nothing(q: &str) -> String {
    format!("Nothing matches “{q}”")
}

fn search(view: SearchView, groups: Vec<Group>) -> AnyView {
    let SearchView { frame, q, .. } = view;
    let kinds = if frame.reads_pools {
        "Finds templates, presets, workspaces, people, acts and pages by any part of their names."
    } else {
        "Finds templates, presets, your workspaces, acts and pages by any part of their names."
    };
    let empty = groups.is_empty().then(|| {
        view! {
            <section class="panel" aria-label="Results">
                <div class="empty">
                    <h2>{nothing(&q)}</h2>
                    <p>"Every word has to be a part of the name. Try fewer words or letters."</p>
                    <p><a href="/search">"What can be searched"</a></p>
                </div>
            </section>
        }
    });
    let groups = groups.into_iter().map(|group| view! { <Hits group/> }).collect_view();
    view! {
        <header class="page-head">
            <div class="title"><h1 tabindex="-1">"Search"</h1></div>
            <p class="sub">{kinds}</p>
        </header>
        <form class="search" role="search" action="/search" method="get">
            <input class="input" name="q" type="search" aria-label="Search" placeholder="Search" value=q autocomplete="off"/>
            <button class="button" data-kind="primary">"Search"</button>
        </form>
        {groups}
        {empty}
    }
    .into_any()
}

#[component]
fn Hits(group: Group) -> impl IntoView {
    let Group { id, title, hits, more } = group;
    let hits = hits.into_iter().map(|Hit { href, label, badge, note }| {
        view! {
            <li data-key=href>
                <a href=href.clone()>{label}</a>
                {badge.map(|words| view! { <Badge words/> })}
                <span class="muted">{note}</span>
            </li>
        }
    });
    let hits = hits.collect_view();
    view! {
        <Panel id=id title=title>
            <ul class="hits">{hits}</ul>
            {more.then(|| view! { <p class="table-foot">"There are more. Type more of the name."</p> })}
        </Panel>
    }
    .into_any()
}
