use hearth_app::{
    backend::{Actor, Backend as _, Role},
    error::AppError,
    view::{BulkOutcome, Chosen, LeftOut, WorkspacesQuery},
};
use hearth_prebuilds::{
    ids::WorkspaceId,
    stage::Transition::{self, Delete, Start, Stop},
};
use hearth_server::{
    backend::Backend,
    one,
    store::{
        builds,
        jobs::{Ending, JobStatus},
    },
};

use super::scene::Scene;
use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        world::{self, Like},
    },
};

/// A workspace of this person whose build has ended.
async fn workspace(scene: &Scene, who: &Actor, name: &str) -> WorkspaceId {
    let claim = scene.claim(who, name).await;
    let lease = scene.take_job().await;
    scene.end_job(&lease, &Ending::succeeded(), &[]).await;
    claim.workspace_id.parse().unwrap()
}

fn outcome(changed: u32, [busy, already, unfit, denied]: [u32; 4]) -> BulkOutcome {
    BulkOutcome { changed, left_out: LeftOut { busy, already, unfit, denied } }
}

/// Of `owner`, as many as somebody has seen.
fn all_of(owner: &str, seen: Option<u32>) -> Chosen {
    Chosen::Matching {
        filter: WorkspacesQuery { owner: owner.to_owned(), ..WorkspacesQuery::default() },
        seen,
    }
}

async fn change(
    scene: &Scene,
    who: &Actor,
    act: Transition,
    chosen: &Chosen,
) -> Result<BulkOutcome, AppError> {
    Backend(scene.hearth.clone()).change_workspaces(who, act, chosen, "").await
}

/// How many builds there are, and how many acts on workspaces are on record.
async fn done(scene: &Scene) -> (i64, i64) {
    let sql =
        "SELECT (SELECT COUNT(*) FROM builds), (SELECT COUNT(*) FROM audit WHERE target_type = 'workspace'
                   AND verb IN ('start', 'stop', 'delete'))";
    one!(scene.db().read().await.unwrap(), (i64, i64), sql).unwrap()
}

on_both_databases!(nobody_changes_what_they_could_not_change_one_by_one, |db| async move {
    let scene = Scene::new(db).await;
    let marias = workspace(&scene, &scene.maria, "marias").await;
    let toms = workspace(&scene, &scene.tom, "toms").await;
    let member = scene.member(scene.small, Like::ready()).await;
    let before = done(&scene).await;
    for chosen in [Chosen::Named(vec![marias, member]), all_of("maria", None), all_of("all", Some(3))] {
        for act in [Start, Stop, Delete] {
            let refused = change(&scene, &scene.tom, act, &chosen).await.unwrap_err();
            assert_eq!(refused.status(), 403, "{act:?} {chosen:?}");
        }
    }
    let refused = change(&scene, &scene.maria, Delete, &Chosen::Named(vec![toms])).await.unwrap_err();
    assert_eq!(refused.status(), 403, "a template admin looks at it only");
    assert_eq!(done(&scene).await, before);

    let mixed = Chosen::Named(vec![marias, toms, member]);
    assert_eq!(change(&scene, &scene.tom, Stop, &mixed).await, Ok(outcome(1, [0, 0, 0, 2])));
    assert_eq!(change(&scene, &scene.maria, Stop, &mixed).await, Ok(outcome(2, [0, 0, 0, 1])));
    let owner = actor(world::admin(scene.db(), "ada").await, "ada", Role::Owner);
    assert_eq!(change(&scene, &owner, Stop, &mixed).await.unwrap_err().status(), 409);
});

on_both_databases!(what_cannot_be_changed_is_left_out_and_each_other_is_on_record, |db| async move {
    let scene = Scene::new(db).await;
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        ids.push(workspace(&scene, &scene.tom, name).await);
    }
    ids.push(scene.claim(&scene.tom, "waits").await.workspace_id.parse().unwrap());
    ids.push(WorkspaceId(uuid::Uuid::from_u128(7)));
    // One that is named twice is changed once.
    ids.push(ids[0]);
    let (builds, acts) = done(&scene).await;
    let chosen = Chosen::Named(ids.clone());
    let question = Backend(scene.hearth.clone()).bulk_question(&scene.tom, Stop, &chosen).await.unwrap();
    let mut names = question.names.clone();
    names.sort();
    assert_eq!((names, question.chosen(), question.typed), (vec!["a".to_owned(), "b".to_owned()], 4, false));
    assert_eq!(change(&scene, &scene.tom, Stop, &chosen).await, Ok(outcome(2, [1, 0, 0, 1])));
    assert_eq!(done(&scene).await, (builds + 2, acts + 2));

    let again = change(&scene, &scene.tom, Stop, &chosen).await.unwrap_err();
    let words = "Nothing was done: 4 left out: 3 have a build under way, 1 is gone or not yours to change.";
    assert_eq!((again.status().as_u16(), again.to_string().as_str()), (409, words));
    for _ in 0..3 {
        let lease = scene.take_job().await;
        scene.end_job(&lease, &Ending::succeeded(), &[]).await;
    }
    assert_eq!(change(&scene, &scene.tom, Start, &chosen).await, Ok(outcome(2, [0, 1, 0, 1])));
});

on_both_databases!(all_that_match_are_changed_only_while_they_are_as_many_as_were_seen, |db| async move {
    let scene = Scene::new(db).await;
    for name in ["a", "b"] {
        workspace(&scene, &scene.tom, name).await;
    }
    workspace(&scene, &scene.maria, "marias").await;
    let before = done(&scene).await;
    for seen in [1, 3] {
        let refused = change(&scene, &scene.tom, Delete, &all_of("me", Some(seen))).await.unwrap_err();
        assert_eq!(refused.status(), 409);
        let words = "This changed while you were looking: 2 match now. Nothing was done.";
        assert_eq!(refused.to_string(), words);
    }
    let filter = WorkspacesQuery { state: "happy".to_owned(), ..WorkspacesQuery::default() };
    let unknown = change(&scene, &scene.tom, Delete, &Chosen::Matching { filter, seen: None }).await;
    assert_eq!(unknown.unwrap_err().to_string(), "The filter state=happy is not known. Nothing was done.");
    assert_eq!(done(&scene).await, before);
    // What a template admin may only look at does not count among what matches.
    let question =
        Backend(scene.hearth.clone()).bulk_question(&scene.maria, Stop, &all_of("all", None)).await;
    assert_eq!(question.unwrap().names, ["marias"]);
    assert_eq!(change(&scene, &scene.tom, Delete, &all_of("me", Some(2))).await, Ok(outcome(2, [0; 4])));
});

on_both_databases!(a_whole_pool_or_many_are_deleted_only_with_their_number_typed, |db| async move {
    let scene = Scene::new(db).await;
    let backend = Backend(scene.hearth.clone());
    let parked = Like::build(builds::Transition::Stop, JobStatus::Succeeded);
    let pool = [scene.member(scene.small, Like::ready()).await, scene.member(scene.small, parked).await];
    let delete = async |chosen: &[WorkspaceId], typed: &str| {
        backend.change_workspaces(&scene.maria, Delete, &Chosen::Named(chosen.to_vec()), typed).await
    };
    let before = done(&scene).await;
    for typed in ["", "1", "two"] {
        let Err(AppError::Invalid { field, detail }) = delete(&pool, typed).await else { panic!("{typed}") };
        assert_eq!((field.as_str(), detail.as_str()), ("typed", "Type 2: so many would be deleted."));
    }
    assert_eq!(done(&scene).await, before);
    let question = backend.bulk_question(&scene.maria, Stop, &Chosen::Named(pool.to_vec())).await.unwrap();
    assert_eq!((question.typed, question.prebuilds), (false, 1), "one is parked already");
    assert_eq!(delete(&pool[..1], "").await, Ok(outcome(1, [0; 4])), "a part of it");

    let large = scene.preset("large", 0).await;
    let mut many = Vec::new();
    for _ in 0..22 {
        many.push(scene.member(large, Like::ready()).await);
    }
    assert!(delete(&many[..21], "").await.is_err());
    assert_eq!(delete(&many[..20], "").await, Ok(outcome(20, [0; 4])));
    assert_eq!(delete(&many[20..], " 2 ").await, Ok(outcome(2, [0; 4])));
});

on_both_databases!(nothing_and_too_much_are_refused_in_words, |db| async move {
    let scene = Scene::new(db).await;
    let ids =
        |count: u128| Chosen::Named((0..count).map(|n| WorkspaceId(uuid::Uuid::from_u128(n))).collect());
    for (count, words) in [
        (0, "Select workspaces in the table first."),
        (501, "500 at most in one go. Narrow the filter first."),
    ] {
        let refused = change(&scene, &scene.tom, Stop, &ids(count)).await.unwrap_err();
        assert_eq!((refused.field(), refused.to_string().as_str()), (Some("members"), words));
    }
});
