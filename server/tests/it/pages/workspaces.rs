use hearth_app::view::{WorkspacesQuery, WorkspacesView};
use hearth_prebuilds::pool_state::WorkspaceStage;
use hearth_server::{
    backend::workspaces::workspaces,
    error::{Error, Result},
};

use super::scene::Scene;
use crate::{on_both_databases, support::world::Like};

fn of(owner: &str) -> WorkspacesQuery {
    WorkspacesQuery { owner: owner.to_owned(), ..WorkspacesQuery::default() }
}

fn names(view: Result<WorkspacesView>) -> Vec<String> {
    view.unwrap().rows.into_iter().map(|row| row.name).collect()
}

on_both_databases!(a_list_is_of_one_owner_and_others_are_for_those_who_read_pools, |db| async move {
    let scene = Scene::new(db).await;
    scene.claim(&scene.tom, "toms").await;
    scene.claim(&scene.maria, "marias").await;
    scene.member(scene.small, Like::ready()).await;
    let list = async |actor, query: WorkspacesQuery| workspaces(&scene.hearth, actor, &query).await;
    for owner in ["", "me", "tom", "TOM"] {
        let view = list(&scene.tom, of(owner)).await.unwrap();
        assert_eq!(view.owner, "me");
        assert_eq!(names(Ok(view)), ["toms"], "{owner:?}");
    }
    for owner in ["maria", "prebuilds", "all", "nobody"] {
        assert!(matches!(list(&scene.tom, of(owner)).await, Err(Error::Forbidden(_))), "{owner:?}");
    }
    assert_eq!(names(list(&scene.maria, of("tom")).await), ["toms"]);
    assert_eq!(list(&scene.maria, of("all")).await.unwrap().rows.len(), 3);
    let pool = list(&scene.maria, of("prebuilds")).await.unwrap();
    assert_eq!((pool.owner.as_str(), pool.rows.len(), pool.rows[0].unclaimed), ("prebuilds", 1, true));
    assert_eq!(pool.rows[0].stage, WorkspaceStage::Ready);
    let unknown = list(&scene.maria, of("nobody")).await.unwrap();
    assert_eq!((unknown.ignored, unknown.owner.as_str()), (vec!["owner=nobody".to_owned()], "me"));
});

on_both_databases!(filters_narrow_the_list_and_unknown_ones_are_named, |db| async move {
    let scene = Scene::new(db).await;
    scene.preset("large", 0).await;
    scene.claim(&scene.tom, "alpha").await;
    scene.claim(&scene.tom, "beta").await;
    let list = async |q: &str, preset: &str, state: &str| {
        let query =
            WorkspacesQuery { q: q.to_owned(), preset: preset.to_owned(), state: state.to_owned(), ..of("") };
        let view = workspaces(&scene.hearth, &scene.tom, &query).await.unwrap();
        assert_eq!(view.presets, ["web/large", "web/small"]);
        let ignored = view.ignored.clone();
        (names(Ok(view)), ignored)
    };
    let none: Vec<String> = vec![];
    assert_eq!(list("ALP", "", "").await, (vec!["alpha".to_owned()], none.clone()));
    assert_eq!(list("%", "", "").await.0, none, "a sign is no pattern");
    assert_eq!(list("", "web/small", "queued").await.0, ["alpha", "beta"]);
    assert_eq!(list("", "web/large", "").await.0, none);
    assert_eq!(list("", "", "yours").await.0, none);
    let (shown, ignored) = list("", "web", "happy").await;
    assert_eq!((shown.len(), ignored), (2, vec!["preset=web".to_owned(), "state=happy".to_owned()]));
});

on_both_databases!(a_long_list_is_paged_by_owner_and_name_whatever_is_filtered, |db| async move {
    let scene = Scene::new(db).await;
    for number in 0..60 {
        scene.claim(if number % 2 == 0 { &scene.tom } else { &scene.maria }, &format!("w{number:02}")).await;
    }
    let ready = scene.member(scene.small, Like::ready()).await;
    let page = async |query: WorkspacesQuery| {
        let view = workspaces(&scene.hearth, &scene.maria, &query).await.unwrap();
        (view.rows, view.next, view.ignored)
    };
    let (first, next, _) = page(of("all")).await;
    assert_eq!((first.len(), first[0].name.as_str(), first[49].name.as_str()), (50, "w01", "w36"));
    assert_eq!(next.as_deref(), Some("tom/w36"));
    let (second, next, _) = page(WorkspacesQuery { after: next.unwrap(), ..of("all") }).await;
    assert_eq!((second.len(), second[0].name.as_str(), next), (11, "w38", None));
    // The stage is known only after reading.
    let staged = |state: &str, after: &str| WorkspacesQuery {
        state: state.to_owned(),
        after: after.to_owned(),
        ..of("all")
    };
    let (found, next, _) = page(staged("ready", "")).await;
    assert_eq!((found.len(), found[0].id, next), (1, ready, None));
    let (queued, next, _) = page(staged("queued", "")).await;
    assert_eq!((queued.len(), next.as_deref()), (50, Some("tom/w38")));
    assert_eq!(page(staged("queued", "tom/w38")).await.0.len(), 10);
    assert_eq!(page(staged("", "nowhere")).await.2, ["after=nowhere"]);
});
