//! What another version of a template changes about its presets and parameters, in the order in which it matters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{snapshot::Scheduling, words::duration};

/// What a version declares, as far as people choose by it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// By name.
    pub presets: BTreeMap<String, DeclaredPreset>,
    /// The default of each parameter, by name; `None`: whoever makes a workspace must say.
    pub parameters: BTreeMap<String, Option<String>>,
}

/// A preset as it is declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeclaredPreset {
    /// Values that it gives to parameters.
    pub parameters: BTreeMap<String, String>,
    /// `None`: nothing is prebuilt.
    pub pool: Option<DeclaredPool>,
}

/// The `prebuilds` block of a preset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeclaredPool {
    /// Wanted while no schedule says otherwise.
    pub instances: u32,
    /// `None`: members never expire.
    pub ttl_seconds: Option<u64>,
    /// `None`: there is none.
    pub scheduling: Option<Scheduling>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The preset that it is about; `None`: a parameter of the template.
    pub preset: Option<String>,
    /// Without the name of the preset, such as `3 → 4 wanted`.
    pub text: String,
}

/// The differences: presets by name, then parameters by name.
pub fn changes(before: &Declared, after: &Declared) -> Vec<Change> {
    let mut found = Vec::new();
    for (name, was, is) in sides(&before.presets, &after.presets) {
        let texts = match (was, is) {
            (None, Some(new)) => vec![format!("new preset, {}", pool(new.pool.as_ref()))],
            (Some(_), None) => vec!["no longer there; its pool is emptied".to_owned()],
            (Some(was), Some(is)) => preset(was, is),
            (None, None) => Vec::new(),
        };
        found.extend(texts.into_iter().map(|text| Change { preset: Some(name.clone()), text }));
    }
    for (name, was, is) in sides(&before.parameters, &after.parameters) {
        let text = match (was, is) {
            (None, Some(None)) => format!("new parameter {name}, without a default"),
            (None, Some(Some(default))) => format!("new parameter {name} = {}", shown(default)),
            (Some(_), None) => format!("parameter {name} is gone"),
            (Some(was), Some(is)) if was != is => {
                format!("default of {name}: {} → {}", or_none(was.as_ref()), or_none(is.as_ref()))
            }
            _ => continue,
        };
        found.push(Change { preset: None, text });
    }
    found
}

/// Every name on either side, with what is there.
fn sides<'a, T>(
    before: &'a BTreeMap<String, T>,
    after: &'a BTreeMap<String, T>,
) -> Vec<(&'a String, Option<&'a T>, Option<&'a T>)> {
    let mut names: Vec<_> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| (name, before.get(name), after.get(name))).collect()
}

fn pool(pool: Option<&DeclaredPool>) -> String {
    match pool {
        None => "nothing prebuilt".to_owned(),
        Some(pool) => format!("{} wanted", pool.instances),
    }
}

fn preset(was: &DeclaredPreset, is: &DeclaredPreset) -> Vec<String> {
    let mut texts = match (&was.pool, &is.pool) {
        (None, Some(_)) => vec![format!("prebuilt from now on, {}", pool(is.pool.as_ref()))],
        (Some(_), None) => vec!["no longer prebuilt; its pool is emptied".to_owned()],
        (Some(was), Some(is)) => pools(was, is),
        (None, None) => Vec::new(),
    };
    for (name, was, is) in sides(&was.parameters, &is.parameters) {
        texts.push(match (was, is) {
            (None, Some(value)) => format!("sets {name} = {}", shown(value)),
            (Some(_), None) => format!("no longer sets {name}"),
            (Some(was), Some(is)) if was != is => format!("{name}: {} → {}", shown(was), shown(is)),
            _ => continue,
        });
    }
    texts
}

fn pools(was: &DeclaredPool, is: &DeclaredPool) -> Vec<String> {
    let mut texts = Vec::new();
    if was.instances != is.instances {
        texts.push(format!("{} → {} wanted", was.instances, is.instances));
    }
    if was.ttl_seconds != is.ttl_seconds {
        let time = |ttl: Option<u64>| ttl.filter(|ttl| *ttl > 0).map_or("never".to_owned(), duration);
        texts.push(format!(
            "removed when unclaimed for: {} → {}",
            time(was.ttl_seconds),
            time(is.ttl_seconds)
        ));
    }
    let none = Scheduling::default();
    let (was, is) = (was.scheduling.as_ref().unwrap_or(&none), is.scheduling.as_ref().unwrap_or(&none));
    if was.timezone != is.timezone && !was.schedules.is_empty() && !is.schedules.is_empty() {
        texts.push(format!("schedule in {} instead of {}", is.timezone, was.timezone));
    }
    let lines = |of: &Scheduling| -> BTreeMap<String, u32> {
        of.schedules.iter().map(|line| (line.cron.clone(), line.instances)).collect()
    };
    for (cron, was, is) in sides(&lines(was), &lines(is)) {
        texts.push(match (was, is) {
            (None, Some(wanted)) => format!("new schedule \"{cron}\": {wanted} wanted"),
            (Some(_), None) => format!("no schedule \"{cron}\" any more"),
            (Some(was), Some(is)) if was != is => format!("schedule \"{cron}\": {was} → {is} wanted"),
            _ => continue,
        });
    }
    if texts.is_empty() && was.schedules != is.schedules {
        texts.push("schedules in another order; the first that applies counts".to_owned());
    }
    texts
}

fn or_none(value: Option<&String>) -> String {
    value.map_or("none".to_owned(), |value| shown(value))
}

/// A value in a sentence; nothing is seen as such.
fn shown(value: &str) -> String {
    if value.is_empty() { "\"\"".to_owned() } else { crate::words::cut(value) }
}
