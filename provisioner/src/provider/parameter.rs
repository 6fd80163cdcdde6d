//! `coder_parameter`: whether its definition makes sense, and which value it has.

use super::{
    validate::{Problem, is_given},
    values::{Fields, Object, Value},
};

/// The form types that fit a type with and without options; the first is the default.
fn form_types(r#type: &str, has_options: bool) -> &'static [&'static str] {
    match (r#type, has_options) {
        ("string" | "number", true) => &["radio", "dropdown"],
        ("string", false) => &["input", "textarea"],
        ("number", false) => &["input", "slider"],
        ("bool", true) => &["radio", "dropdown"],
        ("bool", false) => &["checkbox", "switch"],
        ("list(string)", true) => &["radio", "multi-select"],
        ("list(string)", false) => &["tag-select"],
        _ => &[],
    }
}

/// The form type as given, else the default one.
pub fn form_type(parameter: &Object) -> String {
    let given = parameter.text("form_type");
    let default = form_types(kind(parameter), has_options(parameter)).first();
    if given.is_empty() { default.copied().unwrap_or_default().to_owned() } else { given.to_owned() }
}

/// What is wrong with the definition itself, whatever value a workspace has for it.
pub fn check_definition(parameter: &Object) -> Vec<Problem> {
    if parameter.values().any(Value::has_unknown) {
        return Vec::new();
    }
    let mut problems = check_form(parameter);
    problems.extend(check_options(parameter));
    problems.extend(parameter.blocks("validation").flat_map(|v| check_validation(kind(parameter), v)));
    if let Some(default) = parameter.value("default").as_str()
        && problems.is_empty()
    {
        problems.extend(check_type_and_options(parameter, "default", default));
        problems.extend(check_limits(parameter, "default", default, None));
    }
    problems
}

/// What is wrong with a workspace's value for it; `previous` is the value of the workspace's last build.
pub fn check_value(parameter: &Object, value: &str, previous: Option<&str>) -> Vec<Problem> {
    let problems = check_type_and_options(parameter, "value", value);
    if problems.is_empty() { check_limits(parameter, "value", value, previous) } else { problems }
}

/// A value that fits, for a parameter that nobody has given one yet: lets a version be planned before any workspace.
pub fn placeholder(parameter: &Object) -> String {
    if let Some(option) = parameter.blocks("option").next() {
        let value = option.text("value");
        return if form_type(parameter) == "multi-select" {
            serde_json::json!([value]).to_string()
        } else {
            value.to_owned()
        };
    }
    let least =
        || parameter.blocks("validation").find_map(|v| v.value("min").as_number()).unwrap_or_default();
    match kind(parameter) {
        "number" => least().to_string(),
        "bool" => "false".to_owned(),
        "list(string)" => "[]".to_owned(),
        _ => String::new(),
    }
}

fn kind(parameter: &Object) -> &str {
    let kind = parameter.text("type");
    if kind.is_empty() { "string" } else { kind }
}

fn has_options(parameter: &Object) -> bool {
    parameter.blocks("option").next().is_some()
}

fn check_form(parameter: &Object) -> Vec<Problem> {
    let (kind, form) = (kind(parameter), form_type(parameter));
    let allowed = form_types(kind, has_options(parameter));
    let mut problems = Vec::new();
    // An unknown type has no form types; it has its own message.
    if !allowed.is_empty() && !allowed.contains(&form.as_str()) {
        let options = if has_options(parameter) { "with" } else { "without" };
        let detail = format!(
            "form_type \"{form}\" is not supported for type \"{kind}\" {options} options; it can be: {}.",
            allowed.join(", ")
        );
        problems.push(Problem::of("form_type", detail));
    }
    if parameter.flag("ephemeral") {
        if !parameter.flag("mutable") {
            problems.push(Problem::of("ephemeral", "An ephemeral parameter must be mutable."));
        }
        if parameter.value("default").is_null() {
            problems.push(Problem::of("ephemeral", "An ephemeral parameter needs a default."));
        }
    }
    problems
}

/// The options of a multi-select are its elements: plain texts.
fn check_options(parameter: &Object) -> Vec<Problem> {
    let element = if form_type(parameter) == "multi-select" { "string" } else { kind(parameter) };
    let values = parameter.blocks("option").map(|option| option.text("value"));
    values.filter_map(|value| type_objection(element, value)).map(|o| Problem::of("option", o)).collect()
}

fn check_validation(kind: &str, validation: &Object) -> Vec<Problem> {
    let has = |name: &str| is_given(validation, name);
    let mut problems = Vec::new();
    let mut refuse = |detail: String| problems.push(Problem::of("validation", detail));
    for name in ["min", "max", "monotonic"] {
        if has(name) && kind != "number" {
            refuse(format!("\"{name}\" is for parameters of type number, not {kind}."));
        }
        if has(name) && has("regex") {
            refuse(format!("\"regex\" cannot be combined with \"{name}\"."));
        }
    }
    if has("regex") && kind != "string" {
        refuse(format!("\"regex\" is for parameters of type string, not {kind}."));
    }
    if has("regex") && validation.text("error").is_empty() {
        refuse("\"regex\" needs an \"error\" that says what is expected.".to_owned());
    }
    let bounds = (validation.value("min").as_number(), validation.value("max").as_number());
    if let (Some(min), Some(max)) = bounds
        && min > max
    {
        refuse(format!("\"min\" ({min}) is greater than \"max\" ({max})."));
    }
    problems
}

fn check_type_and_options(parameter: &Object, attribute: &str, value: &str) -> Vec<Problem> {
    if let Some(objection) = type_objection(kind(parameter), value) {
        return vec![Problem::of(attribute, objection)];
    }
    if !has_options(parameter) {
        return Vec::new();
    }
    let chosen = if form_type(parameter) == "multi-select" {
        serde_json::from_str(value).unwrap_or_default()
    } else {
        vec![value.to_owned()]
    };
    let allowed: Vec<_> = parameter.blocks("option").map(|option| option.text("value")).collect();
    let strangers = chosen.iter().filter(|choice| !allowed.contains(&choice.as_str()));
    strangers
        .map(|choice| {
            Problem::of(attribute, format!("\"{choice}\" is not one of the options: {}.", allowed.join(", ")))
        })
        .collect()
}

fn type_objection(kind: &str, value: &str) -> Option<String> {
    let fits = match kind {
        "number" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "bool" => matches!(value, "true" | "false"),
        "list(string)" => serde_json::from_str::<Vec<String>>(value).is_ok(),
        _ => true,
    };
    let expected = match kind {
        "bool" => "true or false",
        "list(string)" => "a JSON list of strings",
        _ => "a number",
    };
    (!fits).then(|| format!("\"{value}\" is not {expected}."))
}

fn check_limits(parameter: &Object, attribute: &str, value: &str, previous: Option<&str>) -> Vec<Problem> {
    let objections = parameter.blocks("validation").filter_map(|validation| {
        let default = limit_objection(validation, value, previous)?;
        let own = validation.text("error");
        Some(if own.is_empty() { default } else { own_words(own, validation, value) })
    });
    objections.map(|objection| Problem::of(attribute, objection)).collect()
}

fn limit_objection(validation: &Object, value: &str, previous: Option<&str>) -> Option<String> {
    let regex = validation.text("regex");
    if !regex.is_empty() {
        let matches = regex::Regex::new(regex).is_ok_and(|regex| regex.is_match(value));
        return (!matches).then(|| format!("\"{value}\" does not match \"{regex}\"."));
    }
    let number: f64 = value.parse().ok()?;
    if let Some(min) = validation.value("min").as_number().filter(|min| number < *min) {
        return Some(format!("{value} is less than the minimum {min}."));
    }
    if let Some(max) = validation.value("max").as_number().filter(|max| number > *max) {
        return Some(format!("{value} is more than the maximum {max}."));
    }
    let before: f64 = previous?.parse().ok()?;
    let monotonic = validation.text("monotonic");
    let moved_back = match monotonic {
        "increasing" => number < before,
        "decreasing" => number > before,
        _ => false,
    };
    moved_back.then(|| format!("{value} is not allowed after {before}: the value must be {monotonic}."))
}

/// The template's own message, with its placeholders replaced.
fn own_words(message: &str, validation: &Object, value: &str) -> String {
    let bound = |name: &str| validation.value(name).as_number().map_or_else(String::new, |n| n.to_string());
    message.replace("{min}", &bound("min")).replace("{max}", &bound("max")).replace("{value}", value)
}
