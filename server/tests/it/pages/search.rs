use hearth_app::{
    backend::{Actor, Role},
    view::{Found, PoolAct, PresetAct, SearchView},
};
use hearth_server::{
    backend::{pool_acts, search::search},
    execute,
};

use super::scene::Scene;
use crate::{
    on_both_databases,
    support::{
        databases,
        hearth::actor,
        statements,
        world::{self, Like},
    },
};

async fn find(scene: &Scene, who: &Actor, q: &str) -> SearchView {
    search(&scene.hearth, who, q).await.unwrap()
}

fn presets(view: &SearchView) -> Vec<String> {
    view.presets.rows.iter().map(|found| format!("{}/{}", found.template, found.preset)).collect()
}

fn workspaces(view: &SearchView) -> Vec<&str> {
    view.workspaces.rows.iter().map(|row| row.name.as_str()).collect()
}

fn acts(view: &SearchView) -> Vec<(PresetAct, &str)> {
    view.acts.rows.iter().map(|found| (found.act, found.preset.as_str())).collect()
}

fn is_empty(view: &SearchView) -> bool {
    fn none<T>(found: &Found<T>) -> bool {
        found.rows.is_empty()
    }
    none(&view.templates)
        && none(&view.presets)
        && none(&view.acts)
        && none(&view.workspaces)
        && none(&view.people)
}

on_both_databases!(what_has_a_name_is_found_by_any_part_of_it_whatever_its_case, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    let mut tx = scene.db().write().await.unwrap();
    execute!(tx, "UPDATE templates SET display_name = 'Über-Shop' WHERE id = $1", scene.web.id.0).unwrap();
    tx.commit().await.unwrap();
    scene.claim(&scene.tom, "Blue-Web").await;

    let view = find(&scene, &scene.maria, " WEB ").await;
    assert_eq!(view.q, "WEB");
    assert_eq!(view.templates.rows[0].name, "web");
    assert_eq!(presets(&view), ["web/small"]);
    let pool = view.presets.rows[0].pool.as_ref().unwrap();
    assert_eq!((pool.state.slug(), pool.ready, pool.wanted), ("empty", 0, 2));
    assert_eq!(workspaces(&view), ["Blue-Web"]);
    assert_eq!(find(&scene, &scene.maria, "üBER shop").await.templates.rows.len(), 1);
    assert_eq!(presets(&find(&scene, &scene.maria, "web/sma").await), ["web/small"]);
    assert_eq!(workspaces(&find(&scene, &scene.maria, "blue web").await), ["Blue-Web"]);
    assert_eq!(find(&scene, &scene.maria, "TO").await.people.rows[0].username, "tom");
    assert_eq!(find(&scene, &scene.maria, "maria@EXAMPLE").await.people.rows[0].username, "maria");
});

on_both_databases!(signs_of_patterns_and_odd_bytes_stand_for_themselves, |db| async move {
    let scene = Scene::new(db).await;
    scene.claim(&scene.tom, "toms").await;
    for q in ["%", "_", "!", "\\", "t%s", "\0", "", "   ", &"x".repeat(100_000)] {
        let view = find(&scene, &scene.maria, q).await;
        assert!(is_empty(&view), "{q:?}: {view:?}");
    }
});

on_both_databases!(a_member_finds_presets_and_own_workspaces_and_no_others, |db| async move {
    let scene = Scene::new(db).await;
    scene.claim(&scene.tom, "plum-toms").await;
    scene.claim(&scene.maria, "plum-marias").await;
    let member = scene.member(scene.small, Like::ready()).await;
    let mut tx = scene.db().write().await.unwrap();
    execute!(tx, "UPDATE workspaces SET name = 'plum-pool' WHERE id = $1", member.0).unwrap();
    tx.commit().await.unwrap();
    let of_maria = find(&scene, &scene.maria, "plum").await;
    assert_eq!(workspaces(&of_maria), ["plum-marias", "plum-pool", "plum-toms"]);
    let of_tom = find(&scene, &scene.tom, "plum").await;
    assert_eq!(workspaces(&of_tom), ["plum-toms"]);
    let of_tom = find(&scene, &scene.tom, "m").await;
    assert!(of_tom.people.rows.is_empty(), "who there is, only readers see");
    assert_eq!(presets(&of_tom), ["web/small"]);
    assert_eq!(acts(&find(&scene, &scene.tom, "small").await), [(PresetAct::Claim, "small")]);
    let auditor = actor(world::person(scene.db(), "ann").await, "ann", Role::Auditor);
    let of_auditor = find(&scene, &auditor, "small").await;
    assert_eq!(acts(&of_auditor), [(PresetAct::Claim, "small"), (PresetAct::WhatIf, "small")]);
    assert_eq!(workspaces(&find(&scene, &auditor, "plum").await).len(), 3);
});

on_both_databases!(acts_are_found_by_their_words_as_far_as_they_can_be_done, |db| async move {
    let scene = Scene::new(db).await;
    scene.preset("large", 1).await;
    let found = async |q: &str| {
        let view = find(&scene, &scene.maria, q).await;
        acts(&view).into_iter().map(|(act, preset)| (act, preset.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(found("claim large").await, [(PresetAct::Claim, "large".to_owned())]);
    assert_eq!(found("pause").await.len(), 2);
    let pause = PoolAct::Pause { note: "quota work".to_owned() };
    pool_acts::change(&scene.hearth, &scene.maria, ("web", "large"), None, &pause).await.unwrap();
    assert_eq!(found("pause").await, [(PresetAct::Pause, "small".to_owned())]);
    let mut tx = scene.db().write().await.unwrap();
    execute!(tx, "UPDATE templates SET deprecation_message = 'old' WHERE id = $1", scene.web.id.0).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found("claim").await, []);
    assert!(find(&scene, &scene.maria, "web").await.templates.rows[0].archived);
});

on_both_databases!(of_each_kind_the_first_are_shown_and_more_is_said, |db| async move {
    let scene = Scene::new(db).await;
    for n in 0..9 {
        scene.claim(&scene.tom, &format!("a-nut-{n}")).await;
    }
    scene.claim(&scene.tom, "nut").await;
    let view = find(&scene, &scene.tom, "nut").await;
    assert_eq!((view.workspaces.rows.len(), view.workspaces.more), (8, true));
    assert_eq!(workspaces(&view)[0], "nut", "what begins with it comes first");
    let view = find(&scene, &scene.tom, "nut-8").await;
    assert_eq!((view.workspaces.rows.len(), view.workspaces.more), (1, false));
});

#[tokio::test]
async fn a_search_among_many_costs_as_many_statements_as_among_few() {
    let scene = Scene::new(databases::postgres().await).await;
    let look = || search(&scene.hearth, &scene.maria, "small");
    let (_, for_one) = statements::of(look).await;
    assert!(for_one > 5, "{for_one}");
    for n in 0..20 {
        scene.preset(&format!("small-{n}"), 1).await;
        scene.claim(&scene.tom, &format!("small-{n}")).await;
    }
    let (view, for_all) = statements::of(look).await;
    assert!(view.unwrap().presets.more);
    assert_eq!(for_all, for_one);
}
