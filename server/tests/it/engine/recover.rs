use chrono::TimeDelta;
use hearth_app::backend::{Actor, Role};
use hearth_prebuilds::ids::WorkspaceId;
use hearth_provisioner::engine::Stage;
use hearth_server::{
    engine::reconcile::Reconciler,
    execute, one,
    store::{
        builds,
        jobs::{self, JobStatus, Lane, Lease},
        notifications::{self, Wanted},
    },
};
use serde_json::json;

use super::claim::{claim, filled, id};
use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        works::{Come, Works},
        world,
    },
};

/// What a process holds that is killed before it writes anything more.
async fn held_by_a_dead_worker(works: &Works) -> Lease {
    let mut tx = works.db().write().await.unwrap();
    let long_ago = works.hearth.clock.now() - TimeDelta::seconds(60);
    let lease = jobs::lease(&mut tx, "dead", Lane::Pool, long_ago).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    lease
}

async fn gone(works: &Works, workspace: WorkspaceId) -> bool {
    works.workspace(workspace).await.deleted
}

on_both_databases!(a_member_whose_creation_died_is_deleted_and_replaced, |db| async {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 1).await;
    let mut works = Works::new(db);
    Reconciler::new(works.hearth.clone()).await.unwrap().pass().await.unwrap();
    let lease = held_by_a_dead_worker(&works).await;
    let member = WorkspaceId(lease.subject_id);
    works.start();
    works.until("cleared away", async |works| gone(works, member).await).await;
    works.until_running(1).await;
    let stages: Vec<_> = works.builds(member).await.iter().map(|build| (build.stage, build.status)).collect();
    assert_eq!(
        stages,
        [(builds::Stage::Delete, JobStatus::Succeeded), (builds::Stage::Create, JobStatus::Failed)]
    );
    let died = works.builds(member).await.remove(1);
    assert!(died.error.contains("The server stopped while this build ran"), "{}", died.error);
    // It says nothing about the template: neither back-off nor the count of failures.
    let mut conn = works.db().read().await.unwrap();
    let (failed,): (i64,) = one!(conn, (i64,), "SELECT failed_total FROM pools").unwrap();
    assert_eq!(failed, 0);
    drop(conn);
    let name = works.workspace(member).await.name;
    let (pool, why) = (json!({ "template": "web", "preset": "small" }), died.error);
    let cut = json!({ "template": "web", "preset": "small", "build_number": 1, "error": why });
    assert_eq!(
        world::acts(works.db(), "system").await,
        [("interrupt".to_owned(), name.clone(), cut), ("clear_away".to_owned(), name, pool)]
    );
    works.stop().await;
});

on_both_databases!(a_delete_that_died_is_done_again, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 0).await;
    let member = world::member(&db, (t.id, t.version, preset), world::Like::ready()).await;
    let mut works = Works::new(db);
    Reconciler::new(works.hearth.clone()).await.unwrap().pass().await.unwrap();
    let lease = held_by_a_dead_worker(&works).await;
    assert_eq!(lease.subject_id, member.0);
    works.start();
    works.until("deleted", async |works| gone(works, member).await).await;
    assert_eq!(works.builds(member).await[0].number, 3);
    works.stop().await;
});

on_both_databases!(a_claim_build_that_died_leaves_the_workspace_to_its_owner, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 1).await;
    world::member(&db, (t.id, t.version, preset), world::Like::ready()).await;
    let ann = actor(world::person(&db, "ann").await, "ann", Role::Member);
    let mut works = Works::new(db);
    let mine = id(&claim(&works, &ann, "mine", true).await.unwrap());
    held_by_a_dead_worker(&works).await;
    works.start_workers();
    works.until("given up", async |works| !works.workspace(mine).await.latest_status.is_open()).await;
    let workspace = works.workspace(mine).await;
    assert_eq!((workspace.owner_id, workspace.latest_status), (ann.user_id, JobStatus::Failed));
    assert!(!works.builds(mine).await[0].error.is_empty());
    assert!(told(&works, &ann).await.contains("The server stopped"));
    let acts = world::acts(works.db(), "system").await;
    assert_eq!(
        acts.iter().map(|(verb, name, _)| (verb.as_str(), name.as_str())).collect::<Vec<_>>(),
        [("interrupt", "mine")]
    );
    works.stop().await;
});

on_both_databases!(a_claim_build_that_a_stop_ends_is_told_to_the_owner, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    works.terraform.lets(Stage::Claim, Come::Hanging);
    let mine = id(&claim(&works, &ann, "mine", true).await.unwrap());
    works
        .until("the claim running", async |works| works.terraform.seen().contains(&(Stage::Claim, mine)))
        .await;
    works.stop().await;
    assert!(told(&works, &ann).await.contains("The server stopped"));
});

/// The one thing that this person was told.
async fn told(works: &Works, who: &Actor) -> String {
    let mut conn = works.db().read().await.unwrap();
    let told = notifications::list(&mut conn, who.user_id, &Wanted::default()).await.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].content.clone()
}

on_both_databases!(an_import_that_died_is_queued_again, |db| async {
    let t = world::template(&db, "web").await;
    let works = Works::new(db);
    let mut tx = works.db().write().await.unwrap();
    execute!(tx, "UPDATE jobs SET status = 'pending'").unwrap();
    tx.commit().await.unwrap();
    held_by_a_dead_worker(&works).await;
    let mut works = works;
    works.start_workers();
    works.until("imported", async |works| works.terraform.imports() == 1).await;
    let status = async |works: &Works| {
        let mut conn = works.db().read().await.unwrap();
        let (status,): (String,) =
            one!(conn, (String,), "SELECT status FROM jobs WHERE subject_id = $1", t.version.0).unwrap();
        status
    };
    works.until("succeeded", async |works| status(works).await == "succeeded").await;
    works.stop().await;
});

on_both_databases!(a_stop_ends_running_builds_and_the_next_start_clears_them_away, |db| async {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 1).await;
    let mut works = Works::new(db);
    works.terraform.lets(Stage::Create, Come::Hanging);
    works.start();
    works.until("running", async |works| works.terraform.seen().len() == 1).await;
    works.stop().await;
    let member = works.members().await.remove(0);
    let builds = works.builds(member.id).await;
    assert_eq!((builds[1].status, builds[0].stage), (JobStatus::Failed, builds::Stage::Delete));
    assert!(builds[1].error.contains("The server stopped"), "{}", builds[1].error);
    works.terraform.lets(Stage::Create, Come::Well);
    works.start();
    works.until("cleared away", async |works| gone(works, member.id).await).await;
    works.until_running(1).await;
    works.stop().await;
});

on_both_databases!(a_restart_neither_loses_a_member_nor_counts_one_twice, |db| async {
    let (mut works, _) = filled(db, 3).await;
    let before: Vec<_> = works.members().await.into_iter().map(|member| member.id).collect();
    works.stop().await;
    works.start();
    works
        .until("a pass", async |works| works.hearth.last_pass.get().is_some_and(|pass| pass.number == 1))
        .await;
    let after: Vec<_> = works.members().await.into_iter().map(|member| member.id).collect();
    assert_eq!(after, before);
    works.stop().await;
});
