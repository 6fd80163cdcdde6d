use chrono::TimeDelta;
use hearth_app::view::QueueView;
use hearth_server::{
    backend::{acts, frame::frame},
    engine::LastPass,
    error::Error,
    one,
    store::pulse::{self, Pass},
};

use super::scene::Scene;
use crate::on_both_databases;

on_both_databases!(every_replica_knows_the_last_pass_and_that_one_is_overdue, |db| async move {
    let scene = Scene::new(db).await;
    scene.pass().await;
    let mut replica = scene.hearth.clone();
    replica.last_pass = LastPass::default();
    let told = frame(&replica, &scene.maria).await.unwrap();
    let pass = told.last_pass.unwrap();
    assert_eq!(told.notices.stalled_since, None);
    replica.clock.advance(TimeDelta::minutes(3));
    let told = frame(&replica, &scene.maria).await.unwrap();
    assert_eq!(told.notices.stalled_since, Some(pass.at));
    assert_eq!(frame(&replica, &scene.tom).await.unwrap().notices, Default::default());
    scene.pass().await;
    assert_eq!(frame(&replica, &scene.maria).await.unwrap().notices.stalled_since, None);
});

on_both_databases!(a_pass_that_takes_longer_than_the_interval_is_told, |db| async move {
    let scene = Scene::new(db).await;
    let at = scene.hearth.clock.now();
    let pass = Pass { number: 7, at, took_ms: 3_600_000, next: at + TimeDelta::minutes(1) };
    let mut tx = scene.db().write().await.unwrap();
    pulse::record(&mut tx, &pass).await.unwrap();
    tx.commit().await.unwrap();
    let told = frame(&scene.hearth, &scene.maria).await.unwrap();
    assert_eq!(told.notices.slow_pass.unwrap().took_ms, 3_600_000);
});

on_both_databases!(
    who_waits_behind_prebuild_jobs_is_told_and_the_pending_ones_can_be_canceled,
    |db| async move {
        let scene = Scene::new(db).await;
        scene.pass().await;
        scene.take_job().await;
        assert!(!scene.claim(&scene.tom, "first").await.from_pool);
        assert!(!scene.claim(&scene.tom, "second").await.from_pool);
        let queue = async || frame(&scene.hearth, &scene.maria).await.unwrap().notices.queue;
        assert_eq!(queue().await, None, "nobody has waited for long");
        scene.hearth.clock.advance(TimeDelta::minutes(2));
        assert_eq!(queue().await, Some(QueueView { people: 1, prebuild_jobs: 2, pending: 1 }));

        let refused = acts::cancel_pending(&scene.hearth, &scene.tom).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        acts::cancel_pending(&scene.hearth, &scene.maria).await.unwrap();
        assert_eq!(queue().await, Some(QueueView { people: 1, prebuild_jobs: 1, pending: 0 }));
        let mut conn = scene.db().read().await.unwrap();
        let recorded = "SELECT COUNT(*) FROM audit WHERE verb = 'cancel_pending' AND actor_id = $1";
        let (recorded,): (i64,) = one!(conn, (i64,), recorded, scene.maria.user_id.0).unwrap();
        assert_eq!(recorded, 1);
        drop(conn);
        let again = acts::cancel_pending(&scene.hearth, &scene.maria).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        scene.pass().await;
        assert_eq!(
            queue().await,
            Some(QueueView { people: 1, prebuild_jobs: 2, pending: 1 }),
            "a later pass refills"
        );
    }
);
