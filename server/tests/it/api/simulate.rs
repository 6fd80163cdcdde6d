//! What would happen to a pool if it were set otherwise.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use hearth_app::{
    backend::Role,
    view::{SimulateQuery, SimulateView},
};
use hearth_prebuilds::ids::SYSTEM_USER;
use hearth_server::{backend::simulate::simulate, error::Error, execute, hearth::Hearth};

use crate::{
    on_both_databases,
    support::{
        hearth::{actor, hearth},
        world::{self, Like},
    },
};

async fn ask(hearth: &Hearth, query: SimulateQuery) -> SimulateView {
    let ann = actor(SYSTEM_USER, "ann", Role::Auditor);
    simulate(hearth, &ann, ("web", "small"), &query).await.unwrap()
}

fn typed(desired: &str, claims_per_hour: &str) -> SimulateQuery {
    SimulateQuery {
        desired: desired.to_owned(),
        claims_per_hour: claims_per_hour.to_owned(),
        build_min: "5".to_owned(),
        from: "typed".to_owned(),
        ..SimulateQuery::default()
    }
}

on_both_databases!(more_wanted_means_fewer_misses_and_more_machine_hours, |db| async move {
    let web = world::template(&db, "web").await;
    world::preset(&db, (web.id, web.version), "small", 1).await;
    let hearth = hearth(db);
    let view = ask(&hearth, typed("6", "10")).await;
    let answer = view.answer.unwrap();
    assert!(answer.then.misses < answer.now.misses && answer.then.machine_hours > answer.now.machine_hours);
    assert!((answer.now.requests - answer.then.requests).abs() < 1e-9, "both meet the same demand");
    assert!(
        answer.verdict.contains("fewer a day") && answer.verdict.contains("more a day"),
        "{}",
        answer.verdict
    );
    assert_eq!(answer.hcl, "prebuilds {\n  instances = 6\n}");
    assert_eq!((answer.now.history.slots.len(), answer.now.history.slot_minutes), (168, 60));
    assert_eq!(
        (view.now_wanted.as_str(), view.now_ttl.as_str(), view.now_build.as_str()),
        ("1", "never", "unknown")
    );
});

on_both_databases!(each_field_changes_what_is_simulated, |db| async move {
    let web = world::template(&db, "web").await;
    world::preset(&db, (web.id, web.version), "small", 2).await;
    let hearth = hearth(db);
    let answer = async |change: fn(&mut SimulateQuery)| {
        let mut query = typed("", "6");
        change(&mut query);
        ask(&hearth, query).await.answer.unwrap()
    };
    let failing = answer(|query| query.failures = "100".to_owned()).await;
    assert!(failing.then.misses > failing.now.misses, "{}", failing.verdict);
    let rarely = answer(|query| query.interval = "7200".to_owned()).await;
    assert!(rarely.then.misses > rarely.now.misses, "{}", rarely.verdict);
    // Nothing was built yet, so what is typed stands for both weeks.
    let long = answer(|query| query.build_p95 = "600".to_owned()).await;
    assert!(long.then.misses > failing.now.misses && long.now == long.then, "{}", long.verdict);

    let evenings = answer(|query| {
        (query.claims_per_hour, query.claims_evening) = (String::new(), "10".to_owned());
        (query.schedule, query.timezone) = ("* 18-23 * * *: 7\r\n\r\n".to_owned(), "Asia/Kolkata".to_owned());
    });
    let evenings = evenings.await;
    assert!((40.0..80.0).contains(&evenings.now.requests), "six hours of ten: {}", evenings.now.requests);
    assert!(evenings.then.misses < evenings.now.misses, "{}", evenings.verdict);
    for text in ["  instances = 2", "timezone = \"Asia/Kolkata\"", "cron      = \"* 18-23 * * *\""] {
        assert!(evenings.hcl.contains(text), "{text}: {}", evenings.hcl);
    }
    let wanted =
        |at: &DateTime<Utc>| if (18..24).contains(&(*at + TimeDelta::minutes(330)).hour()) { 7 } else { 2 };
    let history = &evenings.then.history;
    let whole = (0..168)
        .filter(|slot| wanted(&history.at(*slot)) == wanted(&(history.at(slot + 1) - TimeDelta::seconds(1))));
    for slot in whole {
        let shown = history.slots[slot].pool.unwrap().wanted;
        assert_eq!(shown, wanted(&history.at(slot)), "at {}", history.at(slot));
    }
});

on_both_databases!(a_form_with_slips_says_which_and_simulates_nothing, |db| async move {
    let web = world::template(&db, "web").await;
    world::preset(&db, (web.id, web.version), "small", 1).await;
    let hearth = hearth(db);
    let slips = SimulateQuery {
        desired: "1.5".to_owned(),
        claims_per_hour: "many".to_owned(),
        build_min: "NaN".to_owned(),
        ttl: "-1".to_owned(),
        from: "yesterday".to_owned(),
        schedule: "mornings: 4".to_owned(),
        failures: "101".to_owned(),
        interval: "0".to_owned(),
        ..SimulateQuery::default()
    };
    let view = ask(&hearth, slips).await;
    let fields: Vec<_> = view.problems.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        fields,
        ["claims_per_hour", "from", "desired", "schedule", "build_min", "failures", "ttl", "interval"]
    );
    assert!(view.answer.is_none());
    for (schedule, timezone, build_p95, field) in [
        ("* 8 * * *", "", "", "schedule"),
        ("* 8 * * *: 1001", "", "", "schedule"),
        ("* 8 * * *: 4\n* 8 * * 1: 5", "", "", "schedule"),
        ("* 8 * * *: 4", "Mars/Base", "", "timezone"),
        ("", "", "4", "build_p95"),
    ] {
        let [schedule, timezone, build_p95] = [schedule, timezone, build_p95].map(str::to_owned);
        let view = ask(&hearth, SimulateQuery { schedule, timezone, build_p95, ..typed("1", "1") }).await;
        let fields: Vec<_> = view.problems.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!((fields, view.answer), (vec![field], None));
    }
    let nothing_known = ask(&hearth, SimulateQuery::default()).await;
    assert_eq!(nothing_known.problems[0].0, "build_min");
    let largest =
        SimulateQuery { ttl: "0.01".to_owned(), build_min: "0.1".to_owned(), ..typed("1000", "1000") };
    let view = ask(&hearth, largest).await;
    assert!(view.answer.is_some() || view.problems[0].0.is_empty(), "{:?}", view.problems);
});

on_both_databases!(the_own_history_is_simulated_with_the_template_as_it_is, |db| async move {
    let web = world::template(&db, "web").await;
    let small = world::preset(&db, (web.id, web.version), "small", 2).await;
    let hearth = hearth(db);
    let hour_ago = hearth.clock.now() - TimeDelta::hours(1);
    world::member(&hearth.db, (web.id, web.version, small), Like::ready().created(hour_ago)).await;
    let mut tx = hearth.db.write().await.unwrap();
    execute!(tx, "UPDATE builds SET ready_at = created_at + 90000000 WHERE outcome = 'succeeded'").unwrap();
    execute!(tx, "UPDATE presets SET ttl_seconds = 7200, schedule_timezone = 'UTC'").unwrap();
    let sql = "INSERT INTO preset_schedules (preset_id, position, cron, instances) VALUES ($1, 0, '* 8-18 * * *', 4)";
    execute!(tx, sql, small.0).unwrap();
    tx.commit().await.unwrap();
    let view = ask(&hearth, SimulateQuery::default()).await;
    let answer = view.answer.unwrap();
    assert_eq!((view.asked, answer.verdict.as_str(), &answer.now), (0, "no difference", &answer.then));
    assert_eq!(
        (view.now_wanted.as_str(), view.now_build.as_str()),
        ("* 8-18 * * *: 4; else 2", "1 min 30 s, 95% within 1 min 30 s")
    );
    assert!(
        answer.hcl.contains("    ttl = 7200") && answer.hcl.contains("cron      = \"* 8-18 * * *\""),
        "{}",
        answer.hcl
    );
    let jon = actor(SYSTEM_USER, "jon", Role::Member);
    let refused = simulate(&hearth, &jon, ("web", "small"), &SimulateQuery::default()).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
});
