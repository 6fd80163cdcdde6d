use chrono::TimeDelta;
use hearth_app::{
    backend::Role,
    view::{StageStatus, StageView, WorkspaceQuery, WorkspaceView},
};
use hearth_prebuilds::{ids::WorkspaceId, pool_state::WorkspaceStage};
use hearth_provisioner::engine::Agent;
use hearth_server::{
    backend::{acts, workspace::workspace},
    error::Error,
    store::{
        agent_logs, builds,
        job_logs::{self, NewLine},
        jobs::Ending,
    },
};
use uuid::Uuid;

use super::scene::{Scene, agent};
use crate::{
    on_both_databases,
    support::{
        hearth::actor,
        world::{self, Like},
    },
};

const NEWEST: WorkspaceQuery = WorkspaceQuery { build: 0, after: None, agent_after: None };

async fn page(scene: &Scene, id: WorkspaceId) -> WorkspaceView {
    workspace(&scene.hearth, &scene.maria, id, &NEWEST).await.unwrap()
}

/// `Queued ✓ 2 s` and the like; seconds only, because a test takes time as well.
fn rail(stages: &[StageView]) -> String {
    let word = |stage: &StageView| {
        let mark = match stage.status {
            StageStatus::Done => "done",
            StageStatus::Current => "here",
            StageStatus::Failed => "failed",
            StageStatus::Ahead => "ahead",
        };
        let seconds = stage.duration_ms.map(|ms| format!(" {}s", ms / 10_000 * 10)).unwrap_or_default();
        format!("{} {mark}{seconds}", stage.label)
    };
    stages.iter().map(word).collect::<Vec<_>>().join(", ")
}

on_both_databases!(a_life_from_the_queue_to_its_owner_is_one_rail, |db| async move {
    let scene = Scene::new(db).await;
    let later = |seconds| scene.hearth.clock.advance(TimeDelta::seconds(seconds));
    let worker = agent();
    scene.pass().await;
    let before: Vec<WorkspaceId> = members(&scene).await;
    later(10);
    let id = before[0];
    let view = page(&scene, id).await;
    assert_eq!(rail(&view.stages), "Queued here 10s, Build ahead, Agent ahead, Ready ahead");
    assert_eq!((view.row.stage, view.can_start, view.can_delete), (WorkspaceStage::Queued, false, false));
    let lease = scene.take_job().await;
    let id: WorkspaceId = lease.subject_id.into();
    later(20);
    assert_eq!(
        rail(&page(&scene, id).await.stages),
        "Queued done 10s, Build here 20s, Agent ahead, Ready ahead"
    );
    scene.end_job(&lease, &Ending::succeeded(), std::slice::from_ref(&worker)).await;
    later(30);
    assert_eq!(
        rail(&page(&scene, id).await.stages),
        "Queued done 10s, Build done 20s, Agent here 30s, Ready ahead"
    );
    scene.agent_says(id, worker.id, "ready").await;
    let view = page(&scene, id).await;
    assert_eq!(rail(&view.stages), "Queued done 10s, Build done 20s, Agent done 30s, Ready here");
    assert_eq!((view.can_start, view.can_stop, view.can_delete), (false, true, true));
    later(40);
    let claim = scene.claim(&scene.tom, "toms").await;
    assert_eq!((claim.workspace_id.as_str(), claim.from_pool), (id.to_string().as_str(), true));
    let made = "Queued done 10s, Build done 20s, Agent done 30s, Ready done 40s, Claimed done";
    assert_eq!(
        rail(&page(&scene, id).await.stages),
        format!("{made}, Re-apply here 0s, Re-init ahead, Yours ahead")
    );
    assert_eq!(page(&scene, id).await.row.stage, WorkspaceStage::Claimed);
    let lease = scene.take_job().await;
    later(10);
    assert_eq!(page(&scene, id).await.row.stage, WorkspaceStage::Reapplying);
    let build = scene.end_job(&lease, &Ending::succeeded(), std::slice::from_ref(&worker)).await;
    assert_eq!(page(&scene, id).await.row.stage, WorkspaceStage::Reinitializing);
    scene.agent_begins_again(id, worker.id, build).await;
    later(20);
    assert_eq!(
        rail(&page(&scene, id).await.stages),
        format!("{made}, Re-apply done 10s, Re-init here 20s, Yours ahead")
    );
    scene.agent_says(id, worker.id, "ready").await;
    let view = page(&scene, id).await;
    assert_eq!(rail(&view.stages), format!("{made}, Re-apply done 10s, Re-init done 20s, Yours here"));
    assert_eq!((view.row.stage, view.row.name.as_str()), (WorkspaceStage::Yours, "toms"));
    assert_eq!(view.claim_ms.map(|ms| ms / 10_000), Some(3));
    assert_eq!(view.cold_ms.map(|ms| ms / 10_000), Some(5));
    assert!(view.prebuild_name.is_some() && view.row.claimed_at.is_some() && !view.row.unclaimed);
    let builds: Vec<_> = view.builds.iter().map(|build| (build.number, build.stage.as_str())).collect();
    assert_eq!(builds, [(2, "claim"), (1, "create")]);
    assert_eq!(view.builds[1].initiator, "prebuilds");
});

async fn members(scene: &Scene) -> Vec<WorkspaceId> {
    let view = scene.page(&scene.maria, "small").await;
    view.members.iter().map(|row| row.id).collect()
}

on_both_databases!(a_failed_build_ends_the_rail_and_says_why, |db| async move {
    let scene = Scene::new(db).await;
    let claim = scene.claim(&scene.tom, "toms").await;
    assert!(!claim.from_pool);
    let id: WorkspaceId = claim.workspace_id.parse().unwrap();
    let lease = scene.take_job().await;
    let line = |output: &str| NewLine {
        at: scene.hearth.clock.now().timestamp_micros(),
        source: "provisioner",
        level: "error",
        stage: "Apply".to_owned(),
        output: output.to_owned(),
    };
    let mut tx = scene.db().write().await.unwrap();
    job_logs::append(&mut tx, lease.id, &[line("first"), line("<script>second</script>")]).await.unwrap();
    tx.commit().await.unwrap();
    scene.end_job(&lease, &Ending::failed("quota exceeded"), &[]).await;
    let view = workspace(&scene.hearth, &scene.tom, id, &NEWEST).await.unwrap();
    assert_eq!(rail(&view.stages), "Queued done 0s, Build failed 0s, Agent ahead, Yours ahead");
    assert_eq!((view.row.stage, view.build.error.as_str()), (WorkspaceStage::Failed, "quota exceeded"));
    let log: Vec<_> = view.log.lines.iter().map(|line| line.output.as_str()).collect();
    assert_eq!(log, ["first", "<script>second</script>"]);
    assert_eq!((view.can_start, view.can_stop, view.can_delete), (true, true, true));
    assert_eq!((view.claim_ms, view.cold_ms), (None, None));
});

on_both_databases!(a_line_keeps_its_number_however_long_the_log_becomes, |db| async move {
    let scene = Scene::new(db).await;
    let id: WorkspaceId = scene.claim(&scene.tom, "toms").await.workspace_id.parse().unwrap();
    let lease = scene.take_job().await;
    let said = async |numbers: std::ops::RangeInclusive<i64>| {
        let line = |number: i64| NewLine {
            at: scene.hearth.clock.now().timestamp_micros(),
            source: "provisioner",
            level: if number == 700 { "error" } else { "info" },
            stage: "Apply".to_owned(),
            output: format!("line {number}"),
        };
        let mut tx = scene.db().write().await.unwrap();
        job_logs::append(&mut tx, lease.id, &numbers.map(line).collect::<Vec<_>>()).await.unwrap();
        tx.commit().await.unwrap();
    };
    let log = async |after| {
        let query = WorkspaceQuery { after, ..NEWEST };
        let log = workspace(&scene.hearth, &scene.tom, id, &query).await.unwrap().log;
        assert!(log.lines.iter().all(|line| line.output == format!("line {}", line.number)));
        (log.shown(), log.total, log.first_error)
    };
    said(1..=600).await;
    assert_eq!(log(None).await, ((1, 600), 600, None));
    said(601..=2300).await;
    assert_eq!(log(None).await, ((1501, 2300), 2300, Some(700)));
    assert_eq!(log(Some(0)).await, ((1, 1000), 2300, Some(700)));
    assert_eq!(log(Some(2299)).await, ((2300, 2300), 2300, Some(700)));
    for absent in [-1, 2300, i64::MIN, i64::MAX] {
        assert_eq!(log(Some(absent)).await.0, (1501, 2300));
    }
});

on_both_databases!(the_lines_of_all_agents_are_one_log, |db| async move {
    let scene = Scene::new(db).await;
    let id: WorkspaceId = scene.claim(&scene.tom, "toms").await.workspace_id.parse().unwrap();
    let lease = scene.take_job().await;
    let two = [agent(), Agent { name: "second".to_owned(), ..agent() }];
    scene.end_job(&lease, &Ending::succeeded(), &two).await;
    let mut tx = scene.db().write().await.unwrap();
    for (sequence, agent, level) in [(0, 0, "info"), (0, 1, "info"), (1, 0, "error"), (1, 1, "info")] {
        let line = agent_logs::NewLine {
            sequence,
            at: scene.hearth.clock.now().timestamp_micros(),
            level,
            source: "script".to_owned(),
            output: format!("{agent} says {sequence}"),
        };
        agent_logs::append(&mut tx, two[agent].id.into(), Uuid::nil(), vec![line]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let query = WorkspaceQuery { agent_after: Some(1), ..NEWEST };
    let log = workspace(&scene.hearth, &scene.tom, id, &query).await.unwrap().agent_log;
    let lines: Vec<_> = log.lines.iter().map(|line| (line.number, line.output.as_str())).collect();
    assert_eq!(lines, [(2, "1 says 0"), (3, "0 says 1"), (4, "1 says 1")]);
    assert_eq!((log.total, log.first_error, log.ended), (4, Some(3), false));
});

on_both_databases!(a_failed_member_tells_how_many_more_may_fail, |db| async move {
    let scene = Scene::new(db).await;
    let fails = async || {
        let lease = scene.take_job().await;
        scene.end_job(&lease, &Ending::failed("quota exceeded"), &[]).await;
        let mut conn = scene.db().read().await.unwrap();
        let build = builds::by_job(&mut conn, lease.id).await.unwrap().unwrap();
        scene.hearth.clock.advance(TimeDelta::minutes(1));
        build.workspace_id
    };
    scene.pass().await;
    let first = fails().await;
    assert_eq!(page(&scene, first).await.failures, Some((1, 3)));
    let second = fails().await;
    assert_eq!(page(&scene, second).await.failures, Some((2, 3)));
    scene.member(scene.small, Like::ready().created(scene.hearth.clock.now())).await;
    assert_eq!(page(&scene, second).await.failures, None, "a build that went well ends the row");
});

on_both_databases!(a_stop_is_a_rail_of_its_own, |db| async move {
    let scene = Scene::new(db).await;
    let id = scene.member(scene.small, Like::ready()).await;
    acts::stop_workspace(&scene.hearth, &scene.maria, id).await.unwrap();
    assert_eq!(rail(&page(&scene, id).await.stages), "Queued here 0s, Stop ahead, Stopped ahead");
    let lease = scene.take_job().await;
    assert_eq!(rail(&page(&scene, id).await.stages), "Queued done 0s, Stop here 0s, Stopped ahead");
    scene.end_job(&lease, &Ending::succeeded(), &[]).await;
    let view = page(&scene, id).await;
    assert_eq!(rail(&view.stages), "Queued done 0s, Stop done 0s, Parked here");
    assert_eq!((view.can_start, view.can_stop, view.can_delete), (true, false, true));
});

on_both_databases!(the_page_offers_what_the_server_does_and_nothing_else, |db| async move {
    let scene = Scene::new(db).await;
    let person = async |name, role| actor(world::person(scene.db(), name).await, name, role);
    let (olga, adam) = (person("olga", Role::Owner).await, person("adam", Role::Auditor).await);
    let toms: WorkspaceId = scene.claim(&scene.tom, "toms").await.workspace_id.parse().unwrap();
    let lease = scene.take_job().await;
    scene.end_job(&lease, &Ending::succeeded(), &[]).await;
    let pool = scene.member(scene.small, Like::ready()).await;
    let cases = [
        (&olga, toms, true),
        (&scene.tom, toms, true),
        (&scene.maria, toms, false),
        (&adam, toms, false),
        (&olga, pool, true),
        (&scene.maria, pool, true),
        (&adam, pool, false),
    ];
    for (who, id, may) in cases {
        let view = workspace(&scene.hearth, who, id, &NEWEST).await.unwrap();
        let offered = (view.can_start, view.can_stop, view.can_delete);
        assert_eq!(offered, (false, may, may), "{} and the workspace of {}", who.username, view.row.owner);
        if may {
            continue;
        }
        for act in [
            acts::start_workspace(&scene.hearth, who, id).await,
            acts::stop_workspace(&scene.hearth, who, id).await,
            acts::delete_workspace(&scene.hearth, who, id).await,
        ] {
            assert!(matches!(act, Err(Error::Forbidden(_))), "{}", who.username);
        }
    }
    acts::delete_workspace(&scene.hearth, &scene.maria, pool).await.unwrap();
    acts::delete_workspace(&scene.hearth, &olga, toms).await.unwrap();
    for id in [pool, toms] {
        let view = workspace(&scene.hearth, &olga, id, &NEWEST).await.unwrap();
        assert!(!(view.can_start || view.can_stop || view.can_delete), "a build is under way");
    }
});

on_both_databases!(agents_show_links_only_to_http_addresses, |db| async move {
    let scene = Scene::new(db).await;
    let claim = scene.claim(&scene.tom, "toms").await;
    let id: WorkspaceId = claim.workspace_id.parse().unwrap();
    let lease = scene.take_job().await;
    scene.end_job(&lease, &Ending::succeeded(), &[agent()]).await;
    let view = workspace(&scene.hearth, &scene.tom, id, &NEWEST).await.unwrap();
    let shown = &view.agents[0];
    let apps: Vec<_> = shown.apps.iter().map(|app| (app.display_name.as_str(), app.url.as_str())).collect();
    assert_eq!(apps, [("code", "http://localhost:8080/?folder=x")]);
    assert_eq!((shown.name.as_str(), shown.lifecycle.as_str()), ("main", "created"));
    assert_eq!(shown.scripts[0].display_name, "Set up");
    assert_eq!(shown.metadata, [("cpu".to_owned(), String::new(), String::new())]);
    assert_eq!(view.row.agents, [("main".to_owned(), "created".to_owned())]);
    assert_eq!(view.row.stage, WorkspaceStage::StartingAgent);
});

on_both_databases!(a_workspace_of_somebody_else_is_not_found, |db| async move {
    let scene = Scene::new(db).await;
    let pool = scene.member(scene.small, Like::ready()).await;
    let marias: WorkspaceId = scene.claim(&scene.maria, "marias").await.workspace_id.parse().unwrap();
    let unclaimed = scene.member(scene.small, Like::ready()).await;
    assert_eq!(marias, pool);
    for id in [marias, unclaimed, hearth_server::clock::new_id()] {
        let answer = workspace(&scene.hearth, &scene.tom, id, &NEWEST).await;
        assert!(matches!(answer, Err(Error::NotFound("The workspace"))));
    }
    let missing =
        workspace(&scene.hearth, &scene.maria, marias, &WorkspaceQuery { build: 9, ..NEWEST }).await;
    assert!(matches!(missing, Err(Error::NotFound("The build"))));
    let first = WorkspaceQuery { build: 1, ..NEWEST };
    let first = workspace(&scene.hearth, &scene.maria, marias, &first).await.unwrap();
    assert_eq!((first.build.number, first.build.stage.as_str()), (1, "create"));
});
