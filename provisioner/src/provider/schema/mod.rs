//! How a data source or resource is described: the vocabulary of the tables in [`data_sources`] and [`resources`].

pub mod agent;
pub mod data_sources;
pub mod resources;

use serde_json::json;

use super::{
    pb,
    validate::{Check, Rule},
    values::{Unset, Value, complete},
};

/// A data source, a resource, or a block inside one.
#[derive(Clone, Copy)]
pub struct Block {
    pub attributes: &'static [Attribute],
    pub blocks: &'static [Nested],
    pub rules: &'static [Rule],
}

impl Block {
    pub const fn new(attributes: &'static [Attribute]) -> Self {
        Self { attributes, blocks: &[], rules: &[] }
    }

    pub const fn blocks(mut self, blocks: &'static [Nested]) -> Self {
        self.blocks = blocks;
        self
    }

    pub const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    pub fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|a| a.name == name) || self.blocks.iter().any(|b| b.name == name)
    }

    /// The form Terraform asks for.
    pub fn to_pb(self) -> pb::Schema {
        pb::Schema { version: 1, block: Some(self.block_to_pb()) }
    }

    fn block_to_pb(self) -> pb::SchemaBlock {
        pb::SchemaBlock {
            attributes: self.attributes.iter().copied().map(Attribute::to_pb).collect(),
            blocks: self.blocks.iter().copied().map(Nested::to_pb).collect(),
        }
    }
}

/// A block type inside a block.
#[derive(Clone, Copy)]
pub struct Nested {
    pub name: &'static str,
    pub nesting: Nesting,
    min: i64,
    max: i64,
    pub block: &'static Block,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    List = 2,
    Set = 3,
}

impl Nested {
    /// Any number, in order.
    pub const fn list(name: &'static str, block: &'static Block) -> Self {
        Self { name, nesting: Nesting::List, min: 0, max: 0, block }
    }

    /// Any number, in no order.
    pub const fn set(name: &'static str, block: &'static Block) -> Self {
        Self { name, nesting: Nesting::Set, min: 0, max: 0, block }
    }

    pub const fn at_least_one(mut self) -> Self {
        self.min = 1;
        self
    }

    pub const fn at_most_one(mut self) -> Self {
        self.max = 1;
        self
    }

    fn to_pb(self) -> pb::SchemaNested {
        pb::SchemaNested {
            type_name: self.name.to_owned(),
            block: Some(self.block.block_to_pb()),
            nesting: self.nesting as i32,
            min_items: self.min,
            max_items: self.max,
        }
    }
}

#[derive(Clone, Copy)]
pub struct Attribute {
    pub name: &'static str,
    r#type: Type,
    pub kind: Kind,
    sensitive: bool,
    check: Check,
}

#[derive(Clone, Copy)]
pub enum Type {
    String,
    Number,
    Bool,
    List(&'static Type),
    Set(&'static Type),
    Map(&'static Type),
    /// The members' kinds matter only for their defaults.
    Object(&'static [Attribute]),
}

impl Type {
    fn expression(self) -> serde_json::Value {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::List(element) => json!(["list", element.expression()]),
            Self::Set(element) => json!(["set", element.expression()]),
            Self::Map(element) => json!(["map", element.expression()]),
            Self::Object(members) => {
                let types: serde_json::Map<_, _> =
                    members.iter().map(|m| (m.name.to_owned(), m.r#type.expression())).collect();
                json!(["object", types])
            }
        }
    }
}

/// Who gives an attribute its value.
#[derive(Clone, Copy)]
pub enum Kind {
    /// The template must.
    Required,
    /// The template may.
    Optional,
    /// The template may; else it is this. Terraform accepts that only of an attribute that is also computed.
    Default(Default),
    /// The provider does.
    Computed,
    /// The template may; else the provider does.
    OptionalComputed,
}

impl Kind {
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }
}

#[derive(Clone, Copy)]
pub enum Default {
    Text(&'static str),
    Bool(bool),
    Number(i32),
    /// A set of one object whose members have their own defaults.
    OneOf(&'static [Attribute]),
}

impl Default {
    pub fn value(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Bool(flag) => flag.into(),
            Self::Number(number) => Value::Number(number.into()),
            Self::OneOf(members) => {
                let object = complete(&Block::new(members), [].into(), Unset::Null);
                Value::List(vec![Value::Map(object)])
            }
        }
    }
}

/// An optional text.
pub const fn string(name: &'static str) -> Attribute {
    attribute(name, Type::String)
}

/// An optional number.
pub const fn number(name: &'static str) -> Attribute {
    attribute(name, Type::Number)
}

/// An optional truth value.
pub const fn boolean(name: &'static str) -> Attribute {
    attribute(name, Type::Bool)
}

/// An optional map of texts.
pub const fn map(name: &'static str) -> Attribute {
    attribute(name, Type::Map(&Type::String))
}

/// An optional attribute of any type.
pub const fn attribute(name: &'static str, r#type: Type) -> Attribute {
    Attribute { name, r#type, kind: Kind::Optional, sensitive: false, check: Check::Anything }
}

impl Attribute {
    pub const fn required(mut self) -> Self {
        self.kind = Kind::Required;
        self
    }

    pub const fn computed(mut self) -> Self {
        self.kind = Kind::Computed;
        self
    }

    pub const fn optional_computed(mut self) -> Self {
        self.kind = Kind::OptionalComputed;
        self
    }

    pub const fn or(mut self, default: Default) -> Self {
        self.kind = Kind::Default(default);
        self
    }

    pub const fn or_text(self, default: &'static str) -> Self {
        self.or(Default::Text(default))
    }

    pub const fn or_bool(self, default: bool) -> Self {
        self.or(Default::Bool(default))
    }

    pub const fn or_number(self, default: i32) -> Self {
        self.or(Default::Number(default))
    }

    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    pub const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// What is wrong with this value, if anything. All numbers of this provider are whole.
    pub fn objection(&self, value: &Value) -> Option<String> {
        let number = matches!(self.r#type, Type::Number).then(|| value.as_number()).flatten();
        let broken = number.filter(|number| number.fract() != 0.0);
        broken
            .map(|number| format!("{number} is not a whole number."))
            .or_else(|| self.check.objection(value))
    }

    /// Fills in the defaults of objects that a template gave in part.
    pub fn complete_inside(&self, value: &mut Value) {
        let (Type::Set(Type::Object(members)), Value::List(items)) = (self.r#type, value) else { return };
        for item in items {
            if let Value::Map(object) = item {
                *object = complete(&Block::new(members), std::mem::take(object), Unset::Null);
            }
        }
    }

    fn to_pb(self) -> pb::SchemaAttribute {
        let optional = matches!(self.kind, Kind::Optional | Kind::Default(_) | Kind::OptionalComputed);
        pb::SchemaAttribute {
            name: self.name.to_owned(),
            r#type: self.r#type.expression().to_string().into_bytes(),
            required: matches!(self.kind, Kind::Required),
            optional,
            computed: self.kind.is_computed() || matches!(self.kind, Kind::Default(_)),
            sensitive: self.sensitive,
        }
    }
}

/// The provider's own block.
pub const PROVIDER: Block = Block::new(&[string("url").check(Check::Url)]);
