//! What the import of a template version found: checked here, then kept.
//!
//! Terraform has checked the template as Terraform; this checks what only Hearth knows: that a schedule can be
//! followed, and that every preset with a pool can be built without asking anybody. An import that fails here says
//! which preset, which line and why.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use hearth_prebuilds::{
    ids::{TemplateId, VersionId},
    schedule,
    snapshot::{Schedule, Scheduling},
};
use hearth_provisioner::engine::{Imported, Parameter, Prebuilds, Preset};

use crate::{
    error::{Error, Result},
    parameters,
    store::{
        Tx,
        pools::{self, PoolKey},
        presets, versions,
    },
};

/// Keeps what an import found and [`check`] let pass, in the transaction that ends its job.
pub async fn keep(tx: &mut Tx, id: VersionId, imported: &Imported, now: DateTime<Utc>) -> Result<()> {
    let version = versions::by_id(tx, id).await?.ok_or(Error::NotFound("The template version"))?;
    let warnings = [imported.warnings.clone(), own_warnings(imported)].concat();
    let found = versions::Found {
        declared: &imported.variables,
        parameters: &imported.parameters,
        resources: &imported.resources,
        warnings: &warnings,
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

/// The first problem, in words.
pub fn check(imported: &Imported) -> Result<()> {
    let mut names = BTreeSet::new();
    for preset in &imported.presets {
        let refused = |why: String| Error::Refused(format!("Preset \"{}\": {why}", preset.name));
        if preset.name.trim().is_empty() {
            return Err(refused("a preset needs a name".to_owned()));
        }
        if !names.insert(preset.name.to_lowercase()) {
            return Err(refused("there are two presets of this name".to_owned()));
        }
        check_parameters(preset, &imported.parameters).map_err(refused)?;
        if let Some(pool) = &preset.prebuilds {
            check_schedule(pool).map_err(refused)?;
        }
    }
    if imported.presets.iter().filter(|preset| preset.default).count() > 1 {
        return Err(Error::Refused("Only one preset can be the default.".to_owned()));
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

/// A pool is built without anybody to ask, so its preset must answer for every parameter that has no default.
fn check_parameters(preset: &Preset, parameters: &[Parameter]) -> Result<(), String> {
    let by_name: BTreeMap<_, _> = parameters.iter().map(|p| (p.name.as_str(), p)).collect();
    for (name, value) in &preset.parameters {
        let Some(parameter) = by_name.get(name.as_str()) else {
            return Err(format!("the template has no parameter \"{name}\""));
        };
        parameters::check_value(parameter, value)
            .map_err(|why| format!("parameter \"{name}\": \"{value}\" {why}"))?;
    }
    let missing = |p: &&Parameter| p.default_value.is_none() && !preset.parameters.contains_key(&p.name);
    match parameters.iter().find(missing) {
        Some(parameter) if preset.prebuilds.is_some() => Err(format!(
            "parameter \"{}\" has no default, so a preset with prebuilds must give it a value",
            parameter.name
        )),
        _ => Ok(()),
    }
}

fn own_warnings(imported: &Imported) -> Vec<String> {
    let agents: usize = imported.resources.iter().map(|resource| resource.agents.len()).sum();
    if agents > 1 && imported.presets.iter().any(|preset| preset.prebuilds.is_some()) {
        return vec![format!(
            "This template has {agents} agents. Prebuilds are made for one agent; with several, a prebuild can be claimed when all of them are ready."
        )];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(preset: Preset) -> Imported {
        let region =
            Parameter { name: "region".to_owned(), r#type: "string".to_owned(), ..Parameter::default() };
        Imported { parameters: vec![region], presets: vec![preset], ..Imported::default() }
    }

    fn preset(values: &[(&str, &str)], prebuilds: Option<Prebuilds>) -> Preset {
        let parameters =
            values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Preset { name: "large".to_owned(), parameters, prebuilds, ..Preset::default() }
    }

    fn scheduled(timezone: &str, cron: &str) -> Option<Prebuilds> {
        Some(Prebuilds {
            instances: 1,
            timezone: Some(timezone.to_owned()),
            schedules: vec![(cron.to_owned(), 2)],
            ..Prebuilds::default()
        })
    }

    fn words(imported: &Imported) -> String {
        check(imported).map_or_else(|error| error.to_string(), |()| "accepted".to_owned())
    }

    #[test]
    fn a_pool_that_answers_every_parameter_is_accepted() {
        let pool = scheduled("Europe/Berlin", "* 8-18 * * 1-5");
        assert_eq!(words(&imported(preset(&[("region", "eu")], pool))), "accepted");
    }

    #[test]
    fn a_preset_without_a_pool_may_leave_questions_open() {
        assert_eq!(words(&imported(preset(&[], None))), "accepted");
    }

    #[test]
    fn a_bad_schedule_is_named_with_preset_line_and_reason() {
        let cron = words(&imported(preset(&[("region", "eu")], scheduled("UTC", "5 8 * * *"))));
        assert!(cron.contains("\"large\"") && cron.contains("5 8 * * *"), "{cron}");
        let zone = words(&imported(preset(&[("region", "eu")], scheduled("Mars/Base", "* 8 * * *"))));
        assert!(zone.contains("Mars/Base"), "{zone}");
    }

    #[test]
    fn a_missing_or_unknown_parameter_is_named() {
        let pool = Some(Prebuilds { instances: 1, ..Prebuilds::default() });
        let missing = words(&imported(preset(&[], pool)));
        assert!(missing.contains("\"region\" has no default"), "{missing}");
        let unknown = words(&imported(preset(&[("regoin", "eu")], None)));
        assert!(unknown.contains("no parameter \"regoin\""), "{unknown}");
    }
}
