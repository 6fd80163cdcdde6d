use chrono::{DateTime, TimeDelta, Utc};
use hearth_server::store::{
    Db,
    pool_demand::{self, Demand, Windows},
    pool_events::PoolEvent,
    pools::PoolKey,
};

use crate::{
    on_both_databases,
    support::{
        statements,
        world::{self, minutes, start},
    },
};

async fn asked(db: &Db, pool: &PoolKey, kind: PoolEvent, at: DateTime<Utc>) {
    let mut tx = db.write().await.unwrap();
    pool_demand::add(&mut tx, pool, kind, at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn pool(db: &Db, name: &str) -> PoolKey {
    PoolKey { template_id: world::template(db, name).await.id, preset_name: "small".to_owned() }
}

async fn windows(db: &Db, pool: Option<&PoolKey>, now: DateTime<Utc>) -> Vec<Windows> {
    pool_demand::windows(&mut db.read().await.unwrap(), pool, now).await.unwrap()
}

fn claims(windows: &[Windows]) -> [i64; 4] {
    windows[0].demand.map(|demand| demand.claims)
}

on_both_databases!(demand_is_counted_in_every_window_that_it_lies_in, |db| async {
    let (web, other) = (pool(&db, "web").await, pool(&db, "other").await);
    for _ in 0..3 {
        asked(&db, &web, PoolEvent::Claim, start()).await;
    }
    asked(&db, &web, PoolEvent::Miss, start()).await;
    asked(&db, &other, PoolEvent::Miss, start()).await;
    let now = minutes(0) + TimeDelta::seconds(30);
    let demand = Demand { claims: 3, misses: 1 };
    assert_eq!(windows(&db, Some(&web), now).await, [Windows { pool: web.clone(), demand: [demand; 4] }]);
    assert_eq!(windows(&db, None, now).await.len(), 2);

    for (later, expected) in [
        (TimeDelta::minutes(5), [3, 3, 3, 3]),
        (TimeDelta::minutes(6), [0, 3, 3, 3]),
        (TimeDelta::minutes(62), [0, 0, 3, 3]),
        (TimeDelta::hours(24), [0, 0, 3, 3]),
        (TimeDelta::minutes(24 * 60 + 15), [0, 0, 0, 3]),
        (TimeDelta::days(7), [0, 0, 0, 3]),
    ] {
        assert_eq!(claims(&windows(&db, Some(&web), start() + later).await), expected, "{later}");
    }
    assert_eq!(windows(&db, None, start() + TimeDelta::minutes(7 * 24 * 60 + 15)).await, []);
});

on_both_databases!(today_begins_at_midnight_and_a_day_is_the_last_24_hours, |db| async {
    let web = pool(&db, "web").await;
    let midnight = start() - TimeDelta::hours(9);
    asked(&db, &web, PoolEvent::Claim, midnight - TimeDelta::microseconds(1)).await;
    asked(&db, &web, PoolEvent::Claim, midnight).await;
    asked(&db, &web, PoolEvent::Miss, midnight).await;
    let day = pool_demand::last_day(&mut db.read().await.unwrap(), midnight, start()).await.unwrap();
    assert_eq!((day.len(), day[0].claims_today, day[0].claims, day[0].misses), (1, 1, 2, 1));
});

on_both_databases!(what_no_window_reaches_is_forgotten_a_piece_at_a_time, |db| async {
    let web = pool(&db, "web").await;
    for minute in [0, 1, 2] {
        asked(&db, &web, PoolEvent::Claim, minutes(minute)).await;
    }
    let forget = async |now, limit| {
        let mut tx = db.write().await.unwrap();
        let forgotten = pool_demand::forget(&mut tx, now, limit).await.unwrap();
        tx.commit().await.unwrap();
        forgotten
    };
    assert_eq!(forget(minutes(60), 10).await, 0);
    // The three minutes; their quarter is needed for a week.
    assert_eq!(forget(minutes(180), 2).await, 2);
    assert_eq!(forget(minutes(180), 2).await, 1);
    assert_eq!(claims(&windows(&db, Some(&web), start() + TimeDelta::days(7)).await), [0, 0, 0, 3]);
    assert_eq!(forget(start() + TimeDelta::days(9), 10).await, 1);
});

#[tokio::test]
async fn the_windows_of_every_pool_are_one_statement() {
    let db = crate::support::databases::postgres().await;
    for name in ["a", "b", "c"] {
        let pool = pool(&db, name).await;
        asked(&db, &pool, PoolEvent::Claim, start()).await;
    }
    let (pools, count) = statements::of(async || windows(&db, None, start()).await.len()).await;
    assert_eq!((pools, count), (3, 1));
}
