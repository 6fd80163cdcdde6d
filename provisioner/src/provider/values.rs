//! Terraform's values, and their two encodings: msgpack on the wire, JSON in a stored state.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::schema::{Block, Kind};

/// The attributes of a resource, a data source or a block, by name.
pub type Object = BTreeMap<String, Value>;

/// A value of any type. Lists, sets and tuples are `List`; maps and objects are `Map`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    /// Not known before apply.
    Unknown,
    Bool(bool),
    Number(f64),
    /// Also a number that no float holds exactly: Terraform sends those as text and takes them back so.
    String(String),
    List(Vec<Value>),
    Map(Object),
}

/// Why bytes from Terraform could not be understood.
#[derive(Debug, thiserror::Error)]
#[error("Terraform sent a value that is not valid: {0}")]
pub struct Malformed(String);

impl Value {
    /// Decodes what Terraform sent; no bytes at all are null.
    pub fn from_msgpack(mut bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Ok(Self::Null);
        }
        rmpv::decode::read_value(&mut bytes).map(Self::from_rmpv).map_err(|e| Malformed(e.to_string()))
    }

    pub fn to_msgpack(&self) -> Result<Vec<u8>, Malformed> {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &self.to_rmpv()).map_err(|e| Malformed(e.to_string()))?;
        Ok(bytes)
    }

    pub fn from_json(bytes: &[u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(bytes).map(Self::from_serde).map_err(|e| Malformed(e.to_string()))
    }

    fn from_rmpv(value: rmpv::Value) -> Self {
        match value {
            rmpv::Value::Nil => Self::Null,
            rmpv::Value::Ext(..) => Self::Unknown,
            rmpv::Value::Boolean(b) => Self::Bool(b),
            rmpv::Value::Integer(_) | rmpv::Value::F32(_) | rmpv::Value::F64(_) => {
                value.as_f64().map_or(Self::Null, Self::Number)
            }
            rmpv::Value::String(s) => Self::String(s.into_str().unwrap_or_default()),
            rmpv::Value::Binary(b) => Self::String(String::from_utf8_lossy(&b).into_owned()),
            rmpv::Value::Array(items) => Self::List(items.into_iter().map(Self::from_rmpv).collect()),
            rmpv::Value::Map(entries) => {
                let entry = |(k, v): (rmpv::Value, _)| Some((k.as_str()?.to_owned(), Self::from_rmpv(v)));
                Self::Map(entries.into_iter().filter_map(entry).collect())
            }
        }
    }

    fn to_rmpv(&self) -> rmpv::Value {
        match self {
            Self::Null => rmpv::Value::Nil,
            Self::Unknown => rmpv::Value::Ext(0, vec![0]),
            Self::Bool(b) => (*b).into(),
            Self::Number(n) => number_to_rmpv(*n),
            Self::String(s) => s.as_str().into(),
            Self::List(items) => rmpv::Value::Array(items.iter().map(Self::to_rmpv).collect()),
            Self::Map(entries) => {
                rmpv::Value::Map(entries.iter().map(|(k, v)| (k.as_str().into(), v.to_rmpv())).collect())
            }
        }
    }

    fn from_serde(value: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(b),
            Json::Number(n) => n.as_f64().map_or(Self::Null, Self::Number),
            Json::String(s) => Self::String(s),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from_serde).collect()),
            Json::Object(entries) => {
                Self::Map(entries.into_iter().map(|(k, v)| (k, Self::from_serde(v))).collect())
            }
        }
    }

    /// A random UUID.
    pub fn random_id() -> Self {
        Self::String(Uuid::new_v4().to_string())
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(s) = self { Some(s) } else { None }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(b) = self { Some(*b) } else { None }
    }

    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::String(s) => s.parse().ok(),
            _ => None,
        }
    }

    pub fn as_list(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    pub fn as_object(&self) -> Option<&Object> {
        if let Self::Map(entries) = self { Some(entries) } else { None }
    }

    /// Whether an unknown is anywhere inside.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::List(items) => items.iter().any(Self::has_unknown),
            Self::Map(entries) => entries.values().any(Self::has_unknown),
            _ => false,
        }
    }
}

/// Whole numbers as integers. Others as text: Terraform reads decimal text exactly, while a float would come back as
/// another number than the one in the configuration.
fn number_to_rmpv(n: f64) -> rmpv::Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if n.fract() == 0.0 && n.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2^53 is an exact i64")]
        return (n as i64).into();
    }
    n.to_string().into()
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Self::String(s.to_owned())
    }
}

impl From<String> for Value {
    fn from(s: String) -> Self {
        Self::String(s)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

/// Reads of an [`Object`] that treat a missing attribute as null.
pub trait Fields {
    fn value(&self, name: &str) -> &Value;

    /// The text; empty when null, unknown or absent.
    fn text(&self, name: &str) -> &str {
        self.value(name).as_str().unwrap_or_default()
    }

    /// True only when known and true.
    fn flag(&self, name: &str) -> bool {
        self.value(name).as_bool().unwrap_or_default()
    }

    /// The blocks of one type.
    fn blocks(&self, name: &str) -> impl Iterator<Item = &Object> {
        self.value(name).as_list().iter().filter_map(Value::as_object)
    }
}

impl Fields for Object {
    fn value(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

/// What becomes of a computed attribute that has no value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// It stays null.
    Null,
    /// It will be known after apply.
    Unknown,
}

/// Completes an object by its schema: every attribute present, defaults filled in, all the way down.
pub fn complete(block: &Block, object: Object, unset: Unset) -> Object {
    let mut object = object;
    for attribute in block.attributes {
        let value = object.entry(attribute.name.to_owned()).or_default();
        if !value.is_null() {
            attribute.complete_inside(value);
        } else if let Kind::Default(default) = attribute.kind {
            *value = default.value();
        } else if attribute.kind.is_computed() && unset == Unset::Unknown {
            *value = Value::Unknown;
        }
    }
    for nested in block.blocks {
        let value = object.entry(nested.name.to_owned()).or_default();
        if value.is_null() {
            *value = Value::List(Vec::new());
        }
        let Value::List(items) = value else { continue };
        for item in items {
            if let Value::Map(inner) = item {
                *inner = complete(nested.block, std::mem::take(inner), unset);
            }
        }
    }
    object
}
