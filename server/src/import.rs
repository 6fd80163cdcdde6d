//! What the import of a template version found: checked here, then kept.
//!
//! The provisioner has checked that parameters and presets fit together; this checks that the reconciler can follow
//! their schedules. An import that fails here says which preset, which line and why.

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    ids::{TemplateId, VersionId},
    schedule,
    snapshot::{Schedule, Scheduling},
};
use hearth_provisioner::engine::{Imported, Prebuilds};

use crate::{
    error::{Error, Result},
    store::{
        Tx,
        pools::{self, PoolKey},
        presets, versions,
    },
};

/// Keeps what an import found and [`check`] let pass, in the transaction that ends its job.
pub async fn keep(tx: &mut Tx, id: VersionId, imported: &Imported, now: DateTime<Utc>) -> Result<()> {
    let version = versions::by_id(tx, id).await?.ok_or(Error::NotFound("The template version"))?;
    let found = versions::Found {
        declared: &imported.variables,
        parameters: &imported.parameters,
        resources: &imported.resources,
        warnings: &imported.warnings,
        readme: &imported.readme,
    };
    versions::keep_import(tx, &version, &found, now).await?;
    for preset in &imported.presets {
        presets::insert(tx, id, preset).await?;
    }
    if let Some(template) = version.template_id {
        ensure_pools(tx, TemplateId(template), &version, now).await?;
    }
    Ok(())
}

/// Makes the pools that the presets of a version ask for; settings and history of those that exist stay.
pub async fn ensure_pools(
    tx: &mut Tx,
    template_id: TemplateId,
    version: &versions::Version,
    now: DateTime<Utc>,
) -> Result<()> {
    for preset in presets::of_version(tx, version.id).await? {
        if preset.instances.is_some() {
            let pool = PoolKey { template_id, preset_name: preset.name };
            pools::ensure(tx, &pool, version.organization_id, now).await?;
        }
    }
    Ok(())
}

/// The first schedule that cannot be followed, in words.
pub fn check(imported: &Imported) -> Result<()> {
    for preset in &imported.presets {
        if let Some(pool) = &preset.prebuilds {
            check_schedule(pool)
                .map_err(|why| Error::Refused(format!("Preset \"{}\": {why}", preset.name)))?;
        }
    }
    Ok(())
}

fn check_schedule(pool: &Prebuilds) -> Result<(), String> {
    if pool.schedules.is_empty() && pool.timezone.is_none() {
        return Ok(());
    }
    let line = |(cron, instances): &(String, u32)| Schedule { cron: cron.clone(), instances: *instances };
    let scheduling = Scheduling {
        timezone: pool.timezone.clone().unwrap_or_default(),
        schedules: pool.schedules.iter().map(line).collect(),
    };
    schedule::validate(&scheduling).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use hearth_provisioner::engine::Preset;

    use super::*;

    fn words(timezone: &str, cron: &str) -> String {
        let pool = Prebuilds {
            instances: 1,
            timezone: Some(timezone.to_owned()),
            schedules: vec![(cron.to_owned(), 2)],
            ..Prebuilds::default()
        };
        let preset = Preset { name: "large".to_owned(), prebuilds: Some(pool), ..Preset::default() };
        let imported = Imported { presets: vec![preset], ..Imported::default() };
        check(&imported).map_or_else(|error| error.to_string(), |()| "accepted".to_owned())
    }

    #[test]
    fn a_schedule_that_can_be_followed_is_accepted() {
        assert_eq!(words("Europe/Berlin", "* 8-18 * * 1-5"), "accepted");
    }

    #[test]
    fn a_bad_schedule_is_named_with_preset_line_and_reason() {
        let cron = words("UTC", "5 8 * * *");
        assert!(cron.contains("\"large\"") && cron.contains("5 8 * * *"), "{cron}");
        let zone = words("Mars/Base", "* 8 * * *");
        assert!(zone.contains("Mars/Base"), "{zone}");
    }
}
