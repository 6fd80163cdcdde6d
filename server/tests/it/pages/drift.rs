use hearth_app::view::{ChangeView, DriftQuery, ValueView};
use hearth_server::{
    backend::drift::{acknowledge, drift},
    error::Error,
    execute, one,
    store::jobs::Ending,
};

use super::scene::Scene;
use crate::{on_both_databases, support::world::Like};

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
    let again = acknowledge(&scene.hearth, &scene.maria, cause.id).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    let mut conn = scene.hearth.db.read().await.unwrap();
    let (acts,): (i64,) =
        one!(conn, (i64,), "SELECT COUNT(*) FROM audit WHERE verb = 'acknowledge'").unwrap();
    assert_eq!(acts, 1);
});
