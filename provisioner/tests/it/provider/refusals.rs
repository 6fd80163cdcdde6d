//! Which definitions the schema refuses, and why. Terraform checks all cases of a test at once, each a block of its own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::terraform::{Terraform, prebuild};

/// A type (with `data.` before that of a data source), what stands in the block, and a part of what is said about it;
/// empty when nothing is wrong.
type Case = (&'static str, String, String);

const AGENT: &str = "os = \"linux\"\narch = \"amd64\"\n";
const APP: &str = "agent_id = \"a\"\nslug = \"a\"\n";
const SCRIPT: &str = "agent_id = \"a\"\ndisplay_name = \"a\"\nscript = \"b\"\n";
const PARAMETER: &str = "name = \"p\"\n";

async fn check(cases: Vec<Case>) {
    let name = |number: usize| format!("c{number}");
    let blocks = cases.iter().enumerate().map(|(number, (kind, body, _))| {
        let (word, kind) = kind.strip_prefix("data.").map_or(("resource", *kind), |kind| ("data", kind));
        format!("{word} \"{kind}\" \"{}\" {{\n{body}\n}}\n", name(number))
    });
    let said = said(&blocks.collect::<String>()).await;
    for (number, (kind, body, expected)) in cases.iter().enumerate() {
        let said = said.get(&format!("{kind}.{}", name(number))).map_or("", String::as_str);
        let fits = if expected.is_empty() { said.is_empty() } else { said.contains(expected) };
        assert!(fits, "expected {expected:?} for {kind} with\n{body}\nbut Terraform said {said:?}");
    }
}

/// What `validate` says, by address.
async fn said(hcl: &str) -> BTreeMap<String, String> {
    let output = Terraform::with(hcl)
        .session(prebuild(), |t| {
            t.init();
            t.run(&["validate", "-no-color", "-json"])
        })
        .await;
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    for diagnostic in document["diagnostics"].as_array().unwrap() {
        let address = diagnostic["address"].as_str().unwrap_or_else(|| panic!("{diagnostic:#}"));
        *said.entry(address.to_owned()).or_default() += diagnostic["detail"].as_str().unwrap();
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_with_the_reason() {
    let monitoring = |inner: &str| format!("{AGENT}resources_monitoring {{\n{inner}\n}}");
    let volume = |path: &str| format!("volume {{\npath = \"{path}\"\nenabled = true\nthreshold = 1\n}}\n");
    let metadata = |key: &str| format!("metadata {{\nkey = \"{key}\"\nscript = \"x\"\ninterval = 1\n}}\n");
    let cases = [
        ("coder_agent", format!("{AGENT}connection_timeout = -1"), "-1 is too small; the least is 0."),
        (
            "coder_agent",
            format!("{AGENT}{}{}", metadata("a"), metadata("a")),
            "More than one has the key \"a\".",
        ),
        ("coder_agent", format!("{AGENT}{}{}", metadata("a"), metadata("b")), ""),
        (
            "coder_agent",
            monitoring("memory {\nenabled = true\nthreshold = 101\n}"),
            "101 is not between 0 and 100.",
        ),
        ("coder_agent", monitoring(&volume("home")), "\"home\" is not an absolute path."),
        (
            "coder_agent",
            monitoring(&(volume("/a") + &volume("/a").replace("= 1", "= 2"))),
            "More than one has the path \"/a\".",
        ),
        ("coder_agent", monitoring(&(volume("/a") + &volume("/b"))), ""),
        (
            "coder_app",
            "agent_id = \"a\"\nslug = \"Not A Slug\"".to_owned(),
            "\"Not A Slug\" is not lower-case letters",
        ),
        (
            "coder_app",
            format!("{APP}url = \"http://a\"\ncommand = \"b\""),
            "It cannot be combined with \"url\".",
        ),
        (
            "coder_app",
            format!("{APP}command = \"b\"\nsubdomain = true"),
            "It cannot be combined with \"subdomain\".",
        ),
        (
            "coder_app",
            format!("{APP}url = \"http://a\"\nexternal = true\nshare = \"public\""),
            "It cannot be combined with \"share\".",
        ),
        (
            "coder_env",
            "agent_id = \"a\"\nname = \"9LIVES\"".to_owned(),
            "is not the name of an environment variable.",
        ),
        (
            "coder_script",
            SCRIPT.to_owned(),
            "At least one of \"run_on_start\", \"run_on_stop\", \"cron\" is needed.",
        ),
        (
            "coder_script",
            format!("{SCRIPT}run_on_stop = true\nstart_blocks_login = true"),
            "It needs \"run_on_start\" too.",
        ),
        (
            "coder_script",
            format!("{SCRIPT}run_on_start = true\ntimeout = 0"),
            "0 is too small; the least is 1.",
        ),
        (
            "coder_metadata",
            "resource_id = \"a\"\nitem {\nkey = \"k\"\n}\nitem {\nkey = \"k\"\n}".to_owned(),
            "More than one has the key \"k\".",
        ),
        (
            "coder_ai_task",
            "app_id = \"a\"\nsidebar_app {\nid = \"a\"\n}".to_owned(),
            "It cannot be combined with \"sidebar_app\".",
        ),
        (
            "data.coder_secret",
            "help_message = \"h\"".to_owned(),
            "Exactly one of \"env\", \"file\" is needed.",
        ),
        (
            "data.coder_secret",
            "help_message = \"h\"\nenv = \"A\"\nfile = \"/a\"".to_owned(),
            "Exactly one of \"env\", \"file\" is needed.",
        ),
        (
            "data.coder_secret",
            "help_message = \"h\"\nenv = \"A-B\"".to_owned(),
            "\"A-B\" is not the name of an environment variable.",
        ),
        (
            "data.coder_secret",
            "help_message = \"h\"\nfile = \"key\"".to_owned(),
            "\"key\" is not a path that starts with \"/\" or \"~/\".",
        ),
        ("data.coder_secret", "help_message = \"h\"\nfile = \"~/key\"".to_owned(), ""),
        ("data.coder_parameter", format!("{PARAMETER}styling = \"{{\""), "It must be JSON text: "),
        (
            "data.coder_parameter",
            format!("{PARAMETER}validation {{\nregex = \"a\"\nerror = \"e\"\nmonotonic = \"increasing\"\n}}"),
            "\"regex\" cannot be combined with \"monotonic\".",
        ),
    ];
    check(cases.map(|(kind, body, expected)| (kind, body, expected.to_owned())).into()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_of_a_script_is_read_as_the_agent_reads_it() {
    let refused = ["a b c d e f", "0 3 * * *", "61 0 3 * * *", "0 0 3 * * * 2030", ""];
    let cases = refused.map(|cron| (cron, format!("\"{cron}\" is not a cron expression of six fields")));
    let cases =
        cases.into_iter().chain(["0 0 3 * * *", "*/10 0 8-18 * * MON-FRI"].map(|it| (it, String::new())));
    let body = |cron: &str| format!("{SCRIPT}run_on_start = true\ncron = \"{cron}\"");
    check(cases.map(|(cron, expected)| ("coder_script", body(cron), expected)).collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_whole() {
    let cases = [
        ("coder_agent", format!("{AGENT}connection_timeout = 0.5")),
        ("coder_agent", format!("{AGENT}metadata {{\nkey = \"k\"\nscript = \"s\"\ninterval = 0.5\n}}")),
        ("coder_app", format!("{APP}healthcheck {{\nurl = \"u\"\ninterval = 0.5\nthreshold = 1\n}}")),
        ("coder_metadata", "resource_id = \"a\"\ndaily_cost = 0.5".to_owned()),
        ("data.coder_parameter", format!("{PARAMETER}type = \"number\"\nvalidation {{\nmin = 0.5\n}}")),
        ("data.coder_workspace_preset", "name = \"p\"\nprebuilds {\ninstances = 0.5\n}".to_owned()),
    ];
    check(cases.map(|(kind, body)| (kind, body, "0.5 is not a whole number.".to_owned())).into()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_is_one_of_its_words() {
    let env = "agent_id = \"a\"\nname = \"A\"\n";
    let auth = ["token", "google-instance-identity", "aws-instance-identity", "azure-instance-identity"];
    let choices: [(&str, &str, &str, &[&str]); 9] = [
        ("coder_agent", "arch = \"amd64\"\n", "os", &["linux", "darwin", "windows"]),
        ("coder_agent", "os = \"linux\"\n", "arch", &["amd64", "armv7", "arm64"]),
        ("coder_agent", AGENT, "auth", &auth),
        ("coder_agent", AGENT, "api_key_scope", &["all", "no_user_data"]),
        ("coder_agent", AGENT, "startup_script_behavior", &["blocking", "non-blocking"]),
        ("coder_app", APP, "share", &["owner", "authenticated", "public"]),
        ("coder_app", APP, "open_in", &["tab", "slim-window"]),
        ("coder_env", env, "merge_strategy", &["replace", "append", "prepend", "error"]),
        ("data.coder_parameter", PARAMETER, "type", &["string", "number", "bool", "list(string)"]),
    ];
    let cases = choices.into_iter().flat_map(|(kind, rest, name, words)| {
        let case = move |word: &str, said: String| (kind, format!("{rest}{name} = \"{word}\""), said);
        let refused = case("other", format!("\"other\" is not one of: {}.", words.join(", ")));
        words.iter().map(move |word| case(word, String::new())).chain([refused])
    });
    check(cases.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_has_its_longest_length() {
    let preset = "name = \"p\"\n";
    let lengths = [
        ("coder_app", APP, "display_name", 64),
        ("coder_app", APP, "group", 64),
        ("coder_app", APP, "tooltip", 2048),
        ("data.coder_workspace_preset", preset, "description", 128),
        ("data.coder_workspace_preset", preset, "icon", 256),
    ];
    let cases = lengths.into_iter().flat_map(|(kind, rest, name, limit)| {
        let case =
            |length: usize, said: String| (kind, format!("{rest}{name} = \"{}\"", "ä".repeat(length)), said);
        let longer = limit + 1;
        let refused = format!("It has {longer} characters; at most {limit} are allowed.");
        [case(limit, String::new()), case(longer, refused)]
    });
    check(cases.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_type_fits_the_type_and_its_options() {
    let table: [(&str, bool, &[&str]); 8] = [
        ("string", true, &["radio", "dropdown"]),
        ("string", false, &["input", "textarea"]),
        ("number", true, &["radio", "dropdown"]),
        ("number", false, &["input", "slider"]),
        ("bool", true, &["radio", "dropdown"]),
        ("bool", false, &["checkbox", "switch"]),
        ("list(string)", true, &["radio", "multi-select"]),
        ("list(string)", false, &["tag-select"]),
    ];
    let forms: [&str; 9] = [
        "radio",
        "dropdown",
        "input",
        "textarea",
        "slider",
        "checkbox",
        "switch",
        "multi-select",
        "tag-select",
    ];
    let option = |kind: &str, form: &str| match (kind, form) {
        ("number", _) => "1",
        ("bool", _) => "true",
        ("list(string)", "radio") => "[\\\"a\\\"]",
        _ => "a",
    };
    let cases = table.into_iter().flat_map(|(kind, has_options, allowed)| {
        forms.map(|form| {
            let options = format!("option {{\nname = \"A\"\nvalue = \"{}\"\n}}\n", option(kind, form));
            let (options, word) = if has_options { (options.as_str(), "with") } else { ("", "without") };
            let body = format!("{PARAMETER}type = \"{kind}\"\nform_type = \"{form}\"\n{options}");
            let refused = format!(
                "form_type \"{form}\" is not supported for type \"{kind}\" {word} options; it can be: {}.",
                allowed.join(", ")
            );
            let expected = if allowed.contains(&form) { String::new() } else { refused };
            ("data.coder_parameter", body, expected)
        })
    });
    check(cases.collect()).await;
}
