//! A managed resource with its values, whether it comes from a state or from a plan.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Error;

/// One instance of a managed resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    /// With module, and with the key of `count` or `for_each`.
    pub address: String,
    /// Without that key, as dependencies name it.
    pub block: String,
    pub kind: String,
    pub name: String,
    /// The key, when the block has several instances.
    pub key: Option<String>,
    pub values: Map<String, Value>,
    /// Which of them terraform knows to be sensitive.
    pub sensitive: Sensitive,
    /// The blocks of all resources that this one depends on, directly or not.
    pub dependencies: BTreeSet<String>,
}

impl Object {
    pub fn text(&self, name: &str) -> String {
        text(&self.values, name)
    }

    /// The same for people: empty as well when it is sensitive.
    pub fn shown(&self, name: &str) -> String {
        if self.sensitive.covers(&[name]) { String::new() } else { self.text(name) }
    }

    pub fn list(&self, name: &str) -> impl Iterator<Item = &Map<String, Value>> {
        list(&self.values, name)
    }

    /// Whether it is a record for Hearth rather than a thing that exists somewhere.
    pub fn is_bookkeeping(&self) -> bool {
        is_bookkeeping(&self.kind)
    }
}

/// Places in values, step by step; the index of a list is written in digits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sensitive(Vec<Vec<String>>);

impl Sensitive {
    /// From the tree of a plan, which has `true` where a part is sensitive.
    pub fn from_marks(marks: &Value) -> Self {
        let mut found = Self::default();
        found.collect(marks, &[]);
        found
    }

    /// From the paths of a state. A step that is not understood ends its path, which then covers more.
    fn from_paths(paths: &Value) -> Self {
        let step = |step: &Value| {
            let value = step.get("value")?;
            Some(key_text(value.get("value").unwrap_or(value)))
        };
        let paths = paths.as_array().into_iter().flatten().filter_map(Value::as_array);
        Self(paths.map(|path| path.iter().map_while(step).collect()).collect())
    }

    fn collect(&mut self, marks: &Value, path: &[String]) {
        let below = |step: &str| [path, &[step.to_owned()]].concat();
        match marks {
            Value::Bool(true) => self.0.push(path.to_vec()),
            Value::Array(parts) => {
                parts.iter().enumerate().for_each(|(at, part)| self.collect(part, &below(&at.to_string())));
            }
            Value::Object(parts) => parts.iter().for_each(|(key, part)| self.collect(part, &below(key))),
            _ => {}
        }
    }

    /// Whether what stands at this path, something in it, or something around it is sensitive.
    pub fn covers(&self, path: &[&str]) -> bool {
        self.0.iter().any(|sensitive| sensitive.iter().zip(path).all(|(one, other)| one == other))
    }
}

/// The types of the coder provider.
pub(crate) fn is_bookkeeping(kind: &str) -> bool {
    kind.starts_with("coder_")
}

/// Empty when absent or no string.
pub(crate) fn text(values: &Map<String, Value>, name: &str) -> String {
    values.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// False when absent or no boolean.
pub(crate) fn flag(values: &Map<String, Value>, name: &str) -> bool {
    values.get(name).and_then(Value::as_bool).unwrap_or_default()
}

/// Zero when absent or no number.
pub(crate) fn number(values: &Map<String, Value>, name: &str) -> i64 {
    maybe_number(values, name).unwrap_or_default()
}

/// Whole numbers only; terraform writes some of them with a fraction of zero.
pub(crate) fn maybe_number(values: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = values.get(name)?;
    #[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates")]
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64))
}

/// The nested blocks of that name.
pub(crate) fn list<'a>(
    values: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    values.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Reads what `state pull` prints. Only managed resources are returned.
pub(crate) fn from_state(state: &[u8]) -> Result<Vec<Object>, Error> {
    let state: State = serde_json::from_slice(state).map_err(|error| Error::Unexpected {
        step: "State",
        status: "a state".to_owned(),
        output: error.to_string(),
    })?;
    let managed = state.resources.into_iter().filter(|resource| resource.mode == "managed");
    Ok(managed.flat_map(StateResource::into_objects).collect())
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    resources: Vec<StateResource>,
}

#[derive(Deserialize)]
struct StateResource {
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    index_key: Option<Value>,
    /// An object that a failed replacement left behind.
    deposed: Option<String>,
    #[serde(default)]
    attributes: Map<String, Value>,
    #[serde(default)]
    sensitive_attributes: Value,
    #[serde(default)]
    dependencies: BTreeSet<String>,
}

impl StateResource {
    fn into_objects(self) -> Vec<Object> {
        let prefix = self.module.map(|module| format!("{module}.")).unwrap_or_default();
        let address = format!("{prefix}{}.{}", self.kind, self.name);
        let block = without_keys(&address);
        let instances = self.instances.into_iter().filter(|instance| instance.deposed.is_none());
        instances
            .map(|instance| Object {
                address: instance
                    .index_key
                    .as_ref()
                    .map_or(address.clone(), |key| format!("{address}[{key}]")),
                block: block.clone(),
                kind: self.kind.clone(),
                name: self.name.clone(),
                key: instance.index_key.as_ref().map(key_text),
                values: instance.attributes,
                sensitive: Sensitive::from_paths(&instance.sensitive_attributes),
                dependencies: instance.dependencies.iter().map(|block| without_keys(block)).collect(),
            })
            .collect()
    }
}

/// The key of an instance as people write it: a number, or a string without quotes.
pub(crate) fn key_text(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

/// `module.m["a.b"].x.y[0]` is an instance of `module.m.x.y`.
pub(crate) fn without_keys(address: &str) -> String {
    let (mut block, mut depth, mut quoted, mut escaped) = (String::new(), 0_u32, false, false);
    for letter in address.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            other if depth == 0 => block.push(other),
            _ => {}
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_cut_out_of_addresses() {
        assert_eq!(without_keys(r#"module.m["a]\"[b"].x.y[0]"#), "module.m.x.y");
        assert_eq!(without_keys("x.y"), "x.y");
        for (address, block) in [
            ("terraform_data.vm", "terraform_data.vm"),
            ("terraform_data.vm[0]", "terraform_data.vm"),
            ("module.m[\"a\"].docker_container.dev[1]", "module.m.docker_container.dev"),
            ("t.x[\"we[i]rd\\\"]key\"].y", "t.x.y"),
        ] {
            assert_eq!(without_keys(address), block);
        }
    }

    #[test]
    fn a_state_becomes_objects_with_full_addresses() {
        let state = br#"{"version":4,"resources":[
            {"mode":"data","type":"coder_workspace","name":"me","instances":[{"attributes":{}}]},
            {"module":"module.m[\"k\"]","mode":"managed","type":"terraform_data","name":"x","instances":[
              {"index_key":"a.b","attributes":{"id":"1"},"dependencies":["module.m[\"k\"].coder_agent.main"]},
              {"index_key":"a.b","deposed":"12345678","attributes":{"id":"0"}}]}]}"#;
        let objects = from_state(state).unwrap();
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0].address, r#"module.m["k"].terraform_data.x["a.b"]"#);
        assert_eq!(objects[0].block, "module.m.terraform_data.x");
        assert_eq!(objects[0].key.as_deref(), Some("a.b"));
        assert_eq!(Vec::from_iter(&objects[0].dependencies), ["module.m.coder_agent.main"]);
        assert!(from_state(b"{}").unwrap().is_empty());
        assert!(from_state(b"not json").is_err());
    }

    #[test]
    fn paths_of_a_state_and_marks_of_a_plan_cover_the_same() {
        let attribute = |name: &str| json!({"type": "get_attr", "value": name});
        let first = json!({"type": "index", "value": {"value": 0, "type": "number"}});
        let paths = json!([[attribute("item"), first, attribute("value")], [attribute("whole")]]);
        let marks = json!({"item": [{"value": true}, {"value": false}], "whole": true, "none": {}});
        for sensitive in [Sensitive::from_paths(&paths), Sensitive::from_marks(&marks)] {
            let covers = |path: &[&str]| sensitive.covers(path);
            assert!(covers(&["item", "0", "value"]) && covers(&["item"]) && covers(&["whole", "part"]));
            assert!(!covers(&["item", "0", "key"]) && !covers(&["item", "1", "value"]) && !covers(&["none"]));
        }
        let strange = json!([[attribute("item"), {"type": "splat"}]]);
        assert!(Sensitive::from_paths(&strange).covers(&["item", "7"]));
        assert!(!Sensitive::from_paths(&Value::Null).covers(&["item"]));
    }
}
