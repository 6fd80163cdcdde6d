//! Every pool, as the overview has them.

use super::*;

/// As far as a person may see it.
pub fn seen(row: PoolRow, reads_pools: bool) -> PoolRow {
    if reads_pools {
        return row;
    }
    let drift = DriftState::NotRehearsed;
    let unknown = PoolRow { claims_today: 0, served_24h: 0, requests_24h: 0, drift, ..row };
    PoolRow { pause: None, failed_build: None, ..unknown }
}

pub fn overview(frame: Frame, query: &OverviewQuery, empty: bool) -> OverviewView {
    let all = if empty { Vec::new() } else { rows() };
    let all: Vec<_> = all.into_iter().map(|row| seen(row, frame.reads_pools)).collect();
    let mut bed: Vec<_> = all
        .iter()
        .map(|row| BedPool {
            template: row.template.clone(),
            preset: row.preset.clone(),
            state: row.state.clone(),
            counts: row.counts(),
        })
        .collect();
    bed.sort_by(|a, b| (&a.template, &a.preset).cmp(&(&b.template, &b.preset)));
    let mut chips = vec![("all".to_owned(), all.len() as u32)];
    chips.push(("attention".to_owned(), all.iter().filter(|row| row.state.needs_attention()).count() as u32));
    for slug in
        ["hard_limited", "backing_off", "empty", "filling", "shrinking", "paused", "healthy", "off_hours"]
    {
        let count = all.iter().filter(|row| row.state.slug() == slug).count();
        if count > 0 {
            chips.push((slug.to_owned(), count as u32));
        }
    }
    let known = |state: &str| chips.iter().any(|(slug, _)| slug == state);
    let mut templates: Vec<_> = all.iter().map(|row| row.template.clone()).collect();
    templates.sort();
    templates.dedup();
    let ignored = if query.state.is_empty() || known(&query.state) {
        vec![]
    } else {
        vec![format!("state={}", query.state)]
    };
    let rows = all.into_iter().filter(|row| {
        let state = match query.state.as_str() {
            "attention" => row.state.needs_attention(),
            state => !known(state) || state == "all" || row.state.slug() == state,
        };
        state
            && row.preset.contains(&query.q)
            && (query.template.is_empty() || row.template == query.template)
    });
    let rows: Vec<_> = rows.collect();
    let days = if frame.reads_pools { vec![preset::history(); rows.len()] } else { Vec::new() };
    let total = rows.len() as u32;
    OverviewView {
        page: PageView { number: 1, pages: if query.page.is_empty() { 1 } else { 3 }, before: 0, total },
        days,
        any_template: !empty,
        first_steps: empty && frame.administers,
        frame,
        totals: Totals {
            ready: 44,
            wanted: 50,
            missing: 7,
            short_pools: 4,
            claims_today: 155,
            served_24h: 257,
            requests_24h: 276,
            median_claim_ms: Some(2100),
            median_cold_ms: Some(130_000),
        },
        bed,
        rows,
        chips,
        templates,
        ignored,
    }
}
