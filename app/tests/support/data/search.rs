//! What a search finds.

use hearth_app::{view::*, words::Words};
use hearth_prebuilds::pool_state::PoolState;

use super::rows;

fn found<T>(rows: Vec<T>, more: bool) -> Found<T> {
    Found { rows, more }
}

/// Presets by their names, the acts with each, and a template and a person named `web`.
pub fn search(frame: Frame, q: &str) -> SearchView {
    let words = Words::of(q);
    let is_it =
        |row: &PoolRow| !words.is_empty() && words.are_in(&format!("{} / {}", row.template, row.preset));
    let pools: Vec<PoolRow> = rows().into_iter().filter(is_it).collect();
    let preset = |row: &PoolRow| PresetFound {
        template: row.template.clone(),
        preset: row.preset.clone(),
        pool: Some(PoolFound { state: row.state.clone(), ready: row.ready, wanted: row.wanted }),
    };
    let acts = pools.iter().flat_map(|row| {
        let act = |act| PresetActFound { act, template: row.template.clone(), preset: row.preset.clone() };
        let pause = frame.administers && row.state != PoolState::Paused;
        [Some(act(PresetAct::Claim)), pause.then(|| act(PresetAct::Pause))].into_iter().flatten()
    });
    let template =
        || TemplateFound { name: "web".to_owned(), display_name: "The shop".to_owned(), archived: false };
    let templates = if q == "web" { vec![template()] } else { Vec::new() };
    let person = PersonFound { username: "weber".to_owned(), email: "weber@example.com".to_owned() };
    let people = if q == "web" && frame.reads_pools { vec![person] } else { Vec::new() };
    SearchView {
        q: q.to_owned(),
        templates: found(templates, false),
        presets: found(pools.iter().map(preset).collect(), q == "web"),
        acts: found(acts.collect(), false),
        workspaces: Found::default(),
        people: found(people, false),
        frame,
    }
}
