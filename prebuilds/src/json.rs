//! Strict reading of the documents that people and tools write: what is not understood is refused, with its place.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Something in a document that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct Problem {
    /// Where, as `presets[0].running[1].id`.
    pub path: String,
    /// What.
    pub reason: String,
}

impl Problem {
    pub(crate) fn at(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}

/// Where a problem of the whole document is.
pub(crate) const WHOLE: &str = "document";

/// Reads a document. `problems` finds what its types cannot rule out.
pub(crate) fn read<D: Serialize + DeserializeOwned>(
    bytes: &[u8],
    problems: impl FnOnce(&D) -> Vec<Problem>,
) -> Result<D, Vec<Problem>> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let document: D = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // The root's path is a dot.
        let path = if path == "." { WHOLE.to_owned() } else { path };
        vec![Problem::at(path, error.into_inner().to_string())]
    })?;
    json.end().map_err(|error| vec![Problem::at(WHOLE, error.to_string())])?;
    let mut problems = problems(&document);
    let given: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let meant = serde_json::to_value(&document).unwrap_or_default();
    lists_for_objects(&given, &meant, "", &mut problems);
    if problems.is_empty() { Ok(document) } else { Err(problems) }
}

/// Serde reads a struct from a list of its fields as well. A document says objects where objects are meant.
fn lists_for_objects(given: &Value, meant: &Value, path: &str, problems: &mut Vec<Problem>) {
    match (given, meant) {
        (Value::Array(_), Value::Object(_)) => {
            let path = if path.is_empty() { WHOLE } else { path };
            problems.push(Problem::at(path, "a list, expected an object"));
        }
        (Value::Array(given), Value::Array(meant)) => {
            for (position, (given, meant)) in given.iter().zip(meant).enumerate() {
                lists_for_objects(given, meant, &format!("{path}[{position}]"), problems);
            }
        }
        (Value::Object(given), Value::Object(meant)) => {
            for (key, given) in given {
                let dot = if path.is_empty() { "" } else { "." };
                let meant = meant.get(key).unwrap_or(&Value::Null);
                lists_for_objects(given, meant, &format!("{path}{dot}{key}"), problems);
            }
        }
        _ => {}
    }
}

/// Serde for a choice that is written as an object with one key. By itself serde does not say what it expects.
pub(crate) mod choice {
    use std::{fmt, marker::PhantomData};

    use serde::{
        Deserialize, Deserializer,
        de::{Error, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
    };

    struct Choice<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Choice<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with one key")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            let chosen = T::deserialize(MapAccessDeserializer::new(&mut map))?;
            match map.next_key::<IgnoredAny>()? {
                None => Ok(chosen),
                Some(_) => Err(A::Error::custom("more than one key, expected an object with one key")),
            }
        }
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        deserializer.deserialize_any(Choice(PhantomData))
    }

    /// The same for a choice that is there if its key is.
    pub(crate) fn optional<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        #[derive(Deserialize)]
        #[serde(bound = "T: Deserialize<'de>")]
        struct Chosen<T>(#[serde(deserialize_with = "deserialize")] T);

        Ok(Option::<Chosen<T>>::deserialize(deserializer)?.map(|chosen| chosen.0))
    }
}
