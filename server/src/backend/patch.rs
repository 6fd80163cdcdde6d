//! The patch that a rehearsal has found: as a diff, and imported as a new version of the template.

use hearth_app::backend::Actor;
use hearth_prebuilds::ids::RehearsalId;
use hearth_provisioner::{archive, rehearsal::Fix};

use super::{
    files, rehearsals,
    versions::{self, Push},
};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        blueprints, orders,
        rehearsals::{by_id, shown},
    },
    variables,
};

const NO_PATCH: Error = Error::NotFound("A patch");

/// The unified diff.
pub async fn diff(hearth: &Hearth, actor: &Actor, id: RehearsalId) -> Result<String> {
    rehearsals::check_may_read(actor)?;
    let rehearsal = by_id(&mut hearth.db.read().await?, id).await?;
    let rehearsal = rehearsal.ok_or(Error::NotFound("The rehearsal"))?;
    let fix = rehearsal.result.and_then(|result| result.0.fix);
    Ok(fix.ok_or(NO_PATCH)?.diff)
}

/// Imports the active version with the proved patch of this preset, with the same variables. Nobody is given the new
/// version before somebody promotes it. Returns its name.
pub async fn import(hearth: &Hearth, actor: &Actor, template: &str, preset: &str) -> Result<String> {
    rehearsals::check_may_ask(actor)?;
    let mut conn = hearth.db.read().await?;
    let blueprint = blueprints::of_template_named(&mut conn, template).await?;
    let blueprint = blueprint.ok_or(Error::NotFound("The template"))?;
    let preset = blueprint.preset_named(preset).ok_or(Error::NotFound("The preset"))?;
    let rehearsal = shown(&mut conn, preset.id).await?;
    let fix = rehearsal.and_then(|it| it.result).and_then(|result| result.0.fix);
    let Fix { files: changed, .. } = fix.filter(|fix| fix.proved).ok_or(NO_PATCH)?;
    let source = orders::source(&mut conn, blueprint.version_id).await?;
    let source = source.ok_or(Error::NotFound("The source of the version"))?;
    drop(conn);
    let patched = archive::with_files(&*source.data, &changed);
    let patched = patched.map_err(|error| Error::Refused(error.to_string()))?;
    let (file_id, _) = files::upload(hearth, actor, &patched).await?;
    let message = format!("{} with the proved patch for preset {}", blueprint.version_name, preset.name);
    let push = Push {
        organization_id: blueprint.organization_id,
        template_id: Some(blueprint.template_id),
        name: None,
        message: &message,
        file_id,
        variables: variables::open(&hearth.secrets, blueprint.version_id, &source.variables)?,
    };
    Ok(versions::push(hearth, actor, &push).await?.version.name)
}
