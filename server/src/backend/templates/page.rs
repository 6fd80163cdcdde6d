//! The page of one template: its presets, its versions, its rehearsals.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{
        NeedyPreset, PoolRow, PresetQuery, RehearsalRow, ScheduleView, TemplatePreset, TemplateQuery,
        TemplateTab, TemplateView,
    },
};
use hearth_prebuilds::{
    ids::{PresetId, SYSTEM_USER, VersionId},
    next_change,
    pool_state::DriftState,
};
use sqlx::types::Json;

use super::{NOT_FOUND, list, named, version};
use crate::{
    backend::{
        decisions, frame, history,
        overview::urgency,
        pools::{self, Beside, PoolNow},
        preset::week,
    },
    engine::known_drift::rehearsed,
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn, count,
        page::{
            presets::ActivePreset,
            templates::{self, DeclaredPreset, Rehearsal},
        },
        rehearsals::Known,
        templates::Template,
        versions,
    },
};

/// How many versions and rehearsals a page lists.
const ROWS: usize = 50;

pub async fn template(
    hearth: &Hearth,
    actor: &Actor,
    name: &str,
    query: &TemplateQuery,
) -> Result<TemplateView> {
    let now = hearth.clock.now();
    let template = named(hearth, name).await?;
    let all = pools::read(hearth, now).await?;
    let own: Vec<PoolNow> = all.into_iter().filter(|pool| pool.key.template_id == template.id).collect();
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let beside = Beside::read(&mut conn, &own, &[], now).await?;
    let rows: Vec<PoolRow> = own.iter().map(|pool| beside.row(pool, actor)).collect();
    let listed = templates::list(&mut conn).await?.into_iter().find(|listed| listed.id == template.id);
    let row = list::row(listed.ok_or(NOT_FOUND)?, &rows, actor);
    let tab = match query.tab.as_str() {
        "versions" if frame.reads_pools => versions_tab(&mut conn, &template, &query.before).await?,
        "rehearsals" if frame.reads_pools => rehearsals_tab(&mut conn, &template).await?,
        _ => {
            let (mut history, mut needy) = (None, None);
            if frame.reads_pools && !own.is_empty() {
                let ids: Vec<PresetId> = own.iter().map(|pool| pool.preset.id).collect();
                history = Some(history::read(&mut conn, (template.id, None), &ids, &query.range, now).await?);
                needy = neediest(&mut conn, own.iter().zip(rows)).await?.map(Box::new);
            }
            let declared = templates::presets(&mut conn, &[template.active_version_id]).await?;
            let mut pools: HashMap<PresetId, PoolNow> =
                own.into_iter().map(|pool| (pool.preset.id, pool)).collect();
            let preset = |declared: DeclaredPreset| {
                let pool = pools.remove(&declared.id);
                preset((&template, &row.version), &declared, pool, (&beside, actor, now))
            };
            TemplateTab::Presets { rows: declared.into_iter().map(preset).collect(), history, needy }
        }
    };
    let versions = count(versions::count(&mut conn, template.id).await?);
    Ok(TemplateView { frame, row, versions, tab })
}

/// The pool that needs a person most, with the newest decision about it.
async fn neediest(
    conn: &mut Conn,
    pools: impl Iterator<Item = (&PoolNow, PoolRow)>,
) -> Result<Option<NeedyPreset>> {
    let first = pools.min_by_key(|(_, row)| urgency(&row.state, row.drift.replaces()));
    let Some((pool, row)) = first else { return Ok(None) };
    let shown = decisions::shown(conn, (&pool.key, pool.preset.id), &PresetQuery::default()).await?;
    Ok(shown.why.map(|why| NeedyPreset { pool: row, why }))
}

fn preset(
    (template, version): (&Template, &str),
    declared: &DeclaredPreset,
    pool: Option<PoolNow>,
    (beside, actor, now): (&Beside, &Actor, DateTime<Utc>),
) -> TemplatePreset {
    let has_pool = pool.is_some();
    let pool = pool.unwrap_or_else(|| {
        let preset = ActivePreset {
            id: declared.id,
            template_id: template.id,
            organization_id: template.organization_id,
            version_id: declared.version_id,
            template: template.name.clone(),
            version: version.to_owned(),
            name: declared.name.clone(),
            description: String::new(),
            parameters: declared.parameters.clone(),
            declared: Json(Vec::new()),
        };
        PoolNow::without(&preset, now)
    });
    let scheduling = pool.preset.scheduling.clone().unwrap_or_default();
    let week = week(&scheduling, pool.preset.instances, now);
    let lines = scheduling.schedules.into_iter().map(|line| (line.cron, line.instances));
    TemplatePreset {
        pool: beside.row(&pool, actor),
        has_pool,
        schedule: ScheduleView {
            lines: lines.collect(),
            otherwise: pool.preset.instances,
            timezone: scheduling.timezone,
        },
        week,
        next_change: next_change(&pool.preset, now),
    }
}

async fn versions_tab(conn: &mut Conn, template: &Template, before: &str) -> Result<TemplateTab> {
    let before = match before {
        "" => None,
        name => {
            let version = versions::by_name(conn, template.id, name).await?;
            Some(version.ok_or(Error::NotFound("The template version"))?)
        }
    };
    // More than is shown: the last one is compared with the one before it.
    let mut found = versions::newest(conn, template.id, before.as_ref(), ROWS as u32 + 1).await?;
    let rows = version::rows(conn, &found, template.active_version_id).await?;
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let older = found.last().filter(|_| more).map(|version| version.name.clone());
    Ok(TemplateTab::Versions { rows: rows.into_iter().take(ROWS).collect(), older })
}

async fn rehearsals_tab(conn: &mut Conn, template: &Template) -> Result<TemplateTab> {
    let found = templates::rehearsals(conn, template.id, ROWS as u32).await?;
    Ok(TemplateTab::Rehearsals(found.into_iter().map(rehearsal).collect()))
}

fn rehearsal(found: Rehearsal) -> RehearsalRow {
    let verdict = found.known().map(|known| rehearsed(&known));
    RehearsalRow {
        id: found.id,
        preset: found.preset_name,
        version: found.version_name,
        status: found.status.as_str().to_owned(),
        verdict,
        member: found.member,
        asked_by: Some(found.asked_by).filter(|_| found.asked_by_id != SYSTEM_USER.0),
        at: found.created_at,
    }
}

/// What is known of the claims of these versions, by preset with a pool.
pub(super) async fn verdicts(
    conn: &mut Conn,
    presets: &[DeclaredPreset],
    ids: &[VersionId],
) -> Result<HashMap<VersionId, Vec<(String, DriftState)>>> {
    let known = templates::rehearsed(conn, ids).await?;
    let mut known: HashMap<PresetId, Known> = known.into_iter().map(|it| (it.preset_id, it)).collect();
    let mut verdicts: HashMap<VersionId, Vec<(String, DriftState)>> = HashMap::new();
    for preset in presets.iter().filter(|preset| preset.instances.is_some()) {
        let verdict = known.remove(&preset.id).map_or(DriftState::NotRehearsed, |known| rehearsed(&known));
        verdicts.entry(preset.version_id).or_default().push((preset.name.clone(), verdict));
    }
    Ok(verdicts)
}
