use std::collections::HashSet;

use chrono::TimeDelta;
use hearth_app::{backend::Role, view::PoolAct};
use hearth_prebuilds::ids::WorkspaceId;
use hearth_provisioner::engine::Stage;
use hearth_server::{
    backend::{acts, pool_acts},
    engine::reconcile::Reconciler,
    events::Event,
    execute, one,
    store::{decisions, jobs::JobStatus, workspaces::Workspace},
};
use serde_json::json;

use super::claim::claim;
use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        works::{Come, Works},
        world,
    },
};

async fn set_instances(works: &Works, preset: hearth_prebuilds::ids::PresetId, instances: i64) {
    let mut tx = works.db().write().await.unwrap();
    execute!(tx, "UPDATE presets SET instances = $2 WHERE id = $1", preset.0, instances).unwrap();
    tx.commit().await.unwrap();
    works.hearth.events.publish(Event::Templates);
}

fn ids(members: &[Workspace]) -> Vec<WorkspaceId> {
    members.iter().map(|member| member.id).collect()
}

on_both_databases!(a_pool_is_filled_and_then_left_alone, |db| async {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 3).await;
    let mut works = Works::new(db);
    works.start();
    works.until_running(3).await;
    works.agents_get_ready().await;
    let filled = works.members().await;
    let names: HashSet<_> = filled.iter().map(|member| member.name.clone()).collect();
    assert_eq!(names.len(), 3);
    assert!(
        filled.iter().all(|member| member.ready && member.prebuilt_at.is_some() && member.ttl_ms.is_none())
    );
    let pass = works.hearth.last_pass.get().unwrap().number;
    works.hearth.events.publish(Event::Settings);
    works.until("another pass", async |works| works.hearth.last_pass.get().unwrap().number > pass).await;
    assert_eq!(ids(&works.members().await), ids(&filled));
    // What a pass leaves alone is not in the record.
    let made = world::acts(works.db(), "reconciler").await;
    let made: HashSet<_> = made.into_iter().map(|(verb, name, _)| (verb, name)).collect();
    assert_eq!(made, names.into_iter().map(|name| ("create".to_owned(), name)).collect());
    assert_eq!(world::acts(works.db(), "system").await, []);
    works.stop().await;
});

on_both_databases!(a_smaller_pool_gives_up_its_oldest_members, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 4).await;
    let mut works = Works::new(db);
    works.start();
    works.until_running(4).await;
    let before = works.members().await;
    set_instances(&works, preset, 1).await;
    works.until_running(1).await;
    assert_eq!(ids(&works.members().await), [before[3].id]);
    let deleted: Vec<_> =
        works.terraform.seen().into_iter().filter(|(stage, _)| *stage == Stage::Delete).collect();
    assert_eq!(deleted.len(), 3);
    works.stop().await;
});

on_both_databases!(a_new_version_drains_the_old_one, |db| async {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 2).await;
    let mut works = Works::new(db);
    works.start();
    works.until_running(2).await;
    let before = ids(&works.members().await);
    let v2 = world::version(works.db(), t.id, "v22").await;
    let new = world::preset(works.db(), (t.id, v2), "small", 1).await;
    world::activate(works.db(), t.id, v2).await;
    works.hearth.events.publish(Event::Templates);
    works
        .until("only members of the new version", async |works| {
            let members = works.members().await;
            members.len() == 1
                && members[0].preset_id == Some(new.0)
                && members[0].latest_status == JobStatus::Succeeded
        })
        .await;
    assert!(!before.contains(&works.members().await[0].id));
    works.stop().await;
});

on_both_databases!(waiting_builds_of_an_inactive_version_are_closed_without_terraform, |db| async {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 3).await;
    let works = Works::new(db);
    let mut reconciler = Reconciler::new(works.hearth.clone()).await.unwrap();
    reconciler.pass().await.unwrap();
    let waiting = ids(&works.members().await);
    assert_eq!(waiting.len(), 3);
    let v2 = world::version(works.db(), t.id, "v22").await;
    world::activate(works.db(), t.id, v2).await;
    reconciler.pass().await.unwrap();
    assert_eq!(ids(&works.members().await), []);
    for id in waiting {
        let build = works.builds(id).await.remove(0);
        assert_eq!(build.status, JobStatus::Canceled);
        assert!(works.workspace(id).await.deleted);
    }
    let canceled = world::acts(works.db(), "reconciler").await.split_off(3);
    let why = json!({ "template": "web", "preset": "small", "reason": "inactive" });
    assert!(
        canceled.iter().all(|(verb, _, after)| (verb.as_str(), after) == ("cancel", &why)),
        "{canceled:?}"
    );
    assert_eq!(canceled.len(), 3);
});

on_both_databases!(a_failing_template_is_tried_later_and_then_not_at_all, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 1).await;
    world::admin(&db, "root").await;
    let mut works = Works::new(db);
    works.terraform.lets(Stage::Create, Come::Wrong("no quota\nsecond line".to_owned()));
    works.start();
    let failures = async |works: &Works| works.terraform.seen().len();
    works.until("the first failure", async |works| has_failed(works, 1).await).await;
    // The back-off holds: another pass makes nothing.
    let pass = works.hearth.last_pass.get().unwrap().number;
    works.hearth.events.publish(Event::Settings);
    works.until("another pass", async |works| works.hearth.last_pass.get().unwrap().number > pass).await;
    assert_eq!(failures(&works).await, 1);
    for n in 2..=3 {
        works.hearth.clock.advance(TimeDelta::minutes(n));
        works.hearth.events.publish(Event::Settings);
        works.until("one more failure", async |works| has_failed(works, n).await).await;
    }
    works.until("hard-limited", async |works| health(works).await == "hard_limited").await;
    works.hearth.clock.advance(TimeDelta::hours(5));
    works.hearth.events.publish(Event::Settings);
    let pass = works.hearth.last_pass.get().unwrap().number;
    works.until("another pass", async |works| works.hearth.last_pass.get().unwrap().number > pass).await;
    assert_eq!(failures(&works).await, 3);
    let members = works.members().await;
    assert_eq!(works.builds(members[0].id).await[0].error, "no quota");
    let acts = world::acts(works.db(), "reconciler").await;
    let limited: Vec<_> = acts.iter().filter(|(verb, ..)| verb == "limit").collect();
    let after = json!({ "health": "hard_limited", "version": "v1" });
    assert_eq!(limited, [&("limit".to_owned(), "web/small".to_owned(), after)]);
    let mut conn = works.db().read().await.unwrap();
    let (told, failed): (i64, i64) = one!(
        conn,
        (i64, i64),
        "SELECT (SELECT COUNT(*) FROM notifications), (SELECT failed_total FROM pools)"
    )
    .unwrap();
    assert_eq!((told, failed), (1, 3));
    let decided = decisions::newest(&mut conn, preset).await.unwrap().unwrap();
    assert!(decided.decision.0.to_string().contains("hard_limited"));
    drop(conn);
    works.stop().await;
});

async fn has_failed(works: &Works, times: i64) -> bool {
    let members = works.members().await;
    members.iter().filter(|member| member.latest_status == JobStatus::Failed).count() as i64 == times
}

async fn health(works: &Works) -> String {
    let mut conn = works.db().read().await.unwrap();
    let (health,): (String,) = one!(conn, (String,), "SELECT health FROM presets").unwrap();
    health
}

on_both_databases!(a_pause_stops_creating_and_deleting_and_a_claim_is_still_served, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    let maria = actor(world::person(&db, "maria").await, "maria", Role::TemplateAdmin);
    let mut works = Works::new(db);
    works.start();
    works.until_running(2).await;
    works.agents_get_ready().await;
    acts::pause_all(&works.hearth, &maria, "maintenance").await.unwrap();
    set_instances(&works, preset, 1).await;
    let taken = claim(&works, &maria, "mine", true).await.unwrap();
    assert!(taken.from_pool);
    set_instances(&works, preset, 5).await;
    let pass = works.hearth.last_pass.get().unwrap().number;
    works.hearth.events.publish(Event::Settings);
    works.until("another pass", async |works| works.hearth.last_pass.get().unwrap().number > pass).await;
    assert_eq!(works.members().await.len(), 1);
    acts::resume_all(&works.hearth, &maria).await.unwrap();
    works.until_running(5).await;

    pool_acts::change(
        &works.hearth,
        &maria,
        ("web", "small"),
        None,
        &PoolAct::Pause { note: "too costly".to_owned() },
    )
    .await
    .unwrap();
    set_instances(&works, preset, 7).await;
    let pass = works.hearth.last_pass.get().unwrap().number;
    works.hearth.events.publish(Event::Settings);
    works.until("another pass", async |works| works.hearth.last_pass.get().unwrap().number > pass).await;
    assert_eq!(works.members().await.len(), 5);
    pool_acts::change(&works.hearth, &maria, ("web", "small"), None, &PoolAct::Resume).await.unwrap();
    works.until_running(7).await;
    works.stop().await;
});

on_both_databases!(one_presets_fault_does_not_stop_the_others, |db| async {
    let broken = world::template(&db, "a-broken").await;
    world::preset(&db, (broken.id, broken.version), "small", 1).await;
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 2).await;
    let mut tx = db.write().await.unwrap();
    execute!(
        tx,
        "UPDATE template_versions SET parameters = $2 WHERE id = $1",
        broken.version.0,
        sqlx::types::Json("not a list of parameters")
    )
    .unwrap();
    tx.commit().await.unwrap();
    let mut works = Works::new(db);
    works.start();
    works.until_running(2).await;
    assert!(works.members().await.iter().all(|member| member.template_id == t.id));
    works.stop().await;
});

on_both_databases!(what_changed_meanwhile_is_asked_again_before_acting, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 2).await;
    let works = Works::new(db);
    let mut reconciler = Reconciler::new(works.hearth.clone()).await.unwrap();
    let mut other = Reconciler::new(works.hearth.clone()).await.unwrap();
    // Two that both believe that they lead make no more than is wanted.
    let (one, two) = tokio::join!(reconciler.pass(), other.pass());
    one.and(two).unwrap();
    assert_eq!(works.members().await.len(), 2);
    set_instances(&works, preset, 0).await;
    assert_eq!(works.members().await.len(), 2);
});

on_both_databases!(the_same_decision_is_confirmed_and_not_written_again, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 0).await;
    let works = Works::new(db);
    let mut reconciler = Reconciler::new(works.hearth.clone()).await.unwrap();
    reconciler.pass().await.unwrap();
    works.hearth.clock.advance(TimeDelta::minutes(1));
    reconciler.pass().await.unwrap();
    let mut after_restart = Reconciler::new(works.hearth.clone()).await.unwrap();
    works.hearth.clock.advance(TimeDelta::minutes(1));
    after_restart.pass().await.unwrap();
    let mut conn = works.db().read().await.unwrap();
    let (rows,): (i64,) = one!(conn, (i64,), "SELECT COUNT(*) FROM decisions").unwrap();
    assert_eq!(rows, 1);
    let decided = decisions::newest(&mut conn, preset).await.unwrap().unwrap();
    assert!(decided.confirmed_at - decided.decided_at >= TimeDelta::minutes(2));
});

on_both_databases!(a_pool_in_another_organization_makes_the_system_user_its_member, |db| async {
    let organization = world::organization(&db, "other").await;
    let t = world::template_in(&db, organization, "web").await;
    world::preset_without_pool_row(&db, (t.id, t.version), "small", 0).await;
    let works = Works::new(db);
    Reconciler::new(works.hearth.clone()).await.unwrap().pass().await.unwrap();
    let mut conn = works.db().read().await.unwrap();
    let (members, in_group, quota): (i64, i64, i64) = one!(
        conn,
        (i64, i64, i64),
        "SELECT (SELECT COUNT(*) FROM organization_members WHERE organization_id = $1),
             (SELECT COUNT(*) FROM group_members m JOIN groups g ON g.id = m.group_id WHERE g.organization_id = $1),
             (SELECT quota FROM groups WHERE organization_id = $1 AND name = 'prebuilds')",
        organization.0
    )
    .unwrap();
    assert_eq!((members, in_group, quota), (1, 1, 0));
});
