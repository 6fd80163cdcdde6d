//! The record of acts.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::ids::{SYSTEM_USER, UserId};
use hearth_server::store::{
    Db,
    audit::{self, Act, Filter},
    place::Place,
};

use crate::{
    on_both_databases,
    support::world::{person, start},
};

async fn acted(db: &Db, actor: UserId, at: DateTime<Utc>) {
    let mut tx = db.write().await.unwrap();
    let (target_type, target_id) = ("workspace", "1".to_owned());
    let act =
        Act { actor, verb: "create", target_type, target_id, target_name: "x", before: None, after: None };
    audit::record(&mut tx, act, at).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_databases!(what_hearth_did_is_forgotten_a_piece_at_a_time_and_what_people_did_is_not, |db| async {
    let ann = person(&db, "ann").await;
    for actor in [SYSTEM_USER, SYSTEM_USER, ann] {
        acted(&db, actor, start()).await;
    }
    let later = start() + TimeDelta::days(1);
    acted(&db, SYSTEM_USER, later).await;
    let forget = async |limit| {
        let mut tx = db.write().await.unwrap();
        let forgotten = audit::forget_own(&mut tx, later, limit).await.unwrap();
        tx.commit().await.unwrap();
        forgotten
    };
    assert_eq!([forget(1).await, forget(10).await, forget(10).await], [1, 1, 0]);
    let left =
        audit::list(&mut db.read().await.unwrap(), &Filter::default(), Place::end(), (10, 0)).await.unwrap();
    assert_eq!(left.iter().map(|act| act.actor.as_str()).collect::<Vec<_>>(), ["reconciler", "ann"]);
});
