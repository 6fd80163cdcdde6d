//! Templates: made from an imported version, moved to another version, deleted.

mod door;
mod edit;
mod list;
mod page;
mod upload;
mod version;

use hearth_app::backend::Actor;
use hearth_prebuilds::ids::{OrganizationId, TemplateId, VersionId};
use serde_json::{Value, json};

pub use edit::{Edit, edit};
pub use list::templates as list;
pub use page::template as page;
pub use upload::{sample, step, upload};
pub use version::{changes, version};

use crate::{
    clock::new_id,
    engine::tell,
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    import, names,
    store::{
        Tx, audit,
        jobs::{self, JobStatus},
        presets,
        templates::{self, Details, NewTemplate, Template},
        versions::{self, Version},
    },
};

const NOT_FOUND: Error = Error::NotFound("The template");
const VERSION_NOT_FOUND: Error = Error::NotFound("The template version");
const LONGEST_DESCRIPTION: usize = 128;
/// Why a template is archived, in characters.
const LONGEST_REASON: usize = 500;

/// Only owners and template admins change templates.
pub fn require_admin(actor: &Actor) -> Result<()> {
    Error::unless(actor.role.administers_templates(), "Only owners and template admins may do this.")
}

/// A template to make.
pub struct Order<'a> {
    pub organization_id: OrganizationId,
    pub version_id: VersionId,
    pub name: &'a str,
    pub display_name: &'a str,
    pub description: &'a str,
    pub icon: &'a str,
    pub default_ttl_ms: i64,
}

pub async fn create(hearth: &Hearth, actor: &Actor, order: &Order<'_>) -> Result<Template> {
    require_admin(actor)?;
    check(order)?;
    let now = hearth.clock.now();
    let id = new_id();
    let mut tx = hearth.db.write().await?;
    let version = versions::by_id(&mut tx, order.version_id).await?.ok_or(VERSION_NOT_FOUND)?;
    if version.organization_id != order.organization_id {
        return Err(VERSION_NOT_FOUND);
    }
    require_usable(&mut tx, &version, Error::Refused).await?;
    let template = NewTemplate {
        id,
        organization_id: order.organization_id,
        name: order.name,
        display_name: order.display_name,
        description: order.description,
        icon: order.icon,
        active_version_id: version.id,
        default_ttl_ms: order.default_ttl_ms,
        created_by: actor.user_id,
    };
    templates::insert(&mut tx, &template, now).await.map_err(|error| taken(error, order.name))?;
    if !versions::attach(&mut tx, version.id, id, now).await? {
        return Err(Error::Refused("The version belongs to a template already.".to_owned()));
    }
    versions::mark_promoted(&mut tx, version.id, actor.user_id, now).await?;
    import::ensure_pools(&mut tx, id, &version, now).await?;
    record(&mut tx, hearth, actor, ("create", id, order.name), (None, active(Some(&version)))).await?;
    let made = templates::by_id(&mut tx, id).await?.ok_or(NOT_FOUND)?;
    tx.commit().await?;
    hearth.events.publish(Event::Templates);
    Ok(made)
}

fn check(order: &Order<'_>) -> Result<()> {
    check_details(&Details {
        name: order.name.to_owned(),
        display_name: order.display_name.to_owned(),
        description: order.description.to_owned(),
        icon: order.icon.to_owned(),
        default_ttl_ms: order.default_ttl_ms,
        deprecation_message: String::new(),
    })
}

fn check_details(details: &Details) -> Result<()> {
    names::check("name", &details.name)?;
    if details.display_name.chars().count() > 64 {
        return Err(Error::invalid("display_name", "must have at most 64 characters"));
    }
    if details.description.chars().count() >= LONGEST_DESCRIPTION {
        return Err(Error::invalid(
            "description",
            format!("must have fewer than {LONGEST_DESCRIPTION} characters"),
        ));
    }
    if details.deprecation_message.chars().count() > LONGEST_REASON {
        let detail = format!("must have at most {LONGEST_REASON} characters");
        return Err(Error::invalid("deprecation_message", detail));
    }
    if details.default_ttl_ms < 0 {
        return Err(Error::invalid("default_ttl_ms", "must not be negative"));
    }
    Ok(())
}

/// Makes another version of the template the active one; its pools follow.
pub async fn promote(hearth: &Hearth, actor: &Actor, id: TemplateId, version_id: VersionId) -> Result<()> {
    require_admin(actor)?;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !templates::hold(&mut tx, id).await? {
        return Err(NOT_FOUND);
    }
    let template = templates::by_id(&mut tx, id).await?.ok_or(NOT_FOUND)?;
    let version = versions::by_id(&mut tx, version_id).await?.ok_or(VERSION_NOT_FOUND)?;
    if version.template_id != Some(id.0) {
        return Err(Error::Refused("The version belongs to another template.".to_owned()));
    }
    require_usable(&mut tx, &version, Error::Forbidden).await?;
    let before = versions::by_id(&mut tx, template.active_version_id).await?;
    templates::activate(&mut tx, id, version_id, now).await?;
    versions::mark_promoted(&mut tx, version_id, actor.user_id, now).await?;
    import::ensure_pools(&mut tx, id, &version, now).await?;
    let active = (active(before.as_ref()), active(Some(&version)));
    record(&mut tx, hearth, actor, ("write", id, &template.name), active).await?;
    let told = tell::promoted(&mut tx, &hearth.access_url, (&template, &version), actor, now).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Templates);
    hearth.events.publish_inboxes(told);
    Ok(())
}

async fn require_usable(tx: &mut Tx, version: &Version, not_imported: fn(String) -> Error) -> Result<()> {
    if version.archived {
        return Err(Error::Refused("The version is archived.".to_owned()));
    }
    let job = jobs::by_id(tx, version.job_id).await?.ok_or(VERSION_NOT_FOUND)?;
    if job.status == JobStatus::Succeeded {
        return Ok(());
    }
    Err(not_imported("The import of this version has not succeeded.".to_owned()))
}

/// Refused while people have workspaces of it; prebuilds do not block, the reconciler removes them.
pub async fn delete(hearth: &Hearth, actor: &Actor, id: TemplateId) -> Result<()> {
    require_admin(actor)?;
    let mut tx = hearth.db.write().await?;
    if !templates::hold(&mut tx, id).await? {
        return Err(NOT_FOUND);
    }
    let template = templates::by_id(&mut tx, id).await?.ok_or(NOT_FOUND)?;
    if template.workspaces > 0 {
        let count = template.workspaces;
        return Err(Error::Refused(format!(
            "People still have workspaces of this template ({count}). Delete them first."
        )));
    }
    templates::delete(&mut tx, id, hearth.clock.now()).await?;
    record(&mut tx, hearth, actor, ("delete", id, &template.name), (None, None)).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Templates);
    Ok(())
}

/// Every member made before now counts as expired. The version and the names of its presets with a pool.
pub async fn invalidate(
    hearth: &Hearth,
    actor: &Actor,
    id: TemplateId,
) -> Result<(Template, Version, Vec<presets::Preset>)> {
    if !actor.role.administers_templates() {
        return Err(NOT_FOUND);
    }
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !templates::hold(&mut tx, id).await? {
        return Err(NOT_FOUND);
    }
    let template = templates::by_id(&mut tx, id).await?.ok_or(NOT_FOUND)?;
    let version = versions::by_id(&mut tx, template.active_version_id).await?.ok_or(VERSION_NOT_FOUND)?;
    let presets = presets::invalidate(&mut tx, version.id, now.into()).await?;
    record(&mut tx, hearth, actor, ("invalidate", id, &template.name), (None, active(Some(&version))))
        .await?;
    tx.commit().await?;
    for preset in &presets {
        hearth.events.publish(Event::Preset(preset.id));
    }
    Ok((template, version, presets))
}

pub async fn find(hearth: &Hearth, id: TemplateId) -> Result<Template> {
    templates::by_id(&mut hearth.db.read().await?, id).await?.filter(|t| !t.deleted).ok_or(NOT_FOUND)
}

pub async fn find_named(hearth: &Hearth, organization: OrganizationId, name: &str) -> Result<Template> {
    templates::by_name(&mut hearth.db.read().await?, organization, name).await?.ok_or(NOT_FOUND)
}

/// The template of this name that a page is about.
async fn named(hearth: &Hearth, name: &str) -> Result<Template> {
    templates::named(&mut hearth.db.read().await?, name).await?.ok_or(NOT_FOUND)
}

fn taken(error: crate::store::Error, name: &str) -> Error {
    Error::taken_or(error, "name", format!("A template named `{name}` exists already."))
}

fn active(version: Option<&Version>) -> Option<Value> {
    version.map(|version| json!({ "active_version": version.name }))
}

async fn record(
    tx: &mut Tx,
    hearth: &Hearth,
    actor: &Actor,
    (verb, id, name): (&'static str, TemplateId, &str),
    (before, after): (Option<Value>, Option<Value>),
) -> Result<()> {
    let act = audit::Act {
        actor: actor.user_id,
        verb,
        target_type: "template",
        target_id: id.to_string(),
        target_name: name,
        before,
        after,
    };
    Ok(audit::record(tx, act, hearth.clock.now()).await?)
}
