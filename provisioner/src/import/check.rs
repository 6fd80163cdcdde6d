//! Whether parameters and presets fit together. A preset that does not would fail at each of its builds, so it is
//! refused at the import, with the names of preset and parameter.

use std::collections::BTreeMap;

use super::{declared::Declared, source::Source};
use crate::{
    engine::{Parameter, Preset},
    error::Diagnostic,
    provider,
};

/// Everything that is wrong; empty when all is well.
pub(super) fn check(
    parameters: &[Declared<Parameter>],
    presets: &[Declared<Preset>],
    source: &Source,
) -> Vec<Diagnostic> {
    let mut found = duplicates(parameters, "parameters", |it| &it.name);
    found.extend(duplicates(presets, "presets", |it| &it.name));
    let defaults = Vec::from_iter(presets.iter().filter(|preset| preset.item.default));
    if let [_, second, ..] = defaults[..] {
        let summary = "Only one preset can be the default".to_owned();
        found.push(error(&second.address, summary, String::new()));
    }
    for preset in presets {
        found.extend(wrong_values(preset, parameters));
        found.extend(missing_values(preset, parameters));
    }
    for diagnostic in &mut found {
        let place = diagnostic.address.as_ref().and_then(|address| source.place_of_data(address));
        (diagnostic.file, diagnostic.line) = place.unzip();
    }
    found
}

fn error(address: &str, summary: String, detail: String) -> Diagnostic {
    let (severity, address) = ("error".to_owned(), Some(address.to_owned()));
    Diagnostic { severity, summary, detail, address, ..Diagnostic::default() }
}

fn duplicates<T>(items: &[Declared<T>], what: &str, name: impl Fn(&T) -> &String) -> Vec<Diagnostic> {
    let mut first_places = BTreeMap::new();
    let mut found = Vec::new();
    for declared in items {
        let name = name(&declared.item);
        if let Some(first) = first_places.insert(name, &declared.address) {
            let detail = format!("{first} has this name too.");
            found.push(error(&declared.address, format!("Two {what} are named \"{name}\""), detail));
        }
    }
    found
}

fn wrong_values(preset: &Declared<Preset>, parameters: &[Declared<Parameter>]) -> Vec<Diagnostic> {
    let name = &preset.item.name;
    let mut found = Vec::new();
    for (key, value) in &preset.item.parameters {
        let Some(parameter) = parameters.iter().find(|parameter| parameter.item.name == *key) else {
            let names =
                Vec::from_iter(parameters.iter().map(|parameter| format!("\"{}\"", parameter.item.name)));
            let summary = format!("Preset \"{name}\" sets the parameter \"{key}\", which does not exist");
            let detail = match names.len() {
                0 => "The template has no parameters.".to_owned(),
                _ => format!("The template has {}.", names.join(", ")),
            };
            found.push(error(&preset.address, summary, detail));
            continue;
        };
        if let Some(problem) = provider::refusal(&parameter.values, value) {
            let summary = format!("Preset \"{name}\" gives the parameter \"{key}\" a value that it refuses");
            found.push(error(&preset.address, summary, problem));
        }
    }
    found
}

fn missing_values(preset: &Declared<Preset>, parameters: &[Declared<Parameter>]) -> Vec<Diagnostic> {
    if preset.item.prebuilds.is_none() {
        return Vec::new();
    }
    let given = &preset.item.parameters;
    let missing = parameters.iter().map(|parameter| &parameter.item);
    let missing = missing.filter(|it| it.default_value.is_none() && !given.contains_key(&it.name));
    let diagnostic = |parameter: &Parameter| {
        let summary = format!(
            "Preset \"{}\" has prebuilds but no value for the parameter \"{}\"",
            preset.item.name, parameter.name
        );
        let detail = "The parameter has no default, so nobody could give a prebuild a value. Set it in the preset, or \
                      give it a default.";
        error(&preset.address, summary, detail.to_owned())
    };
    missing.map(diagnostic).collect()
}
