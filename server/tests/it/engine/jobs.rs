use hearth_app::backend::Role;
use hearth_provisioner::engine::Stage;
use hearth_server::{
    backend::acts,
    execute,
    store::{job_logs, jobs::JobStatus},
};

use super::claim::{claim, filled, id};
use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        works::{Come, Works},
        world,
    },
};

on_both_databases!(pool_builds_never_take_the_last_worker, |db| async {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 6).await;
    let ann = actor(world::person(&db, "ann").await, "ann", Role::Member);
    let mut works = Works::new(db);
    works.terraform.lets(Stage::Create, Come::Hanging);
    works.start();
    let workers = works.hearth.config.workers as usize;
    works.until("the pool's builds running", async |works| works.terraform.seen().len() == workers - 1).await;
    let cold = claim(&works, &ann, "mine", false).await.unwrap();
    works
        .until("the person's build running", async |works| {
            works.terraform.seen().contains(&(Stage::Create, id(&cold)))
        })
        .await;
    assert_eq!(works.terraform.seen().len(), workers);
    works.stop().await;
});

on_both_databases!(a_running_build_is_cancelled_when_its_owner_asks, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    works.terraform.lets(Stage::Claim, Come::Hanging);
    let mine = id(&claim(&works, &ann, "mine", false).await.unwrap());
    works
        .until("running", async |works| works.workspace(mine).await.latest_status == JobStatus::Running)
        .await;
    let build = works.builds(mine).await[0].id;
    let status = acts::cancel_build(&works.hearth, &ann, build).await.unwrap();
    assert_eq!(status, JobStatus::Canceling);
    works
        .until("cancelled", async |works| works.workspace(mine).await.latest_status == JobStatus::Canceled)
        .await;
    assert!(acts::cancel_build(&works.hearth, &ann, build).await.is_err());
    works.stop().await;
});

on_both_databases!(the_result_of_an_attempt_that_lost_its_lease_is_refused, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    works.terraform.lets(Stage::Claim, Come::Hanging);
    let mine = id(&claim(&works, &ann, "mine", false).await.unwrap());
    works.until("running", async |works| works.terraform.seen().contains(&(Stage::Claim, mine))).await;
    let job = works.builds(mine).await[0].job_id;
    // As another replica does when this one seems dead.
    let mut tx = works.db().write().await.unwrap();
    execute!(tx, "UPDATE jobs SET fence = fence + 1, worker = 'another' WHERE id = $1", job.0).unwrap();
    tx.commit().await.unwrap();
    works.terraform.go_on();
    let lines = async |works: &Works| {
        let mut conn = works.db().read().await.unwrap();
        job_logs::after(&mut conn, job, 0, 10).await.unwrap().len()
    };
    works.until("its log written", async |works| lines(works).await > 0).await;
    works.stop().await;
    assert_eq!(works.workspace(mine).await.latest_status, JobStatus::Running);
});

on_both_databases!(a_log_has_a_marker_before_each_stage, |db| async {
    let (mut works, _) = filled(db, 1).await;
    let member = works.members().await.remove(0);
    let build = works.builds(member.id).await.remove(0);
    let mut conn = works.db().read().await.unwrap();
    let lines = job_logs::after(&mut conn, build.job_id, 0, 10).await.unwrap();
    let lines: Vec<_> = lines.iter().map(|line| (line.stage.as_str(), line.output.as_str())).collect();
    let said = format!("create of {}", member.name);
    assert_eq!(lines, [("Plan", ""), ("Plan", said.as_str())]);
    drop(conn);
    works.stop().await;
});
