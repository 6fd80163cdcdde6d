use hearth_app::{
    backend::{Actor, Backend as _},
    error::AppError,
    view::WorkspacesQuery,
};
use hearth_server::{backend::Backend, one};

use super::scene::Scene;
use crate::on_both_databases;

fn state(state: &str) -> WorkspacesQuery {
    WorkspacesQuery { state: state.to_owned(), ..WorkspacesQuery::default() }
}

async fn names(backend: &Backend, who: &Actor) -> Vec<String> {
    let view = backend.workspaces(who, &WorkspacesQuery::default()).await.unwrap();
    view.saved.into_iter().map(|saved| saved.name).collect()
}

on_both_databases!(a_filter_is_kept_for_one_person_and_removed_by_that_person, |db| async move {
    let scene = Scene::new(db).await;
    let (backend, tom, maria) = (Backend(scene.hearth.clone()), &scene.tom, &scene.maria);
    let filter = WorkspacesQuery { q: "a=1&b % \"ü\"".to_owned(), ..state("failed") };
    backend.save_filter(tom, " Broken ", &filter).await.unwrap();
    backend.save_filter(tom, "all mine", &state("yours")).await.unwrap();
    backend.save_filter(maria, "Broken", &state("failed")).await.unwrap();
    assert_eq!(names(&backend, tom).await, ["all mine", "Broken"]);
    let saved = backend.workspaces(tom, &filter).await.unwrap().saved.remove(1);
    assert_eq!(saved.filter, filter);

    let refused = backend.remove_filter(maria, &saved.id).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })), "{refused:?}");
    assert!(matches!(backend.remove_filter(tom, "7").await, Err(AppError::NotFound { .. })));
    backend.remove_filter(tom, &saved.id).await.unwrap();
    assert_eq!(names(&backend, tom).await, ["all mine"]);
    assert_eq!(names(&backend, maria).await, ["Broken"]);
    let sql =
        "SELECT COUNT(*) FROM audit WHERE target_type = 'saved_filter' AND verb IN ('create', 'delete')";
    let (acts,): (i64,) = one!(scene.db().read().await.unwrap(), (i64,), sql).unwrap();
    assert_eq!(acts, 4);
});

on_both_databases!(a_filter_that_cannot_be_kept_says_why_at_its_name, |db| async move {
    let scene = Scene::new(db).await;
    let (backend, tom) = (Backend(scene.hearth.clone()), &scene.tom);
    let refused = async |name: &str, filter: &WorkspacesQuery| {
        let Err(AppError::Invalid { field, detail }) = backend.save_filter(tom, name, filter).await else {
            panic!("{name} was kept");
        };
        assert_eq!(field, "name");
        detail
    };
    let failed = state("failed");
    assert_eq!(refused("  ", &failed).await, "Give it a name.");
    assert_eq!(refused(&"x".repeat(41), &failed).await, "A name has 40 characters at most, in one line.");
    assert_eq!(refused("a\nb", &failed).await, "A name has 40 characters at most, in one line.");
    let all = WorkspacesQuery::default();
    assert_eq!(refused("all", &all).await, "Choose a filter first; this one shows all of yours.");
    let long = state(&"x".repeat(201));
    assert_eq!(refused("long", &long).await, "No part of a filter has more than 200 characters.");
    backend.save_filter(tom, "One", &failed).await.unwrap();
    assert_eq!(refused("oNE", &failed).await, "You have a filter of this name already.");
    for n in 2..=12 {
        backend.save_filter(tom, &n.to_string(), &failed).await.unwrap();
    }
    assert!(refused("13", &failed).await.starts_with("You keep 12 filters"));
});
