//! `hearth decide`, as a person runs it.

use std::process::Output;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{assert_refused, hearth};

fn decide(input: &[u8]) -> Output {
    hearth(&["decide"], input)
}

fn document() -> Value {
    json!({"now":"2026-01-05T09:00:00Z","presets":[{
        "id":"p1","template":"web","version":"v14","name":"large","instances":2,
        "version_active":true,"template_deleted":false,"template_deprecated":false,
        "running":[{"id":"w1","created_at":"2026-01-05T08:00:00Z","ready":true}]}]})
}

#[test]
fn a_document_is_answered_on_stdout() {
    let output = decide(document().to_string().as_bytes());
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let preset = &answer["presets"][0];
    assert_eq!(preset["preset"], "p1");
    assert_eq!(preset["actions"], json!([{"type":"create","count":1}]));
    assert_eq!(preset["next_wake"], Value::Null);
    assert_eq!(preset["reasons"][1]["text"], "1 is running and ready.");
}

#[test]
fn a_bad_document_is_refused_with_one_line_for_each_problem() {
    type Change = fn(&mut Value);
    let table: [(Change, &[&str]); 11] = [
        (
            |d| d["presets"][0]["instances"] = json!(-1),
            &["presets[0].instances: invalid value: integer `-1`"],
        ),
        (|d| d["presets"][0]["instances"] = json!("2"), &["presets[0].instances: invalid type"]),
        (|d| d["presets"][0]["instanses"] = json!(2), &["presets[0].instanses: unknown field"]),
        (|d| d["settings"] = json!({"pause": true}), &["settings.pause: unknown field"]),
        (
            |d| d["settings"] = json!({"paused": 1}),
            &["settings.paused: invalid type: integer `1`, expected true, false"],
        ),
        (
            |d| d["now"] = json!("2026-01-05T09:00:00"),
            &["now: \"2026-01-05T09:00:00\" is not an instant with a zone"],
        ),
        (
            |d| d["presets"][0]["running"][0]["created_at"] = json!("yesterday"),
            &["presets[0].running[0].created_at: \"yesterday\" is not an instant"],
        ),
        (
            |d| {
                d.as_object_mut().unwrap().remove("now");
            },
            &["document: missing field `now`"],
        ),
        (|d| d["presets"][0]["health"] = json!("fine"), &["presets[0].health: unknown variant `fine`"]),
        (|d| d["presets"][0]["a\nb"] = json!(1), &["presets[0].a\\nb: unknown field `a\\nb`"]),
        (
            |d| {
                d["presets"][0]["pending"] = json!(["w1"]);
                d["presets"][0]["scheduling"] =
                    json!({"timezone":"Mars/Olympus","schedules":[{"cron":"* * * * 7","instances":1}]});
            },
            &[
                "presets[0].pending[0]: workspace id \"w1\" is used already at presets[0].running[0].id",
                "presets[0].scheduling.timezone: `Mars/Olympus` is not a time zone",
                "presets[0].scheduling.schedules[0].cron: schedule \"* * * * 7\" cannot be read: day of week 7",
            ],
        ),
    ];
    for (change, expected) in table {
        let mut document = document();
        change(&mut document);
        assert_refused(decide(document.to_string().as_bytes()), expected);
    }
}

#[test]
fn what_is_no_document_at_all_is_refused() {
    let nested = "[".repeat(100_000);
    let twice = br#"{"now":"2026-01-05T09:00:00Z","now":"2026-01-05T09:00:00Z"}"#;
    let list = br#"["2026-01-05T09:00:00Z",{},[]]"#;
    let settings = br#"{"now":"2026-01-05T09:00:00Z","settings":[]}"#;
    let table: [(&[u8], &str); 9] = [
        (b"", "document: EOF"),
        (b"nonsense", "document: expected"),
        (b"[]", "document: invalid length 0"),
        (list, "document: a list, expected an object"),
        (settings, "settings: a list, expected an object"),
        (b"{\"now\":\"2026-01-05T09:00:00Z\"} {}", "document: trailing characters"),
        (b"{\"now\":\"\xff\"}", "now: invalid unicode"),
        (nested.as_bytes(), "[0]: invalid type: sequence"),
        (twice, "document: duplicate field `now`"),
    ];
    for (input, expected) in table {
        assert_refused(decide(input), &[expected]);
    }
}

#[test]
fn a_document_larger_than_any_that_makes_sense_is_not_read() {
    assert_refused(decide(&vec![b' '; (64 << 20) + 1]), &["document: is larger than 64 MiB"]);
}
