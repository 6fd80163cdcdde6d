//! Values of parameters: what a request may set, and what a build still misses.

use hearth_provisioner::engine::Parameter;

use crate::{
    error::{Error, Invalid},
    store::builds::Parameters,
};

/// Refuses names that the version does not declare and values other than the preset's own.
pub fn check_given(declared: &[Parameter], preset: &Parameters, given: &Parameters) -> Result<(), Error> {
    let problem = |(name, value): (&String, &String)| {
        let fixed = preset.get(name).filter(|fixed| *fixed != value);
        let detail = match fixed {
            Some(fixed) => format!("The preset sets this to `{fixed}`."),
            None if declares(declared, name) => return None,
            None => "This version has no such parameter.".to_owned(),
        };
        Some(Invalid { field: name.clone(), detail })
    };
    let problems: Vec<Invalid> = given.iter().filter_map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Parameters that have neither a value nor a default.
pub fn missing<'a>(declared: &'a [Parameter], values: &Parameters) -> Vec<&'a str> {
    let required = declared.iter().filter(|p| p.default_value.is_none() && !values.contains_key(&p.name));
    required.map(|p| p.name.as_str()).collect()
}

/// Refuses a build that misses something, naming each parameter.
pub fn check_complete(declared: &[Parameter], values: &Parameters) -> Result<(), Error> {
    let problem = |name: &str| Invalid { field: name.to_owned(), detail: "A value is required.".to_owned() };
    let problems: Vec<Invalid> = missing(declared, values).into_iter().map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Refuses to change what cannot change after the first build. An equal value is no change.
pub fn check_mutable(declared: &[Parameter], before: &Parameters, given: &Parameters) -> Result<(), Error> {
    let problem = |(name, value): (&String, &String)| {
        let fixed = declared.iter().find(|p| p.name == *name && !p.mutable)?;
        let current = before.get(name).or(fixed.default_value.as_ref());
        let changes = current.is_some_and(|current| current != value);
        changes.then(|| Invalid { field: name.clone(), detail: "This cannot change any more.".to_owned() })
    };
    let problems: Vec<Invalid> = given.iter().filter_map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

fn declares(declared: &[Parameter], name: &str) -> bool {
    declared.iter().any(|parameter| parameter.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, default: Option<&str>, mutable: bool) -> Parameter {
        Parameter {
            name: name.to_owned(),
            default_value: default.map(str::to_owned),
            mutable,
            ..Parameter::default()
        }
    }

    fn values(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn fields(error: Error) -> Vec<String> {
        match error {
            Error::Invalid(fields) => fields.into_iter().map(|field| field.field).collect(),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_request_may_repeat_the_preset_but_not_contradict_it() {
        let declared = [parameter("region", None, false), parameter("size", Some("s"), true)];
        let preset = values(&[("region", "eu")]);
        assert!(check_given(&declared, &preset, &values(&[("region", "eu"), ("size", "l")])).is_ok());
        let refused = check_given(&declared, &preset, &values(&[("region", "us"), ("colour", "red")]));
        assert_eq!(fields(refused.unwrap_err()), ["colour", "region"]);
    }

    #[test]
    fn a_parameter_without_value_and_default_is_missing() {
        let declared = [parameter("region", None, false), parameter("size", Some("s"), true)];
        assert_eq!(missing(&declared, &values(&[])), ["region"]);
        assert!(check_complete(&declared, &values(&[("region", "eu")])).is_ok());
    }

    #[test]
    fn an_immutable_parameter_may_be_given_with_the_value_it_has() {
        let declared = [parameter("region", Some("eu"), false), parameter("size", Some("s"), true)];
        let before = values(&[("size", "s")]);
        assert!(check_mutable(&declared, &before, &values(&[("region", "eu"), ("size", "l")])).is_ok());
        let refused = check_mutable(&declared, &before, &values(&[("region", "us")]));
        assert_eq!(fields(refused.unwrap_err()), ["region"]);
    }
}
