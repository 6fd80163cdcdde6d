use hearth_app::{
    backend::{Role, TemplateBackend},
    view::{
        PoolAct, PromotionView, TemplateOrder, TemplateQuery, TemplateTab, TemplatesQuery, UploadQuery,
        UploadStep, VersionRow,
    },
};
use hearth_prebuilds::{
    ids::{PresetId, VersionId},
    pool_state::{DriftState, PoolState},
};
use hearth_server::{
    backend::{Backend, pool_acts, templates},
    error::Error,
    execute, one,
    store::{
        Timestamp, rehearsals,
        templates::by_id,
        versions::{Found, by_id as version_by_id, keep_import},
    },
};

use super::scene::Scene;
use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        world::{self, Like},
    },
};

fn tab(tab: &str) -> TemplateQuery {
    TemplateQuery { tab: tab.to_owned(), ..TemplateQuery::default() }
}

/// A version `name` of `web` with a preset of this name that wants so many.
async fn version(scene: &Scene, name: &str, preset: &str, instances: i64) -> (VersionId, PresetId) {
    let version = world::version(scene.db(), scene.web.id, name).await;
    (version, world::preset(scene.db(), (scene.web.id, version), preset, instances).await)
}

/// What the newest rehearsal of a preset came to.
async fn rehearsed(scene: &Scene, preset: PresetId, verdict: &str) {
    let now = scene.hearth.clock.now();
    let wanted = rehearsals::Wanted { preset_id: preset, organization_id: world::ORGANIZATION };
    let mut tx = scene.db().write().await.unwrap();
    let id = rehearsals::queue(&mut tx, wanted, scene.maria.user_id, now).await.unwrap();
    execute!(
        tx,
        "UPDATE rehearsals SET verdict = $2, finished_at = $3, replaced = 1, resource = 'r', attribute = 'env' WHERE id = $1",
        id.0,
        verdict,
        Timestamp::from(now)
    )
    .unwrap();
    tx.commit().await.unwrap();
}

async fn audited(scene: &Scene, verb: &str) -> i64 {
    let mut conn = scene.db().read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM audit WHERE verb = $1 AND actor_id = $2";
    one!(conn, (i64,), sql, verb, scene.maria.user_id.0).unwrap().0
}

on_both_databases!(a_template_is_the_sum_of_its_pools_and_shows_the_worst_of_them, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    scene.claim(&scene.tom, "toms").await;
    scene.member(scene.small, Like::ready()).await;
    let large = scene.preset("large", 3).await;
    rehearsed(&scene, scene.small, "clean").await;
    rehearsed(&scene, large, "replaces").await;
    world::template(scene.db(), "empty").await;

    let list =
        async |query: TemplatesQuery| templates::list(&scene.hearth, &scene.maria, &query).await.unwrap();
    let view = list(TemplatesQuery::default()).await;
    let names: Vec<_> = view.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!((names, view.total), (vec!["empty", "web"], 2));
    let web = &view.rows[1];
    assert_eq!((web.version.as_str(), web.presets, web.workspaces), ("v1", 2, 1));
    assert_eq!((web.ready, web.wanted, web.served_24h, web.requests_24h), (1, 5, 1, 1));
    assert_eq!(web.worst, Some(("large".to_owned(), PoolState::Empty)));
    let (resource, attribute) = ("r".to_owned(), "env".to_owned());
    assert_eq!(web.drift, Some(DriftState::Replaces { count: 1, resource, attribute }));
    assert_eq!((&view.rows[0].worst, &view.rows[0].drift), (&None, &None));

    let sorted = list(TemplatesQuery { sort: "wanted".to_owned(), ..Default::default() }).await;
    assert_eq!(sorted.rows[0].name, "web");
    let found = list(TemplatesQuery { q: "WE".to_owned(), sort: "color".to_owned() }).await;
    assert_eq!((found.rows.len(), found.total), (1, 2));
    assert_eq!(found.ignored, ["sort=color"]);

    let seen = templates::list(&scene.hearth, &scene.tom, &TemplatesQuery::default()).await.unwrap();
    let row = &seen.rows[1];
    assert_eq!((row.ready, row.wanted, row.requests_24h, row.workspaces), (1, 5, 0, 0));
    assert_eq!((&row.drift, &row.promoted), (&None, &None));
});

on_both_databases!(the_presets_of_the_active_version_are_shown_with_their_pools, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    let mut tx = scene.db().write().await.unwrap();
    let sql = "UPDATE presets SET schedule_timezone = 'UTC' WHERE id = $1";
    execute!(tx, sql, scene.small.0).unwrap();
    let sql =
        "INSERT INTO preset_schedules (preset_id, position, cron, instances) VALUES ($1, 0, '* 3 * * *', 7)";
    execute!(tx, sql, scene.small.0).unwrap();
    let sql = "INSERT INTO presets (id, version_id, name, parameters) VALUES ($1, $2, 'plain', '{}')";
    execute!(tx, sql, uuid::Uuid::max(), scene.web.version.0).unwrap();
    tx.commit().await.unwrap();
    world::preset(scene.db(), (scene.web.id, version(&scene, "v2", "other", 1).await.0), "small", 9).await;

    let view = templates::page(&scene.hearth, &scene.tom, "WEB", &tab("versions")).await.unwrap();
    assert_eq!(view.versions, 2);
    let TemplateTab::Presets { rows: presets, history, needy } = view.tab else {
        panic!("members see presets only: {:?}", view.tab)
    };
    assert_eq!((history, needy), (None, None));
    let [small, plain] = &presets[..] else { panic!("{presets:?}") };
    assert_eq!((small.pool.preset.as_str(), small.pool.ready, small.has_pool), ("small", 1, true));
    assert_eq!(small.schedule.lines, [("* 3 * * *".to_owned(), 7)]);
    assert_eq!((small.schedule.otherwise, small.schedule.timezone.as_str()), (2, "UTC"));
    assert!(small.next_change.is_some());
    assert_eq!(small.week.as_ref().map(|week| week.hours[3]), Some(Some(7)));
    assert_eq!(plain.week, None);
    assert_eq!((plain.pool.preset.as_str(), plain.has_pool, plain.pool.wanted), ("plain", false, 0));
    let missing = templates::page(&scene.hearth, &scene.tom, "nope", &tab("")).await;
    assert!(matches!(missing, Err(Error::NotFound(_))));
});

on_both_databases!(a_template_draws_its_pools_as_one_and_says_why_the_neediest_is_so, |db| async move {
    let scene = Scene::new(db).await;
    let page = async |range: &str| {
        let query = TemplateQuery { range: range.to_owned(), ..TemplateQuery::default() };
        let view = templates::page(&scene.hearth, &scene.maria, "web", &query).await.unwrap();
        let TemplateTab::Presets { history, needy, .. } = view.tab else { panic!("{:?}", view.tab) };
        (history.unwrap(), needy)
    };
    assert_eq!(page("").await.1, None, "nothing was decided yet");
    let full = scene.preset("full", 1).await;
    scene.member(full, Like::ready().created(scene.ago(5))).await;
    scene.claim(&scene.tom, "cold").await;
    scene.pass().await;
    let (history, needy) = page("").await;
    assert_eq!((history.slots.len(), page("7d").await.0.slots.len()), (96, 168));
    let last = history.slots.last().unwrap();
    let pool = last.pool.unwrap();
    assert_eq!((pool.wanted, pool.ready, last.claims, last.misses), (3, 1, 0, 1));
    let needy = needy.unwrap();
    assert_eq!((needy.pool.preset.as_str(), needy.why.verdict.as_str()), ("small", "Create 2 workspaces."));
});

on_both_databases!(versions_tell_what_they_change_and_what_claims_of_them_do, |db| async move {
    let scene = Scene::new(db).await;
    let (second, preset) = version(&scene, "v2", "small", 3).await;
    rehearsed(&scene, preset, "clean").await;
    version(&scene, "v3-longer", "small", 4).await;
    let mut tx = scene.db().write().await.unwrap();
    execute!(
        tx,
        "UPDATE jobs SET status = 'failed', error = 'main.tf:3: no' WHERE subject_id = $1",
        second.0
    )
    .unwrap();
    tx.commit().await.unwrap();

    let rows = async |query: TemplateQuery| {
        let view = templates::page(&scene.hearth, &scene.maria, "web", &query).await.unwrap();
        let TemplateTab::Versions { rows, older } = view.tab else { panic!("{:?}", view.tab) };
        (rows, older)
    };
    let (found, older) = rows(tab("versions")).await;
    let texts = |row: &VersionRow| {
        let changes = row.changes.clone()?;
        Some(changes.into_iter().map(|change| change.text).collect::<Vec<_>>())
    };
    let told: Vec<_> =
        found.iter().map(|row| (row.name.as_str(), row.active, row.status.as_str(), texts(row))).collect();
    assert_eq!(
        told,
        [
            // The failed one before it declares nothing.
            ("v3-longer", false, "succeeded", Some(vec!["2 → 4 wanted".to_owned()])),
            ("v2", false, "failed", None),
            ("v1", true, "succeeded", None),
        ]
    );
    assert_eq!((found[1].error.as_str(), older), ("main.tf:3: no", None));
    assert_eq!(found[0].verdicts, [("small".to_owned(), DriftState::NotRehearsed)]);
    assert!(matches!(found[1].verdicts[0].1, DriftState::Clean { .. }));
    let before = TemplateQuery { before: "v2".to_owned(), ..tab("versions") };
    assert_eq!(rows(before).await.0.len(), 1);

    let rehearsals = templates::page(&scene.hearth, &scene.maria, "web", &tab("rehearsals")).await.unwrap();
    let TemplateTab::Rehearsals(rows) = rehearsals.tab else { panic!("{:?}", rehearsals.tab) };
    assert_eq!((rows.len(), rows[0].version.as_str(), rows[0].asked_by.as_deref()), (1, "v2", Some("maria")));
    assert!(matches!(rows[0].verdict, Some(DriftState::Clean { .. })));
});

on_both_databases!(a_version_tells_what_promoting_it_would_do, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    scene.member(scene.small, Like::ready()).await;
    let (second, preset) = version(&scene, "v2", "small", 5).await;
    let mut tx = scene.db().write().await.unwrap();
    let found = version_by_id(&mut tx, second).await.unwrap().unwrap();
    let parameters = [hearth_provisioner::engine::Parameter {
        name: "region".to_owned(),
        r#type: "string".to_owned(),
        ..Default::default()
    }];
    let warnings = ["main.tf:13: uuid() gives another value".to_owned(), "no agent".to_owned()];
    let imported =
        Found { declared: &[], parameters: &parameters, resources: &[], warnings: &warnings, readme: "" };
    keep_import(&mut tx, &found, &imported, scene.hearth.clock.now()).await.unwrap();
    tx.commit().await.unwrap();

    let view = templates::version(&scene.hearth, &scene.maria, ("web", "v2"), None).await.unwrap();
    assert_eq!(view.against.as_deref(), Some("v1"));
    let changes: Vec<_> = view.row.changes.unwrap().into_iter().map(|it| (it.preset, it.text)).collect();
    let small = || Some("small".to_owned());
    assert_eq!(
        changes,
        [(small(), "2 → 5 wanted".to_owned()), (None, "new parameter region, without a default".to_owned()),]
    );
    let lint: Vec<_> = view.lint.iter().map(|lint| (lint.place.as_deref(), lint.text.as_str())).collect();
    assert_eq!(lint, [(Some("main.tf:13"), "uuid() gives another value"), (None, "no agent")]);
    assert_eq!((view.presets[0].wanted, view.parameters[0].name.as_str()), (Some(5), "region"));
    let promotion = PromotionView { removed: vec![("small".to_owned(), 2)], built: 5, takes_ms: None };
    assert_eq!(view.promotion, Some(promotion));
    let mut tx = scene.db().write().await.unwrap();
    let sql = "UPDATE presets SET schedule_timezone = 'UTC' WHERE version_id = $1";
    execute!(tx, sql, second.0).unwrap();
    let sql =
        "INSERT INTO preset_schedules (preset_id, position, cron, instances) VALUES ($1, 0, '* * * * *', 9)";
    execute!(tx, sql, preset.0).unwrap();
    tx.commit().await.unwrap();
    let built = async || {
        let view = templates::version(&scene.hearth, &scene.maria, ("web", "v2"), None).await.unwrap();
        view.promotion.unwrap().built
    };
    assert_eq!(built().await, 9, "as the schedule says now");
    let until = scene.hearth.clock.now() + chrono::TimeDelta::hours(1);
    let act = PoolAct::Override { instances: 3, until, reason: "a course".to_owned() };
    pool_acts::change(&scene.hearth, &scene.maria, ("web", "small"), None, &act).await.unwrap();
    assert_eq!(built().await, 3, "as somebody has said until then");

    let door = Backend(scene.hearth.clone());
    door.promote(&scene.maria, "web", "v2").await.unwrap();
    let view = templates::version(&scene.hearth, &scene.maria, ("web", "v2"), None).await.unwrap();
    assert_eq!((view.row.active, &view.against, &view.promotion), (true, &None, &None));
    let promoted = view.row.promoted.unwrap();
    assert_eq!(promoted.by, "maria");
    assert_eq!(audited(&scene, "write").await, 1);
    let refused = templates::version(&scene.hearth, &scene.tom, ("web", "v2"), None).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
});

on_both_databases!(acts_on_templates_are_for_those_who_administer_them, |db| async move {
    let scene = Scene::new(db).await;
    version(&scene, "v2", "small", 1).await;
    let door = Backend(scene.hearth.clone());
    let auditor = actor(world::person(scene.db(), "ada").await, "ada", Role::Auditor);
    let order = TemplateOrder { name: "mine".to_owned(), ..TemplateOrder::default() };
    for who in [&scene.tom, &auditor] {
        let refusals = [
            door.promote(who, "web", "v2").await,
            door.edit_template(who, "web", &order).await,
            door.archive_template(who, "web", "no").await,
            door.restore_template(who, "web").await,
            door.delete_template(who, "web", "web").await,
            door.set_version_archived(who, "web", "v2", true).await,
            door.upload_step(who, &UploadQuery::default()).await.map(drop),
            door.upload_sample(who).await.map(drop),
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Err(hearth_app::error::AppError::Forbidden { .. })), "{refusal:?}");
        }
    }
    let mut conn = scene.db().read().await.unwrap();
    let web = by_id(&mut conn, scene.web.id).await.unwrap().unwrap();
    assert_eq!((web.name.as_str(), web.deleted, web.active_version_id), ("web", false, scene.web.version));
});

on_both_databases!(a_template_is_renamed_archived_brought_back_and_deleted_by_its_name, |db| async move {
    let scene = Scene::new(db).await;
    world::template(scene.db(), "taken").await;
    let door = Backend(scene.hearth.clone());
    let order = |name: &str| TemplateOrder {
        name: name.to_owned(),
        display_name: "The site".to_owned(),
        ..TemplateOrder::default()
    };
    let taken = door.edit_template(&scene.maria, "web", &order("taken")).await.unwrap_err();
    assert_eq!(taken.field(), Some("name"));
    door.edit_template(&scene.maria, "web", &order("site")).await.unwrap();
    door.edit_template(&scene.maria, "site", &order("site")).await.unwrap();
    assert_eq!(audited(&scene, "write").await, 1, "an equal wish leaves no trace");

    assert_eq!(door.archive_template(&scene.maria, "site", " ").await.unwrap_err().field(), Some("why"));
    door.archive_template(&scene.maria, "site", "moved").await.unwrap();
    let page = async || templates::page(&scene.hearth, &scene.maria, "site", &tab("")).await.unwrap();
    let view = page().await;
    assert_eq!((view.row.title(), view.row.archived.as_deref()), ("The site", Some("moved")));
    door.restore_template(&scene.maria, "site").await.unwrap();
    assert_eq!(page().await.row.archived, None);

    scene.member(scene.small, Like::ready()).await;
    let order = hearth_app::view::ClaimOrder {
        template: "site".to_owned(),
        preset: "small".to_owned(),
        ..Default::default()
    };
    hearth_server::backend::acts::claim(&scene.hearth, &scene.tom, &order).await.unwrap();
    let delete = async |typed: &str| door.delete_template(&scene.maria, "site", typed).await;
    assert_eq!(delete("sit").await.unwrap_err().field(), Some("typed"));
    assert!(delete("site").await.unwrap_err().to_string().contains("People still have workspaces"));
    let mut tx = scene.db().write().await.unwrap();
    execute!(tx, "UPDATE workspaces SET deleted = TRUE").unwrap();
    tx.commit().await.unwrap();
    delete("site").await.unwrap();
    assert_eq!(audited(&scene, "delete").await, 1);
    let gone = templates::page(&scene.hearth, &scene.maria, "site", &tab("")).await;
    assert!(matches!(gone, Err(Error::NotFound(_))));
});

on_both_databases!(an_uploaded_sample_waits_for_its_name, |db| async move {
    let scene = Scene::new(db).await;
    let door = Backend(scene.hearth.clone());
    let uploaded = door.upload_sample(&scene.maria).await.unwrap();
    assert_eq!((uploaded.template, uploaded.template_name.as_str()), (None, "local"));
    let step = async |query: UploadQuery| door.upload_step(&scene.maria, &query).await.unwrap().step;
    let UploadStep::Template { waiting } = step(UploadQuery::default()).await else { panic!() };
    assert_eq!((waiting.len(), waiting[0].id, waiting[0].status.as_str()), (1, uploaded.id, "pending"));
    let query =
        UploadQuery { version: uploaded.id.to_string(), name: "mine".to_owned(), ..Default::default() };
    let UploadStep::Review { version, name } = step(query).await else { panic!() };
    assert_eq!((version.template, name.as_str()), (None, "mine"));
    let order = TemplateOrder { version: uploaded.id.to_string(), name, ..TemplateOrder::default() };
    let refused = door.create_template(&scene.maria, &order).await.unwrap_err();
    assert!(refused.to_string().contains("has not succeeded"), "{refused}");

    let mut tx = scene.db().write().await.unwrap();
    execute!(tx, "UPDATE jobs SET status = 'succeeded' WHERE subject_id = $1", uploaded.id.0).unwrap();
    tx.commit().await.unwrap();
    door.create_template(&scene.maria, &order).await.unwrap();
    let view = templates::page(&scene.hearth, &scene.maria, "mine", &tab("")).await.unwrap();
    assert_eq!(view.row.promoted.map(|it| it.by).as_deref(), Some("maria"));
    let UploadStep::Template { waiting } = step(UploadQuery::default()).await else { panic!() };
    assert_eq!(waiting, []);
    let query = UploadQuery { template: "MINE".to_owned(), ..Default::default() };
    assert_eq!(step(query).await, UploadStep::Version { template: "mine".to_owned() });
});
