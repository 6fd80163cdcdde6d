//! Values of a template's parameters: which are allowed, and which a build gets.

use std::collections::BTreeMap;

use hearth_provisioner::engine::Parameter;
use regex::Regex;

use crate::error::{Error, Invalid, Result};

pub type Values = BTreeMap<String, String>;

/// Where values come from, later ones winning: the last build, the preset, the request.
#[derive(Default)]
pub struct Sources<'a> {
    /// `None` for a first build.
    pub last_build: Option<&'a Values>,
    pub preset: Option<&'a Values>,
    pub given: &'a [(String, String)],
}

/// The values that a build gets, every one checked. All problems are told at once, each by the parameter's name.
pub fn resolve(parameters: &[Parameter], sources: &Sources<'_>) -> Result<Values> {
    let given: Values = sources.given.iter().cloned().collect();
    let mut problems = Vec::new();
    let mut problem =
        |field: &str, detail: String| problems.push(Invalid { field: field.to_owned(), detail });
    for name in given.keys() {
        if !parameters.iter().any(|p| p.name == *name) {
            problem(name, "the template has no such parameter".to_owned());
        }
    }
    let mut values = Values::new();
    for parameter in parameters {
        let name = parameter.name.as_str();
        let last = sources.last_build.and_then(|values| values.get(name));
        let asked = given.get(name).or_else(|| sources.preset.and_then(|values| values.get(name)));
        let kept = last.filter(|_| !parameter.ephemeral);
        match asked.or(kept).or(parameter.default_value.as_ref()) {
            None => problem(name, "needs a value".to_owned()),
            Some(value) => {
                let checked =
                    check_value(parameter, value).and_then(|()| check_change(parameter, last, value));
                if let Err(why) = checked {
                    problem(name, why);
                }
                values.insert(name.to_owned(), value.clone());
            }
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(Error::Invalid(problems)) }
}

/// The same value again is no change (upstream 17624): only another one is refused.
fn check_change(parameter: &Parameter, last: Option<&String>, value: &str) -> Result<(), String> {
    let Some(last) = last.filter(|last| *last != value) else { return Ok(()) };
    if !parameter.mutable {
        return Err("cannot be changed after the workspace was made".to_owned());
    }
    let (Ok(before), Ok(after)) = (last.parse::<i64>(), value.parse::<i64>()) else { return Ok(()) };
    match parameter.validation_monotonic.as_str() {
        "increasing" if after < before => Err(format!("must be at least {before}, its present value")),
        "decreasing" if after > before => Err(format!("must be at most {before}, its present value")),
        _ => Ok(()),
    }
}

/// Why this value is not allowed.
fn check_value(parameter: &Parameter, value: &str) -> Result<(), String> {
    match parameter.r#type.as_str() {
        "number" => {
            let number: f64 = value.parse().map_err(|_| "is not a number".to_owned())?;
            check_range(parameter, number)?;
        }
        "bool" if !matches!(value, "true" | "false") => return Err("is neither true nor false".to_owned()),
        "list(string)" => {
            let items: Vec<String> =
                serde_json::from_str(value).map_err(|_| "is not a JSON list of texts".to_owned())?;
            // The options of a multi-select are elements, those of every other form whole lists.
            if parameter.form_type == "multi-select" {
                let stranger = items.iter().find(|item| !is_option(parameter, item));
                return stranger
                    .map_or(Ok(()), |item| Err(format!("has \"{item}\", which is not one of the options")));
            }
        }
        _ => {}
    }
    if !is_option(parameter, value) {
        return Err("is not one of the options".to_owned());
    }
    check_pattern(parameter, value)
}

fn is_option(parameter: &Parameter, value: &str) -> bool {
    parameter.options.is_empty() || parameter.options.iter().any(|option| option.value == value)
}

#[expect(clippy::cast_precision_loss, reason = "limits of parameters are small numbers")]
fn check_range(parameter: &Parameter, number: f64) -> Result<(), String> {
    let own_words = |words: String| {
        let (min, max) = (text(parameter.validation_min), text(parameter.validation_max));
        match parameter.validation_error.as_str() {
            "" => words,
            own => own.replace("{min}", &min).replace("{max}", &max).replace("{value}", &number.to_string()),
        }
    };
    if let Some(min) = parameter.validation_min.filter(|min| number < *min as f64) {
        return Err(own_words(format!("is less than {min}")));
    }
    if let Some(max) = parameter.validation_max.filter(|max| number > *max as f64) {
        return Err(own_words(format!("is more than {max}")));
    }
    Ok(())
}

fn text(limit: Option<i64>) -> String {
    limit.map(|limit| limit.to_string()).unwrap_or_default()
}

/// A pattern that this engine cannot read is left to the template's own check.
fn check_pattern(parameter: &Parameter, value: &str) -> Result<(), String> {
    if parameter.validation_regex.is_empty() {
        return Ok(());
    }
    match Regex::new(&parameter.validation_regex) {
        Ok(pattern) if !pattern.is_match(value) => Err(match parameter.validation_error.as_str() {
            "" => format!("does not match {}", parameter.validation_regex),
            own => own.replace("{value}", value),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use hearth_provisioner::engine::ParameterOption;

    use super::*;

    fn parameter(kind: &str) -> Parameter {
        Parameter { name: "p".to_owned(), r#type: kind.to_owned(), mutable: true, ..Parameter::default() }
    }

    fn values(value: &str) -> Values {
        [("p".to_owned(), value.to_owned())].into()
    }

    fn resolved(parameter: &Parameter, sources: &Sources<'_>) -> Result<String, String> {
        match resolve(std::slice::from_ref(parameter), sources) {
            Ok(values) => Ok(values["p"].clone()),
            Err(Error::Invalid(fields)) => Err(fields[0].detail.clone()),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn the_request_beats_the_preset_which_beats_the_last_build_which_beats_the_default() {
        let p = Parameter { default_value: Some("default".to_owned()), ..parameter("string") };
        let (last, preset) = (values("last"), values("preset"));
        let given = [("p".to_owned(), "given".to_owned())];
        let mut sources = Sources::default();
        assert_eq!(resolved(&p, &sources).as_deref(), Ok("default"));
        sources.last_build = Some(&last);
        assert_eq!(resolved(&p, &sources).as_deref(), Ok("last"));
        sources.preset = Some(&preset);
        assert_eq!(resolved(&p, &sources).as_deref(), Ok("preset"));
        sources.given = &given;
        assert_eq!(resolved(&p, &sources).as_deref(), Ok("given"));
    }

    #[test]
    fn a_value_that_is_missing_or_unknown_is_told_by_name() {
        assert_eq!(resolved(&parameter("string"), &Sources::default()), Err("needs a value".to_owned()));
        let given = [("q".to_owned(), String::new())];
        let answer = resolve(&[], &Sources { given: &given, ..Sources::default() });
        assert!(matches!(answer, Err(Error::Invalid(fields)) if fields[0].field == "q"));
    }

    #[test]
    fn an_immutable_value_may_be_given_again_but_not_changed() {
        let p = Parameter { mutable: false, ..parameter("string") };
        let last = values("same");
        let again = [("p".to_owned(), "same".to_owned())];
        let other = [("p".to_owned(), "other".to_owned())];
        let sources = |given| Sources { last_build: Some(&last), preset: None, given };
        assert!(resolved(&p, &sources(&again)).is_ok());
        assert!(resolved(&p, &sources(&other)).is_err());
    }

    #[test]
    fn an_ephemeral_value_is_not_carried_to_the_next_build() {
        let p =
            Parameter { ephemeral: true, default_value: Some("default".to_owned()), ..parameter("string") };
        let last = values("once");
        let sources = Sources { last_build: Some(&last), ..Sources::default() };
        assert_eq!(resolved(&p, &sources).as_deref(), Ok("default"));
    }

    #[test]
    fn each_type_has_its_own_check() {
        assert!(check_value(&parameter("number"), "4.5").is_ok());
        assert!(check_value(&parameter("number"), "four").is_err());
        assert!(check_value(&parameter("bool"), "true").is_ok());
        assert!(check_value(&parameter("bool"), "yes").is_err());
        assert!(check_value(&parameter("list(string)"), r#"["a"]"#).is_ok());
        assert!(check_value(&parameter("list(string)"), "a").is_err());
    }

    #[test]
    fn a_list_is_one_of_the_options_or_in_a_multi_select_made_of_them() {
        let with_options = |form: &str, values: [&str; 2]| Parameter {
            form_type: form.to_owned(),
            options: values
                .map(|value| ParameterOption { value: value.to_owned(), ..ParameterOption::default() })
                .to_vec(),
            ..parameter("list(string)")
        };
        let lists = with_options("radio", [r#"["a","b"]"#, r#"["c"]"#]);
        assert!(check_value(&lists, r#"["a","b"]"#).is_ok());
        assert!(check_value(&lists, r#"["a"]"#).is_err());
        assert!(check_value(&lists, "a").is_err());
        let elements = with_options("multi-select", ["a", "b"]);
        assert!(check_value(&elements, r#"["b","a"]"#).is_ok());
        assert!(check_value(&elements, r#"["a","c"]"#).is_err_and(|why| why.contains("\"c\"")));
    }

    #[test]
    fn limits_and_patterns_speak_in_the_templates_own_words() {
        let p = Parameter {
            validation_min: Some(1),
            validation_max: Some(8),
            validation_error: "must be from {min} to {max}, not {value}".to_owned(),
            ..parameter("number")
        };
        assert!(check_value(&p, "8").is_ok());
        assert_eq!(check_value(&p, "9"), Err("must be from 1 to 8, not 9".to_owned()));
        let p = Parameter { validation_regex: "^eu-".to_owned(), ..parameter("string") };
        assert!(check_value(&p, "eu-1").is_ok());
        assert_eq!(check_value(&p, "us-1"), Err("does not match ^eu-".to_owned()));
    }

    #[test]
    fn a_number_that_may_only_grow_does_not_shrink() {
        let p = Parameter { validation_monotonic: "increasing".to_owned(), ..parameter("number") };
        let last = values("4");
        let given = |value: &str| [("p".to_owned(), value.to_owned())];
        let (more, less) = (given("5"), given("3"));
        let sources = |given| Sources { last_build: Some(&last), preset: None, given };
        assert!(resolved(&p, &sources(&more)).is_ok());
        assert!(resolved(&p, &sources(&less)).is_err());
    }
}
