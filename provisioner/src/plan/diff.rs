//! Which attributes differ between two values of a resource, with the sensitive ones masked.
//!
//! Terraform describes a change by trees of the same form: the value before, the value after, and three trees that have
//! `true` where a part is unknown, was sensitive, or is sensitive. `true` for a whole object stands for all in it. They
//! are walked together, so that no sensitive value is ever taken out of its tree.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::AttributeChange;

/// The `change` of a resource in the JSON form of a plan.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Change {
    pub actions: Vec<String>,
    #[serde(default)]
    pub before: Value,
    #[serde(default)]
    pub after: Value,
    #[serde(default)]
    pub after_unknown: Value,
    #[serde(default)]
    pub before_sensitive: Value,
    #[serde(default)]
    pub after_sensitive: Value,
    /// Null when no attribute forces a replacement.
    pub replace_paths: Option<Vec<Vec<Step>>>,
}

/// One step of a path into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
pub(super) enum Step {
    Index(usize),
    Key(String),
}

/// The attributes that differ. One that is only known after apply is listed where it forces the replacement: the
/// others are new because the resource is.
pub(super) fn changes(change: &Change) -> Vec<AttributeChange> {
    let forcing = change.replace_paths.as_deref().unwrap_or_default();
    let mut walk = Walk { forcing, found: Vec::new() };
    let top = Place::top(change);
    walk.visit(&mut Vec::new(), top);
    for path in forcing {
        if !walk.found.iter().any(|(found, _)| related(found, path)) {
            walk.add(path, path.iter().fold(top, Place::below));
        }
    }
    walk.found.into_iter().map(|(_, change)| change).collect()
}

struct Walk<'a> {
    forcing: &'a [Vec<Step>],
    found: Vec<(Vec<Step>, AttributeChange)>,
}

impl Walk<'_> {
    fn visit(&mut self, path: &mut Vec<Step>, place: Place<'_>) {
        if place.is_unknown() {
            if self.forces(path) {
                self.add(path, place);
            }
        } else if place.is_masked() {
            if place.differs() {
                self.add(path, place);
            }
        } else if let Some(steps) = place.steps() {
            for step in steps {
                path.push(step.clone());
                self.visit(path, place.below(&step));
                path.pop();
            }
        } else if place.differs() {
            self.add(path, place);
        }
    }

    fn add(&mut self, path: &[Step], place: Place<'_>) {
        let sensitive = contains_true(place.before_sensitive) || contains_true(place.after_sensitive);
        let shown = |value: &Value| if sensitive { Value::Null } else { value.clone() };
        let change = AttributeChange {
            path: written(path),
            forces: self.forces(path),
            sensitive,
            before: shown(place.before),
            after: shown(place.after),
            after_unknown: place.is_unknown(),
        };
        self.found.push((path.to_vec(), change));
    }

    fn forces(&self, path: &[Step]) -> bool {
        self.forcing.iter().any(|forcing| related(forcing, path))
    }
}

/// Whether one path leads to the other's value or into it.
fn related(one: &[Step], other: &[Step]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// The same place in the five trees.
#[derive(Clone, Copy)]
struct Place<'a> {
    before: &'a Value,
    after: &'a Value,
    unknown: &'a Value,
    before_sensitive: &'a Value,
    after_sensitive: &'a Value,
}

impl<'a> Place<'a> {
    fn top(change: &'a Change) -> Self {
        Self {
            before: &change.before,
            after: &change.after,
            unknown: &change.after_unknown,
            before_sensitive: &change.before_sensitive,
            after_sensitive: &change.after_sensitive,
        }
    }

    fn below(self, step: &Step) -> Self {
        Self {
            before: child(self.before, step),
            after: child(self.after, step),
            unknown: mark(self.unknown, step),
            before_sensitive: mark(self.before_sensitive, step),
            after_sensitive: mark(self.after_sensitive, step),
        }
    }

    fn is_unknown(self) -> bool {
        self.unknown == &Value::Bool(true)
    }

    fn is_masked(self) -> bool {
        [self.before_sensitive, self.after_sensitive].contains(&&Value::Bool(true))
    }

    fn differs(self) -> bool {
        self.before != self.after || contains_true(self.unknown)
    }

    /// The steps into both values, when both are of the same form. Unknown parts are absent from the value after.
    fn steps(self) -> Option<BTreeSet<Step>> {
        match (self.before, self.after) {
            (Value::Object(before), Value::Object(after)) => {
                let unknown = self.unknown.as_object().into_iter().flat_map(|unknown| unknown.keys());
                Some(before.keys().chain(after.keys()).chain(unknown).cloned().map(Step::Key).collect())
            }
            (Value::Array(before), Value::Array(after)) => {
                let unknown = self.unknown.as_array().map_or(0, Vec::len);
                Some((0..before.len().max(after.len()).max(unknown)).map(Step::Index).collect())
            }
            _ => None,
        }
    }
}

fn child<'a>(value: &'a Value, step: &Step) -> &'a Value {
    let found = match step {
        Step::Index(index) => value.get(index),
        Step::Key(key) => value.get(key),
    };
    found.unwrap_or(&Value::Null)
}

/// Like [`child`], but a mark for the whole goes down to all parts.
fn mark<'a>(marks: &'a Value, step: &Step) -> &'a Value {
    if marks == &Value::Bool(true) { marks } else { child(marks, step) }
}

fn contains_true(marks: &Value) -> bool {
    match marks {
        Value::Bool(marked) => *marked,
        Value::Array(parts) => parts.iter().any(contains_true),
        Value::Object(parts) => parts.values().any(contains_true),
        _ => false,
    }
}

/// `env[0]`, `tags.owner`, `tags["a.b"]`.
fn written(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => text += &format!("[{index}]"),
            Step::Key(key) if !is_word(key) => text += &format!("[{key:?}]"),
            Step::Key(key) if text.is_empty() => text += key,
            Step::Key(key) => text += &format!(".{key}"),
        }
    }
    text
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    fn found(change: Value) -> Vec<(String, Value, Value, &'static str)> {
        let change: Change = serde_json::from_value(change).unwrap();
        let notes = |it: &AttributeChange| match (it.forces, it.sensitive, it.after_unknown) {
            (false, false, false) => "",
            (true, false, false) => "forces",
            (false, true, false) => "sensitive",
            (true, true, false) => "forces sensitive",
            (true, false, true) => "forces unknown",
            _ => "?",
        };
        changes(&change)
            .into_iter()
            .map(|it| (it.path.clone(), it.before.clone(), it.after.clone(), notes(&it)))
            .collect()
    }

    #[test]
    fn only_what_differs_is_listed_and_what_forces_is_marked() {
        let change = json!({"actions": ["delete", "create"],
            "before": {"id": "1", "input": "img", "output": "img", "triggers_replace": {"owner": "prebuilds", "region": "eu"}},
            "after": {"input": "new", "triggers_replace": {"owner": "alice", "region": "eu"}},
            "after_unknown": {"id": true, "output": true, "triggers_replace": {}},
            "before_sensitive": {"triggers_replace": {}}, "after_sensitive": {"triggers_replace": {}},
            "replace_paths": [["triggers_replace"]]});
        assert_eq!(
            found(change),
            [
                ("input".into(), json!("img"), json!("new"), ""),
                ("triggers_replace.owner".into(), json!("prebuilds"), json!("alice"), "forces"),
            ]
        );
    }

    #[test]
    fn a_value_known_only_after_apply_is_listed_where_it_forces() {
        let change = json!({"actions": ["delete", "create"], "before": {"id": "1", "instance_id": "i-1"}, "after": {},
            "after_unknown": {"id": true, "instance_id": true}, "replace_paths": [["instance_id"]]});
        assert_eq!(found(change), [("instance_id".into(), json!("i-1"), Value::Null, "forces unknown")]);
    }

    #[test]
    fn a_sensitive_value_is_masked_at_every_depth() {
        let change = json!({"actions": ["delete", "create"],
            "before": {"key": "s3cret", "env": [{"name": "A", "value": "s3cret"}], "whole": {"a": "s3cret"}, "was": {"a": "s3cret"}, "same": "s3cret"},
            "after": {"key": "s3cret2", "env": [{"name": "B", "value": "s3cret2"}], "whole": {"a": "s3cret2"}, "was": "text", "same": "s3cret"},
            "after_unknown": {},
            "before_sensitive": {"env": [{"value": true}], "was": {"a": true}, "same": true},
            "after_sensitive": {"key": true, "whole": true, "same": true},
            "replace_paths": [["key"]]});
        let found = found(change);
        assert!(!format!("{found:?}").contains("s3cret"), "{found:?}");
        let places = Vec::from_iter(found.iter().map(|(path, _, _, notes)| (path.as_str(), *notes)));
        assert_eq!(
            places,
            [
                ("env[0].name", ""),
                ("env[0].value", "sensitive"),
                ("key", "forces sensitive"),
                ("was", "sensitive"),
                ("whole", "sensitive")
            ]
        );
    }

    #[test]
    fn lists_are_compared_by_index_and_odd_keys_are_quoted() {
        let change = json!({"actions": ["update"], "before": {"env": ["a", "b"], "tags": {"x.y": "1"}, "none": null},
            "after": {"env": ["a"], "tags": {"x.y": "2"}}});
        assert_eq!(
            found(change),
            [
                ("env[1]".into(), json!("b"), Value::Null, ""),
                ("tags[\"x.y\"]".into(), json!("1"), json!("2"), ""),
            ]
        );
    }

    #[test]
    fn a_path_that_forces_is_listed_even_when_nothing_seems_to_differ() {
        let change = json!({"actions": ["delete", "create"], "before": {"a": {"b": 1}}, "after": {"a": {"b": 1}},
            "replace_paths": [["a", "b"]]});
        assert_eq!(found(change), [("a.b".into(), json!(1), json!(1), "forces")]);
    }
}
