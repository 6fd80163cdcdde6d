//! How a replacement is written into the build log.

use serde_json::Value;

use super::{AttributeChange, Replacement, ReplacementKind};

/// Longer values are cut.
const LONGEST: usize = 200;

impl Replacement {
    /// One line that says what goes and why, then one line for each attribute.
    pub fn lines(&self) -> Vec<String> {
        let why = match self.kind {
            ReplacementKind::Forced => {
                "is destroyed and recreated: an attribute changes that cannot change in place"
            }
            ReplacementKind::Triggered => "is destroyed and recreated: its replace_triggered_by says so",
            ReplacementKind::Tainted => "is destroyed and recreated: an earlier build left it tainted",
            ReplacementKind::Rekeyed => "is destroyed and recreated under another for_each key",
            ReplacementKind::Agent => "is recreated: the agent in the workspace loses its token",
            ReplacementKind::Deleted => "is destroyed and not recreated",
        };
        let first = format!("{} {why}", self.address);
        [first].into_iter().chain(self.changes.iter().map(AttributeChange::line)).collect()
    }
}

impl AttributeChange {
    fn line(&self) -> String {
        let (before, after) = if self.sensitive {
            ("(sensitive)".to_owned(), "(sensitive)".to_owned())
        } else if self.after_unknown {
            (written(&self.before), "(known after apply)".to_owned())
        } else {
            (written(&self.before), written(&self.after))
        };
        let forces = if self.forces { " (forces the replacement)" } else { "" };
        format!("  {}: {before} -> {after}{forces}", self.path)
    }
}

fn written(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_replacement_is_written_with_old_and_new_values() {
        let change = |path: &str, forces| AttributeChange {
            path: path.to_owned(),
            forces,
            sensitive: false,
            before: json!("prebuilds"),
            after: json!("alice"),
            after_unknown: false,
        };
        let replacement = Replacement {
            address: "terraform_data.vm[0]".to_owned(),
            resource_type: "terraform_data".to_owned(),
            kind: ReplacementKind::Forced,
            changes: vec![
                change("triggers_replace.owner", true),
                AttributeChange {
                    before: json!("x".repeat(300)),
                    after_unknown: true,
                    ..change("input", false)
                },
                AttributeChange {
                    sensitive: true,
                    before: Value::Null,
                    after: Value::Null,
                    ..change("key", false)
                },
            ],
        };
        assert_eq!(
            replacement.lines(),
            [
                "terraform_data.vm[0] is destroyed and recreated: an attribute changes that cannot change in place",
                "  triggers_replace.owner: \"prebuilds\" -> \"alice\" (forces the replacement)",
                &format!("  input: \"{}... -> (known after apply)", "x".repeat(199)),
                "  key: (sensitive) -> (sensitive)",
            ]
        );
    }
}
