//! Parameters and presets, from the values of their data sources in a plan.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    engine::{Parameter, ParameterOption, Prebuilds, Preset},
    terraform::object::{
        self, Object, Sensitive, flag, key_text, list, maybe_number, number, text, without_keys,
    },
};

/// The parts of `show -json` that an import reads.
#[derive(Deserialize)]
pub(super) struct Plan {
    prior_state: Option<State>,
    planned_values: Option<Values>,
    #[serde(default)]
    resource_changes: Vec<Change>,
}

#[derive(Deserialize)]
struct State {
    values: Option<Values>,
}

#[derive(Deserialize)]
struct Values {
    root_module: Option<Module>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    child_modules: Vec<Module>,
}

#[derive(Deserialize)]
struct Resource {
    address: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    index: Option<Value>,
    #[serde(default)]
    values: Map<String, Value>,
    #[serde(default)]
    sensitive_values: Value,
}

#[derive(Deserialize)]
struct Change {
    address: String,
    mode: String,
}

/// A parameter or preset together with where it stands, and its values as they are.
pub(super) struct Declared<T> {
    pub address: String,
    pub values: Map<String, Value>,
    pub item: T,
}

impl Plan {
    pub fn parameters(&self) -> Vec<Declared<Parameter>> {
        self.declared("coder_parameter", parameter)
    }

    pub fn presets(&self) -> Vec<Declared<Preset>> {
        self.declared("coder_workspace_preset", preset)
    }

    /// Data sources that could not be read yet.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        let data = self.resource_changes.iter().filter(|change| change.mode == "data");
        data.map(|change| change.address.as_str())
    }

    /// What an apply would make.
    pub fn objects(&self) -> Vec<Object> {
        let mut found = Vec::new();
        self.planned_values.iter().for_each(|values| values.collect("managed", &mut found));
        found.into_iter().map(Resource::to_object).collect()
    }

    fn declared<T>(&self, kind: &str, read: fn(&Map<String, Value>) -> T) -> Vec<Declared<T>> {
        let mut found = Vec::new();
        let values = self.prior_state.as_ref().and_then(|state| state.values.as_ref());
        values.into_iter().for_each(|values| values.collect("data", &mut found));
        let found = found.into_iter().filter(|resource| resource.kind == kind);
        found
            .map(|it| Declared {
                address: it.address.clone(),
                item: read(&it.values),
                values: it.values.clone(),
            })
            .collect()
    }
}

impl Values {
    fn collect<'a>(&'a self, mode: &str, found: &mut Vec<&'a Resource>) {
        self.root_module.iter().for_each(|module| module.collect(mode, found));
    }
}

impl Module {
    fn collect<'a>(&'a self, mode: &str, found: &mut Vec<&'a Resource>) {
        found.extend(self.resources.iter().filter(|resource| resource.mode == mode));
        self.child_modules.iter().for_each(|module| module.collect(mode, found));
    }
}

impl Resource {
    fn to_object(&self) -> Object {
        Object {
            address: self.address.clone(),
            block: without_keys(&self.address),
            kind: self.kind.clone(),
            name: self.name.clone(),
            key: self.index.as_ref().map(key_text),
            values: self.values.clone(),
            sensitive: Sensitive::from_marks(&self.sensitive_values),
            ..Object::default()
        }
    }
}

fn parameter(values: &Map<String, Value>) -> Parameter {
    let nothing = Map::new();
    let validation = list(values, "validation").next().unwrap_or(&nothing);
    let bound = |bound: &str, disabled: &str| {
        (!flag(validation, disabled)).then(|| maybe_number(validation, bound)).flatten()
    };
    Parameter {
        name: text(values, "name"),
        display_name: text(values, "display_name"),
        description: text(values, "description"),
        r#type: text(values, "type"),
        form_type: text(values, "form_type"),
        mutable: flag(values, "mutable"),
        default_value: values.get("default").and_then(Value::as_str).map(str::to_owned),
        icon: text(values, "icon"),
        options: list(values, "option").map(option).collect(),
        validation_regex: text(validation, "regex"),
        validation_error: text(validation, "error"),
        validation_min: bound("min", "min_disabled"),
        validation_max: bound("max", "max_disabled"),
        validation_monotonic: text(validation, "monotonic"),
        ephemeral: flag(values, "ephemeral"),
        order: number(values, "order"),
    }
}

fn option(values: &Map<String, Value>) -> ParameterOption {
    ParameterOption {
        name: text(values, "name"),
        description: text(values, "description"),
        value: text(values, "value"),
        icon: text(values, "icon"),
    }
}

fn preset(values: &Map<String, Value>) -> Preset {
    let parameters = values.get("parameters").and_then(Value::as_object).into_iter().flatten();
    Preset {
        name: text(values, "name"),
        description: text(values, "description"),
        icon: text(values, "icon"),
        default: flag(values, "default"),
        parameters: parameters
            .map(|(name, value)| (name.clone(), key_text(value)))
            .collect::<BTreeMap<_, _>>(),
        prebuilds: list(values, "prebuilds").next().map(prebuilds),
    }
}

fn prebuilds(values: &Map<String, Value>) -> Prebuilds {
    let ttl = list(values, "expiration_policy").next().map(|policy| number(policy, "ttl"));
    let scheduling = list(values, "scheduling").next();
    let schedules = scheduling.into_iter().flat_map(|it| list(it, "schedule"));
    Prebuilds {
        instances: count(values),
        // Zero stands for no expiry.
        ttl_seconds: ttl.and_then(|ttl| u64::try_from(ttl).ok()).filter(|ttl| *ttl > 0),
        timezone: scheduling.map(|it| text(it, "timezone")),
        schedules: schedules.map(|it| (text(it, "cron"), count(it))).collect(),
    }
}

fn count(values: &Map<String, Value>) -> u32 {
    u32::try_from(object::number(values, "instances")).unwrap_or_default()
}
