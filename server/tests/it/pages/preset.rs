use super::scene::Scene;
use crate::{
    on_both_databases,
    support::{
        replay,
        world::{self, Like},
    },
};
use hearth_app::view::{NoDecision, PresetQuery};
use hearth_prebuilds::pool_state::{DriftState, PoolState, WorkspaceStage};
use hearth_server::{
    backend::{acts, preset::preset},
    error::Error,
    execute,
    store::{builds::Transition, jobs::JobStatus},
};

on_both_databases!(why_shows_the_decision_as_it_was_recorded, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready().created(scene.ago(10))).await;
    let before = scene.page(&scene.maria, "small").await;
    assert_eq!(before.why, None, "nothing was decided yet");
    scene.pass().await;
    let view = scene.page(&scene.maria, "small").await;
    let why = view.why.unwrap();
    assert_eq!(why.verdict, "Create 1 workspace.");
    assert_eq!((why.wanted, why.ready, why.starting), (2, 1, 0));
    let figures: Vec<_> = why.reasons.iter().map(|reason| (reason.code.as_str(), reason.figure)).collect();
    assert_eq!(figures, [("instances", Some(2)), ("running", Some(-1))]);
    assert_eq!(why.reasons[1].text, "1 is running and ready.");
    assert_eq!((view.pool.ready, view.pool.starting, view.pool.wanted), (1, 1, 2));

    let mut tx = scene.db().write().await.unwrap();
    let edit = tx.pick(
        "UPDATE decisions SET decision = replace(decision, 'is running', 'was running')",
        "UPDATE decisions SET decision = replace(decision::text, 'is running', 'was running')::jsonb",
    );
    execute!(tx, edit).unwrap();
    tx.commit().await.unwrap();
    let view = scene.page(&scene.maria, "small").await;
    assert_eq!(view.why.unwrap().reasons[1].text, "1 was running and ready.");
});

on_both_databases!(members_are_listed_in_every_state_eligible_ones_first, |db| async move {
    let scene = Scene::new(db).await;
    let at = |minutes| scene.ago(minutes);
    let member = async |like: Like| scene.member(scene.small, like).await;
    let failed = member(Like::build(Transition::Start, JobStatus::Failed).created(at(50))).await;
    let parked = member(Like::build(Transition::Stop, JobStatus::Succeeded).created(at(40))).await;
    let older = member(Like::ready().created(at(30))).await;
    let newer = member(Like::ready().created(at(20))).await;
    let starting = member(Like::build(Transition::Start, JobStatus::Succeeded).created(at(10))).await;
    let building = member(Like::build(Transition::Start, JobStatus::Running).created(at(5))).await;
    let view = scene.page(&scene.maria, "small").await;
    let members: Vec<_> = view.members.iter().map(|row| (row.id, row.stage)).collect();
    assert_eq!(
        members,
        [
            (older, WorkspaceStage::Ready),
            (newer, WorkspaceStage::Ready),
            (failed, WorkspaceStage::Failed),
            (parked, WorkspaceStage::Parked),
            (starting, WorkspaceStage::StartingAgent),
            (building, WorkspaceStage::Building),
        ]
    );
    assert!(
        view.members.iter().all(|row| row.unclaimed && row.owner == "prebuilds" && row.preset == "small")
    );
    let of_tom = scene.page(&scene.tom, "small").await;
    assert_eq!((of_tom.members, of_tom.why), (vec![], None));
    assert_eq!(of_tom.pool.ready, 2);
});

on_both_databases!(settings_of_the_pool_and_its_next_change_are_shown, |db| async move {
    let scene = Scene::new(db).await;
    let mut tx = scene.db().write().await.unwrap();
    execute!(
        tx,
        "UPDATE presets SET ttl_seconds = 600, schedule_timezone = 'Europe/Berlin', description = 'For all'"
    )
    .unwrap();
    let sql = "INSERT INTO preset_schedules (preset_id, position, cron, instances) VALUES ($1, $2, $3, $4)";
    execute!(tx, sql, scene.small.0, 0_i64, "* 0-11 * * *", 4_i64).unwrap();
    execute!(tx, sql, scene.small.0, 1_i64, "* 12-23 * * *", 5_i64).unwrap();
    tx.commit().await.unwrap();
    scene.member(scene.small, Like::ready().created(scene.ago(5))).await;
    let expired = scene.member(scene.small, Like::ready().created(scene.ago(11))).await;
    let view = preset(&scene.hearth, &scene.maria, ("WEB", "small"), &PresetQuery::default()).await.unwrap();
    assert_eq!(
        (view.instances, view.ttl_seconds, view.timezone.as_deref()),
        (2, Some(600), Some("Europe/Berlin"))
    );
    assert_eq!(view.schedules, [("* 0-11 * * *".to_owned(), 4), ("* 12-23 * * *".to_owned(), 5)]);
    let change = view.next_change.unwrap();
    assert_eq!((change.from + change.to, change.timezone.as_str()), (9, "Europe/Berlin"));
    assert_eq!(view.parameters, [("size".to_owned(), "small".to_owned())]);
    assert_eq!((view.description.as_str(), view.version.as_str()), ("For all", "v1"));
    assert_eq!(view.suggested_name, "maria-web");
    let row = |id| view.members.iter().find(|row| row.id == id).unwrap();
    assert_eq!((row(expired).stage, row(expired).expires_at), (WorkspaceStage::Expired, None));
    assert_eq!(view.members[0].stage, WorkspaceStage::Ready);
    assert_eq!(
        view.members[0].expires_at,
        Some(view.members[0].created_at + chrono::TimeDelta::seconds(600))
    );
});

on_both_databases!(a_recorded_decision_is_taken_again_from_its_own_document, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    scene.member(scene.small, Like::build(Transition::Start, JobStatus::Failed)).await;
    acts::pause_all(&scene.hearth, &scene.maria, "quota work").await.unwrap();
    scene.pass().await;
    acts::resume_all(&scene.hearth, &scene.maria).await.unwrap();
    scene.pass().await;
    assert_eq!(replay::every_decision(scene.db()).await, 2);
});

on_both_databases!(a_preset_without_a_pool_has_a_page_too, |db| async move {
    let scene = Scene::new(db).await;
    let plain = scene.preset("plain", 1).await;
    let mut tx = scene.db().write().await.unwrap();
    execute!(tx, "UPDATE presets SET instances = NULL WHERE id = $1", plain.0).unwrap();
    tx.commit().await.unwrap();
    let view = scene.page(&scene.maria, "plain").await;
    assert_eq!((view.pool.state, view.pool.wanted), (PoolState::OffHours { next: None }, 0));
    for (template, name) in [("web", "nobody"), ("nothing", "small"), ("", "")] {
        let missing = preset(&scene.hearth, &scene.maria, (template, name), &PresetQuery::default()).await;
        assert!(matches!(missing, Err(Error::NotFound(_))), "{template}/{name}");
    }
});

on_both_databases!(what_the_newest_claim_recreated_is_shown_to_those_who_read_pools, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    let claim = scene.claim(&scene.tom, "toms").await;
    let lease = scene.take_job().await;
    let build = scene.end_job(&lease, &hearth_server::store::jobs::Ending::succeeded(), &[]).await;
    scene.recreated(&claim, build, &scene.tom).await;
    let view = scene.page(&scene.maria, "small").await;
    assert!(matches!(view.pool.drift, DriftState::Replaces { count: 1, .. }));
    let seen = &view.replacements[0];
    assert_eq!((seen.workspace_name.as_str(), seen.claimed_by.as_str()), ("toms", "tom"));
    assert_eq!(view.suggested_name, "maria-web");
    let of_tom = scene.page(&scene.tom, "small").await;
    assert_eq!((of_tom.replacements, of_tom.pool.drift), (vec![], DriftState::NotRehearsed));
});

on_both_databases!(the_record_is_stepped_through_one_decision_at_a_time, |db| async move {
    let scene = Scene::new(db).await;
    scene.pass().await;
    let first = scene.page(&scene.maria, "small").await.why.unwrap();
    assert_eq!((first.verdict.as_str(), &first.older, &first.newer), ("Create 2 workspaces.", &None, &None));
    for _ in 0..11 {
        acts::pause_all(&scene.hearth, &scene.maria, "work").await.unwrap();
        scene.pass().await;
        acts::resume_all(&scene.hearth, &scene.maria).await.unwrap();
        scene.pass().await;
    }
    let view = scene.page(&scene.maria, "small").await;
    assert_eq!(view.decisions.len(), 20);
    assert!(view.older_decision.is_some_and(|id| view.decisions.iter().all(|row| row.id != id)));
    assert_eq!(view.decisions[1].verdict, "Paused. Nothing is created or deleted.");
    let mut why = view.why.unwrap();
    assert_eq!((why.id.as_str(), &why.newer), (view.decisions[0].id.as_str(), &None));
    let mut steps = vec![why.id.clone()];
    while let Some(older) = why.older.take() {
        let view = scene.page_at(PresetQuery { decision: older, ..PresetQuery::default() }).await;
        why = view.why.unwrap();
        assert_eq!(why.newer.as_ref(), steps.last());
        assert!(view.decisions.iter().any(|row| row.id == why.id), "it is in the list");
        steps.push(why.id.clone());
    }
    assert_eq!((steps.len(), &why.id), (23, &first.id));
});

on_both_databases!(the_decision_in_force_at_an_instant_is_shown, |db| async move {
    let scene = Scene::new(db).await;
    let early = scene.hearth.clock.now();
    scene.pass().await;
    let first = scene.page(&scene.maria, "small").await.why.unwrap();
    scene.hearth.clock.advance(chrono::TimeDelta::seconds(10));
    acts::pause_all(&scene.hearth, &scene.maria, "work").await.unwrap();
    scene.pass().await;
    let at = |at: &str| PresetQuery { at: at.to_owned(), ..PresetQuery::default() };
    let five_later = first.decided_at + chrono::TimeDelta::seconds(5);
    let view = scene.page_at(at(&five_later.to_rfc3339())).await;
    assert_eq!((view.why.unwrap().id, view.no_decision), (first.id, None));
    let newest = view.decisions[0].id.clone();
    for (query, missing) in [
        (at(&early.to_rfc3339()), NoDecision::NoneYet(early)),
        (at("noon"), NoDecision::NotAnInstant),
        (PresetQuery { decision: "small".to_owned(), ..at("") }, NoDecision::Unknown),
        (PresetQuery { decision: uuid::Uuid::nil().to_string(), ..at("") }, NoDecision::Unknown),
    ] {
        let view = scene.page_at(query).await;
        assert_eq!((view.why.unwrap().id, view.no_decision), (newest.clone(), Some(missing)));
    }
    let of_tom = scene.page(&scene.tom, "small").await;
    assert!(of_tom.decisions.is_empty() && of_tom.demand.is_empty());
});

on_both_databases!(demand_goes_on_with_the_next_version, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    scene.claim(&scene.tom, "first").await;
    scene.claim(&scene.tom, "second").await;
    let demand = scene.page(&scene.maria, "small").await.demand;
    let of = |demand: &[hearth_app::view::DemandView]| -> Vec<_> {
        demand.iter().map(|it| (it.seconds, it.claims, it.misses)).collect()
    };
    let expected = [(300, 1, 1), (3600, 1, 1), (86_400, 1, 1), (604_800, 1, 1)];
    assert_eq!(of(&demand), expected);
    let next = world::version(scene.db(), scene.web.id, "v2").await;
    world::preset(scene.db(), (scene.web.id, next), "small", 2).await;
    world::activate(scene.db(), scene.web.id, next).await;
    let view = scene.page(&scene.maria, "small").await;
    assert_eq!(view.version, "v2");
    assert_eq!(of(&view.demand), expected);
    assert_eq!((view.pool.claims_today, view.pool.served_24h, view.pool.requests_24h), (1, 1, 2));
});
