use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::ids::{PresetId, UserId, VersionId, WorkspaceId};
use hearth_server::{
    clock::new_id,
    store::{
        self, Db,
        builds::Transition,
        claims::{self, Eligible, NewOwner, Taken},
        jobs::JobStatus,
        workspaces,
    },
};

use crate::{
    on_both_databases,
    support::world::{self, Like, minutes, start},
};

async fn take(
    db: &Db,
    (preset_id, version_id): (PresetId, VersionId),
    owner_id: UserId,
    name: &str,
    not_before: DateTime<Utc>,
) -> store::Result<Option<Taken>> {
    let which = Eligible { preset_id, version_id, not_before };
    let owner =
        NewOwner { owner_id, name, build_id: new_id(), autostart_schedule: None, ttl_ms: Some(3_600_000) };
    let mut tx = db.write().await?;
    let taken = claims::take(&mut tx, &which, &owner, minutes(60)).await?;
    tx.commit().await?;
    Ok(taken)
}

on_both_databases!(fifty_claims_of_a_pool_of_ten_take_each_member_once, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 10).await;
    let mut pool = HashSet::new();
    for n in 0..10 {
        let like = Like::ready().created(minutes(n));
        pool.insert(world::member(&db, (t.id, t.version, preset), like).await);
    }
    let ann = world::person(&db, "ann").await;
    let claims: Vec<_> = (0..50)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move {
                take(&db, (preset, t.version), ann, &format!("mine-{n}"), start()).await.unwrap()
            })
        })
        .collect();
    let mut taken = Vec::new();
    for claim in claims {
        taken.extend(claim.await.unwrap().map(|taken| taken.id));
    }
    assert_eq!(taken.len(), 10);
    assert_eq!(taken.into_iter().collect::<HashSet<_>>(), pool);
});

on_both_databases!(the_oldest_eligible_member_changes_hands_with_its_lifecycle_fields, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    let of = (t.id, t.version, preset);
    world::member(&db, of, Like::ready().created(minutes(5))).await;
    let oldest = world::member(&db, of, Like::ready().created(minutes(2))).await;
    let ann = world::person(&db, "ann").await;
    let mut conn = db.read().await.unwrap();
    let before = workspaces::by_id(&mut conn, oldest).await.unwrap().unwrap();

    let taken = take(&db, (preset, t.version), ann, "mine", start()).await.unwrap().unwrap();
    assert_eq!((taken.id, taken.number), (oldest, 2));
    assert_eq!(taken.prebuild_name, before.name);
    let after = workspaces::by_id(&mut conn, oldest).await.unwrap().unwrap();
    assert_eq!((after.owner_id, after.name.as_str()), (ann, "mine"));
    assert_eq!(after.claimed_at.map(DateTime::from), Some(minutes(60)));
    assert_eq!(after.last_used_at, minutes(60));
    assert_eq!(after.ttl_ms, Some(3_600_000));
    assert_eq!((after.latest_status, after.ready), (JobStatus::Pending, false));
    assert_eq!(after.prebuild_name, Some(before.name));
    assert_eq!(after.created_at, before.created_at);
});

on_both_databases!(only_an_eligible_member_can_be_taken, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    let ann = world::person(&db, "ann").await;
    let of = (t.id, t.version, preset);
    world::member(&db, of, Like { ready: false, ..Like::ready() }).await;
    world::member(&db, of, Like { ready: true, ..Like::build(Transition::Start, JobStatus::Failed) }).await;
    world::member(&db, of, Like { ready: true, ..Like::build(Transition::Stop, JobStatus::Succeeded) }).await;
    let expired = world::member(&db, of, Like::ready()).await;
    let other = world::version(&db, t.id, "v2").await;
    let take = |version: VersionId, not_before| {
        let db = db.clone();
        async move { take(&db, (preset, version), ann, "mine", not_before).await.unwrap() }
    };
    assert_eq!(take(t.version, start() + TimeDelta::microseconds(1)).await, None);
    assert_eq!(take(other, start()).await, None);
    let taken: WorkspaceId = take(t.version, start()).await.unwrap().id;
    assert_eq!(taken, expired);
});

on_both_databases!(a_name_that_the_owner_uses_is_a_unique_violation_and_takes_nothing, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    let of = (t.id, t.version, preset);
    world::member(&db, of, Like::ready()).await;
    let left = world::member(&db, of, Like::ready().created(minutes(1))).await;
    let ann = world::person(&db, "ann").await;
    take(&db, (preset, t.version), ann, "mine", start()).await.unwrap().unwrap();
    let again = take(&db, (preset, t.version), ann, "MINE", start()).await;
    assert!(again.unwrap_err().is_unique_violation());
    let bob = world::person(&db, "bob").await;
    let taken = take(&db, (preset, t.version), bob, "mine", start()).await.unwrap().unwrap();
    assert_eq!(taken.id, left);
});
