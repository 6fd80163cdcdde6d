//! The page of one version: its import, what it declares, and what making it the active one would do.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{DeclaredPresetView, LintView, ParameterView, Promoted, PromotionView, VersionRow, VersionView},
};
use hearth_prebuilds::{
    changes::{self, Change, Declared, DeclaredPool, DeclaredPreset},
    ids::{TemplateId, VersionId},
    schedule::desired_at,
    snapshot::{Schedule, Scheduling},
};
use hearth_provisioner::engine::Parameter;
use uuid::Uuid;

use super::{VERSION_NOT_FOUND, named, page::verdicts};
use crate::{
    backend::{
        frame, log, pool_acts,
        pools::{median, millis},
    },
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn, count,
        jobs::{self, Job, JobStatus},
        page::{
            pools,
            templates::{self, DeclaredPreset as Row},
        },
        pools::{PoolKey, all_settings},
        versions::{self, Version},
    },
};

fn require_reader(actor: &Actor) -> Result<()> {
    Error::unless(actor.role.reads_pools(), "Only template admins see the versions of templates.")
}

/// A version of a template, by their names; the part of its log after this line, or the newest.
pub async fn version(
    hearth: &Hearth,
    actor: &Actor,
    (template, name): (&str, &str),
    after: Option<i64>,
) -> Result<VersionView> {
    require_reader(actor)?;
    let template = named(hearth, template).await?;
    let found = versions::by_name(&mut hearth.db.read().await?, template.id, name).await?;
    let found = found.ok_or(VERSION_NOT_FOUND)?;
    let of = Some((template.id, template.name, template.active_version_id));
    view(hearth, actor, (found, of), after).await
}

/// One that belongs to no template yet.
pub(super) async fn loose(
    hearth: &Hearth,
    actor: &Actor,
    id: VersionId,
    after: Option<i64>,
) -> Result<VersionView> {
    require_reader(actor)?;
    let found = versions::by_id(&mut hearth.db.read().await?, id).await?;
    let found = found.filter(|version| version.template_id.is_none()).ok_or(VERSION_NOT_FOUND)?;
    view(hearth, actor, (found, None), after).await
}

async fn view(
    hearth: &Hearth,
    actor: &Actor,
    (found, template): (Version, Option<(TemplateId, String, VersionId)>),
    after: Option<i64>,
) -> Result<VersionView> {
    let now = hearth.clock.now();
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let job = jobs::by_id(&mut conn, found.job_id).await?.ok_or(VERSION_NOT_FOUND)?;
    let active_id = template.as_ref().map(|(_, _, active)| *active);
    let active = match active_id {
        Some(active) if active != found.id => versions::by_id(&mut conn, active).await?,
        _ => None,
    };
    let ids: Vec<VersionId> = std::iter::once(found.id).chain(active.iter().map(|it| it.id)).collect();
    let declared = Presets::read(&mut conn, &ids).await?;
    let log = log::of_job(&mut conn, (job.id, job.status), after).await?;
    let queue_position = count(jobs::queue_position(&mut conn, job.id).await?);
    let promotion = match &template {
        Some((id, _, active)) if *active != found.id && may_become_active(&found, &job) => {
            Some(promotion(&mut conn, hearth, *id, (found.id, &declared)).await?)
        }
        _ => None,
    };
    let mut row =
        row(&found, &job, active_id, verdicts(&mut conn, &declared.rows, &ids).await?.remove(&found.id));
    row.changes = active
        .as_ref()
        .filter(|_| job.status == JobStatus::Succeeded)
        .map(|active| changes::changes(&declared.of(active), &declared.of(&found)));
    Ok(VersionView {
        frame,
        id: found.id,
        job: job.id,
        template: template.map(|(_, name, _)| name),
        row,
        against: active.map(|active| active.name),
        queue_position,
        started_at: job.started_at.map(Into::into),
        finished_at: job.completed_at.map(Into::into),
        log,
        lint: found.warnings.0.iter().map(|warning| lint(warning)).collect(),
        presets: declared.views(found.id),
        parameters: found.parameters.0.into_iter().map(parameter).collect(),
        promotion,
    })
}

fn may_become_active(version: &Version, import: &Job) -> bool {
    !version.archived && import.status == JobStatus::Succeeded
}

/// Members of other versions go, and as many as are wanted now are built. The lane of the pools has all workers but
/// one.
async fn promotion(
    conn: &mut Conn,
    hearth: &Hearth,
    template: TemplateId,
    (version, declared): (VersionId, &Presets),
) -> Result<PromotionView> {
    let removed = templates::members_of_others(conn, template, version).await?;
    let own = declared.rows.iter().filter(|preset| preset.version_id == version);
    let (changed, now) = (all_settings(conn).await?, hearth.clock.now());
    let wanted = |preset: &Row| {
        let pool = PoolKey { template_id: template, preset_name: preset.name.clone() };
        let overridden = changed.get(&pool).and_then(|stored| pool_acts::settings(stored, now).override_);
        let declared = declared.preset(preset).pool?;
        Some(overridden.map_or_else(|| scheduled(&declared, now), |it| it.instances))
    };
    let built = own.filter_map(wanted).sum::<u32>();
    let cold = pools::cold_builds_of_template(conn, template).await?;
    let workers = u64::from(hearth.config.workers.saturating_sub(1).max(1));
    let turns = u64::from(built).div_ceil(workers);
    Ok(PromotionView {
        removed: removed.into_iter().map(|(preset, members)| (preset, count(members))).collect(),
        built,
        takes_ms: median(millis(&cold)).map(|ms| ms * turns).filter(|ms| *ms > 0),
    })
}

/// How many a pool wants by its schedule; one that cannot be followed counts for nothing.
fn scheduled(pool: &DeclaredPool, now: DateTime<Utc>) -> u32 {
    let by_schedule = pool.scheduling.as_ref().filter(|scheduling| !scheduling.schedules.is_empty());
    let wanted = by_schedule.and_then(|it| desired_at(it, pool.instances, now).ok());
    wanted.unwrap_or(pool.instances)
}

/// `main.tf:13: words`: place and words.
fn lint(warning: &str) -> LintView {
    let placed = warning.split_once(": ").filter(|(place, _)| {
        let line = place.rsplit_once(':').map(|(_, line)| line);
        line.is_some_and(|line| !line.is_empty() && line.chars().all(|c| c.is_ascii_digit()))
    });
    match placed {
        Some((place, text)) => LintView { place: Some(place.to_owned()), text: text.to_owned() },
        None => LintView { place: None, text: warning.to_owned() },
    }
}

fn parameter(parameter: Parameter) -> ParameterView {
    ParameterView {
        name: parameter.name,
        r#type: parameter.r#type,
        default: parameter.default_value,
        description: parameter.description,
    }
}

/// What some versions declare.
pub(super) struct Presets {
    rows: Vec<Row>,
    schedules: HashMap<Uuid, Vec<Schedule>>,
}

impl Presets {
    async fn read(conn: &mut Conn, versions: &[VersionId]) -> Result<Self> {
        let mut schedules: HashMap<Uuid, Vec<Schedule>> = HashMap::new();
        for (preset, cron, wanted) in templates::schedules(conn, versions).await? {
            schedules.entry(preset).or_default().push(Schedule { cron, instances: count(wanted) });
        }
        Ok(Self { rows: templates::presets(conn, versions).await?, schedules })
    }

    fn of(&self, version: &Version) -> Declared {
        let own = self.rows.iter().filter(|row| row.version_id == version.id);
        let parameters = version.parameters.0.iter();
        Declared {
            presets: own.map(|row| (row.name.clone(), self.preset(row))).collect(),
            parameters: parameters.map(|it| (it.name.clone(), it.default_value.clone())).collect(),
        }
    }

    fn preset(&self, row: &Row) -> DeclaredPreset {
        let schedules = self.schedules.get(&row.id.0).cloned().unwrap_or_default();
        let scheduling = row.schedule_timezone.clone().map(|timezone| Scheduling { timezone, schedules });
        let pool = row.instances.map(|wanted| DeclaredPool {
            instances: count(wanted),
            ttl_seconds: row.ttl_seconds.and_then(|ttl| u64::try_from(ttl).ok()),
            scheduling,
        });
        DeclaredPreset { parameters: row.parameters.0.clone(), pool }
    }

    /// The fewest and the most that are asked for at any time.
    fn span(&self, row: &Row) -> (u32, u32) {
        let own = row.instances.map_or(0, count);
        let scheduled = self.schedules.get(&row.id.0).into_iter().flatten().map(|line| line.instances);
        scheduled.fold((own, own), |(least, most), count| (least.min(count), most.max(count)))
    }

    fn views(&self, version: VersionId) -> Vec<DeclaredPresetView> {
        let own = self.rows.iter().filter(|row| row.version_id == version);
        let view = |row: &Row| DeclaredPresetView {
            name: row.name.clone(),
            wanted: row.instances.map(count),
            span: self.span(row),
            parameters: row.parameters.0.clone().into_iter().collect(),
        };
        own.map(view).collect()
    }
}

/// Versions as they come, newest first, each compared with the imported one before it.
pub(super) async fn rows(conn: &mut Conn, found: &[Version], active: VersionId) -> Result<Vec<VersionRow>> {
    let ids: Vec<VersionId> = found.iter().map(|version| version.id).collect();
    let declared = Presets::read(conn, &ids).await?;
    let imports = templates::imports(conn, &ids).await?;
    let imports: BTreeMap<Uuid, Job> = imports.into_iter().map(|job| (job.subject_id, job)).collect();
    let mut verdicts = verdicts(conn, &declared.rows, &ids).await?;
    let imported =
        |version: &&Version| imports.get(&version.id.0).is_some_and(|job| job.status == JobStatus::Succeeded);
    let row = |(at, version): (usize, &Version)| {
        let mut row = row(version, imports.get(&version.id.0)?, Some(active), verdicts.remove(&version.id));
        let before = found[at + 1..].iter().find(imported);
        row.changes = before
            .filter(|_| imported(&version))
            .map(|before| changes::changes(&declared.of(before), &declared.of(version)));
        Some(row)
    };
    Ok(found.iter().enumerate().filter_map(row).collect())
}

fn row(
    version: &Version,
    import: &Job,
    active: Option<VersionId>,
    verdicts: Option<Vec<(String, hearth_prebuilds::pool_state::DriftState)>>,
) -> VersionRow {
    let promoted = version.promoter_username.clone().zip(version.promoted_at);
    VersionRow {
        name: version.name.clone(),
        message: version.message.clone(),
        by: version.creator_username.clone(),
        at: version.created_at,
        status: import.status.as_str().to_owned(),
        error: import.error.clone(),
        active: active == Some(version.id),
        archived: version.archived,
        promoted: promoted.map(|(by, at)| Promoted { by, at: at.into() }),
        changes: None,
        verdicts: verdicts.unwrap_or_default(),
    }
}

/// What a version changes about presets and parameters, compared with another one of its template; without one, with
/// the active one.
pub async fn changes(
    hearth: &Hearth,
    actor: &Actor,
    id: VersionId,
    against: Option<VersionId>,
) -> Result<Vec<Change>> {
    require_reader(actor)?;
    let mut conn = hearth.db.snapshot().await?;
    let after = imported(&mut conn, id).await?;
    let template = after.template_id.map(TemplateId);
    let against = match (against, template) {
        (Some(against), _) => Some(against),
        (None, Some(template)) => {
            crate::store::templates::by_id(&mut conn, template).await?.map(|it| it.active_version_id)
        }
        (None, None) => None,
    };
    let Some(against) = against else { return Ok(Vec::new()) };
    let before = imported(&mut conn, against).await?;
    if before.template_id != after.template_id {
        return Err(Error::invalid("against", "must be a version of the same template"));
    }
    let declared = Presets::read(&mut conn, &[before.id, after.id]).await?;
    Ok(changes::changes(&declared.of(&before), &declared.of(&after)))
}

async fn imported(conn: &mut Conn, id: VersionId) -> Result<Version> {
    let version = versions::by_id(conn, id).await?.ok_or(VERSION_NOT_FOUND)?;
    let job = jobs::by_id(conn, version.job_id).await?.ok_or(VERSION_NOT_FOUND)?;
    match job.status {
        JobStatus::Succeeded => Ok(version),
        _ => Err(Error::Refused(format!("Version {} is not imported.", version.name))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_split_into_its_place_and_its_words() {
        let split = |warning| {
            let LintView { place, text } = lint(warning);
            (place, text)
        };
        let placed = (Some("mod/main.tf:13".to_owned()), "uuid(): anew".to_owned());
        assert_eq!(split("mod/main.tf:13: uuid(): anew"), placed);
        for whole in ["what a start would make: no", "main.tf: odd", "a:b: c", "plain"] {
            assert_eq!(split(whole), (None, whole.to_owned()));
        }
    }
}
