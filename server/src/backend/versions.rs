//! Template versions: pushing a source, and reading what its import found.

use std::collections::BTreeMap;

use hearth_app::backend::Actor;
use hearth_prebuilds::ids::{FileId, OrganizationId, TemplateId, VersionId};

use super::templates::require_admin;
use crate::{
    clock::new_id,
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    names,
    store::{
        Conn, Tx, audit, files,
        jobs::{self, Job, JobKind, JobStatus, Lane, NewJob},
        templates,
        versions::{self, NewVersion, Version},
    },
    variables,
};

/// A version with the job that imports it.
pub struct Imported {
    pub version: Version,
    pub job: Job,
    /// Of the job, among those that wait.
    pub queue_position: i64,
}

/// A source to import.
pub struct Push<'a> {
    pub organization_id: OrganizationId,
    pub template_id: Option<TemplateId>,
    /// Invented when it is `None`.
    pub name: Option<&'a str>,
    pub message: &'a str,
    pub file_id: FileId,
    /// Values of Terraform variables.
    pub variables: BTreeMap<String, String>,
}

/// Stores the version and queues its import.
pub async fn push(hearth: &Hearth, actor: &Actor, push: &Push<'_>) -> Result<Imported> {
    require_admin(actor)?;
    if let Some(name) = push.name {
        names::check_version("name", name)?;
    }
    let now = hearth.clock.now();
    let (id, job_id) = (new_id(), new_id());
    let variables = variables::seal(&hearth.secrets, id, &push.variables)?;
    let mut tx = hearth.db.write().await?;
    if !files::exists(&mut tx, push.file_id).await? {
        return Err(Error::NotFound("The file"));
    }
    if let Some(template) = push.template_id
        && !templates::hold(&mut tx, template).await?
    {
        return Err(Error::NotFound("The template"));
    }
    let name = match push.name {
        Some(name) => name.to_owned(),
        None => next_name(&mut tx, push.template_id).await?,
    };
    let job = NewJob {
        id: job_id,
        organization_id: push.organization_id,
        kind: JobKind::Import,
        subject_id: id.0,
        generation: 1,
        lane: Lane::People,
        is_delete: false,
        initiator_id: actor.user_id,
    };
    let version = NewVersion {
        id,
        organization_id: push.organization_id,
        template_id: push.template_id,
        name: &name,
        message: push.message,
        file_id: push.file_id,
        job_id,
        variables: &variables,
        created_by: actor.user_id,
    };
    jobs::insert(&mut tx, &job, now).await?;
    versions::insert(&mut tx, &version, now).await.map_err(|error| taken(error, &name))?;
    record(&mut tx, hearth, actor, ("create", id, &name)).await?;
    let imported = load(&mut tx, id).await?;
    tx.commit().await?;
    hearth.events.publish(Event::JobQueued);
    hearth.events.publish(Event::Templates);
    Ok(imported)
}

/// Versions of a template are for everybody; those that belong to none yet are for who pushed them.
pub async fn find(hearth: &Hearth, actor: &Actor, id: VersionId) -> Result<Imported> {
    let imported = load(&mut hearth.db.read().await?, id).await?;
    visible(actor, imported)
}

pub async fn find_named(
    hearth: &Hearth,
    actor: &Actor,
    template: TemplateId,
    name: &str,
) -> Result<Imported> {
    let mut conn = hearth.db.read().await?;
    let version = versions::by_name(&mut conn, template, name).await?.ok_or(NOT_FOUND)?;
    visible(actor, with_job(&mut conn, version).await?)
}

/// Oldest first.
pub async fn of_template(hearth: &Hearth, template: TemplateId) -> Result<Vec<Imported>> {
    let mut conn = hearth.db.snapshot().await?;
    let mut jobs: BTreeMap<_, _> =
        versions::jobs_of_template(&mut conn, template).await?.into_iter().map(|job| (job.id, job)).collect();
    let versions = versions::of_template(&mut conn, template).await?;
    let imported =
        |version: Version| Some(Imported { job: jobs.remove(&version.job_id)?, version, queue_position: 0 });
    Ok(versions.into_iter().filter_map(imported).collect())
}

/// Asks the import to stop.
pub async fn cancel(hearth: &Hearth, actor: &Actor, id: VersionId) -> Result<()> {
    require_admin(actor)?;
    let mut tx = hearth.db.write().await?;
    let version = versions::by_id(&mut tx, id).await?.ok_or(NOT_FOUND)?;
    if jobs::cancel(&mut tx, version.job_id, hearth.clock.now()).await?.is_none() {
        return Err(Error::Refused("The import has ended, or is being cancelled already.".to_owned()));
    }
    record(&mut tx, hearth, actor, ("cancel", id, &version.name)).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Job(version.job_id));
    Ok(())
}

/// Puts a version out of the way, or back. The active one stays.
pub async fn set_archived(hearth: &Hearth, actor: &Actor, id: VersionId, archived: bool) -> Result<()> {
    require_admin(actor)?;
    let mut tx = hearth.db.write().await?;
    let version = versions::by_id(&mut tx, id).await?.ok_or(NOT_FOUND)?;
    if let Some(template) = version.template_id.map(TemplateId) {
        templates::hold(&mut tx, template).await?;
        let template = templates::by_id(&mut tx, template).await?.ok_or(NOT_FOUND)?;
        if archived && template.active_version_id == id {
            let words = "The active version cannot be archived. Promote another one first.";
            return Err(Error::Refused(words.to_owned()));
        }
    }
    if !versions::set_archived(&mut tx, id, archived, hearth.clock.now()).await? {
        let words =
            if archived { "The version is archived already." } else { "The version is not archived." };
        return Err(Error::Refused(words.to_owned()));
    }
    let verb = if archived { "archive" } else { "unarchive" };
    record(&mut tx, hearth, actor, (verb, id, &version.name)).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Templates);
    Ok(())
}

/// The version, when its import has succeeded: only then is it known what it needs and makes.
pub async fn find_ready(hearth: &Hearth, actor: &Actor, id: VersionId) -> Result<Version> {
    let Imported { version, job, .. } = find(hearth, actor, id).await?;
    match job.status {
        JobStatus::Succeeded => Ok(version),
        status if status.is_open() => {
            Err(Error::NotReady("The template version is still being imported.".to_owned()))
        }
        _ => Err(Error::Refused("The import of the template version did not succeed.".to_owned())),
    }
}

const NOT_FOUND: Error = Error::NotFound("The template version");

async fn load(conn: &mut Conn, id: VersionId) -> Result<Imported> {
    let version = versions::by_id(conn, id).await?.ok_or(NOT_FOUND)?;
    with_job(conn, version).await
}

async fn with_job(conn: &mut Conn, version: Version) -> Result<Imported> {
    let job = jobs::by_id(conn, version.job_id).await?.ok_or(NOT_FOUND)?;
    let queue_position = jobs::queue_position(conn, job.id).await?;
    Ok(Imported { version, job, queue_position })
}

fn visible(actor: &Actor, imported: Imported) -> Result<Imported> {
    if imported.version.template_id.is_some() || actor.role.reads_pools() {
        Ok(imported)
    } else {
        Err(NOT_FOUND)
    }
}

/// `v1`, `v2`, ...: the first that is free.
async fn next_name(tx: &mut Tx, template: Option<TemplateId>) -> Result<String> {
    let Some(template) = template else { return Ok("v1".to_owned()) };
    let mut number = versions::count(tx, template).await? + 1;
    while versions::by_name(tx, template, &format!("v{number}")).await?.is_some() {
        number += 1;
    }
    Ok(format!("v{number}"))
}

fn taken(error: crate::store::Error, name: &str) -> Error {
    Error::taken_or(error, "name", format!("The template has a version named `{name}` already."))
}

async fn record(
    tx: &mut Tx,
    hearth: &Hearth,
    actor: &Actor,
    (verb, id, name): (&'static str, VersionId, &str),
) -> Result<()> {
    let act = audit::Act {
        actor: actor.user_id,
        verb,
        target_type: "template_version",
        target_id: id.to_string(),
        target_name: name,
        before: None,
        after: None,
    };
    Ok(audit::record(tx, act, hearth.clock.now()).await?)
}
