//! Planning and applying: one way for all resources, because all of them are records in a state and nothing else.

use super::{
    Provider,
    schema::{Attribute, Block, Kind},
    validate::Problem,
    values::{Fields, Object, Unset, Value, complete},
};

/// A plan for one resource.
pub struct Planned {
    pub value: Value,
    /// The arguments whose change replaces it.
    pub replaced_by: Vec<&'static str>,
}

/// Plans a creation, a change or (when `proposed` is null) a deletion.
pub fn plan(block: &Block, prior: &Value, proposed: Value) -> Planned {
    let Value::Map(proposed) = proposed else { return Planned { value: proposed, replaced_by: Vec::new() } };
    let Value::Map(prior) = prior else {
        let planned = note_null_items(complete(block, proposed, Unset::Unknown));
        return Planned { value: Value::Map(planned), replaced_by: Vec::new() };
    };
    let planned = note_null_items(complete(block, proposed, Unset::Null));
    let arguments = block.attributes.iter().filter(|a| !matches!(a.kind, Kind::Computed)).map(|a| a.name);
    let all = arguments.chain(block.blocks.iter().map(|b| b.name));
    let replaced_by = all.filter(|name| prior.value(name) != planned.value(name)).collect();
    Planned { value: Value::Map(planned), replaced_by }
}

/// A stored state in the form of today's schema: what it lacks has its default.
pub fn upgrade(block: &Block, stored: Value) -> Value {
    let Value::Map(stored) = stored else { return Value::Null };
    let mut current = complete(block, stored, Unset::Null);
    current.retain(|name, _| block.has(name));
    Value::Map(current)
}

impl Provider {
    /// Carries a plan out: what was unknown gets its value.
    pub(super) fn apply(&self, type_name: &str, block: &Block, planned: Value) -> Result<Value, Problem> {
        let Value::Map(mut object) = planned else { return Ok(Value::Null) };
        for attribute in block.attributes {
            if *object.value(attribute.name) == Value::Unknown {
                let value = self.made(type_name, attribute, &object)?;
                object.insert(attribute.name.to_owned(), value);
            }
        }
        Ok(Value::Map(note_null_items(object)))
    }

    /// The value of a computed attribute of a new resource.
    fn made(&self, type_name: &str, attribute: &Attribute, object: &Object) -> Result<Value, Problem> {
        Ok(match (type_name, attribute.name) {
            ("coder_agent", "init_script") => self.init_script(object)?.into(),
            (_, "id") | ("coder_agent", "token") | ("coder_devcontainer", "subagent_id") => {
                Value::random_id()
            }
            ("coder_ai_task", "app_id") => {
                object.blocks("sidebar_app").next().map_or(Value::Null, |app| app.value("id").clone())
            }
            ("coder_ai_task", "prompt") => self.data.given.prompt().into(),
            ("coder_ai_task", "enabled") => self.data.given.task.is_some().into(),
            _ => Value::Null,
        })
    }

    /// Reads a resource again. Only an agent's script can have changed meanwhile, as with a newer Hearth or another
    /// address. A claim keeps it: nothing of a machine may be replaced at a claim because the server was upgraded.
    pub(super) fn refresh(&self, type_name: &str, mut current: Value) -> Value {
        if let ("coder_agent", Value::Map(agent)) = (type_name, &mut current) {
            if agent.text("token").is_empty() {
                agent.insert("token".to_owned(), Value::random_id());
            }
            if let Ok(script) = self.init_script(agent)
                && !(self.data.is_prebuild_claim && agent.value("init_script").as_str().is_some())
            {
                agent.insert("init_script".to_owned(), script.into());
            }
        }
        current
    }

    /// With what a script from the environment leaves open; Hearth's own are complete.
    fn init_script(&self, agent: &Object) -> Result<String, Problem> {
        let (os, arch) = (agent.text("os"), agent.text("arch"));
        match self.data.init_scripts.get(&format!("{os}_{arch}")) {
            Some(script) => Ok(script
                .replace("${ACCESS_URL}", &self.access_url())
                .replace("${AUTH_TYPE}", agent.text("auth"))),
            None if !self.data.in_build => Ok(String::new()),
            None => {
                let has: Vec<_> = self.data.init_scripts.keys().map(String::as_str).collect();
                let has = has.join(", ");
                let detail = format!("This server has no agent for {os} on {arch}. It has one for: {has}.");
                Err(Problem::general("No agent for this machine", detail))
            }
        }
    }
}

/// An item of `coder_metadata` without a value says so.
fn note_null_items(mut object: Object) -> Object {
    let Some(Value::List(items)) = object.get_mut("item") else { return object };
    for item in items {
        if let Value::Map(item) = item {
            let is_null = match item.value("value") {
                Value::Unknown => Value::Unknown,
                value => value.is_null().into(),
            };
            item.insert("is_null".to_owned(), is_null);
        }
    }
    object
}
