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
