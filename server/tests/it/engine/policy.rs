//! What a pool that blocks drift hands over.

use hearth_app::backend::{Actor, Role};
use hearth_prebuilds::policy::DriftPolicy;
use hearth_provisioner::engine::Steps;
use hearth_server::{
    backend::{policy, pools},
    error::Error,
    events::Event,
    one,
    store::{
        drift::{self, CauseStatus},
        jobs::JobStatus,
        notifications::{self, Wanted},
    },
};

use super::{
    claim::{claim, filled, id, prepared},
    drift::replacement,
    rehearsal::{a_ready_pool, clean, replacing, until_finished},
};
use crate::{
    on_both_databases,
    support::{hearth::actor, works::Works, world},
};

async fn blocking(works: &Works) -> Actor {
    let root = actor(world::admin(works.db(), "root").await, "root", Role::Owner);
    policy::set_policy(&works.hearth, &root, ("web", "small"), "block").await.unwrap();
    root
}

/// Why the pool hands nothing over, as those who read pools see it.
async fn blocked(works: &Works, root: &Actor) -> Option<String> {
    let pool = pools::one(&works.hearth, root, ("web", "small")).await.unwrap();
    assert_eq!(pool.pool.policy, DriftPolicy::Block);
    pool.blocked.map(|why| why.to_string())
}

async fn misses(works: &Works) -> (i64, i64) {
    let mut conn = works.db().read().await.unwrap();
    let (misses, blocked): (i64, i64) = one!(
        conn,
        (i64, i64),
        "SELECT COUNT(*), COUNT(CASE WHEN reason = 'blocked' THEN 1 END) FROM pool_events WHERE kind = 'miss'"
    )
    .unwrap();
    (misses, blocked)
}

on_both_databases!(a_pool_that_blocks_hands_over_only_what_was_rehearsed_clean, |db| async {
    let drifting = replacing("docker_container.dev[0]");
    let (mut works, ann) = prepared(db, 1, |works| works.terraform.rehearses(drifting)).await;
    let root = blocking(&works).await;
    let preset = a_ready_pool(&works).await;
    until_finished(&works, preset, 1).await;

    let refused = claim(&works, &ann, "mine", true).await.unwrap_err();
    assert!(matches!(refused, Error::PoolBlocked(_)), "{refused:?}");
    let words = refused.to_string();
    assert!(words.contains("\"block\"") && words.contains("docker_container.dev[0]"), "{words}");
    assert_eq!(blocked(&works, &root).await.as_ref(), Some(&words));
    let cold = claim(&works, &ann, "mine", false).await.unwrap();
    assert_eq!((cold.from_pool, cold.blocked), (false, Some(words)));
    assert_eq!(misses(&works).await, (2, 2));
    assert_eq!(works.members().await.len(), 1, "the member stays");

    works.terraform.rehearses(clean());
    hearth_server::backend::rehearsals::rehearse_preset(&works.hearth, &root, preset).await.unwrap();
    until_finished(&works, preset, 2).await;
    assert_eq!(blocked(&works, &root).await, None);
    assert!(claim(&works, &ann, "from-pool", true).await.unwrap().from_pool);
    assert_eq!(misses(&works).await, (2, 2));
    works.stop().await;
});

on_both_databases!(a_pool_that_blocks_waits_for_its_first_rehearsal, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    let root = blocking(&works).await;
    let words = blocked(&works, &root).await.unwrap();
    assert!(words.contains("has not been rehearsed") || words.contains("could not find out"), "{words}");
    assert!(matches!(claim(&works, &ann, "mine", true).await, Err(Error::PoolBlocked(_))));
    works.stop().await;
});

on_both_databases!(a_claim_that_replaces_what_no_rehearsal_foresaw_is_refused_before_it_does, |db| async {
    let (mut works, ann) = prepared(db, 1, |works| works.terraform.rehearses(clean())).await;
    let root = blocking(&works).await;
    let preset = a_ready_pool(&works).await;
    until_finished(&works, preset, 1).await;
    works.terraform.replaces(vec![replacement("docker_container.dev[0]")]);
    let mine = id(&claim(&works, &ann, "mine", true).await.unwrap());
    works
        .until("the refusal", async |works| works.workspace(mine).await.latest_status == JobStatus::Failed)
        .await;
    let error = works.builds(mine).await.remove(0).error;
    assert!(error.contains("\"block\"") && error.contains("Nothing was changed"), "{error}");
    let words = blocked(&works, &root).await.unwrap();
    assert!(words.contains("docker_container.dev"), "{words}");
    // Known, but not counted: nothing was recreated.
    let mut conn = works.db().read().await.unwrap();
    let cause = drift::causes(&mut conn).await.unwrap().remove(0);
    assert_eq!((cause.claims, cause.status), (0, CauseStatus::Open));
    let (recorded, counted): (i64, i64) =
        one!(conn, (i64, i64), "SELECT (SELECT COUNT(*) FROM replacements), replaced_total FROM pools")
            .unwrap();
    assert_eq!((recorded, counted), (0, 0));
    let told = notifications::list(&mut conn, root.user_id, &Wanted::default()).await.unwrap().remove(0);
    assert!(told.content.contains("refused a claim"), "{}", told.content);
    drop(conn);

    // What was met is worth another look, and that settles it.
    works.terraform.replaces(Vec::new());
    works.until_running(1).await;
    works.agents_get_ready().await;
    works.hearth.events.publish(Event::Settings);
    until_finished(&works, preset, 3).await;
    assert_eq!(blocked(&works, &root).await, None);
    works.stop().await;
});

on_both_databases!(only_who_administers_templates_changes_a_policy_and_it_is_audited_once, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    let member = policy::set_policy(&works.hearth, &ann, ("web", "small"), "block").await;
    assert!(matches!(member, Err(Error::Forbidden(_))), "{member:?}");
    let root = blocking(&works).await;
    let odd = policy::set_policy(&works.hearth, &root, ("web", "small"), "maybe").await;
    assert!(matches!(odd, Err(Error::Invalid(ref fields)) if fields[0].field == "policy"), "{odd:?}");
    policy::set_policy(&works.hearth, &root, ("web", "small"), "block").await.unwrap();
    let mut conn = works.db().read().await.unwrap();
    let (acts,): (i64,) = one!(
        conn,
        (i64,),
        "SELECT COUNT(*) FROM audit WHERE verb = 'write' AND target_type = 'pool' AND actor_id = $1",
        root.user_id.0
    )
    .unwrap();
    assert_eq!(acts, 1);
    drop(conn);
    works.stop().await;
});

on_both_databases!(a_claim_takes_one_step_where_it_is_known_to_be_clean_and_drift_is_allowed, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    let steps = async |works: &Works, name: &str| {
        works.until_running(1).await;
        works.agents_get_ready().await;
        let mine = id(&claim(works, &ann, name, true).await.unwrap());
        works
            .until("the claim build done", async |works| !works.workspace(mine).await.latest_status.is_open())
            .await;
        works.terraform.steps_of(mine).unwrap()
    };
    works.terraform.rehearses(replacing("docker_container.dev[0]"));
    let preset = a_ready_pool(&works).await;
    until_finished(&works, preset, 1).await;
    works.terraform.replaces(vec![replacement("docker_container.dev[0]")]);
    assert_eq!(steps(&works, "drifts").await, Steps::Two);

    works.terraform.replaces(Vec::new());
    assert_eq!(steps(&works, "does-not").await, Steps::Two, "the claim before did");
    assert_eq!(steps(&works, "clean").await, Steps::One);
    blocking(&works).await;
    assert_eq!(steps(&works, "blocking").await, Steps::Two);
    works.stop().await;
});
