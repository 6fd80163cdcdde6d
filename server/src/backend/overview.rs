//! Every pool on one page.

use std::{cmp::Reverse, collections::HashMap};

use hearth_app::{
    backend::Actor,
    view::{BedPool, OverviewQuery, OverviewView, PageView, PoolRow, Totals},
};
use hearth_prebuilds::{ids::PresetId, pool_state::PoolState};

use super::{
    frame, history,
    pools::{self, Beside, NEWEST_CLAIMS},
};
use crate::{
    error::Result,
    hearth::Hearth,
    store::{Conn, count, page, pool_events},
};

/// How many pools a page of the table has.
const ROWS: usize = 50;

pub async fn overview(hearth: &Hearth, actor: &Actor, query: &OverviewQuery) -> Result<OverviewView> {
    let now = hearth.clock.now();
    let pools = pools::read(hearth, now).await?;
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let cold = page::pools::cold_builds(&mut conn).await?;
    let beside = Beside::read(&mut conn, &pools, &cold, now).await?;
    let claims = page::pools::claims(&mut conn, NEWEST_CLAIMS).await?;
    let any_template = page::templates::any(&mut conn).await?;
    let first_steps = first_steps(&mut conn, actor).await?;
    let rows: Vec<PoolRow> = pools.iter().map(|pool| beside.row(pool, actor)).collect();
    let mut totals = totals(&rows);
    if actor.role.reads_pools() {
        totals.median_claim_ms = pools::median(pools::millis(&claims));
        totals.median_cold_ms = beside.median_cold();
    }
    let bed = rows.iter().map(bed).collect();
    let chips = chips(&rows, &query.state);
    let mut templates: Vec<String> = rows.iter().map(|row| row.template.clone()).collect();
    templates.dedup();
    let ignored = ignored(query, &templates);
    let mut found: Vec<(PresetId, PoolRow)> = pools.iter().map(|pool| pool.preset.id).zip(rows).collect();
    filter(&mut found, query, &ignored);
    sort(&mut found, &query.sort);
    let (page, found) = paged(found, query);
    let (ids, rows): (Vec<PresetId>, Vec<PoolRow>) = found.into_iter().unzip();
    let mut days = HashMap::new();
    if actor.role.reads_pools() {
        days = history::days(&mut conn, &ids, now).await?;
    }
    let days = ids.iter().filter_map(|id| days.remove(id)).collect();
    Ok(OverviewView {
        frame,
        totals,
        bed,
        chips,
        any_template,
        first_steps,
        templates,
        ignored,
        rows,
        page,
        days,
    })
}

/// Whether this server still waits for its first claim, and the actor can bring what it takes.
pub(super) async fn first_steps(conn: &mut Conn, actor: &Actor) -> Result<bool> {
    Ok(actor.role.administers_templates() && !pool_events::any_claim(conn).await?)
}

/// The page that is asked for; past the last one, that.
fn paged<T>(found: Vec<T>, query: &OverviewQuery) -> (PageView, Vec<T>) {
    let pages = found.len().div_ceil(ROWS).max(1);
    let number = query.page.parse().unwrap_or(1_usize).clamp(1, pages);
    let before = (number - 1) * ROWS;
    let number_of = |number: usize| count(number as i64);
    let page = PageView {
        number: number_of(number),
        pages: number_of(pages),
        before: number_of(before),
        total: number_of(found.len()),
    };
    (page, found.into_iter().skip(before).take(ROWS).collect())
}

fn totals(rows: &[PoolRow]) -> Totals {
    let sum = |of: fn(&PoolRow) -> u32| rows.iter().map(of).sum();
    Totals {
        ready: sum(|row| row.ready),
        wanted: sum(|row| row.wanted),
        missing: sum(PoolRow::missing),
        short_pools: count(rows.iter().filter(|row| row.missing() > 0).count() as i64),
        claims_today: sum(|row| row.claims_today),
        served_24h: sum(|row| row.served_24h),
        requests_24h: sum(|row| row.requests_24h),
        median_claim_ms: None,
        median_cold_ms: None,
    }
}

fn bed(row: &PoolRow) -> BedPool {
    BedPool {
        template: row.template.clone(),
        preset: row.preset.clone(),
        state: row.state.clone(),
        counts: row.counts(),
    }
}

fn chips(rows: &[PoolRow], asked: &str) -> Vec<(String, u32)> {
    let counted = |slug: &str, is: &dyn Fn(&PoolRow) -> bool| {
        let count = rows.iter().filter(|row| is(row)).count();
        (slug.to_owned(), u32::try_from(count).unwrap_or(u32::MAX))
    };
    let states = PoolState::SLUGS.iter().map(|slug| counted(slug, &|row| row.state.slug() == *slug));
    let mut chips = vec![counted("all", &|_| true), counted("attention", &|row| row.state.needs_attention())];
    if asked == "missing" {
        chips.push(counted("missing", &|row| row.missing() > 0));
    }
    chips.extend(states.filter(|(_, count)| *count > 0));
    chips
}

const SORTS: [&str; 5] = ["attention", "name", "ready", "wanted", "claims"];

/// Filters that mean nothing here; they are left out of the filtering and named on the page.
fn ignored(query: &OverviewQuery, templates: &[String]) -> Vec<String> {
    let known_state = matches!(query.state.as_str(), "all" | "attention" | "missing")
        || PoolState::SLUGS.contains(&query.state.as_str());
    let checks = [
        ("state", &query.state, known_state),
        ("template", &query.template, templates.contains(&query.template)),
        ("sort", &query.sort, SORTS.contains(&query.sort.as_str())),
        ("page", &query.page, query.page.parse().is_ok_and(|page: usize| page > 0)),
    ];
    let unknown = checks.into_iter().filter(|(_, value, known)| !value.is_empty() && !known);
    unknown.map(|(name, value, _)| format!("{name}={value}")).collect()
}

fn filter(rows: &mut Vec<(PresetId, PoolRow)>, query: &OverviewQuery, ignored: &[String]) {
    let holds = |name: &str, value: &str| !value.is_empty() && !ignored.contains(&format!("{name}={value}"));
    if holds("state", &query.state) {
        rows.retain(|(_, row)| match query.state.as_str() {
            "all" => true,
            "attention" => row.state.needs_attention(),
            "missing" => row.missing() > 0,
            slug => row.state.slug() == slug,
        });
    }
    if holds("template", &query.template) {
        rows.retain(|(_, row)| row.template == query.template);
    }
    let wanted = query.q.trim().to_lowercase();
    rows.retain(|(_, row)| format!("{} / {}", row.template, row.preset).to_lowercase().contains(&wanted));
}

/// They come by name, and equal ones stay so.
fn sort(rows: &mut [(PresetId, PoolRow)], by: &str) {
    match by {
        "name" => {}
        "ready" => rows.sort_by_key(|(_, row)| Reverse(row.ready)),
        "wanted" => rows.sort_by_key(|(_, row)| Reverse(row.wanted)),
        "claims" => rows.sort_by_key(|(_, row)| Reverse(row.claims_today)),
        _ => rows.sort_by_key(|(_, row)| urgency(&row.state, row.drift.replaces())),
    }
}

/// What needs a person comes first, then claims that recreate something, then what is under way.
pub(super) fn urgency(state: &PoolState, drifts: bool) -> usize {
    match state {
        PoolState::HardLimited { .. } => 0,
        PoolState::ValidationFailed => 1,
        PoolState::BackingOff { .. } => 2,
        PoolState::Empty => 3,
        _ if drifts => 4,
        PoolState::Filling => 5,
        PoolState::PausedAll | PoolState::Paused => 6,
        PoolState::Shrinking { .. } => 7,
        PoolState::Healthy => 8,
        PoolState::OffHours { .. } => 9,
        PoolState::Retired { .. } => 10,
    }
}
