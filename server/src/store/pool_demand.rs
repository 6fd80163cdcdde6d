//! How often something was asked of each pool: claims and misses, added up when they happen, so that a window is a sum
//! of a few rows and not a scan of the events. A pool keeps its demand across versions.
//!
//! Each event is added to its minute and to its quarter of an hour. Minutes serve the short windows and are soon
//! forgotten; quarters serve the long ones. A window counts every row that it touches, so it may reach back a minute
//! (or a quarter) further than it says, and never leaves anything out.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::ids::TemplateId;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, pool_events::PoolEvent, pools::PoolKey};
use crate::{all, execute};

/// How long a row is, in seconds.
#[derive(Clone, Copy)]
enum Grain {
    Minute = 60,
    Quarter = 900,
}

impl Grain {
    /// Where the row that this instant belongs to begins.
    fn of(self, at: DateTime<Utc>) -> Timestamp {
        let length = self as i64 * 1_000_000;
        Timestamp(at.timestamp_micros().div_euclid(length) * length)
    }

    fn seconds(self) -> i64 {
        self as i64
    }
}

/// Adds an event. Late in its transaction, because everybody who asks this pool waits for the row.
pub async fn add(tx: &mut Tx, pool: &PoolKey, kind: PoolEvent, now: DateTime<Utc>) -> Result<()> {
    let (claims, misses): (i64, i64) = match kind {
        PoolEvent::Claim => (1, 0),
        PoolEvent::Miss => (0, 1),
    };
    execute!(
        tx,
        "INSERT INTO pool_demand (template_id, preset_name, grain, at, claims, misses)
         VALUES ($1, $2, $3, $4, $7, $8), ($1, $2, $5, $6, $7, $8)
         ON CONFLICT (template_id, preset_name, grain, at) DO UPDATE
         SET claims = pool_demand.claims + excluded.claims, misses = pool_demand.misses + excluded.misses",
        pool.template_id.0,
        &pool.preset_name,
        Grain::Minute.seconds(),
        Grain::Minute.of(now),
        Grain::Quarter.seconds(),
        Grain::Quarter.of(now),
        claims,
        misses
    )?;
    Ok(())
}

/// Forgets at most `limit` rows that no window reaches any more.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>, limit: u32) -> Result<u64> {
    let sql = tx.pick(
        "DELETE FROM pool_demand WHERE rowid IN (
             SELECT rowid FROM pool_demand WHERE (grain = $1 AND at < $2) OR (grain = $3 AND at < $4) LIMIT $5)",
        "DELETE FROM pool_demand WHERE ctid IN (
             SELECT ctid FROM pool_demand WHERE (grain = $1 AND at < $2) OR (grain = $3 AND at < $4) LIMIT $5)",
    );
    Ok(execute!(
        tx,
        sql,
        Grain::Minute.seconds(),
        Timestamp::from(now - TimeDelta::hours(2)),
        Grain::Quarter.seconds(),
        Timestamp::from(now - TimeDelta::days(8)),
        i64::from(limit)
    )?)
}

/// What was asked of a pool in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    pub claims: i64,
    pub misses: i64,
}

/// What was asked of a pool lately.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Day {
    #[sqlx(try_from = "Uuid")]
    pub template_id: TemplateId,
    pub preset_name: String,
    pub claims_today: i64,
    pub claims: i64,
    pub misses: i64,
}

/// Of every pool that anything was asked of in the last 24 hours.
pub async fn last_day(conn: &mut Conn, midnight: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<Day>> {
    Ok(all!(
        conn,
        Day,
        "SELECT template_id, preset_name, CAST(SUM(claims) AS BIGINT) AS claims, CAST(SUM(misses) AS BIGINT) AS misses,
             CAST(SUM(CASE WHEN at >= $3 THEN claims ELSE 0 END) AS BIGINT) AS claims_today
         FROM pool_demand WHERE grain = $1 AND at >= $2 GROUP BY template_id, preset_name",
        Grain::Quarter.seconds(),
        Grain::Quarter.of(now - TimeDelta::hours(24)),
        Timestamp::from(midnight)
    )?)
}

/// What was asked of one pool of a template, or of all, in each quarter of an hour in which anything was, oldest first.
pub async fn quarters(
    conn: &mut Conn,
    template: TemplateId,
    pool: Option<&str>,
    since: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, Demand)>> {
    let rows = all!(
        conn,
        (Timestamp, i64, i64),
        "SELECT at, CAST(SUM(claims) AS BIGINT), CAST(SUM(misses) AS BIGINT) FROM pool_demand
         WHERE template_id = $1 AND ($2 IS NULL OR preset_name = $2) AND grain = $3 AND at >= $4 GROUP BY at ORDER BY at",
        template.0,
        pool,
        Grain::Quarter.seconds(),
        Timestamp::from(since)
    )?;
    Ok(rows.into_iter().map(|(at, claims, misses)| (at.into(), Demand { claims, misses })).collect())
}

/// What was asked of a pool in each window.
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    pub pool: PoolKey,
    /// Of 5 minutes, 1 hour, 24 hours and 7 days, ending now.
    pub demand: [Demand; 4],
}

/// How long the windows are.
pub fn window_lengths() -> [TimeDelta; 4] {
    [TimeDelta::minutes(5), TimeDelta::hours(1), TimeDelta::hours(24), TimeDelta::days(7)]
}

#[derive(sqlx::FromRow)]
struct Row {
    template_id: Uuid,
    preset_name: String,
    claims_5m: i64,
    misses_5m: i64,
    claims_1h: i64,
    misses_1h: i64,
    claims_24h: i64,
    misses_24h: i64,
    claims_7d: i64,
    misses_7d: i64,
}

impl From<Row> for Windows {
    fn from(row: Row) -> Self {
        let demand = |claims, misses| Demand { claims, misses };
        Self {
            pool: PoolKey { template_id: TemplateId(row.template_id), preset_name: row.preset_name },
            demand: [
                demand(row.claims_5m, row.misses_5m),
                demand(row.claims_1h, row.misses_1h),
                demand(row.claims_24h, row.misses_24h),
                demand(row.claims_7d, row.misses_7d),
            ],
        }
    }
}

macro_rules! windows {
    ($which:literal) => {
        concat!(
            "SELECT template_id, preset_name,
                 CAST(SUM(CASE WHEN grain = $1 AND at >= $2 THEN claims ELSE 0 END) AS BIGINT) AS claims_5m,
                 CAST(SUM(CASE WHEN grain = $1 AND at >= $2 THEN misses ELSE 0 END) AS BIGINT) AS misses_5m,
                 CAST(SUM(CASE WHEN grain = $1 THEN claims ELSE 0 END) AS BIGINT) AS claims_1h,
                 CAST(SUM(CASE WHEN grain = $1 THEN misses ELSE 0 END) AS BIGINT) AS misses_1h,
                 CAST(SUM(CASE WHEN grain = $4 AND at >= $5 THEN claims ELSE 0 END) AS BIGINT) AS claims_24h,
                 CAST(SUM(CASE WHEN grain = $4 AND at >= $5 THEN misses ELSE 0 END) AS BIGINT) AS misses_24h,
                 CAST(SUM(CASE WHEN grain = $4 THEN claims ELSE 0 END) AS BIGINT) AS claims_7d,
                 CAST(SUM(CASE WHEN grain = $4 THEN misses ELSE 0 END) AS BIGINT) AS misses_7d
             FROM pool_demand
             WHERE ((grain = $1 AND at >= $3) OR (grain = $4 AND at >= $6))",
            $which,
            " GROUP BY template_id, preset_name"
        )
    };
}

/// Of one pool, or of every pool that anything was asked of.
pub async fn windows(conn: &mut Conn, pool: Option<&PoolKey>, now: DateTime<Utc>) -> Result<Vec<Windows>> {
    macro_rules! of {
        ($which:literal $(, $bind:expr)*) => {{
            let [short, hour, day, week] = window_lengths();
            all!(
                conn,
                Row,
                windows!($which),
                Grain::Minute.seconds(),
                Grain::Minute.of(now - short),
                Grain::Minute.of(now - hour),
                Grain::Quarter.seconds(),
                Grain::Quarter.of(now - day),
                Grain::Quarter.of(now - week)
                $(, $bind)*
            )
        }};
    }
    let rows = match pool {
        None => of!(""),
        Some(pool) => {
            of!(" AND template_id = $7 AND preset_name = $8", pool.template_id.0, &pool.preset_name)
        }
    }?;
    Ok(rows.into_iter().map(Into::into).collect())
}
