//! Which parameter and preset definitions are refused, and which values.

use pretty_assertions::assert_eq;

use super::terraform::{Terraform, claim, prebuild};

/// What Terraform says when a template with this text is planned for a workspace that starts with these values.
async fn refusal(hcl: &str, values: &[(&str, &str)]) -> String {
    let terraform = Terraform::with(hcl);
    let mut data = claim();
    data.parameters = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    data.previous_parameters = [("size".to_owned(), "8".to_owned())].into();
    terraform
        .session(data, |t| {
            t.init();
            t.fail()
        })
        .await
}

async fn assert_refused(hcl: &str, values: &[(&str, &str)], expected: &str) {
    let said = refusal(hcl, values).await;
    assert!(said.contains(expected), "expected {expected:?} for\n{hcl}\nbut Terraform said:\n{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_that_make_no_sense_are_refused_with_the_reason() {
    let cases = [
        (r#"type = "map""#, "\"map\" is not one of: string, number, bool, list(string)."),
        (
            r#"form_type = "slider""#,
            "form_type \"slider\" is not supported for type \"string\" without options",
        ),
        ("type = \"number\"\ndefault = \"many\"", "\"many\" is not a number."),
        ("type = \"list(string)\"\ndefault = \"a,b\"", "is not a JSON list of strings."),
        ("ephemeral = true\ndefault = \"x\"", "An ephemeral parameter must be mutable."),
        ("ephemeral = true\nmutable = true", "An ephemeral parameter needs a default."),
        ("validation {\nmin = 1\n}", "\"min\" is for parameters of type number, not string."),
        ("validation {\nregex = \"^a\"\n}", "\"regex\" needs an \"error\""),
        ("validation {\nregex = \"(\"\nerror = \"x\"\n}", "It is not a regular expression"),
        ("type = \"number\"\nvalidation {\nmin = 3\nmax = 2\n}", "\"min\" (3) is greater than \"max\" (2)."),
        ("type = \"number\"\nvalidation {\nmonotonic = \"up\"\n}", "\"up\" is not one of: increasing"),
        ("default = \"c\"\noption {\nname = \"A\"\nvalue = \"a\"\n}", "\"c\" is not one of the options: a."),
        (
            "option {\nname = \"A\"\nvalue = \"a\"\n}\noption {\nname = \"A\"\nvalue = \"b\"\n}",
            "More than one has the name \"A\".",
        ),
        (
            "option {\nname = \"A\"\nvalue = \"a\"\n}\noption {\nname = \"B\"\nvalue = \"a\"\n}",
            "More than one has the value \"a\".",
        ),
        ("type = \"number\"\ndefault = 9\nvalidation {\nmax = 5\n}", "9 is more than the maximum 5."),
    ];
    for (body, expected) in cases {
        let hcl = format!("data \"coder_parameter\" \"p\" {{\nname = \"p\"\n{body}\n}}");
        assert_refused(&hcl, &[("p", "1")], expected).await;
    }
}

const SIZE: &str = r#"
data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  mutable = true
  validation {
    min       = 1
    max       = 64
    monotonic = "increasing"
  }
}
data "coder_parameter" "region" {
  name    = "region"
  default = "eu"
  validation {
    regex = "^(eu|us)$"
    error = "{value} is no region"
  }
}
data "coder_parameter" "tools" {
  name      = "tools"
  type      = "list(string)"
  form_type = "multi-select"
  default   = "[\"vim\"]"
  option {
    name  = "Vim"
    value = "vim"
  }
  option {
    name  = "Git"
    value = "git"
  }
}
resource "terraform_data" "uses" {
  input = [for p in [data.coder_parameter.size, data.coder_parameter.region, data.coder_parameter.tools] : p.value]
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn values_that_do_not_fit_are_refused_with_the_reason() {
    let cases = [
        (vec![], "Parameter \"size\" is required"),
        (vec![("size", "big")], "\"big\" is not a number."),
        (vec![("size", "0")], "0 is less than the minimum 1."),
        (vec![("size", "65")], "65 is more than the maximum 64."),
        (vec![("size", "7")], "7 is not allowed after 8: the value must be increasing."),
        (vec![("size", "8"), ("region", "moon")], "moon is no region"),
        (vec![("size", "8"), ("tools", "[\"emacs\"]")], "\"emacs\" is not one of the options: vim, git."),
    ];
    for (values, expected) in cases {
        assert_refused(SIZE, &values, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_value_names_its_parameter_and_attribute() {
    let said = refusal(SIZE, &[("size", "65")]).await;
    assert!(said.contains("Error: Parameter \"size\""), "{said}");
    assert!(said.contains("with data.coder_parameter.size"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_gets_its_own_values_and_else_the_defaults() {
    let terraform = Terraform::with(SIZE);
    let mut data = claim();
    data.parameters =
        [("size", "16"), ("tools", "[\"git\",\"vim\"]")].map(|(n, v)| (n.into(), v.into())).into();
    let uses = terraform
        .session(data, |t| {
            t.init();
            t.apply();
            t.state("terraform_data.uses")["input"].clone()
        })
        .await;
    assert_eq!(uses, serde_json::json!(["16", "eu", "[\"git\",\"vim\"]"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_needs_no_values_and_a_stop_is_never_refused_for_one() {
    let terraform = Terraform::with(SIZE);
    let mut import = prebuild();
    import.in_build = false;
    terraform
        .session(import, |t| {
            t.init();
            t.plan(&[])
        })
        .await;

    let mut stop = claim();
    stop.transition = "stop";
    stop.parameters = [("size".to_owned(), "1000".to_owned())].into();
    terraform.session(stop, |t| t.plan(&[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presets_that_make_no_sense_are_refused_with_the_reason() {
    let cases = [
        ("name = \"\"", "It must not be empty."),
        ("name = \"p\"\nparameters = { region = \"\" }", "The value of \"region\" must not be empty."),
        ("name = \"p\"\nprebuilds {\ninstances = -1\n}", "-1 is too small; the least is 0."),
        (
            "name = \"p\"\nprebuilds {\ninstances = 1\nexpiration_policy {\nttl = 60\n}\n}",
            "60 is neither 0 nor between 3600 and 31536000 seconds.",
        ),
        (
            "name = \"p\"\nprebuilds {\ninstances = 1\nscheduling {\ntimezone = \"UTC\"\nschedule {\ncron = \"0 8 * * *\"\ninstances = 2\n}\n}\n}",
            "\"0 8 * * *\" is not a schedule",
        ),
    ];
    for (body, expected) in cases {
        let hcl = format!("data \"coder_workspace_preset\" \"p\" {{\n{body}\n}}");
        assert_refused(&hcl, &[], expected).await;
    }
}
