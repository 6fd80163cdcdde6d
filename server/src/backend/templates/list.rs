//! Every template on one page.

use std::{cmp::Reverse, collections::HashMap};

use hearth_app::{
    backend::Actor,
    view::{PoolRow, Promoted, TemplateRow, TemplatesQuery, TemplatesView},
};
use hearth_prebuilds::{ids::TemplateId, pool_state::DriftState};

use crate::{
    backend::{
        frame,
        overview::urgency,
        pools::{self, Beside},
    },
    error::Result,
    hearth::Hearth,
    store::{
        count,
        page::templates::{self, Listed},
    },
};

const SORTS: [&str; 4] = ["name", "attention", "wanted", "claims"];

pub async fn templates(hearth: &Hearth, actor: &Actor, query: &TemplatesQuery) -> Result<TemplatesView> {
    let now = hearth.clock.now();
    let all = pools::read(hearth, now).await?;
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let beside = Beside::read(&mut conn, &all, &[], now).await?;
    let listed = templates::list(&mut conn).await?;
    drop(conn);
    let mut rows_of: HashMap<TemplateId, Vec<PoolRow>> = HashMap::new();
    for pool in &all {
        rows_of.entry(pool.key.template_id).or_default().push(beside.row(pool, actor));
    }
    let row = |listed: Listed| {
        let pools = rows_of.remove(&listed.id).unwrap_or_default();
        row(listed, &pools, actor)
    };
    let mut rows: Vec<TemplateRow> = listed.into_iter().map(row).collect();
    let total = count(rows.len() as i64);
    let wanted = query.q.trim().to_lowercase();
    let matches = |text: &str| text.to_lowercase().contains(&wanted);
    rows.retain(|row| matches(&row.name) || matches(&row.display_name));
    let known = query.sort.is_empty() || SORTS.contains(&query.sort.as_str());
    let ignored = (!known).then(|| format!("sort={}", query.sort)).into_iter().collect();
    sort(&mut rows, &query.sort);
    Ok(TemplatesView { frame, ignored, total, rows })
}

/// They come by name, and equal ones stay so.
fn sort(rows: &mut [TemplateRow], by: &str) {
    let attention = |row: &TemplateRow| {
        let drifts = row.drift.as_ref().is_some_and(DriftState::replaces);
        row.worst.as_ref().map_or(usize::MAX, |(_, state)| urgency(state, drifts))
    };
    match by {
        "attention" => rows.sort_by_key(attention),
        "wanted" => rows.sort_by_key(|row| Reverse(row.wanted)),
        "claims" => rows.sort_by_key(|row| Reverse(row.served_24h)),
        _ => {}
    }
}

/// A template with the rows of its pools.
pub(super) fn row(listed: Listed, pools: &[PoolRow], actor: &Actor) -> TemplateRow {
    let sum = |of: fn(&PoolRow) -> u32| pools.iter().map(of).sum();
    let reads = actor.role.reads_pools();
    let worst = pools.iter().min_by_key(|pool| urgency(&pool.state, pool.drift.replaces()));
    let drift = pools.iter().map(|pool| &pool.drift).max_by_key(|drift| badness(drift)).cloned();
    let promoted = listed.promoted_by.zip(listed.promoted_at);
    TemplateRow {
        name: listed.name,
        display_name: listed.display_name,
        description: listed.description,
        version: listed.version,
        promoted: promoted.filter(|_| reads).map(|(by, at)| Promoted { by, at: at.into() }),
        presets: count(listed.presets),
        ready: sum(|pool| pool.ready),
        coming: sum(|row| row.counts().coming()),
        wanted: sum(|pool| pool.wanted),
        served_24h: sum(|pool| pool.served_24h),
        requests_24h: sum(|pool| pool.requests_24h),
        worst: worst.map(|pool| (pool.preset.clone(), pool.state.clone())),
        drift: drift.filter(|_| reads),
        archived: Some(listed.deprecation_message).filter(|why| !why.is_empty()),
        workspaces: if reads { count(listed.workspaces) } else { 0 },
    }
}

/// The larger, the worse; among those that recreate something, the one that recreates more.
fn badness(drift: &DriftState) -> (u8, u32) {
    match drift {
        DriftState::Clean { .. } => (0, 0),
        DriftState::NotRehearsed => (1, 0),
        DriftState::Unknown { .. } => (2, 0),
        DriftState::Replaces { count, .. } => (3, *count),
    }
}
