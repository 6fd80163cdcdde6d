//! The templates of the scene: what their sources say and what an import finds.

use std::collections::BTreeMap;

use hearth_provisioner::{
    engine::{Imported, Parameter, ParameterOption, Prebuilds, Preset, Resource, ResourceMetadata},
    error::Diagnostic,
};

use super::terraform::IMPORTED;

const MAIN: &str = include_str!("main.tf");

/// A preset with its pool.
pub struct Pool {
    pub name: &'static str,
    instances: u32,
    ttl_hours: u64,
    /// In Europe/Berlin.
    schedules: &'static [(&'static str, u32)],
}

pub struct Template {
    pub name: &'static str,
    pub display_name: &'static str,
    pub description: &'static str,
    pub pools: &'static [Pool],
}

const fn pool(name: &'static str, instances: u32, schedules: &'static [(&'static str, u32)]) -> Pool {
    Pool { name, instances, ttl_hours: 24, schedules }
}

pub const TEMPLATES: [Template; 7] = [
    Template {
        name: "web",
        display_name: "Web",
        description: "The shop and its services, with a database of sample orders",
        pools: &[
            pool("small", 0, &[("* 8-18 * * 1-5", 10), ("* 8-14 * * 6", 1)]),
            pool("large", 1, &[("* 8-18 * * 1-5", 4)]),
            pool("try", 0, &[]),
        ],
    },
    Template {
        name: "gpu",
        display_name: "GPU",
        description: "Training on one accelerator",
        pools: &[pool("a100", 2, &[]), pool("h100", 1, &[])],
    },
    Template {
        name: "data",
        display_name: "Data",
        description: "Notebooks and pipelines beside the warehouse",
        pools: &[pool("default", 5, &[]), pool("notebook", 3, &[])],
    },
    Template {
        name: "docs",
        display_name: "Docs",
        description: "The handbook, with live preview",
        pools: &[pool("default", 0, &[("* 8-11 * * 1-5", 1)])],
    },
    Template {
        name: "mobile",
        display_name: "Mobile",
        description: "Emulators and build caches",
        pools: &[Pool { name: "android", instances: 2, ttl_hours: 2, schedules: &[] }, pool("ios", 1, &[])],
    },
    Template {
        name: "ml",
        display_name: "Machine learning",
        description: "Pods in the research cluster",
        pools: &[pool("small", 3, &[]), pool("large", 2, &[])],
    },
    Template {
        name: "legacy",
        display_name: "Legacy",
        description: "The old monolith, until the end of the year",
        pools: &[pool("default", 2, &[])],
    },
];

/// The source of a version, as files.
pub fn source(template: &Template, version: &str) -> anyhow::Result<Vec<u8>> {
    let main = MAIN.replace("TEMPLATE", template.name).replace("VERSION", version);
    let readme = format!("# {}\n\n{}.\n", template.display_name, template.description);
    let imported = match version {
        // Its import fails.
        "v16" => "{\"parameters\": \"none\"}".to_owned(),
        _ => serde_json::to_string(&imported(template, version, &readme))?,
    };
    archive(&[("main.tf", &main), ("README.md", &readme), (IMPORTED, &imported)])
}

fn archive(files: &[(&str, &str)]) -> anyhow::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes())?;
    }
    Ok(tar.into_inner()?)
}

fn imported(template: &Template, version: &str, readme: &str) -> Imported {
    let presets = template.pools.iter().map(|pool| preset(pool, (template.name, version))).collect();
    Imported {
        parameters: parameters(template.pools.iter().map(|pool| pool.name)),
        presets,
        resources: resources(template.name, "workspace"),
        readme: readme.to_owned(),
        ..Imported::default()
    }
}

fn preset(pool: &Pool, of: (&str, &str)) -> Preset {
    let mut schedules: Vec<_> =
        pool.schedules.iter().map(|(cron, count)| ((*cron).to_owned(), *count)).collect();
    // What v14 of `web` changes.
    if matches!(of, ("web", "v11" | "v12" | "v13")) && pool.name == "large" {
        schedules.iter_mut().for_each(|line| line.1 = 3);
    }
    let prebuilds = Prebuilds {
        instances: pool.instances,
        ttl_seconds: Some(pool.ttl_hours * 3600),
        timezone: (!schedules.is_empty()).then(|| "Europe/Berlin".to_owned()),
        schedules,
    };
    plain_preset(pool.name, prebuilds)
}

fn plain_preset(name: &str, prebuilds: Prebuilds) -> Preset {
    let value = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Preset {
        name: name.to_owned(),
        parameters: BTreeMap::from([value("size", name), value("region", "eu")]),
        prebuilds: Some(prebuilds),
        ..Preset::default()
    }
}

/// Nobody has told the template of the size `h100`, so that preset cannot be built.
fn parameters<'a>(sizes: impl Iterator<Item = &'a str>) -> Vec<Parameter> {
    let option = |value: &str| ParameterOption {
        name: value.to_owned(),
        value: value.to_owned(),
        ..ParameterOption::default()
    };
    let parameter = |name: &str, display_name: &str, options: Vec<ParameterOption>| Parameter {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        r#type: "string".to_owned(),
        default_value: options.first().map(|option| option.value.clone()),
        options,
        ..Parameter::default()
    };
    vec![
        parameter("size", "Size", sizes.filter(|size| *size != "h100").map(option).collect()),
        parameter("region", "Region", vec![option("eu"), option("us")]),
        Parameter {
            default_value: Some(String::new()),
            description: "A repository of your own settings".to_owned(),
            mutable: true,
            ..parameter("dotfiles_url", "Dotfiles", Vec::new())
        },
    ]
}

pub fn resources(template: &str, workspace: &str) -> Vec<Resource> {
    let resource = |kind: &str, name: &str, index: &str, agents: &[&str]| Resource {
        address: format!("{kind}.{name}{index}"),
        r#type: kind.to_owned(),
        name: name.to_owned(),
        agents: agents.iter().map(|agent| (*agent).to_owned()).collect(),
        metadata: vec![ResourceMetadata {
            key: "name".to_owned(),
            value: format!("{template}-{workspace}"),
            sensitive: false,
        }],
        ..Resource::default()
    };
    vec![
        resource("docker_container", "workspace", "[0]", &["main"]),
        resource("docker_volume", "home", "", &[]),
    ]
}

/// Where a diagnostic points to.
pub fn at_line(file: &str, line: u32) -> Diagnostic {
    let severity = "error".to_owned();
    Diagnostic { severity, file: Some(file.to_owned()), line: Some(line), ..Diagnostic::default() }
}

/// One of many plain templates, with so many presets whose pools are kept empty.
pub fn plain_source(presets: u32) -> anyhow::Result<Vec<u8>> {
    let names: Vec<String> = (1..=presets).map(|n| format!("size-{n:02}")).collect();
    let imported = Imported {
        parameters: parameters(names.iter().map(String::as_str)),
        presets: names.iter().map(|name| plain_preset(name, Prebuilds::default())).collect(),
        ..Imported::default()
    };
    archive(&[("main.tf", MAIN), (IMPORTED, &serde_json::to_string(&imported)?)])
}
