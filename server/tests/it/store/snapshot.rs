use chrono::TimeDelta;
use hearth_prebuilds::{
    ids::WorkspaceId,
    snapshot::{GlobalPause, InProgress, PresetSnapshot},
};
use hearth_server::{
    execute,
    store::{
        Db,
        builds::Transition::{self, Delete, Start, Stop},
        jobs::JobStatus::{self, Canceled, Canceling, Failed, Pending, Running, Succeeded},
        snapshot::{self, Past, PresetRead},
    },
};

use crate::{
    on_both_databases,
    support::{
        statements,
        world::{self, Like, minutes, start},
    },
};

async fn read(db: &Db) -> Vec<PresetRead> {
    let past = Past { since: start(), hard_limit: 3 };
    snapshot::read(db, past).await.unwrap().presets
}

async fn of_one_member(db: &Db, transition: Transition, status: JobStatus) -> (PresetSnapshot, WorkspaceId) {
    let t = world::template(db, &format!("{}-{}", transition.as_str(), status.as_str())).await;
    let preset = world::preset(db, (t.id, t.version), "small", 2).await;
    let member = world::member(db, (t.id, t.version, preset), Like::build(transition, status)).await;
    let mut read = read(db).await;
    read.retain(|p| p.snapshot.id == preset);
    (read.remove(0).snapshot, member)
}

/// What a member counts as: running, failed, pending, and in progress.
fn counted(p: &PresetSnapshot) -> (Vec<WorkspaceId>, Vec<WorkspaceId>, Vec<WorkspaceId>, InProgress) {
    (
        p.running.iter().map(|m| m.id).collect(),
        p.failed.iter().map(|m| m.id).collect(),
        p.pending.clone(),
        p.in_progress,
    )
}

on_both_databases!(a_member_counts_by_its_latest_build, |db| async {
    let none = InProgress::default();
    let starting = InProgress { starting: 1, ..none };
    let (p, m) = of_one_member(&db, Start, Succeeded).await;
    assert_eq!(counted(&p), (vec![m], vec![], vec![], none));
    let (p, m) = of_one_member(&db, Start, Pending).await;
    assert_eq!(counted(&p), (vec![], vec![], vec![m], starting));
    for status in [Running, Canceling] {
        let (p, _) = of_one_member(&db, Start, status).await;
        assert_eq!(counted(&p), (vec![], vec![], vec![], starting), "{status:?}");
    }
    for status in [Failed, Canceled] {
        let (p, m) = of_one_member(&db, Start, status).await;
        assert_eq!(counted(&p), (vec![], vec![m], vec![], none), "{status:?}");
    }
    for status in [Pending, Running, Canceling] {
        let (p, _) = of_one_member(&db, Stop, status).await;
        assert_eq!(counted(&p), (vec![], vec![], vec![], InProgress { stopping: 1, ..none }), "{status:?}");
        let (p, _) = of_one_member(&db, Delete, status).await;
        assert_eq!(counted(&p), (vec![], vec![], vec![], InProgress { deleting: 1, ..none }), "{status:?}");
    }
    for (transition, status) in
        [(Stop, Succeeded), (Stop, Failed), (Stop, Canceled), (Delete, Failed), (Delete, Succeeded)]
    {
        let (p, _) = of_one_member(&db, transition, status).await;
        assert_eq!(counted(&p), (vec![], vec![], vec![], none), "{transition:?} {status:?}");
    }
});

on_both_databases!(a_claimed_workspace_is_no_member, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    let member = world::member(&db, (t.id, t.version, preset), Like::ready()).await;
    let ann = world::person(&db, "ann").await;
    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE workspaces SET owner_id = $2, claimed_at = 1 WHERE id = $1", member.0, ann.0)
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read(&db).await[0].snapshot.running, []);
});

on_both_databases!(an_older_version_is_read_only_while_it_has_members, |db| async {
    let t = world::template(&db, "web").await;
    let old = world::preset(&db, (t.id, t.version), "small", 2).await;
    let v2 = world::version(&db, t.id, "v22").await;
    let new = world::preset(&db, (t.id, v2), "small", 3).await;
    let ids = |reads: Vec<PresetRead>| {
        reads.into_iter().map(|p| (p.snapshot.id, p.snapshot.version_active)).collect::<Vec<_>>()
    };
    assert_eq!(ids(read(&db).await), [(old, true)]);
    let member = world::member(&db, (t.id, t.version, old), Like::ready()).await;
    world::activate(&db, t.id, v2).await;
    assert_eq!(ids(read(&db).await), [(old, false), (new, true)]);
    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE workspaces SET deleted = TRUE WHERE id = $1", member.0).unwrap();
    execute!(tx, "UPDATE presets SET instances = NULL WHERE id = $1", new.0).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ids(read(&db).await), []);
});

on_both_databases!(a_deleted_template_is_read_while_it_has_members, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    world::member(&db, (t.id, t.version, preset), Like::ready()).await;
    let empty = world::template(&db, "api").await;
    world::preset(&db, (empty.id, empty.version), "small", 2).await;
    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE templates SET deleted = TRUE").unwrap();
    tx.commit().await.unwrap();
    let read = read(&db).await;
    assert_eq!(read.len(), 1);
    assert!(read[0].snapshot.template_deleted);
});

on_both_databases!(failures_of_the_look_back_and_the_newest_builds_are_read, |db| async {
    let t = world::template(&db, "web").await;
    let busy = world::preset(&db, (t.id, t.version), "busy", 2).await;
    let quiet = world::preset(&db, (t.id, t.version), "quiet", 1).await;
    let build = |preset, minute, status| {
        let (db, t) = (db.clone(), t.clone());
        let like = Like::build(Start, status).created(minutes(minute));
        async move { world::member(&db, (t.id, t.version, preset), like).await }
    };
    for minute in 0..6 {
        build(quiet, minute, Succeeded).await;
        build(busy, minute, if minute == 1 { Failed } else { Succeeded }).await;
    }
    build(busy, -30, Failed).await;
    build(busy, 7, Canceled).await;
    let times = |p: &PresetSnapshot| {
        let mut builds: Vec<_> = p.start_builds.iter().map(|b| (b.finished_at, b.succeeded)).collect();
        builds.sort();
        builds
    };
    let read = read(&db).await;
    assert_eq!(
        times(&read[0].snapshot),
        [(minutes(1), false), (minutes(3), true), (minutes(4), true), (minutes(5), true)]
    );
    assert_eq!(times(&read[1].snapshot), [(minutes(3), true), (minutes(4), true), (minutes(5), true)]);
});

on_both_databases!(pauses_override_and_schedule_are_read_with_their_names, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    let ann = world::person(&db, "ann").await;
    let mut tx = db.write().await.unwrap();
    execute!(
        tx,
        "UPDATE pools SET paused_by = $1, paused_at = $2, pause_note = 'maintenance', override_instances = 7,
         override_until = $3, failures_reset_at = $2",
        ann.0,
        minutes(1).timestamp_micros(),
        minutes(9).timestamp_micros()
    )
    .unwrap();
    execute!(tx, "UPDATE presets SET schedule_timezone = 'Europe/Berlin', ttl_seconds = 60").unwrap();
    for (position, cron) in [(1_i64, "* 20 * * *"), (0, "* 8 * * *")] {
        execute!(
            tx,
            "INSERT INTO preset_schedules (preset_id, position, cron, instances) VALUES ($1, $2, $3, 4)",
            preset.0,
            position,
            cron
        )
        .unwrap();
    }
    execute!(
        tx,
        "INSERT INTO settings (name, value, updated_at, updated_by) VALUES ('prebuilds.paused', $1, 0, $2)",
        sqlx::types::Json(serde_json::json!({ "by": ann.0, "at": "2026-01-05T09:03:00Z", "note": "all" })),
        ann.0
    )
    .unwrap();
    tx.commit().await.unwrap();
    let read = snapshot::read(&db, Past { since: start(), hard_limit: 3 }).await.unwrap();
    let GlobalPause::Paused(Some(all)) = read.paused else { panic!("not paused") };
    assert_eq!((all.by.as_str(), all.at, all.note.as_str()), ("ann", minutes(3), "all"));
    let p = &read.presets[0].snapshot;
    let pause = p.paused.clone().unwrap();
    assert_eq!((pause.by.as_str(), pause.at, pause.note.as_str()), ("ann", minutes(1), "maintenance"));
    let o = p.override_.clone().unwrap();
    assert_eq!((o.instances, o.until), (7, minutes(9)));
    let s = p.scheduling.clone().unwrap();
    assert_eq!(s.timezone, "Europe/Berlin");
    let crons: Vec<_> = s.schedules.iter().map(|s| s.cron.as_str()).collect();
    assert_eq!(crons, ["* 8 * * *", "* 20 * * *"]);
    assert_eq!((p.ttl_seconds, p.failures_reset_at), (Some(60), Some(minutes(1))));
});

on_both_databases!(the_snapshot_is_taken_while_others_write, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    let writer = {
        let (db, t) = (db.clone(), t.clone());
        tokio::spawn(async move {
            for n in 0..20 {
                let like = Like::ready().created(start() + TimeDelta::seconds(n));
                world::member(&db, (t.id, t.version, preset), like).await;
            }
        })
    };
    while !writer.is_finished() {
        let read = read(&db).await;
        let p = &read[0].snapshot;
        // A member and its build are written together, so there is never one without the other.
        assert_eq!(p.in_progress, InProgress::default());
        assert!(p.running.len() <= 20);
    }
    writer.await.unwrap();
    assert_eq!(read(&db).await[0].snapshot.running.len(), 20);
});

#[tokio::test]
async fn a_snapshot_of_a_hundred_pools_takes_as_many_statements_as_one_of_a_single_pool() {
    let db = crate::support::databases::postgres().await;
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    world::member(&db, (t.id, t.version, preset), Like::ready()).await;
    let (_, for_one) = statements::of(async || read(&db).await.len()).await;
    assert!(for_one >= 5, "{for_one}");
    for n in 0..99 {
        let preset = world::preset(&db, (t.id, t.version), &format!("p{n}"), 2).await;
        world::member(&db, (t.id, t.version, preset), Like::build(Start, Failed)).await;
    }
    let (pools, for_all) = statements::of(async || read(&db).await.len()).await;
    assert_eq!((pools, for_all), (100, for_one));
}
