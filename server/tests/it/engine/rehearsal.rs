use chrono::TimeDelta;
use hearth_app::backend::Role;
use hearth_prebuilds::{
    ids::{PresetId, WorkspaceId},
    pool_state::DriftState,
};
use hearth_provisioner::rehearsal::{Blame, Cause, Field, Hop, Rehearsed, Verdict};
use hearth_server::{
    backend,
    error::Error,
    events::Event,
    one,
    store::{
        drift::{self, CauseStatus},
        rehearsals::{self, Rehearsal},
    },
};

use super::{
    claim::{claim, id, prepared},
    drift::replacement,
};
use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        works::{Come, Works},
        world,
    },
};

pub fn clean() -> Rehearsed {
    Rehearsed { verdict: Verdict::Clean, ..Rehearsed::unknown("") }
}

pub fn replacing(address: &str) -> Rehearsed {
    let hop = Hop { what: "local.boot".to_owned(), file: "main.tf".to_owned(), line: 7 };
    Rehearsed {
        verdict: Verdict::Replaces { replacements: vec![replacement(address)] },
        blame: vec![Blame {
            address: address.to_owned(),
            cause: Cause::Fields { fields: vec![Field::OwnerName] },
            follows: None,
            path: vec![hop],
        }],
        ..Rehearsed::unknown("")
    }
}

async fn preset_of(works: &Works) -> PresetId {
    works.members().await[0].preset_id.unwrap().into()
}

/// Newest first.
async fn all(works: &Works, preset: PresetId) -> Vec<Rehearsal> {
    rehearsals::of_preset(&mut works.db().read().await.unwrap(), preset, 100).await.unwrap()
}

fn verdicts(rehearsals: &[Rehearsal]) -> Vec<Option<&str>> {
    rehearsals.iter().map(|it| it.verdict.as_deref()).collect()
}

pub async fn until_finished(works: &Works, preset: PresetId, count: usize) {
    works
        .until("that many rehearsals finished", async |works| {
            let found = all(works, preset).await;
            found.len() == count && found.iter().all(|it| it.finished_at.is_some())
        })
        .await;
}

async fn another_pass(works: &Works) {
    let pass = works.hearth.last_pass.get().unwrap().number;
    works.hearth.events.publish(Event::Settings);
    works.until("two passes", async |works| works.hearth.last_pass.get().unwrap().number > pass).await;
}

pub async fn a_ready_pool(works: &Works) -> PresetId {
    works.until_running(1).await;
    works.agents_get_ready().await;
    works.hearth.events.publish(Event::Settings);
    preset_of(works).await
}

on_both_databases!(
    a_pool_is_rehearsed_once_when_its_first_member_is_ready_and_again_after_a_day,
    |db| async {
        let t = world::template(&db, "web").await;
        world::preset(&db, (t.id, t.version), "small", 1).await;
        let root = actor(world::admin(&db, "root").await, "root", Role::Owner);
        let mut works = Works::new(db);
        works.terraform.rehearses(replacing("docker_container.dev[0]"));
        works.start();
        works.until_running(1).await;
        another_pass(&works).await;
        assert_eq!(works.terraform.rehearsals().len(), 0, "nobody is ready");
        let preset = a_ready_pool(&works).await;
        until_finished(&works, preset, 1).await;
        another_pass(&works).await;
        assert_eq!(verdicts(&all(&works, preset).await), [Some("replaces")]);
        let view = backend::preset::preset(&works.hearth, &root, ("web", "small"), &Default::default())
            .await
            .unwrap();
        let DriftState::Replaces { count: 1, resource, attribute } = view.pool.drift else { panic!() };
        assert_eq!((resource.as_str(), attribute.as_str()), ("docker_container.dev[0]", "env[0]"));
        let shown = view.rehearsal.unwrap();
        assert_eq!(shown.member, works.members().await[0].name);
        assert_eq!(shown.replaced[0].path[0].place, "main.tf:7");

        works.terraform.rehearses(clean());
        works.hearth.clock.advance(TimeDelta::hours(25));
        works.hearth.events.publish(Event::Settings);
        until_finished(&works, preset, 2).await;
        let view = backend::preset::preset(&works.hearth, &root, ("web", "small"), &Default::default())
            .await
            .unwrap();
        assert!(matches!(view.pool.drift, DriftState::Clean { .. }));
        works.stop().await;
    }
);

on_both_databases!(a_member_that_is_claimed_meanwhile_breaks_nothing_and_the_next_is_rehearsed, |db| async {
    let hanging = |works: &Works| {
        works.terraform.rehearses(clean());
        works.terraform.lets_rehearsals(Come::Hanging);
    };
    let (mut works, ann) = prepared(db, 1, hanging).await;
    let preset = a_ready_pool(&works).await;
    works.until("a rehearsal running", async |works| !works.terraform.rehearsals().is_empty()).await;
    let (first, _) = works.terraform.rehearsals()[0].clone();
    let mine = id(&claim(&works, &ann, "mine", true).await.unwrap());
    assert_eq!(mine, first);
    works.terraform.lets_rehearsals(Come::Well);
    works.terraform.go_on();
    until_finished(&works, preset, 1).await;
    let unknown = all(&works, preset).await.remove(0);
    assert_eq!(unknown.verdict.as_deref(), Some("unknown"));
    assert!(unknown.why.contains("claimed or deleted meanwhile"), "{}", unknown.why);

    works.until("the next member", async |works| works.members().await.len() == 1).await;
    a_ready_pool(&works).await;
    until_finished(&works, preset, 2).await;
    assert_eq!(verdicts(&all(&works, preset).await), [Some("clean"), Some("unknown")]);
    works.stop().await;
});

on_both_databases!(a_rehearsal_finds_a_cause_that_a_clean_one_of_a_newer_version_fixes, |db| async {
    world::admin(&db, "root").await;
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 1).await;
    let mut works = Works::new(db);
    works.terraform.rehearses(replacing("docker_container.dev[0]"));
    works.start();
    let preset = a_ready_pool(&works).await;
    until_finished(&works, preset, 1).await;
    let cause = async |works: &Works| {
        let mut conn = works.db().read().await.unwrap();
        drift::causes(&mut conn).await.unwrap().remove(0)
    };
    let found = cause(&works).await;
    assert_eq!((found.address.as_str(), found.path.as_str()), ("docker_container.dev", "env[0]"));
    assert_eq!((found.claims, found.status), (0, CauseStatus::Open));
    let root = actor(hearth_server::clock::new_id(), "root", Role::TemplateAdmin);
    let listed = backend::drift::drift(&works.hearth, &root, &Default::default()).await.unwrap();
    assert_eq!(listed.causes[0].fields, ["the owner's name"], "the list says what makes it so");

    for (version, rehearsed, wanted) in [
        ("v22", clean(), CauseStatus::Fixed),
        ("v333", replacing("docker_container.dev[0]"), CauseStatus::Back),
    ] {
        works.terraform.rehearses(rehearsed);
        let id = world::version(works.db(), t.id, version).await;
        let preset = world::preset(works.db(), (t.id, id), "small", 1).await;
        world::activate(works.db(), t.id, id).await;
        works.hearth.events.publish(Event::Templates);
        works
            .until("a member of the new version", async |works| {
                let members = works.members().await;
                members.len() == 1 && members[0].preset_id == Some(preset.0)
            })
            .await;
        a_ready_pool(&works).await;
        until_finished(&works, preset, 1).await;
        assert_eq!(cause(&works).await.status, wanted);
    }
    let mut conn = works.db().read().await.unwrap();
    let (told,): (i64,) = one!(conn, (i64,), "SELECT COUNT(*) FROM notifications").unwrap();
    assert_eq!(told, 2, "when it was new, and when it came back");
    let back = "SELECT COUNT(*) FROM notifications WHERE title = 'A cause of drift that was fixed is back'";
    let (back,): (i64,) = one!(conn, (i64,), back).unwrap();
    assert_eq!(back, 1);
    let acts = world::acts(works.db(), "system").await;
    assert_eq!(acts.iter().map(|(verb, ..)| verb.as_str()).collect::<Vec<_>>(), ["fix", "return"]);
    drop(conn);
    works.stop().await;
});

on_both_databases!(only_template_admins_ask_for_a_rehearsal_and_one_at_a_time, |db| async {
    let t = world::template(&db, "web").await;
    let preset = world::preset(&db, (t.id, t.version), "small", 1).await;
    let root = actor(world::admin(&db, "root").await, "root", Role::TemplateAdmin);
    let ann = actor(world::person(&db, "ann").await, "ann", Role::Member);
    let works = Works::new(db);
    let ask = async |who| backend::rehearsals::rehearse(&works.hearth, who, "web", "small").await;
    assert!(matches!(ask(&ann).await, Err(Error::Forbidden(_))));
    assert!(matches!(ask(&root).await, Err(Error::Conflict(_))), "no member is ready");
    let _: WorkspaceId = world::member(works.db(), (t.id, t.version, preset), world::Like::ready()).await;
    ask(&root).await.unwrap();
    assert!(matches!(ask(&root).await, Err(Error::Conflict(_))), "one is queued already");
    let mut conn = works.db().read().await.unwrap();
    let (audited, queued): (i64, i64) = one!(
        conn,
        (i64, i64),
        "SELECT (SELECT COUNT(*) FROM audit WHERE verb = 'rehearse' AND actor_id = $1),
             (SELECT COUNT(*) FROM jobs WHERE kind = 'rehearsal' AND lane = 'pool' AND status = 'pending')",
        root.user_id.0
    )
    .unwrap();
    assert_eq!((audited, queued), (1, 1));
});
