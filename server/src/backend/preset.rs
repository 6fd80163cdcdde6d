//! The page of one preset.

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{
        AskedParameter, CauseLink, DemandView, HistoryView, PoolSettingsView, PresetQuery, PresetView,
        WeekView, WorkspaceRow,
    },
};
use hearth_prebuilds::{
    ids::CauseId, next_change, pool_state::WorkspaceStage, schedule, snapshot::Scheduling,
};
use hearth_provisioner::engine::Parameter;

use super::{
    decisions::{self, Shown},
    drift::occurrence,
    frame, history, pool_acts,
    pools::{self, Beside, NEWEST_CLAIMS},
    rehearsals, workspace_row,
};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn,
        drift::Seen,
        page::{self, presets::ActivePreset},
        pool_demand,
        pools::{PoolKey, settings},
        workspaces,
    },
};

pub async fn preset(
    hearth: &Hearth,
    actor: &Actor,
    (template, preset): (&str, &str),
    query: &PresetQuery,
) -> Result<PresetView> {
    let now = hearth.clock.now();
    let found = page::presets::active(&mut hearth.db.read().await?, template, preset).await?;
    let found = found.ok_or(Error::NotFound("The preset"))?;
    let pool = pools::read_one(hearth, &found, now).await?;
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let cold = page::pools::cold_builds_of(&mut conn, found.id).await?;
    let beside = Beside::read(&mut conn, std::slice::from_ref(&pool), &cold, now).await?;
    let row = beside.row(&pool, actor);
    let claims = page::pools::claims_of(&mut conn, found.template_id, &found.name, NEWEST_CLAIMS).await?;
    let claims = pools::millis(&claims);
    let taken = page::presets::taken_names(&mut conn, actor.user_id).await?;
    let (rehearsal, rehearsing) =
        if frame.reads_pools { rehearsals::shown(&mut conn, found.id).await? } else { (None, false) };
    let inside = if frame.reads_pools {
        inside(&mut conn, actor, (&found, &pool.key), query, now).await?
    } else {
        Inside::default()
    };
    let recreates = row.drift.replaces();
    let scheduling = pool.preset.scheduling.clone();
    let asked = asked(&found);
    Ok(PresetView {
        asked,
        preset_id: found.id,
        next_change: next_change(&pool.preset, now),
        suggested_name: free_name(&format!("{}-{}", actor.username, found.template), &taken),
        description: found.description,
        version: found.version,
        why: inside.shown.why,
        no_decision: inside.shown.missing,
        decisions: inside.shown.rows,
        older_decision: inside.shown.older,
        history: inside.history,
        demand: inside.demand,
        members: inside.members,
        policy: pool.policy,
        blocked: pool.policy.blocks(&row.drift).filter(|_| frame.reads_pools).map(|why| why.to_string()),
        parameters: found.parameters.0.into_iter().collect(),
        settings: inside.settings,
        instances: pool.preset.instances,
        ttl_seconds: pool.preset.ttl_seconds.filter(|ttl| *ttl > 0),
        timezone: scheduling.as_ref().map(|scheduling| scheduling.timezone.clone()),
        week: scheduling.as_ref().and_then(|scheduling| week(scheduling, pool.preset.instances, now)),
        schedules: scheduling.map(lines).unwrap_or_default(),
        claim_p50_ms: pools::median(claims.clone()),
        claim_p95_ms: pools::percentile(claims, 95),
        replacements: inside.seen.into_iter().filter(|_| recreates).map(occurrence).collect(),
        causes: inside.causes,
        rehearsal,
        rehearsing,
        pool: row,
        frame,
    })
}

/// Parameters whose value a claim may change: a member is built with their default, and they are not settled by it.
fn asked(preset: &ActivePreset) -> Vec<AskedParameter> {
    let open = preset.declared.iter().filter(|it| it.mutable && !preset.parameters.contains_key(&it.name));
    let view = |it: &Parameter| AskedParameter {
        name: it.name.clone(),
        label: if it.display_name.is_empty() { it.name.clone() } else { it.display_name.clone() },
        description: it.description.clone(),
        kind: it.r#type.clone(),
        long: it.form_type == "textarea",
        value: it.default_value.clone().unwrap_or_default(),
        options: it.options.iter().map(|option| (option.value.clone(), option.name.clone())).collect(),
        min: it.validation_min,
        max: it.validation_max,
        once: it.ephemeral,
    };
    open.map(view).collect()
}

/// What only those see who read pools.
#[derive(Default)]
struct Inside {
    shown: Shown,
    members: Vec<WorkspaceRow>,
    seen: Vec<Seen>,
    causes: Vec<CauseLink>,
    demand: Vec<DemandView>,
    history: Option<HistoryView>,
    settings: PoolSettingsView,
}

async fn inside(
    conn: &mut Conn,
    actor: &Actor,
    (preset, pool): (&ActivePreset, &PoolKey),
    query: &PresetQuery,
    now: DateTime<Utc>,
) -> Result<Inside> {
    let shown = decisions::shown(conn, (pool, preset.id), query).await?;
    let members = workspaces::members(conn, preset.template_id, &preset.name).await?;
    let mut members = workspace_row::rows(conn, actor, members, now).await?;
    // Eligible ones first; they come oldest first, and stay so.
    members.sort_by_key(|member| member.stage != WorkspaceStage::Ready);
    let seen = page::drift::of_newest_claim(conn, preset.version_id, &preset.name).await?;
    let causes = page::drift::unfixed(conn, pool).await?.into_iter();
    let causes = causes.map(|(id, address, path)| CauseLink { id: CauseId(id), address, path }).collect();
    let demand = pool_demand::windows(conn, Some(pool), now).await?.pop();
    let demand = pools::demand(demand.map(|windows| windows.demand).unwrap_or_default());
    let settings = settings(conn, pool).await?.map(|stored| pool_acts::settings(&stored, now));
    let history = Some(
        history::read(conn, (pool.template_id, Some(&pool.preset_name)), &[preset.id], &query.range, now)
            .await?,
    );
    Ok(Inside { shown, members, seen, causes, demand, history, settings: settings.unwrap_or_default() })
}

/// `None`: there is no line, or one that cannot be followed.
pub fn week(scheduling: &Scheduling, instances: u32, now: DateTime<Utc>) -> Option<WeekView> {
    let week =
        schedule::week(scheduling, instances, now).ok().filter(|_| !scheduling.schedules.is_empty())?;
    Some(WeekView { hours: week.hours, now: week.now })
}

fn lines(scheduling: Scheduling) -> Vec<(String, u32)> {
    scheduling.schedules.into_iter().map(|line| (line.cron, line.instances)).collect()
}

/// The longest name that a workspace may have.
const LONGEST_NAME: usize = 32;

/// A name that the person's workspaces do not have yet: the wanted one, or the first with a number.
fn free_name(wanted: &str, taken: &[String]) -> String {
    let words = wanted.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut base = words.collect::<Vec<_>>().join("-").to_lowercase();
    base.truncate(LONGEST_NAME - 4);
    let base = base.trim_end_matches('-');
    let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
    let mut names = std::iter::once(base.to_owned()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_name_is_short_plain_and_not_taken() {
        assert_eq!(free_name("maria-web", &[]), "maria-web");
        let taken = ["maria-web".to_owned(), "maria-web-2".to_owned()];
        assert_eq!(free_name("Maria-web", &taken), "maria-web-3");
        assert_eq!(free_name("m.a--r_ia", &[]), "m-a-r-ia");
        let long = free_name(&"long-name-".repeat(9), &[]);
        assert!(long.len() <= LONGEST_NAME && !long.ends_with('-'), "{long}");
        assert!(crate::names::check("name", &long).is_ok());
    }
}
