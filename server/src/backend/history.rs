//! The past of pools as a series to draw: from the record of decisions, and from what was asked of the pools.

use std::collections::HashMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use hearth_app::view::{HistoryView, SlotPool, SlotView};
use hearth_prebuilds::ids::{PresetId, TemplateId};

use crate::{
    error::Result,
    store::{
        Conn, count,
        decisions::{self, Level},
        pool_demand::{self, Demand},
    },
};

/// How many decisions of a pool are read for a chart. Where there are more, it begins later.
const MOST_DECISIONS: u32 = 2000;
/// The same for a drawing in a row.
const MOST_FOR_A_ROW: u32 = 500;

/// How far a chart goes back, and in what steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    slots: usize,
    minutes: u32,
}

impl Scale {
    const DAY: Self = Self { slots: 96, minutes: 15 };
    const WEEK: Self = Self { slots: 168, minutes: 60 };
    /// In a row.
    const SMALL_DAY: Self = Self { slots: 48, minutes: 30 };

    fn named(range: &str) -> Self {
        if range == "7d" { Self::WEEK } else { Self::DAY }
    }

    fn slot(self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.minutes))
    }

    /// The last slot is the one that `now` is in.
    fn from(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.duration_trunc(self.slot()).unwrap_or(now) - self.slot() * (self.slots as i32 - 1)
    }
}

/// Of one pool of a template, or of all of them together. Each preset stands for its pool.
pub async fn read(
    conn: &mut Conn,
    (template, pool): (TemplateId, Option<&str>),
    presets: &[PresetId],
    range: &str,
    now: DateTime<Utc>,
) -> Result<HistoryView> {
    let scale = Scale::named(range);
    let from = scale.from(now);
    let demand = pool_demand::quarters(conn, template, pool, from).await?;
    let record = record(conn, presets, from, MOST_DECISIONS).await?;
    let views = record.values().map(|points| view(points, &demand, (scale, from, now)));
    Ok(views.reduce(together).unwrap_or_else(|| view(&[], &demand, (scale, from, now))))
}

/// The last day of each pool, without what was asked of it.
pub async fn days(
    conn: &mut Conn,
    presets: &[PresetId],
    now: DateTime<Utc>,
) -> Result<HashMap<PresetId, HistoryView>> {
    let scale = Scale::SMALL_DAY;
    let from = scale.from(now);
    let record = record(conn, presets, from, MOST_FOR_A_ROW).await?;
    let day = |preset: &PresetId| {
        let points = record.get(preset).map(Vec::as_slice).unwrap_or_default();
        (*preset, view(points, &[], (scale, from, now)))
    };
    Ok(presets.iter().map(day).collect())
}

/// What the pools of these presets were like, oldest first, beginning with what was in force at `from`.
async fn record(
    conn: &mut Conn,
    presets: &[PresetId],
    from: DateTime<Utc>,
    most: u32,
) -> Result<HashMap<PresetId, Vec<Point>>> {
    let mut record: HashMap<PresetId, Vec<Point>> = HashMap::new();
    for level in decisions::levels(conn, presets, from, most).await? {
        record.entry(level.preset_id).or_default().extend(Point::of(level));
    }
    Ok(record)
}

fn view(
    points: &[Point],
    demand: &[(DateTime<Utc>, Demand)],
    (scale, from, now): (Scale, DateTime<Utc>, DateTime<Utc>),
) -> HistoryView {
    HistoryView {
        from,
        slot_minutes: scale.minutes,
        slots: slots(points, demand, (scale, from, now)),
        versions: versions(points, scale, from),
    }
}

/// Two pools of one template as one. What was asked is that of the template in both.
fn together(mut one: HistoryView, other: HistoryView) -> HistoryView {
    for (slot, other) in one.slots.iter_mut().zip(other.slots) {
        slot.pool = match (slot.pool, other.pool) {
            (Some(pool), Some(other)) => Some(SlotPool {
                wanted: pool.wanted + other.wanted,
                ready: pool.ready + other.ready,
                held_back: pool.held_back || other.held_back,
            }),
            (pool, other) => pool.or(other),
        };
    }
    one.versions.extend(other.versions);
    one.versions.sort();
    one.versions.dedup_by(|later, before| later.1 == before.1);
    one
}

/// What the pool was like from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Point {
    at: DateTime<Utc>,
    pool: SlotPool,
    version: String,
}

impl Point {
    /// A decision that this version cannot read is left out.
    fn of(level: Level) -> Option<Self> {
        let (wanted, ready) = (count(level.wanted?), count(level.ready?));
        let pool = SlotPool { wanted, ready, held_back: level.held_back };
        Some(Self { at: level.decided_at, pool, version: level.version_name })
    }
}

/// Of all that was in force in a slot: the last number wanted, the fewest ready, and whether anything was held back.
fn slots(
    points: &[Point],
    demand: &[(DateTime<Utc>, Demand)],
    (scale, from, now): (Scale, DateTime<Utc>, DateTime<Utc>),
) -> Vec<SlotView> {
    let slot = |at: usize| {
        let begin = from + scale.slot() * at as i32;
        let end = (begin + scale.slot()).min(now + TimeDelta::microseconds(1));
        let first = points.partition_point(|point| point.at <= begin).saturating_sub(1);
        let in_force = points[first..].iter().take_while(|point| point.at < end);
        let pool = in_force.map(|point| point.pool).reduce(|before, after| SlotPool {
            wanted: after.wanted,
            ready: before.ready.min(after.ready),
            held_back: before.held_back || after.held_back,
        });
        let asked = demand.iter().filter(|(at, _)| (begin..begin + scale.slot()).contains(at));
        let (claims, misses) =
            asked.fold((0, 0), |(claims, misses), (_, it)| (claims + it.claims, misses + it.misses));
        SlotView { pool, claims: count(claims), misses: count(misses) }
    };
    (0..scale.slots).map(slot).collect()
}

fn versions(points: &[Point], scale: Scale, from: DateTime<Utc>) -> Vec<(usize, String)> {
    let changes = points.windows(2).filter(|pair| pair[0].version != pair[1].version);
    let place = |at: DateTime<Utc>| {
        let slot = (at - from).num_minutes() / i64::from(scale.minutes);
        usize::try_from(slot).ok().filter(|slot| *slot < scale.slots)
    };
    changes.filter_map(|pair| Some((place(pair[1].at)?, pair[1].version.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn point(minute: i64, wanted: u32, ready: u32, version: &str) -> Point {
        let pool = SlotPool { wanted, ready, held_back: false };
        Point { at: at(minute), pool, version: version.to_owned() }
    }

    #[test]
    fn a_slot_shows_the_fewest_that_were_ready_and_the_last_number_wanted() {
        let scale = Scale { slots: 4, minutes: 15 };
        let points =
            [point(16, 2, 2, "v1"), point(20, 2, 0, "v1"), point(25, 3, 1, "v1"), point(31, 3, 3, "v2")];
        let demand = [(at(15), Demand { claims: 2, misses: 1 })];
        let slots = slots(&points, &demand, (scale, at(0), at(50)));
        let pool = |slot: &SlotView| slot.pool.map(|pool| (pool.wanted, pool.ready));
        assert_eq!(
            slots.iter().map(pool).collect::<Vec<_>>(),
            [
                None,
                Some((3, 0)),
                // The slot begins with what was in force before it.
                Some((3, 1)),
                Some((3, 3)),
            ]
        );
        assert_eq!((slots[1].claims, slots[1].misses, slots[0].claims), (2, 1, 0));
        assert_eq!(versions(&points, scale, at(0)), [(2, "v2".to_owned())]);
    }

    #[test]
    fn the_last_slot_is_the_one_that_now_is_in() {
        let now = at(60 * 24 * 30 + 7);
        for scale in [Scale::DAY, Scale::WEEK] {
            let last = scale.from(now) + scale.slot() * (scale.slots as i32 - 1);
            assert!(last <= now && now < last + scale.slot());
        }
    }
    #[test]
    fn pools_of_a_template_are_added_up_and_a_new_version_is_marked_once() {
        let scale = Scale { slots: 3, minutes: 15 };
        let place = (scale, at(0), at(40));
        let one = view(&[point(0, 2, 1, "v1"), point(16, 2, 2, "v2")], &[], place);
        let other = view(&[point(15, 1, 0, "v1"), point(17, 1, 1, "v2")], &[], place);
        let view = together(one, other);
        let pools: Vec<_> =
            view.slots.iter().map(|slot| slot.pool.map(|pool| (pool.wanted, pool.ready))).collect();
        assert_eq!(pools, [Some((2, 1)), Some((3, 1)), Some((3, 3))]);
        assert_eq!(view.versions, [(1, "v2".to_owned())]);
    }
}
