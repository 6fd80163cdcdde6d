//! `hearth simulate`, as a person runs it.

use hearth_prebuilds::simulate::Outcome;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{assert_refused, hearth};

/// The example of the documentation.
const EXAMPLE: &str = include_str!("../../../../docs/simulate.json");
const DOCUMENTATION: &str = include_str!("../../../../docs/simulate.md");

#[test]
fn the_example_prints_the_table_of_the_documentation() {
    let output = hearth(&["simulate"], EXAMPLE.as_bytes());
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(DOCUMENTATION.contains(&table), "{table}");
}

#[test]
fn the_outcome_as_json_has_the_series_too() {
    let output = hearth(&["simulate", "--output", "json"], EXAMPLE.as_bytes());
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let outcome: Outcome = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome.hits + outcome.misses, outcome.requests);
    assert!((100..=400).contains(&outcome.series.len()));
}

#[test]
fn the_example_of_the_help_can_be_run() {
    let help = String::from_utf8(hearth(&["simulate", "--help"], b"").stdout).unwrap();
    let scenario = &help[help.find('{').unwrap()..=help.rfind('}').unwrap()];
    let output = hearth(&["simulate"], scenario.as_bytes());
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_bad_scenario_is_refused_with_one_line_for_each_problem() {
    type Change = fn(&mut Value);
    let table: [(Change, &[&str]); 3] = [
        (|s| s["speed"] = json!(2), &["speed: unknown field"]),
        (|s| s["preset"]["instances"] = json!("2"), &["preset.instances: invalid type"]),
        (
            |s| {
                s["to"] = s["from"].clone();
                s["build_seconds"] = json!({"fixed": 0});
                s["demand"]["hourly"]["rates"][3] = json!(-1);
            },
            &[
                "to: 2026-03-02 00:00:00 UTC is not after `from`",
                "build_seconds.fixed: is 0, expected more than 0",
                "demand.hourly.rates[3]: is -1, expected a number from 0 to 10000",
            ],
        ),
    ];
    for (change, expected) in table {
        let mut scenario: Value = serde_json::from_str(EXAMPLE).unwrap();
        change(&mut scenario);
        assert_refused(hearth(&["simulate"], scenario.to_string().as_bytes()), expected);
    }
    assert_refused(hearth(&["simulate"], b""), &["document: EOF"]);
}
