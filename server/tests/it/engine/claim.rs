use std::collections::HashSet;

use hearth_app::{
    backend::{Actor, Role},
    view::{ClaimOrder, ClaimOutcome},
};
use hearth_prebuilds::ids::WorkspaceId;
use hearth_provisioner::engine::Stage;
use hearth_server::{
    backend::acts,
    error::{Error, Result},
    one,
    store::{
        builds,
        jobs::{JobStatus, Lane},
    },
};

use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        works::{Come, Works},
        world,
    },
};

pub async fn claim(works: &Works, who: &Actor, name: &str, pool_only: bool) -> Result<ClaimOutcome> {
    let order = ClaimOrder {
        template: "web".to_owned(),
        preset: "small".to_owned(),
        name: name.to_owned(),
        pool_only,
        values: Vec::new(),
    };
    acts::claim(&works.hearth, who, &order).await
}

pub fn id(outcome: &ClaimOutcome) -> WorkspaceId {
    outcome.workspace_id.parse().unwrap()
}

/// A running pool of `instances` whose members are ready, and a person.
pub async fn filled(db: hearth_server::store::Db, instances: i64) -> (Works, Actor) {
    prepared(db, instances, |_| {}).await
}

/// The same, with things as they are to be before anything happens: a ready member is rehearsed at once.
pub async fn prepared(
    db: hearth_server::store::Db,
    instances: i64,
    prepare: impl FnOnce(&Works),
) -> (Works, Actor) {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", instances).await;
    let ann = actor(world::person(&db, "ann").await, "ann", Role::Member);
    let works = Works::new(db);
    prepare(&works);
    works.start();
    works.until_running(usize::try_from(instances).unwrap()).await;
    works.agents_get_ready().await;
    (works, ann)
}

on_both_databases!(a_claim_hands_over_a_member_and_the_pool_is_refilled_at_once, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    let member = works.members().await.remove(0);
    let taken = claim(&works, &ann, "mine", false).await.unwrap();
    assert!(taken.from_pool);
    assert_eq!(id(&taken), member.id);
    works.until("the claim build done", async |works| done(works, member.id).await).await;
    let build = works.builds(member.id).await.remove(0);
    assert_eq!((build.stage, build.initiator_id), (builds::Stage::Claim, ann.user_id));
    assert_eq!(build.parameters.0, works.builds(member.id).await[1].parameters.0);
    // The tick is a minute away: only the event can have refilled the pool.
    works.until_running(1).await;
    assert_ne!(works.members().await[0].id, member.id);
    let mut conn = works.db().read().await.unwrap();
    let (claimed, missed, events, audited): (i64, i64, i64, i64) = one!(
        conn,
        (i64, i64, i64, i64),
        "SELECT claimed_total, missed_total, (SELECT COUNT(*) FROM pool_events WHERE kind = 'claim'),
             (SELECT COUNT(*) FROM audit WHERE verb = 'claim' AND actor_id = $1) FROM pools",
        ann.user_id.0
    )
    .unwrap();
    assert_eq!((claimed, missed, events, audited), (1, 0, 1, 1));
    drop(conn);
    works.stop().await;
});

async fn done(works: &Works, workspace: WorkspaceId) -> bool {
    !works.workspace(workspace).await.latest_status.is_open()
}

on_both_databases!(an_empty_pool_is_a_miss_and_builds_from_nothing_unless_told_not_to, |db| async {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 2).await;
    let ann = actor(world::person(&db, "ann").await, "ann", Role::Member);
    let mut works = Works::new(db);
    works.terraform.lets(Stage::Create, Come::Hanging);
    works.start();
    works.until("two members starting", async |works| works.members().await.len() == 2).await;
    let refused = claim(&works, &ann, "mine", true).await;
    assert!(matches!(refused, Err(Error::PoolEmpty { starting: 2 })), "{refused:?}");
    assert_eq!(works.workspaces().await.len(), 2);
    let cold = claim(&works, &ann, "mine", false).await.unwrap();
    assert!(!cold.from_pool);
    let build = works.builds(id(&cold)).await.remove(0);
    assert_eq!((build.stage, build.number), (builds::Stage::Create, 1));
    let mut conn = works.db().read().await.unwrap();
    let (missed, events): (i64, i64) = one!(
        conn,
        (i64, i64),
        "SELECT missed_total, (SELECT COUNT(*) FROM pool_events WHERE kind = 'miss') FROM pools"
    )
    .unwrap();
    assert_eq!((missed, events), (2, 2));
    drop(conn);
    works.stop().await;
});

on_both_databases!(fifty_people_at_once_share_ten_members_without_an_error, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 10).await;
    for _ in 0..10 {
        world::member(&db, (t.id, t.version, preset), world::Like::ready()).await;
    }
    let ann = actor(world::person(&db, "ann").await, "ann", Role::Member);
    let works = std::sync::Arc::new(Works::new(db));
    let claims: Vec<_> = (0..50)
        .map(|n| {
            let (works, ann) = (works.clone(), ann.clone());
            tokio::spawn(async move { claim(&works, &ann, &format!("mine-{n}"), false).await.unwrap() })
        })
        .collect();
    let mut from_pool = HashSet::new();
    let mut cold = HashSet::new();
    for claim in claims {
        let outcome = claim.await.unwrap();
        let list = if outcome.from_pool { &mut from_pool } else { &mut cold };
        assert!(list.insert(id(&outcome)));
    }
    assert_eq!((from_pool.len(), cold.len()), (10, 40));
    let mut conn = works.db().read().await.unwrap();
    let (claimed, missed, lanes): (i64, i64, i64) = one!(
        conn,
        (i64, i64, i64),
        "SELECT claimed_total, missed_total, (SELECT COUNT(*) FROM jobs WHERE lane = $1 AND status = 'pending') FROM pools",
        Lane::People.as_str()
    )
    .unwrap();
    assert_eq!((claimed, missed, lanes), (10, 40, 50));
});

on_both_databases!(a_name_in_use_is_refused_and_an_invented_one_never_is, |db| async {
    let (mut works, ann) = filled(db, 2).await;
    claim(&works, &ann, "mine", false).await.unwrap();
    let again = claim(&works, &ann, "Mine", false).await;
    assert!(matches!(again, Err(Error::Taken { field: "name", .. })), "{again:?}");
    let bad = claim(&works, &ann, "not a name", false).await;
    assert!(matches!(bad, Err(Error::Invalid(_))), "{bad:?}");
    let invented = claim(&works, &ann, "", false).await.unwrap();
    assert!(!invented.name.is_empty());
    works.stop().await;
});

on_both_databases!(a_claim_build_that_fails_leaves_the_workspace_to_its_new_owner, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    works.terraform.lets(Stage::Claim, Come::Wrong("the cloud is full".to_owned()));
    let taken = claim(&works, &ann, "mine", false).await.unwrap();
    works.until("the claim build done", async |works| done(works, id(&taken)).await).await;
    let mine = works.workspace(id(&taken)).await;
    assert_eq!((mine.owner_id, mine.latest_status), (ann.user_id, JobStatus::Failed));
    assert_eq!(works.builds(mine.id).await[0].error, "the cloud is full");
    // The next start finishes the hand-over, so that the agent begins again for its owner.
    works.terraform.lets(Stage::Claim, Come::Well);
    acts::start_workspace(&works.hearth, &ann, mine.id).await.unwrap();
    works.until("the second claim build done", async |works| done(works, mine.id).await).await;
    let builds = works.builds(mine.id).await;
    assert_eq!((builds[0].stage, builds[0].status), (builds::Stage::Claim, JobStatus::Succeeded));
    works.stop().await;
});

on_both_databases!(a_claimed_workspace_is_stopped_started_and_deleted_by_its_owner_alone, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    let bob = actor(world::person(works.db(), "bob").await, "bob", Role::Member);
    let mine = id(&claim(&works, &ann, "mine", false).await.unwrap());
    works.until("the claim build done", async |works| done(works, mine).await).await;
    let stranger = acts::stop_workspace(&works.hearth, &bob, mine).await;
    assert!(matches!(stranger, Err(Error::NotFound(_))), "{stranger:?}");
    works.until_running(1).await;
    let member = works.members().await[0].id;
    let not_mine = acts::delete_workspace(&works.hearth, &ann, member).await;
    assert!(matches!(not_mine, Err(Error::NotFound(_))), "{not_mine:?}");

    works.terraform.lets(Stage::Stop, Come::Hanging);
    acts::stop_workspace(&works.hearth, &ann, mine).await.unwrap();
    let busy = acts::start_workspace(&works.hearth, &ann, mine).await;
    assert!(matches!(busy, Err(Error::Conflict(_))), "{busy:?}");
    works
        .until("the stop running", async |works| works.terraform.seen().contains(&(Stage::Stop, mine)))
        .await;
    works.terraform.go_on();
    works.until("stopped", async |works| done(works, mine).await).await;
    acts::start_workspace(&works.hearth, &ann, mine).await.unwrap();
    works.until("started", async |works| done(works, mine).await).await;
    assert_eq!(works.builds(mine).await[0].stage, builds::Stage::Start);
    acts::delete_workspace(&works.hearth, &ann, mine).await.unwrap();
    works.until("deleted", async |works| works.workspace(mine).await.deleted).await;
    let gone = acts::start_workspace(&works.hearth, &ann, mine).await;
    assert!(matches!(gone, Err(Error::Conflict(_))), "{gone:?}");
    works.stop().await;
});
