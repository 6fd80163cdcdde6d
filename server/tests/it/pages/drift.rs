use hearth_app::view::{ChangeView, DriftQuery, ValueView};
use hearth_server::{
    backend::{
        cause::cause as cause_page,
        drift::{acknowledge, drift, unacknowledge},
        rehearsals::rehearse_all,
    },
    clock::new_id,
    error::Error,
    execute, one,
    store::{
        drift::{self as store, CauseKey, SeenBy},
        jobs::Ending,
    },
};

use super::scene::Scene;
use crate::{
    on_both_databases,
    support::world::{self, Like},
};

on_both_databases!(causes_are_listed_with_the_claims_that_hit_them, |db| async move {
    let scene = Scene::new(db).await;
    for name in ["first", "second"] {
        scene.member(scene.small, Like::ready()).await;
        let claim = scene.claim(&scene.tom, name).await;
        let lease = scene.take_job().await;
        let build = scene.end_job(&lease, &Ending::succeeded(), &[]).await;
        scene.hearth.clock.advance(chrono::TimeDelta::seconds(1));
        scene.recreated(&claim, build, &scene.tom).await;
    }
    let list = async |template: &str, preset: &str, status: &str| {
        let query = DriftQuery {
            template: template.to_owned(),
            preset: preset.to_owned(),
            status: status.to_owned(),
            ..DriftQuery::default()
        };
        drift(&scene.hearth, &scene.maria, &query).await.unwrap()
    };
    let view = list("", "", "").await;
    assert_eq!((view.open_causes, view.claims_7d), (1, 2));
    assert_eq!(view.templates, ["web"]);
    let cause = &view.causes[0];
    assert_eq!((cause.address.as_str(), cause.path.as_str()), ("docker_container.dev", "env"));
    assert_eq!((cause.status.as_str(), cause.claims, cause.last_version.as_str()), ("open", 2, "v1"));
    let hit: Vec<_> = cause.occurrences.iter().map(|seen| seen.workspace_name.as_str()).collect();
    assert_eq!(hit, ["second", "first"]);
    let text = |text: &str| ValueView::Text(text.to_owned());
    let change =
        |path: &str, forces, before, after| ChangeView { path: path.to_owned(), forces, before, after };
    assert_eq!(
        cause.occurrences[0].changes,
        [
            change("env", true, text("prebuilds"), text("tom")),
            change("token", false, ValueView::Sensitive, ValueView::Sensitive),
            change("id", false, text("7f"), ValueView::KnownAfterApply),
            change("ports", false, ValueView::Absent, text("[\n  80,\n  443\n]")),
        ]
    );
    for (template, preset, status, causes) in
        [("web", "small", "open", 1), ("", "", "fixed", 0), ("", "", "acked", 0), ("web", "", "", 1)]
    {
        let view = list(template, preset, status).await;
        assert_eq!((view.causes.len(), view.ignored), (causes, vec![]), "{template} {preset} {status}");
    }
    let odd = list("mars", "venus", "odd").await;
    assert_eq!(odd.causes.len(), 1);
    assert_eq!(odd.ignored, ["template=mars", "preset=venus", "status=odd"]);
    let within = async |resource: &str, range: &str| {
        let (resource, range) = (resource.to_owned(), range.to_owned());
        let query = DriftQuery { resource, range, ..DriftQuery::default() };
        let view = drift(&scene.hearth, &scene.maria, &query).await.unwrap();
        (view.causes.len(), view.ignored)
    };
    assert_eq!(
        (view.resources, view.presets),
        (vec!["docker_container.dev".to_owned()], vec!["small".to_owned()])
    );
    assert_eq!(within("docker_container.dev", "24h").await, (1, vec![]));
    assert_eq!(within("", "week").await, (1, vec!["range=week".to_owned()]));
    scene.hearth.clock.advance(chrono::TimeDelta::days(8));
    assert_eq!(within("", "7d").await.0, 0);
    assert_eq!(within("", "30d").await.0, 1);
    let refused = drift(&scene.hearth, &scene.tom, &DriftQuery::default()).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
});

on_both_databases!(an_acknowledged_cause_is_not_open_and_says_who_knows_of_it, |db| async move {
    let scene = Scene::new(db).await;
    // One claim that recreates something and takes 90 s, one that does not and takes 10 s.
    for (name, seconds) in [("slow", 90), ("quick", 10)] {
        scene.member(scene.small, Like::ready()).await;
        let taken = scene.claim(&scene.tom, name).await;
        let lease = scene.take_job().await;
        let build = scene.end_job(&lease, &Ending::succeeded(), &[]).await;
        if name == "slow" {
            scene.recreated(&taken, build, &scene.tom).await;
        }
        let mut tx = scene.hearth.db.write().await.unwrap();
        let took = i64::from(seconds) * 1_000_000;
        execute!(tx, "UPDATE builds SET ready_at = created_at + $2 WHERE id = $1", build.0, took).unwrap();
        tx.commit().await.unwrap();
    }
    let list = async || drift(&scene.hearth, &scene.maria, &DriftQuery::default()).await.unwrap();
    let cause = list().await.causes.remove(0);
    assert_eq!((cause.status.as_str(), cause.lost_seconds), ("open", Some(80)));

    let refused = acknowledge(&scene.hearth, &scene.tom, cause.id).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    acknowledge(&scene.hearth, &scene.maria, cause.id).await.unwrap();
    let view = list().await;
    assert_eq!((view.open_causes, view.causes[0].status.as_str()), (0, "acknowledged"));
    assert_eq!(view.causes[0].acknowledged_by.as_deref(), Some(scene.maria.username.as_str()));
    let page = cause_page(&scene.hearth, &scene.maria, cause.id).await.unwrap();
    assert_eq!((page.cause.claims, page.cause.occurrences.len(), page.rehearsed), (1, 1, None));
    let told: Vec<_> =
        page.history.iter().map(|it| (it.status.as_str(), it.version.as_deref(), it.by.as_deref())).collect();
    assert_eq!(told, [("acknowledged", None, Some("maria")), ("open", Some("v1"), None)]);
    let again = acknowledge(&scene.hearth, &scene.maria, cause.id).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    let mut conn = scene.hearth.db.read().await.unwrap();
    let (acts,): (i64,) =
        one!(conn, (i64,), "SELECT COUNT(*) FROM audit WHERE verb = 'acknowledge'").unwrap();
    assert_eq!(acts, 1);
});

on_both_databases!(a_cause_tells_in_which_version_it_was_fixed_and_came_back, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    let claim = scene.claim(&scene.tom, "toms").await;
    let lease = scene.take_job().await;
    let build = scene.end_job(&lease, &Ending::succeeded(), &[]).await;
    scene.recreated(&claim, build, &scene.tom).await;
    let later = async |version: &str, hit: bool| {
        scene.hearth.clock.advance(chrono::TimeDelta::seconds(1));
        let version = world::version(scene.db(), scene.web.id, version).await;
        let now = scene.hearth.clock.now();
        let mut tx = scene.db().write().await.unwrap();
        if hit {
            let key = CauseKey {
                address: "docker_container.dev".to_owned(),
                resource_type: "docker_container".to_owned(),
                path: "env".to_owned(),
            };
            store::hit(&mut tx, scene.web.id, version, &key, SeenBy::Rehearsal, now).await.unwrap();
        }
        store::settle(&mut tx, scene.web.id, version, "small", now).await.unwrap();
        tx.commit().await.unwrap();
    };
    // Versions are told apart by when they were made, which goes by the length of their names here.
    later("v2.0", false).await;
    later("v3.00", false).await;
    later("v4.000", true).await;
    later("v5.0000", true).await;
    let causes = drift(&scene.hearth, &scene.maria, &DriftQuery::default()).await.unwrap().causes;
    let page = cause_page(&scene.hearth, &scene.maria, causes[0].id).await.unwrap();
    let told: Vec<_> =
        page.history.iter().map(|it| (it.status.as_str(), it.version.as_deref().unwrap())).collect();
    assert_eq!(told, [("back", "v4.000"), ("fixed", "v2.0"), ("open", "v1")]);
    let preset = scene.page(&scene.maria, "small").await;
    assert_eq!(preset.causes.iter().map(|cause| cause.id).collect::<Vec<_>>(), [causes[0].id]);
    let missing = cause_page(&scene.hearth, &scene.maria, new_id()).await;
    assert!(matches!(missing, Err(Error::NotFound("This cause"))), "{missing:?}");
    let refused = cause_page(&scene.hearth, &scene.tom, causes[0].id).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
});

on_both_databases!(every_pool_with_a_ready_member_is_rehearsed_on_request, |db| async move {
    let scene = Scene::new(db).await;
    scene.preset("empty", 1).await;
    let large = scene.preset("large", 1).await;
    let ask = async |who| rehearse_all(&scene.hearth, who).await;
    assert!(matches!(ask(&scene.tom).await, Err(Error::Forbidden(_))));
    assert!(matches!(ask(&scene.maria).await, Err(Error::Conflict(_))), "nothing to rehearse with");
    scene.member(scene.small, Like::ready()).await;
    scene.member(large, Like::ready()).await;
    assert_eq!(ask(&scene.maria).await.unwrap(), 2);
    assert!(matches!(ask(&scene.maria).await, Err(Error::Conflict(_))), "both are under way");
    let mut conn = scene.hearth.db.read().await.unwrap();
    let (acts,): (i64,) = one!(conn, (i64,), "SELECT COUNT(*) FROM audit WHERE verb = 'rehearse'").unwrap();
    assert_eq!(acts, 2);
});

on_both_databases!(an_acknowledgement_is_undone_to_what_the_cause_was_before, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    let taken = scene.claim(&scene.tom, "toms").await;
    let lease = scene.take_job().await;
    let build = scene.end_job(&lease, &Ending::succeeded(), &[]).await;
    scene.recreated(&taken, build, &scene.tom).await;
    let cause = async || {
        let view = drift(&scene.hearth, &scene.maria, &DriftQuery::default()).await.unwrap();
        view.causes.into_iter().next().unwrap()
    };
    let id = cause().await.id;
    for before in ["open", "back"] {
        let mut tx = scene.db().write().await.unwrap();
        execute!(tx, "UPDATE drift_causes SET status = $2 WHERE id = $1", id.0, before).unwrap();
        tx.commit().await.unwrap();
        acknowledge(&scene.hearth, &scene.maria, id).await.unwrap();
        let refused = unacknowledge(&scene.hearth, &scene.tom, id).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        unacknowledge(&scene.hearth, &scene.maria, id).await.unwrap();
        let cause = cause().await;
        assert_eq!((cause.status.as_str(), cause.acknowledged_by), (before, None));
        let again = unacknowledge(&scene.hearth, &scene.maria, id).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    }
    let mut conn = scene.hearth.db.read().await.unwrap();
    let (acts,): (i64,) =
        one!(conn, (i64,), "SELECT COUNT(*) FROM audit WHERE verb = 'unacknowledge'").unwrap();
    assert_eq!(acts, 2);
});
