//! Small questions to HCL expressions: what they refer to, and what is inside of an object.

use std::ops::Range;

use hcl_edit::{
    Span,
    expr::{Expression, ObjectKey, Traversal, TraversalOperator},
    structure::{Block, Body, Structure},
    visit::{self, Visit},
};

/// Something that is named in an expression: `local.x`, `data.coder_workspace.me.name`, in parts and without indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub parts: Vec<String>,
    pub span: Option<Range<usize>>,
}

impl Reference {
    pub fn part(&self, index: usize) -> &str {
        self.parts.get(index).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct References(Vec<Reference>);

impl Visit for References {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        if let Expression::Variable(root) = &traversal.expr {
            let mut parts = vec![root.as_str().to_owned()];
            parts.extend(traversal.operators.iter().filter_map(|operator| match operator.value() {
                TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
                _ => None,
            }));
            self.0.push(Reference { parts, span: traversal.span() });
        }
        visit::visit_traversal(self, traversal);
    }
}

pub(super) fn in_expression(expression: &Expression) -> Vec<Reference> {
    let mut found = References::default();
    found.visit_expr(expression);
    found.0
}

pub(super) fn in_body(body: &Body) -> Vec<Reference> {
    let mut found = References::default();
    found.visit_body(body);
    found.0
}

/// What an attribute, or the nested blocks of that name, refer to, and where the first of them stands.
pub(super) fn in_argument(block: &Block, path: &[&str]) -> Option<(Vec<Reference>, Option<Range<usize>>)> {
    let (name, inner) = path.split_first()?;
    let mut found = References::default();
    let mut place = None;
    for structure in &block.body {
        match structure {
            Structure::Attribute(attribute) if attribute.key.as_str() == *name => {
                let (value, span) = descend(&attribute.value, inner);
                place = place.or(span.or(attribute.span()));
                found.visit_expr(value);
            }
            Structure::Block(nested) if names(nested, name) => {
                place = place.or(nested.span());
                found.visit_block(nested);
            }
            _ => {}
        }
    }
    place.map(|place| (found.0, Some(place)))
}

/// `name { ... }`, or `dynamic "name" { ... }`.
fn names(block: &Block, name: &str) -> bool {
    block.has_ident(name) || (block.has_ident("dynamic") && block.has_exact_labels(&[name]))
}

/// Goes down into objects as long as the keys are there as they are written. The span is that of the last key.
pub(super) fn descend<'a>(value: &'a Expression, path: &[&str]) -> (&'a Expression, Option<Range<usize>>) {
    let (mut value, mut span) = (value, None);
    for step in path {
        let Expression::Object(object) = value else { break };
        let Some((key, inner)) = object.iter().find(|(key, _)| key_text(key) == Some(step)) else { break };
        span = key_span(key);
        value = inner.expr();
    }
    (value, span)
}

fn key_text(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str()),
        ObjectKey::Expression(expression) => expression.as_str(),
    }
}

fn key_span(key: &ObjectKey) -> Option<Range<usize>> {
    match key {
        ObjectKey::Ident(name) => name.span(),
        ObjectKey::Expression(expression) => expression.span(),
    }
}

/// `a.b[0]["x.y"]` in steps: `a`, `b`, `0`, `x.y`. The reverse of how a plan's paths are written.
pub(super) fn steps(path: &str) -> Vec<String> {
    let (mut steps, mut step, mut letters) = (Vec::new(), String::new(), path.chars());
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted => step.extend(letters.next()),
            '"' => quoted = !quoted,
            '.' | '[' | ']' if !quoted => {
                if !step.is_empty() {
                    steps.push(std::mem::take(&mut step));
                }
            }
            other => step.push(other),
        }
    }
    if !step.is_empty() {
        steps.push(step);
    }
    steps
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn a_path_is_taken_apart() {
        assert_eq!(steps(r#"a.b[0].c["x.\"y"]"#), ["a", "b", "0", "c", "x.\"y"]);
        assert_eq!(steps("user_data"), ["user_data"]);
    }

    #[test]
    fn references_are_found_in_strings_calls_and_indexes() {
        let text = "x = upper(\"a ${local.b} ${data.t.n[0].name}\") == m[var.k] ? module.m[*].out : 1\n";
        let body = hcl_edit::parser::parse_body(text).unwrap();
        let found = in_body(&body);
        let parts = Vec::from_iter(found.iter().map(|it| it.parts.join(".")));
        assert_eq!(parts, ["local.b", "data.t.n.name", "m", "var.k", "module.m.out"]);
        assert!(text[found[1].span.clone().unwrap()].starts_with("data.t.n"));
    }
}
