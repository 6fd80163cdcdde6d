use chrono::TimeDelta;
use hearth_app::backend::{Actor, Role};
use hearth_prebuilds::{ids::WorkspaceId, pool_state::WorkspaceStage};
use hearth_provisioner::{
    engine::Stage,
    rehearsal::{Rehearsed, Verdict},
};
use hearth_server::{
    backend::{self, acts},
    store::{
        agents::{self, Reinit},
        jobs::JobStatus,
        notifications,
    },
};

use super::{
    claim::{claim, id},
    drift::replacement,
    rehearsal::{a_ready_pool, until_finished},
};
use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        works::{Come, Works},
        world,
    },
};

/// A pool of one whose claims were rehearsed, and a person.
async fn rehearsed(db: hearth_server::store::Db, agents_stay: bool) -> (Works, Actor) {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 1).await;
    let ann = actor(world::person(&db, "ann").await, "ann", Role::Member);
    let works = Works::new(db);
    works.terraform.rehearses(Rehearsed { verdict: Verdict::Clean, agents_stay, ..Rehearsed::unknown("") });
    works.start();
    let preset = a_ready_pool(&works).await;
    until_finished(&works, preset, 1).await;
    (works, ann)
}

/// A claim whose build is not done before the test says so.
async fn claimed(works: &Works, ann: &Actor) -> WorkspaceId {
    works.terraform.lets(Stage::Claim, Come::Hanging);
    id(&claim(works, ann, "mine", true).await.unwrap())
}

async fn reinit(works: &Works, workspace: WorkspaceId) -> Reinit {
    let agent = works.terraform.agent_of(workspace);
    agents::reinit(&mut works.db().read().await.unwrap(), agent).await.unwrap()
}

/// The agent begins again for its owner.
async fn begins_again(works: &Works, workspace: WorkspaceId) {
    let build = works.builds(workspace).await.remove(0);
    let mut tx = works.db().write().await.unwrap();
    agents::acknowledge_reinit(&mut tx, works.terraform.agent_of(workspace), build.id).await.unwrap();
    tx.commit().await.unwrap();
    works.agent_gets_ready(workspace).await;
}

async fn build_ends(works: &Works, workspace: WorkspaceId) {
    works
        .until("the end of the claim build", async |works| {
            works.terraform.go_on();
            works.builds(workspace).await[0].status == JobStatus::Succeeded
        })
        .await;
}

async fn stage(works: &Works, ann: &Actor, workspace: WorkspaceId) -> WorkspaceStage {
    let view =
        backend::workspace::workspace(&works.hearth, ann, workspace, &Default::default()).await.unwrap();
    view.row.stage
}

on_both_databases!(
    an_agent_that_a_claim_leaves_alone_begins_again_before_the_claim_build_is_done,
    |db| async {
        let (mut works, ann) = rehearsed(db, true).await;
        let mine = claimed(&works, &ann).await;
        assert_eq!(reinit(&works, mine).await, Reinit::Due { owner: ann.user_id.0 });
        begins_again(&works, mine).await;
        assert_eq!(stage(&works, &ann, mine).await, WorkspaceStage::Yours);
        assert_ne!(works.builds(mine).await[0].status, JobStatus::Succeeded);
        assert_eq!(reinit(&works, mine).await, Reinit::Wait, "the build may have something to say");
        build_ends(&works, mine).await;
        assert_eq!(reinit(&works, mine).await, Reinit::Never);
        assert_eq!(stage(&works, &ann, mine).await, WorkspaceStage::Yours);
        works.stop().await;
    }
);

on_both_databases!(an_agent_begins_again_once_more_when_the_build_changes_what_it_reads, |db| async {
    let (mut works, ann) = rehearsed(db, true).await;
    let mine = claimed(&works, &ann).await;
    begins_again(&works, mine).await;
    works.terraform.sets("OWNER", "ann");
    build_ends(&works, mine).await;
    assert_eq!(reinit(&works, mine).await, Reinit::Due { owner: ann.user_id.0 });
    assert_eq!(stage(&works, &ann, mine).await, WorkspaceStage::Reinitializing);
    works.stop().await;
});

on_both_databases!(an_agent_that_was_handed_over_begins_again_after_a_second_try, |db| async {
    let (mut works, ann) = rehearsed(db, true).await;
    works.terraform.lets(Stage::Claim, Come::Wrong("no more of these".to_owned()));
    let mine = id(&claim(&works, &ann, "mine", true).await.unwrap());
    works.until("the failure", async |works| works.builds(mine).await[0].status == JobStatus::Failed).await;
    begins_again(&works, mine).await;
    assert_eq!(reinit(&works, mine).await, Reinit::Wait, "its owner may start the workspace again");
    works.terraform.lets(Stage::Claim, Come::Hanging);
    acts::start_workspace(&works.hearth, &ann, mine).await.unwrap();
    build_ends(&works, mine).await;
    assert_eq!(reinit(&works, mine).await, Reinit::Due { owner: ann.user_id.0 });
    begins_again(&works, mine).await;
    assert_eq!(stage(&works, &ann, mine).await, WorkspaceStage::Yours);
    works.stop().await;
});

on_both_databases!(an_agent_whose_data_a_claim_changes_waits_for_the_build, |db| async {
    let (mut works, ann) = rehearsed(db, false).await;
    let mine = claimed(&works, &ann).await;
    assert_eq!(reinit(&works, mine).await, Reinit::Wait);
    build_ends(&works, mine).await;
    assert_eq!(reinit(&works, mine).await, Reinit::Due { owner: ann.user_id.0 });
    works.stop().await;
});

on_both_databases!(an_agent_that_was_handed_over_is_usable_even_if_the_claim_build_fails, |db| async {
    let (mut works, ann) = rehearsed(db, true).await;
    works.terraform.lets(Stage::Claim, Come::Wrong("no more of these".to_owned()));
    let mine = id(&claim(&works, &ann, "mine", true).await.unwrap());
    works.until("the failure", async |works| works.builds(mine).await[0].status == JobStatus::Failed).await;
    assert_eq!(reinit(&works, mine).await, Reinit::Due { owner: ann.user_id.0 });
    assert_eq!(stage(&works, &ann, mine).await, WorkspaceStage::Failed);
    let unread = notifications::unread(&mut works.db().read().await.unwrap(), ann.user_id).await.unwrap();
    assert_eq!(unread, 1, "its owner is told");
    works.stop().await;
});

on_both_databases!(
    a_claim_that_replaces_something_after_the_hand_over_is_ready_only_when_it_is_done,
    |db| async {
        let (mut works, ann) = rehearsed(db, true).await;
        works.stop().await;
        let mine = claimed(&works, &ann).await;
        begins_again(&works, mine).await;
        let early = works.builds(mine).await[0].ready_at;
        assert!(early.is_some());
        works.terraform.replaces(vec![replacement("docker_container.dev")]);
        works.hearth.clock.advance(TimeDelta::seconds(30));
        works.start();
        works.until("the plan", async |works| !works.workspace(mine).await.ready).await;
        assert_eq!(works.builds(mine).await[0].ready_at, None);
        assert_eq!(reinit(&works, mine).await, Reinit::Wait, "the machine may go");
        // What the old one still says does not count.
        begins_again(&works, mine).await;
        assert!(!works.workspace(mine).await.ready);
        build_ends(&works, mine).await;
        assert_eq!(stage(&works, &ann, mine).await, WorkspaceStage::Reinitializing);
        assert_eq!(reinit(&works, mine).await, Reinit::Due { owner: ann.user_id.0 });
        begins_again(&works, mine).await;
        assert_eq!(stage(&works, &ann, mine).await, WorkspaceStage::Yours);
        assert!(works.builds(mine).await[0].ready_at > early);
        works.stop().await;
    }
);

on_both_databases!(no_agent_is_handed_over_early_after_a_claim_that_replaced_something, |db| async {
    let (mut works, ann) = rehearsed(db, true).await;
    works.terraform.lets_rehearsals(Come::Hanging);
    works.terraform.replaces(vec![replacement("docker_container.dev")]);
    let first = id(&claim(&works, &ann, "first", true).await.unwrap());
    works.until("its end", async |works| works.builds(first).await[0].status == JobStatus::Succeeded).await;
    works.until_running(1).await;
    works.agents_get_ready().await;
    let second = claimed(&works, &ann).await;
    assert_eq!(reinit(&works, second).await, Reinit::Wait);
    works.terraform.go_on();
    works.stop().await;
});
