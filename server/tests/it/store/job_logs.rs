use hearth_prebuilds::ids::SYSTEM_USER;
use hearth_server::{
    clock::new_id,
    store::{
        job_logs::{self, Extent, NewLine},
        jobs::{self, JobKind, Lane, NewJob},
    },
};

use crate::{
    on_both_databases,
    support::world::{ORGANIZATION, start},
};

on_both_databases!(lines_come_back_in_the_order_they_were_appended, |db| async {
    let job = NewJob {
        id: new_id(),
        organization_id: ORGANIZATION,
        kind: JobKind::Import,
        subject_id: new_id(),
        generation: 1,
        lane: Lane::People,
        is_delete: false,
        initiator_id: SYSTEM_USER,
    };
    let line = |n: usize| NewLine {
        at: start().timestamp_micros() + n as i64,
        source: "provisioner",
        level: "info",
        stage: "Plan".to_owned(),
        output: format!("line {n}: \"quoted\" \\ \u{1f525}\t'; DROP TABLE jobs"),
    };
    let mut tx = db.write().await.unwrap();
    jobs::insert(&mut tx, &job, start()).await.unwrap();
    job_logs::append(&mut tx, job.id, &(0..12).map(line).collect::<Vec<_>>()).await.unwrap();
    job_logs::append(&mut tx, job.id, &(12..15).map(line).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();

    let mut conn = db.read().await.unwrap();
    let all = job_logs::after(&mut conn, job.id, 0, 100).await.unwrap();
    let outputs: Vec<_> = all.iter().map(|line| line.output.clone()).collect();
    assert_eq!(outputs, (0..15).map(|n| line(n).output).collect::<Vec<_>>());
    assert_eq!(all[3].created_at.timestamp_micros(), line(3).at);
    assert_eq!(job_logs::after(&mut conn, job.id, all[9].id, 2).await.unwrap(), all[10..12]);
    assert_eq!(job_logs::part(&mut conn, job.id, 11, 100).await.unwrap(), all[11..]);
    assert_eq!(job_logs::part(&mut conn, job.id, 3, 2).await.unwrap(), all[3..5]);
    let extent = Extent { total: 15, first_error: 0 };
    assert_eq!(job_logs::extent(&mut conn, job.id).await.unwrap(), extent);
    drop(conn);

    let mut tx = db.write().await.unwrap();
    let error = |n| NewLine { level: "error", ..line(n) };
    job_logs::append(&mut tx, job.id, &[line(15), error(16), error(17)]).await.unwrap();
    let extent = Extent { total: 18, first_error: 17 };
    assert_eq!(job_logs::extent(&mut tx, job.id).await.unwrap(), extent);
});
