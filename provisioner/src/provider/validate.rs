//! Checks of a template's arguments. The tables in [`super::schema`] say which; a value that is not known yet passes,
//! for Terraform asks again when it is.

use std::collections::BTreeSet;

use super::{
    pb,
    schema::{Block, Nesting},
    values::{Fields, Object, Value},
};

/// What an attribute's value must be like.
#[derive(Clone, Copy)]
pub enum Check {
    Anything,
    NotEmpty,
    OneOf(&'static [&'static str]),
    /// At most so many characters.
    AtMost(usize),
    AtMostOneElement,
    AtLeast(i32),
    Between(i32, i32),
    Url,
    Json,
    Regex,
    Form {
        matches: fn(&str) -> bool,
        what: &'static str,
    },
}

/// What must hold between the arguments of one block.
#[derive(Clone, Copy)]
pub enum Rule {
    /// No two blocks of this type have the same key.
    Unique {
        block: &'static str,
        key: &'static str,
    },
    /// When the first is given, none of the others may be.
    Excludes(&'static str, &'static [&'static str]),
    ExactlyOne(&'static [&'static str]),
    AnyOf(&'static [&'static str]),
    /// The first makes no sense without the second.
    Needs(&'static str, &'static str),
    Custom(fn(&Object) -> Vec<Problem>),
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    path: Vec<pb::Selector>,
    summary: String,
    detail: String,
}

impl Problem {
    /// Something wrong with one attribute of the block at hand.
    pub fn of(attribute: &str, detail: impl Into<String>) -> Self {
        Self {
            path: vec![pb::Selector::Attribute(attribute.to_owned())],
            summary: format!("Invalid value for \"{attribute}\""),
            detail: detail.into(),
        }
    }

    /// Something wrong that no single attribute is to blame for.
    pub fn general(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { path: Vec::new(), summary: summary.into(), detail: detail.into() }
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The same, with another headline.
    pub fn titled(mut self, summary: String) -> Self {
        self.summary = summary;
        self
    }

    /// The same, seen from outside the block at this place.
    fn inside(mut self, nesting: Nesting, name: &str, index: usize) -> Self {
        match nesting {
            Nesting::List => {
                self.path.insert(0, pb::Selector::Index(i64::try_from(index).unwrap_or(i64::MAX)));
            }
            // The elements of a set have no index that Terraform could point at.
            Nesting::Set => self.path.clear(),
        }
        self.path.insert(0, pb::Selector::Attribute(name.to_owned()));
        self
    }

    pub fn into_pb(self) -> pb::Diagnostic {
        let steps: Vec<_> = self.path.into_iter().map(|s| pb::Step { selector: Some(s) }).collect();
        pb::Diagnostic {
            severity: pb::SEVERITY_ERROR,
            summary: self.summary,
            detail: self.detail,
            attribute: (!steps.is_empty()).then_some(pb::AttributePath { steps }),
        }
    }
}

/// Everything that is wrong with a block and the blocks in it.
pub fn check(block: &Block, object: &Object) -> Vec<Problem> {
    let attributes = block.attributes.iter().filter_map(|attribute| {
        let detail = attribute.objection(object.value(attribute.name))?;
        Some(Problem::of(attribute.name, detail))
    });
    let nested = block.blocks.iter().flat_map(|nested| {
        object.blocks(nested.name).enumerate().flat_map(move |(index, inner)| {
            let problems = check(nested.block, inner).into_iter();
            problems.map(move |problem| problem.inside(nested.nesting, nested.name, index))
        })
    });
    let rules = block.rules.iter().flat_map(|rule| rule.problems(object));
    attributes.chain(nested).chain(rules).collect()
}

impl Check {
    /// What is wrong with this value, if anything.
    pub fn objection(self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => self.objection_to_text(text).or_else(|| self.objection_to_number(value)),
            Value::Number(_) => self.objection_to_number(value),
            Value::List(items) if matches!(self, Self::AtMostOneElement) && items.len() > 1 => {
                Some("At most one is allowed.".to_owned())
            }
            _ => None,
        }
    }

    fn objection_to_text(self, text: &str) -> Option<String> {
        match self {
            Self::NotEmpty if text.is_empty() => Some("It must not be empty.".to_owned()),
            Self::OneOf(allowed) if !allowed.contains(&text) => {
                Some(format!("\"{text}\" is not one of: {}.", allowed.join(", ")))
            }
            Self::AtMost(limit) if text.chars().count() > limit => {
                Some(format!("It has {} characters; at most {limit} are allowed.", text.chars().count()))
            }
            Self::Url if text.parse::<http::Uri>().is_err() => Some(format!("\"{text}\" is not a URL.")),
            Self::Json => serde_json::from_str::<serde_json::Value>(text)
                .err()
                .map(|error| format!("It must be JSON text: {error}.")),
            Self::Regex => {
                regex::Regex::new(text).err().map(|error| format!("It is not a regular expression: {error}"))
            }
            Self::Form { matches, what } if !matches(text) => Some(format!("\"{text}\" is not {what}.")),
            _ => None,
        }
    }

    fn objection_to_number(self, value: &Value) -> Option<String> {
        let number = value.as_number()?;
        match self {
            Self::AtLeast(min) if number < min.into() => {
                Some(format!("{number} is too small; the least is {min}."))
            }
            Self::Between(min, max) if number < min.into() || number > max.into() => {
                Some(format!("{number} is not between {min} and {max}."))
            }
            _ => None,
        }
    }
}

impl Rule {
    fn problems(self, object: &Object) -> Vec<Problem> {
        match self {
            Self::Unique { block, key } => {
                let mut seen = BTreeSet::new();
                let texts = object.blocks(block).filter_map(|inner| inner.value(key).as_str());
                let repeated = texts.filter(|text| !seen.insert(*text));
                repeated
                    .map(|text| Problem::of(block, format!("More than one has the {key} \"{text}\".")))
                    .collect()
            }
            Self::Excludes(first, others) if is_given(object, first) => others
                .iter()
                .filter(|other| is_given(object, other))
                .map(|other| Problem::of(first, format!("It cannot be combined with \"{other}\".")))
                .collect(),
            Self::ExactlyOne(names) if may_be_given(object, names) != 1 && !has_unknown(object, names) => {
                let detail = format!("Exactly one of {} is needed.", quoted(names));
                vec![Problem::general("Invalid combination of arguments", detail)]
            }
            Self::AnyOf(names) if may_be_given(object, names) == 0 => {
                let detail = format!("At least one of {} is needed.", quoted(names));
                vec![Problem::general("Missing argument", detail)]
            }
            Self::Needs(first, second) if is_given(object, first) && may_be_given(object, &[second]) == 0 => {
                vec![Problem::of(first, format!("It needs \"{second}\" too."))]
            }
            Self::Custom(problems) => problems(object),
            _ => Vec::new(),
        }
    }
}

/// Whether the template says something; `false`, "" and no blocks say nothing.
pub fn is_given(object: &Object, name: &str) -> bool {
    match object.value(name) {
        Value::Null | Value::Unknown | Value::Bool(false) => false,
        Value::List(items) => !items.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

fn may_be_given(object: &Object, names: &[&str]) -> usize {
    names.iter().filter(|name| is_given(object, name) || *object.value(name) == Value::Unknown).count()
}

fn has_unknown(object: &Object, names: &[&str]) -> bool {
    names.iter().any(|name| *object.value(name) == Value::Unknown)
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// A letter or underscore, then letters, digits and underscores.
pub fn is_environment_name(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(word) && text.starts_with(|c: char| word(c) && !c.is_ascii_digit())
}

/// Lower-case letters and digits with single hyphens between them.
pub fn is_slug(text: &str) -> bool {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.split('-').all(|part| !part.is_empty() && part.chars().all(lower))
}
