use hearth_app::{
    backend::Role,
    view::{ClaimOrder, OverviewQuery, PoolAct, PoolRow, SlotView},
};
use hearth_prebuilds::{
    ids::PresetId,
    pool_state::{DriftState, PoolState},
};
use hearth_server::{
    backend::{acts, overview::overview, pool_acts},
    clock::new_id,
    execute,
    store::{
        Timestamp,
        builds::Transition,
        jobs::{Ending, JobStatus},
    },
};

use super::scene::{Scene, agent};
use crate::{
    on_both_databases, on_both_servers,
    support::{
        hearth::{actor, hearth},
        statements,
        world::{Like, activate, person, template, version},
    },
};

fn all() -> OverviewQuery {
    OverviewQuery::default()
}

fn with(state: &str) -> OverviewQuery {
    OverviewQuery { state: state.to_owned(), ..all() }
}

on_both_databases!(every_pool_has_its_state_and_counts, |db| async move {
    let scene = Scene::new(db).await;
    let ago = scene.ago(10);
    let ready = Like::ready().created(ago);
    scene.member(scene.small, ready).await;
    let full = scene.preset("full", 1).await;
    scene.member(full, ready).await;
    scene.preset("empty", 3).await;
    scene.preset("none", 0).await;
    let many = scene.preset("many", 1).await;
    scene.member(many, ready).await;
    scene.member(many, ready).await;
    let broken = scene.preset("broken", 1).await;
    let failed =
        scene.member(broken, Like::build(Transition::Start, JobStatus::Failed).created(scene.ago(0))).await;
    let paused = scene.preset("paused", 1).await;
    pool_acts::change(
        &scene.hearth,
        &scene.maria,
        ("web", "paused"),
        None,
        &PoolAct::Pause { note: "quota work".to_owned() },
    )
    .await
    .unwrap();
    scene.member(paused, ready).await;

    let view = overview(&scene.hearth, &scene.maria, &all()).await.unwrap();
    let states: Vec<_> = view.rows.iter().map(|row| (row.preset.as_str(), row.state.slug())).collect();
    assert_eq!(
        states,
        [
            ("broken", "backing_off"),
            ("empty", "empty"),
            ("small", "filling"),
            ("paused", "paused"),
            ("many", "shrinking"),
            ("full", "healthy"),
            ("none", "off_hours"),
        ]
    );
    for row in &view.rows {
        let alone = scene.page(&scene.maria, &row.preset).await;
        assert_eq!(&alone.pool, row, "a pool read alone is as it is among all");
    }
    let names: Vec<_> = view.bed.iter().map(|pool| pool.preset.as_str()).collect();
    assert_eq!(names, ["broken", "empty", "full", "many", "none", "paused", "small"]);
    let chips: Vec<_> = view.chips.iter().map(|(slug, count)| (slug.as_str(), *count)).collect();
    assert_eq!(chips[..2], [("all", 7), ("attention", 2)]);
    assert!(chips.contains(&("healthy", 1)) && !chips.iter().any(|(slug, _)| *slug == "retired"));
    let totals = &view.totals;
    assert_eq!((totals.ready, totals.wanted, totals.missing, totals.short_pools), (5, 9, 5, 3));
    let row = |name: &str| view.rows.iter().find(|row| row.preset == name).unwrap();
    let short = overview(&scene.hearth, &scene.maria, &with("missing")).await.unwrap();
    let names: Vec<_> = short.rows.iter().map(|row| row.preset.as_str()).collect();
    assert_eq!(names, ["broken", "empty", "small"], "the list behind the number has as many");
    assert!(short.ignored.is_empty() && short.chips.contains(&("missing".to_owned(), 3)));
    assert_eq!(row("broken").failed_build.as_ref().unwrap().workspace_id, failed.to_string());
    assert_eq!(
        row("paused").pause.as_ref().map(|pause| (pause.by.as_str(), pause.note.as_str())),
        Some(("maria", "quota work"))
    );
    assert_eq!((row("many").ready, row("many").running, row("many").wanted), (2, 2, 1));
});

on_both_databases!(filters_are_applied_and_unknown_ones_named, |db| async move {
    let scene = Scene::new(db).await;
    scene.preset("none", 0).await;
    let other = template(scene.db(), "data").await;
    crate::support::world::preset(scene.db(), (other.id, other.version), "big", 1).await;
    let rows = async |query: OverviewQuery| {
        let view = overview(&scene.hearth, &scene.maria, &query).await.unwrap();
        let rows: Vec<_> = view.rows.iter().map(|row| format!("{}/{}", row.template, row.preset)).collect();
        assert_eq!(view.bed.len(), 3, "the bed is never filtered");
        (rows, view.ignored)
    };
    let query = |template: &str, q: &str, sort: &str| OverviewQuery {
        template: template.to_owned(),
        q: q.to_owned(),
        sort: sort.to_owned(),
        ..all()
    };
    assert_eq!(rows(with("empty")).await.0, ["data/big", "web/small"]);
    assert_eq!(rows(with("attention")).await.0, ["data/big", "web/small"]);
    assert_eq!(rows(with("healthy")).await, (vec![], vec![]));
    assert_eq!(rows(query("web", "", "name")).await.0, ["web/none", "web/small"]);
    assert_eq!(rows(query("", "WEB / s", "")).await.0, ["web/small"]);
    assert_eq!(rows(query("", "", "wanted")).await.0, ["web/small", "data/big", "web/none"]);
    let (shown, ignored) =
        rows(OverviewQuery { state: "sleepy".to_owned(), ..query("mars", "", "color") }).await;
    assert_eq!(shown.len(), 3);
    assert_eq!(ignored, ["state=sleepy", "template=mars", "sort=color"]);
});

on_both_databases!(demand_drift_and_durations_come_from_claims, |db| async move {
    let scene = Scene::new(db).await;
    let worker = agent();
    scene.pass().await;
    let lease = scene.take_job().await;
    scene.end_job(&lease, &Ending::succeeded(), std::slice::from_ref(&worker)).await;
    let workspace = lease.subject_id.into();
    scene.hearth.clock.advance(chrono::TimeDelta::seconds(20));
    scene.agent_says(workspace, worker.id, "ready").await;
    scene.hearth.clock.advance(chrono::TimeDelta::seconds(60));
    let claim = scene.claim(&scene.tom, "toms").await;
    assert!(claim.from_pool);
    assert!(!scene.claim(&scene.tom, "toms-second").await.from_pool);
    let lease = scene.take_job().await;
    scene.hearth.clock.advance(chrono::TimeDelta::seconds(2));
    let build = scene.end_job(&lease, &Ending::succeeded(), std::slice::from_ref(&worker)).await;
    scene.recreated(&claim, build, &scene.tom).await;
    scene.agent_begins_again(workspace, worker.id, build).await;
    scene.hearth.clock.advance(chrono::TimeDelta::seconds(1));
    scene.agent_says(workspace, worker.id, "ready").await;

    let view = overview(&scene.hearth, &scene.maria, &all()).await.unwrap();
    let row = &view.rows[0];
    assert_eq!((row.served_24h, row.requests_24h), (1, 2));
    assert_eq!((view.totals.served_24h, view.totals.requests_24h), (1, 2));
    let cold = row.cold_ms.unwrap();
    assert!((20_000..25_000).contains(&cold), "{cold}");
    let claimed = view.totals.median_claim_ms.unwrap();
    assert!((3_000..8_000).contains(&claimed), "{claimed}");
    let drift = DriftState::Replaces {
        count: 1,
        resource: "docker_container.dev".to_owned(),
        attribute: "env".to_owned(),
    };
    assert_eq!(row.drift, drift);
    assert_eq!(view.frame.open_causes, 1);
});

on_both_databases!(a_member_learns_how_many_there_are_and_nothing_else, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready()).await;
    scene.claim(&scene.tom, "toms").await;
    scene.member(scene.small, Like::ready()).await;
    pool_acts::change(
        &scene.hearth,
        &scene.maria,
        ("web", "small"),
        None,
        &PoolAct::Pause { note: "secret plans".to_owned() },
    )
    .await
    .unwrap();
    let view = overview(&scene.hearth, &scene.tom, &all()).await.unwrap();
    let row = &view.rows[0];
    assert_eq!((row.state.clone(), row.ready, row.wanted), (PoolState::Paused, 1, 2));
    assert_eq!((&row.pause, row.requests_24h, &row.failed_build), (&None, 0, &None));
    assert_eq!(row.drift, DriftState::NotRehearsed);
    assert_eq!((view.frame.reads_pools, view.frame.open_causes), (false, 0));
});

on_both_databases!(only_the_active_version_counts_and_leftovers_are_retired, |db| async move {
    let scene = Scene::new(db).await;
    let gone = scene.preset("gone", 1).await;
    scene.member(scene.small, Like::ready()).await;
    scene.member(gone, Like::ready()).await;
    let next = version(scene.db(), scene.web.id, "v2").await;
    crate::support::world::preset(scene.db(), (scene.web.id, next), "small", 5).await;
    activate(scene.db(), scene.web.id, next).await;
    let view = overview(&scene.hearth, &scene.maria, &all()).await.unwrap();
    let rows: Vec<_> =
        view.rows.iter().map(|row| (row.preset.as_str(), row.state.clone(), row.wanted)).collect();
    assert_eq!(rows, [("small", PoolState::Empty, 5), ("gone", PoolState::Retired { left: 1 }, 0)]);
    assert_eq!((view.rows[1].leaving, view.rows[1].counts().coming()), (1, 0), "a leftover is not starting");
});

on_both_databases!(members_that_may_not_be_claimed_any_more_leave_and_are_not_on_the_way, |db| async move {
    let scene = Scene::new(db).await;
    scene.member(scene.small, Like::ready().created(scene.ago(10))).await;
    for act in [PoolAct::Pause { note: "a new image".to_owned() }, PoolAct::Invalidate] {
        pool_acts::change(&scene.hearth, &scene.maria, ("web", "small"), None, &act).await.unwrap();
    }
    scene.member(scene.small, Like::ready()).await;
    let booting = Like { ready: false, ..Like::ready() };
    scene.member(scene.small, booting.created(scene.ago(0))).await;
    let view = overview(&scene.hearth, &scene.maria, &all()).await.unwrap();
    let counts = view.rows[0].counts();
    assert_eq!((counts.running, counts.ready, counts.leaving, counts.coming()), (3, 0, 2, 1));
    assert_eq!(view.bed[0].counts, counts);
});

on_both_databases!(pools_are_paged_in_their_order_and_the_bed_has_all, |db| async move {
    let scene = Scene::new(db).await;
    for number in 0..60 {
        scene.preset(&format!("p{number:02}"), 1).await;
    }
    let page = async |page: &str| {
        let query = OverviewQuery { page: page.to_owned(), sort: "name".to_owned(), ..all() };
        let view = overview(&scene.hearth, &scene.maria, &query).await.unwrap();
        assert_eq!((view.bed.len(), view.page.total, view.page.pages), (61, 61, 2));
        let edge = |row: Option<&PoolRow>| row.unwrap().preset.clone();
        (view.page.number, edge(view.rows.first()), edge(view.rows.last()), view.ignored)
    };
    let told = |number, first: &str, last: &str, ignored: &[&str]| {
        let ignored: Vec<String> = ignored.iter().map(|it| (*it).to_owned()).collect();
        (number, first.to_owned(), last.to_owned(), ignored)
    };
    assert_eq!(page("").await, told(1, "p00", "p49", &[]));
    assert_eq!(page("2").await, told(2, "p50", "small", &[]));
    assert_eq!(page("99").await, told(2, "p50", "small", &[]));
    assert_eq!(page("0").await, told(1, "p00", "p49", &["page=0"]));
    assert_eq!(page("last").await, told(1, "p00", "p49", &["page=last"]));
});

on_both_databases!(each_row_has_its_last_day_for_those_who_read_pools, |db| async move {
    let scene = Scene::new(db).await;
    scene.preset("new", 1).await;
    scene.pass().await;
    scene.hearth.clock.advance(chrono::TimeDelta::hours(3));
    scene.member(scene.small, Like::ready().created(scene.ago(1))).await;
    scene.pass().await;
    let view = overview(&scene.hearth, &scene.maria, &all()).await.unwrap();
    let day = |preset: &str| {
        let at = view.rows.iter().position(|row| row.preset == preset).unwrap();
        let slots = &view.days[at].slots;
        slots.iter().map(|slot| slot.pool.map(|pool| (pool.wanted, pool.ready))).collect::<Vec<_>>()
    };
    let small = day("small");
    assert_eq!(small.len(), 48);
    // The first pass was three hours before the second, and ready counts as the fewest of its half hour.
    let known: Vec<_> = small.iter().flatten().copied().collect();
    assert_eq!((known.len(), known[0], known[5]), (7, (2, 0), (2, 0)));
    let alone = scene.page(&scene.maria, "small").await.history.unwrap();
    let last = |slots: &[SlotView]| slots.last().unwrap().pool.unwrap().wanted;
    assert_eq!((alone.slots.len(), last(&alone.slots)), (96, 2));
    assert_eq!(day("new").iter().flatten().last(), Some(&(1, 0)));
    let seen = overview(&scene.hearth, &scene.tom, &all()).await.unwrap();
    assert_eq!((seen.rows.len(), seen.days.len()), (2, 0));
});

on_both_databases!(a_template_without_any_pool_is_told_from_no_template, |db| async move {
    let hearth = hearth(db);
    let maria = actor(person(&hearth.db, "maria").await, "maria", Role::TemplateAdmin);
    let view = async || overview(&hearth, &maria, &all()).await.unwrap();
    assert!(!view().await.any_template);
    template(&hearth.db, "web").await;
    let view = view().await;
    assert!(view.any_template && view.bed.is_empty());
});

on_both_databases!(the_first_steps_end_with_the_first_claim, |db| async move {
    let scene = Scene::new(db).await;
    let first_steps = async |actor| overview(&scene.hearth, actor, &all()).await.unwrap().first_steps;
    assert!(first_steps(&scene.maria).await && !first_steps(&scene.tom).await);
    scene.member(scene.small, Like::ready()).await;
    let order =
        ClaimOrder { template: "web".to_owned(), preset: "small".to_owned(), ..ClaimOrder::default() };
    acts::claim(&scene.hearth, &scene.tom, &order).await.unwrap();
    assert!(!first_steps(&scene.maria).await);
});

on_both_servers!(five_hundred_presets_are_a_page_of_at_most_250_kilobytes, |server, config| { config.workers = 0 } async {
    let db = &server.running.hearth.db;
    for name in 0..25 {
        let template = template(db, &format!("template-{name}")).await;
        let mut tx = db.write().await.unwrap();
        for name in 0..20 {
            let sql = "INSERT INTO presets (id, version_id, name, parameters, instances) VALUES ($1, $2, $3, '{}', 4)";
            let id = new_id::<PresetId>().0;
            execute!(tx, sql, id, template.version.0, format!("a-preset-of-some-size-{name}")).unwrap();
        }
        tx.commit().await.unwrap();
    }
    let page = server.admin().await.get("/").await.0.text().await.unwrap();
    assert!(page.contains("1–50 of 500") && page.matches("class=\"spark\"").count() == 50);
    assert!(page.len() <= 250_000, "{} bytes", page.len());
});

#[tokio::test]
async fn five_hundred_pools_cost_as_many_statements_as_one() {
    let scene = Scene::new(crate::support::databases::postgres().await).await;
    let query = all();
    let page = || overview(&scene.hearth, &scene.maria, &query);
    let (_, for_one) = statements::of(page).await;
    assert!(for_one > 5, "{for_one}");
    many_pools(&scene, 500).await;
    let (view, for_all) = statements::of(page).await;
    let view = view.unwrap();
    assert_eq!((view.page.total, view.rows.len(), view.days.len()), (501, 50, 50));
    assert_eq!(for_all, for_one);
}

async fn many_pools(scene: &Scene, count: i64) {
    let mut tx = scene.db().write().await.unwrap();
    execute!(
        tx,
        "INSERT INTO presets (id, version_id, name, parameters, instances, last_claim_at, last_claim_replaced)
         SELECT gen_random_uuid(), $1, 'preset-' || n, '{}', 1, $3, 0 FROM generate_series(1, $2) n",
        scene.web.version.0,
        count,
        Timestamp::from(scene.ago(5))
    )
    .unwrap();
    tx.commit().await.unwrap();
}
