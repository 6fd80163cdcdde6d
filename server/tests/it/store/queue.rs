use chrono::TimeDelta;
use hearth_prebuilds::ids::{JobId, SYSTEM_USER};
use hearth_server::{
    clock::new_id,
    store::{
        Db,
        jobs::{self, Ending, JobKind, JobStatus, Lane, Lease, NewJob},
    },
};
use uuid::Uuid;

use crate::{
    on_both_databases,
    support::world::{ORGANIZATION, minutes, start},
};

fn import(lane: Lane, is_delete: bool) -> NewJob {
    NewJob {
        id: new_id(),
        organization_id: ORGANIZATION,
        kind: JobKind::Import,
        subject_id: new_id::<Uuid>(),
        generation: 1,
        lane,
        is_delete,
        initiator_id: SYSTEM_USER,
    }
}

async fn queue(db: &Db, jobs: &[NewJob]) {
    for (minute, job) in (0..).zip(jobs) {
        let mut tx = db.write().await.unwrap();
        jobs::insert(&mut tx, job, minutes(minute)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn lease(db: &Db, lane: Lane) -> Option<Lease> {
    let mut tx = db.write().await.unwrap();
    let lease = jobs::lease(&mut tx, "worker", lane, minutes(10)).await.unwrap();
    tx.commit().await.unwrap();
    lease
}

async fn finish(db: &Db, lease: &Lease, ending: Ending) -> bool {
    let mut tx = db.write().await.unwrap();
    let done = jobs::finish(&mut tx, lease.id, lease.fence, &ending, minutes(11)).await.unwrap();
    tx.commit().await.unwrap();
    done
}

on_both_databases!(people_come_first_and_in_the_pool_deletes_come_before_creates, |db| async {
    let (create, delete, person, another) = (
        import(Lane::Pool, false),
        import(Lane::Pool, true),
        import(Lane::People, false),
        import(Lane::People, false),
    );
    queue(&db, &[create.clone(), delete.clone(), person.clone(), another.clone()]).await;
    let mut taken: Vec<JobId> = Vec::new();
    while let Some(lease) = lease(&db, Lane::Pool).await {
        taken.push(lease.id);
    }
    assert_eq!(taken, [person.id, another.id, delete.id, create.id]);
});

on_both_databases!(a_worker_for_people_leaves_the_pool_alone, |db| async {
    queue(&db, &[import(Lane::Pool, true)]).await;
    assert!(!jobs::anything_pending(&mut db.read().await.unwrap(), Lane::People).await.unwrap());
    assert_eq!(lease(&db, Lane::People).await, None);
    assert!(jobs::anything_pending(&mut db.read().await.unwrap(), Lane::Pool).await.unwrap());
    assert!(lease(&db, Lane::Pool).await.is_some());
});

on_both_databases!(twenty_workers_never_get_the_same_job, |db| async {
    let jobs: Vec<NewJob> = (0..30).map(|_| import(Lane::Pool, false)).collect();
    queue(&db, &jobs).await;
    let workers = (0..20).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            while let Some(lease) = lease(&db, Lane::Pool).await {
                mine.push(lease.id);
            }
            mine
        })
    });
    let mut taken: Vec<JobId> = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        taken.extend(worker.await.unwrap());
    }
    taken.sort();
    let mut queued: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    queued.sort();
    assert_eq!(taken, queued);
});

on_both_databases!(a_job_is_inserted_at_most_once_by_its_natural_key, |db| async {
    let job = import(Lane::People, false);
    queue(&db, std::slice::from_ref(&job)).await;
    let mut tx = db.write().await.unwrap();
    let again = NewJob { id: new_id(), ..job };
    assert!(jobs::insert(&mut tx, &again, start()).await.unwrap_err().is_unique_violation());
});

on_both_databases!(the_late_result_of_an_attempt_that_was_given_up_is_refused, |db| async {
    queue(&db, &[import(Lane::People, false)]).await;
    let first = lease(&db, Lane::People).await.unwrap();
    let mut tx = db.write().await.unwrap();
    assert!(jobs::requeue(&mut tx, first.id, first.fence).await.unwrap());
    tx.commit().await.unwrap();
    let second = lease(&db, Lane::People).await.unwrap();
    assert_eq!((second.id, second.fence), (first.id, first.fence + 1));

    assert!(!finish(&db, &first, Ending::succeeded()).await);
    let mut tx = db.write().await.unwrap();
    assert_eq!(jobs::beat(&mut tx, first.id, first.fence, minutes(11)).await.unwrap(), None);
    assert!(!jobs::set_state_secret(&mut tx, first.id, first.fence, b"hash").await.unwrap());
    drop(tx);
    assert!(finish(&db, &second, Ending::failed("no quota")).await);
    let job = jobs::by_id(&mut db.read().await.unwrap(), first.id).await.unwrap().unwrap();
    assert_eq!((job.status, job.error.as_str()), (JobStatus::Failed, "no quota"));
});

on_both_databases!(a_job_without_a_heart_beat_is_abandoned, |db| async {
    queue(&db, &[import(Lane::People, false), import(Lane::People, false)]).await;
    let (silent, alive) = (lease(&db, Lane::People).await.unwrap(), lease(&db, Lane::People).await.unwrap());
    let later = minutes(10) + TimeDelta::seconds(20);
    let mut tx = db.write().await.unwrap();
    assert_eq!(jobs::beat(&mut tx, alive.id, alive.fence, later).await.unwrap(), Some(JobStatus::Running));
    let dead_after = later - TimeDelta::seconds(15);
    assert_eq!(jobs::abandoned(&mut tx, "other", dead_after).await.unwrap(), [silent]);
    assert_eq!(jobs::abandoned(&mut tx, "worker", dead_after).await.unwrap(), []);
});

on_both_databases!(cancelling_ends_a_waiting_job_and_asks_the_holder_of_a_running_one, |db| async {
    queue(&db, &[import(Lane::People, false), import(Lane::People, false)]).await;
    let running = lease(&db, Lane::People).await.unwrap();
    let mut tx = db.write().await.unwrap();
    assert_eq!(jobs::cancel(&mut tx, running.id, minutes(11)).await.unwrap(), Some(JobStatus::Canceling));
    assert_eq!(jobs::cancel(&mut tx, running.id, minutes(11)).await.unwrap(), None);
    assert_eq!(
        jobs::held_status(&mut tx, running.id, running.fence).await.unwrap(),
        Some(JobStatus::Canceling)
    );
    tx.commit().await.unwrap();
    assert!(finish(&db, &running, Ending::canceled()).await);

    let waiting = lease(&db, Lane::People).await.unwrap();
    let mut tx = db.write().await.unwrap();
    assert!(jobs::requeue(&mut tx, waiting.id, waiting.fence).await.unwrap());
    assert_eq!(jobs::cancel(&mut tx, waiting.id, minutes(12)).await.unwrap(), Some(JobStatus::Canceled));
    assert!(jobs::by_id(&mut tx, waiting.id).await.unwrap().unwrap().completed_at.is_some());
});
