//! Makes resources and agents out of the objects of a state: what hangs on what.
//!
//! An agent runs on the resource that needs it (for its token or its init script). When several do, directly or through
//! one another, it is the one with the fewest dependencies, which is the nearest; when none does, the first one.
//!
//! What people read is left out where terraform knows it to be sensitive, whether the template marks it or not. What an
//! agent needs for its work goes to the agent as it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::object::{Object, flag, number, text};
use crate::{
    engine::{Agent, App, Built, MetadataItem, Resource, ResourceMetadata, Script},
    error::Error,
};

/// In the place of a name that people may not read.
const SENSITIVE: &str = "(sensitive)";

/// What exists, as the rest of Hearth sees it.
pub(crate) fn assemble(objects: &[Object]) -> Result<Built, Error> {
    let mut agents = Vec::new();
    for object in of_kind(objects, "coder_agent") {
        agents.push(agent(object, objects)?);
    }
    Ok(Built { resources: resources(objects), agents })
}

/// The resources alone; values that are not known yet are left out.
pub(crate) fn resources(objects: &[Object]) -> Vec<Resource> {
    let real = Vec::from_iter(objects.iter().filter(|object| !object.is_bookkeeping()));
    let mut resources = Vec::from_iter(real.iter().map(|object| resource(object, objects)));
    for agent in of_kind(objects, "coder_agent") {
        if let Some(host) = host(agent, &real).and_then(|place| resources.get_mut(place)) {
            host.agents.push(agent_name(agent, objects));
        }
    }
    resources
}

fn of_kind<'a>(objects: &'a [Object], kind: &'static str) -> impl Iterator<Item = &'a Object> {
    objects.iter().filter(move |object| object.kind == kind)
}

fn host(agent: &Object, real: &[&Object]) -> Option<usize> {
    let needing = real.iter().enumerate().filter(|(_, object)| object.dependencies.contains(&agent.block));
    needing
        .min_by_key(|(_, object)| object.dependencies.len())
        .map(|(place, _)| place)
        .or((!real.is_empty()).then_some(0))
}

fn resource(object: &Object, objects: &[Object]) -> Resource {
    let mut resource = Resource {
        address: object.address.clone(),
        r#type: object.kind.clone(),
        name: object.name.clone(),
        ..Resource::default()
    };
    let id = object.text("id");
    for metadata in
        of_kind(objects, "coder_metadata").filter(|it| !id.is_empty() && it.text("resource_id") == id)
    {
        resource.hide |= flag(&metadata.values, "hide");
        resource.icon = metadata.shown("icon");
        resource.daily_cost += number(&metadata.values, "daily_cost");
        resource.metadata.extend(shown_items(metadata));
    }
    resource
}

fn shown_items(metadata: &Object) -> impl Iterator<Item = ResourceMetadata> {
    metadata.list("item").enumerate().map(|(at, item)| {
        let hides = |name: &str| metadata.sensitive.covers(&["item", &at.to_string(), name]);
        let sensitive = flag(item, "sensitive") || hides("value");
        ResourceMetadata {
            key: if hides("key") { SENSITIVE.to_owned() } else { text(item, "key") },
            value: if sensitive { String::new() } else { text(item, "value") },
            sensitive,
        }
    })
}

/// What people will miss, and how to show it all the same.
pub(crate) fn left_out(objects: &[Object]) -> Vec<String> {
    let hidden = |app: &Object| {
        let names = ["url", "command"].into_iter().filter(|name| app.sensitive.covers(&[name]));
        let names = names.filter(|name| !app.text(name).is_empty()).collect::<Vec<_>>().join(" and ");
        (!names.is_empty()).then(|| {
            format!(
                "{}: its {names} has a sensitive value in it, so it is not shown, and the app cannot be opened. If \
                 those who see the workspace may know it, wrap it in nonsensitive()",
                app.address
            )
        })
    };
    of_kind(objects, "coder_app").filter_map(hidden).collect()
}

/// The name of its block; with the key when the block has several instances.
fn agent_name(agent: &Object, objects: &[Object]) -> String {
    let alone = of_kind(objects, "coder_agent").filter(|other| other.name == agent.name).count() == 1;
    match &agent.key {
        Some(key) if !alone => format!("{}-{key}", agent.name),
        _ => agent.name.clone(),
    }
}

fn agent(object: &Object, objects: &[Object]) -> Result<Agent, Error> {
    let id = object.text("id");
    let belonging =
        Vec::from_iter(objects.iter().filter(|other| !id.is_empty() && other.text("agent_id") == id));
    let kind = |kind: &'static str| belonging.iter().copied().filter(move |other| other.kind == kind);
    let values = &object.values;
    let mut scripts = own_scripts(object);
    scripts.extend(kind("coder_script").map(script));
    Ok(Agent {
        id: Uuid::parse_str(&id).map_err(|_| {
            Error::Unsupported(format!(
                "{}: its id `{id}` is not a UUID; was it made by another provider?",
                object.address
            ))
        })?,
        name: agent_name(object, objects),
        token: text(values, "token"),
        operating_system: text(values, "os"),
        architecture: text(values, "arch"),
        directory: text(values, "dir"),
        environment: environment(object, kind("coder_env"))?,
        display_apps: display_apps(object),
        connection_timeout_seconds: number(values, "connection_timeout"),
        troubleshooting_url: object.shown("troubleshooting_url"),
        motd_file: text(values, "motd_file"),
        startup_script_behavior: text(values, "startup_script_behavior"),
        scripts,
        metadata: object.list("metadata").map(metadata_item).collect(),
        apps: kind("coder_app").map(app).collect(),
    })
}

fn own_scripts(agent: &Object) -> Vec<Script> {
    let script = |name: &str, attribute: &str| Script {
        display_name: name.to_owned(),
        script: agent.text(attribute),
        ..Script::default()
    };
    let blocks = agent.text("startup_script_behavior") == "blocking";
    let startup = Script {
        run_on_start: true,
        start_blocks_login: blocks,
        ..script("Startup Script", "startup_script")
    };
    let shutdown = Script { run_on_stop: true, ..script("Shutdown Script", "shutdown_script") };
    Vec::from_iter([startup, shutdown].into_iter().filter(|script| !script.script.is_empty()))
}

fn script(script: &Object) -> Script {
    let values = &script.values;
    Script {
        display_name: script.shown("display_name"),
        icon: script.shown("icon"),
        log_path: text(values, "log_path"),
        script: text(values, "script"),
        cron: text(values, "cron"),
        run_on_start: flag(values, "run_on_start"),
        run_on_stop: flag(values, "run_on_stop"),
        start_blocks_login: flag(values, "start_blocks_login"),
        timeout_seconds: number(values, "timeout"),
    }
}

fn metadata_item(values: &Map<String, Value>) -> MetadataItem {
    MetadataItem {
        key: text(values, "key"),
        display_name: text(values, "display_name"),
        script: text(values, "script"),
        interval_seconds: number(values, "interval"),
        timeout_seconds: number(values, "timeout"),
    }
}

fn app(app: &Object) -> App {
    let values = &app.values;
    App {
        slug: text(values, "slug"),
        display_name: app.shown("display_name"),
        icon: app.shown("icon"),
        url: app.shown("url"),
        command: app.shown("command"),
        external: flag(values, "external"),
        subdomain: flag(values, "subdomain"),
        share: text(values, "share"),
        hidden: flag(values, "hidden"),
        open_in: text(values, "open_in"),
    }
}

fn display_apps(agent: &Object) -> Vec<String> {
    let shown = agent.list("display_apps").flatten().filter(|(_, shown)| shown.as_bool() == Some(true));
    shown.map(|(name, _)| name.clone()).collect()
}

/// The agent's own `env`, then each `coder_env` in the order of the state.
fn environment<'a>(
    agent: &Object,
    additions: impl Iterator<Item = &'a Object>,
) -> Result<BTreeMap<String, String>, Error> {
    let own = agent.values.get("env").and_then(Value::as_object).into_iter().flatten();
    let mut environment: BTreeMap<String, String> =
        own.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    for addition in additions {
        let (name, value) = (addition.text("name"), addition.text("value"));
        let before = environment.get(&name).filter(|before| !before.is_empty());
        let value = match (addition.text("merge_strategy").as_str(), before) {
            ("append", Some(before)) => format!("{before}:{value}"),
            ("prepend", Some(before)) => format!("{value}:{before}"),
            ("error", Some(_)) => {
                let address = &addition.address;
                return Err(Error::Unsupported(format!(
                    "{address}: {name} is set already, and its merge_strategy is `error`"
                )));
            }
            _ => value,
        };
        environment.insert(name, value);
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    const AGENT: &str = "0d6f3a3c-53f5-4e2f-9a4c-0a5a1f3a8e11";

    fn object(block: &str, values: &Value, dependencies: &[&str]) -> Object {
        let (kind, name) = block.split_once('.').unwrap();
        Object {
            address: block.to_owned(),
            block: block.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            key: None,
            values: values.as_object().unwrap().clone(),
            dependencies: dependencies.iter().map(|&it| it.to_owned()).collect(),
            ..Object::default()
        }
    }

    #[test]
    fn everything_hangs_on_its_agent_and_its_resource() {
        let built = assemble(&[
            object("coder_agent.main", &json!({"id": AGENT, "token": "secret", "os": "linux", "arch": "amd64",
                "env": {"PATH": "/a", "KEEP": "1"}, "startup_script": "echo hi", "startup_script_behavior": "blocking",
                "display_apps": [{"vscode": true, "ssh_helper": false}],
                "metadata": [{"key": "cpu", "script": "x", "interval": 10}]}), &[]),
            object("coder_app.web", &json!({"agent_id": AGENT, "slug": "web", "share": "owner"}), &[]),
            object("coder_app.other", &json!({"agent_id": "another", "slug": "other"}), &[]),
            object("coder_env.path", &json!({"agent_id": AGENT, "name": "PATH", "value": "/b", "merge_strategy": "append"}), &[]),
            object("coder_metadata.vm", &json!({"resource_id": "vm-1", "hide": true, "icon": "/i.svg", "daily_cost": 4,
                "item": [{"key": "size", "value": "big"}]}), &[]),
            object("coder_script.s", &json!({"agent_id": AGENT, "display_name": "S", "script": "y", "cron": "0 0 0 * * *"}), &[]),
            object("terraform_data.after", &json!({"id": "after-1"}), &["coder_agent.main", "terraform_data.vm"]),
            object("terraform_data.home", &json!({"id": "home-1"}), &[]),
            object("terraform_data.vm", &json!({"id": "vm-1"}), &["coder_agent.main"]),
        ])
        .unwrap();

        let agent = &built.agents[0];
        assert_eq!(
            agent.environment,
            BTreeMap::from([("KEEP".into(), "1".into()), ("PATH".into(), "/a:/b".into())])
        );
        let names = Vec::from_iter(agent.scripts.iter().map(|script| script.display_name.as_str()));
        assert_eq!(names, ["Startup Script", "S"]);
        assert!(agent.scripts[0].start_blocks_login);
        assert_eq!(agent.display_apps, ["vscode"]);
        assert_eq!(agent.apps.len(), 1);
        assert_eq!(agent.metadata[0].interval_seconds, 10);
        assert!(!format!("{agent:?}").contains("secret"));

        let hosts = Vec::from_iter(built.resources.iter().map(|it| (it.name.as_str(), it.agents.len())));
        assert_eq!(hosts, [("after", 0), ("home", 0), ("vm", 1)]);
        let vm = &built.resources[2];
        assert_eq!((vm.hide, vm.daily_cost, vm.metadata[0].value.as_str()), (true, 4, "big"));
    }

    #[test]
    fn an_agent_that_nothing_needs_runs_on_the_first_resource() {
        let built = assemble(&[
            object("coder_agent.main", &json!({"id": AGENT}), &[]),
            object("terraform_data.home", &json!({"id": "home-1"}), &[]),
        ]);
        assert_eq!(built.unwrap().resources[0].agents, ["main"]);
    }

    #[test]
    fn a_variable_that_must_not_be_set_twice_is_named() {
        let error = assemble(&[
            object("coder_agent.main", &json!({"id": AGENT, "env": {"A": "1"}}), &[]),
            object("coder_env.a", &json!({"agent_id": AGENT, "name": "A", "merge_strategy": "error"}), &[]),
        ]);
        assert!(error.unwrap_err().to_string().starts_with("coder_env.a: A is set already"));
    }
}
