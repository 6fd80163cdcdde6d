use hearth_prebuilds::document::{Answers, Document};
use pretty_assertions::assert_eq;
use serde_json::json;

/// The example of the documentation.
fn example() -> serde_json::Value {
    json!({"now":"2026-01-05T09:00:00Z",
     "settings":{"paused":false,"backoff_interval_seconds":60,"backoff_lookback_seconds":3600,"failure_hard_limit":3,"failed_keep_count":5,"failed_keep_seconds":604800},
     "presets":[{"id":"p1","template":"web","version":"v14","name":"large",
       "version_active":true,"template_deleted":false,"template_deprecated":false,
       "instances":3,"ttl_seconds":86400,"invalidated_at":null,
       "scheduling":{"timezone":"Europe/Berlin","schedules":[{"cron":"* 8-18 * * 1-5","instances":4}]},
       "health":"healthy","paused":null,"override":null,
       "running":[{"id":"w1","created_at":"2026-01-05T08:00:00Z","ready":true}],
       "failed":[{"id":"w9","failed_at":"2026-01-05T08:30:00Z"}],
       "in_progress":{"starting":0,"stopping":0,"deleting":0},
       "pending":["w7"],
       "start_builds":[{"finished_at":"2026-01-05T08:30:00Z","succeeded":false}]}]})
}

#[test]
fn the_example_is_answered() {
    let document: Document = serde_json::from_value(example()).unwrap();
    assert_eq!(document.problems(), []);
    assert_eq!(
        serde_json::to_value(document.answer()).unwrap(),
        json!({"presets":[{"preset":"p1",
        "state":{"actual":1,"desired":4,"eligible":1,"expired":0,"extraneous":0,"starting":0,"stopping":0,"deleting":0},
        "actions":[{"type":"create","count":3}],
        "health":"healthy","next_wake":"2026-01-05T18:00:00Z",
        "reasons":[
            {"code":"scheduled","cron":"* 8-18 * * 1-5","timezone":"Europe/Berlin","wanted":4,"figure":4,
             "text":"Schedule \"* 8-18 * * 1-5\" (Europe/Berlin) is active: 4 wanted."},
            {"code":"running","count":1,"ready":1,"figure":-1,"text":"1 is running and ready."},
        ]}]})
    );
}

#[test]
fn what_may_be_absent_has_a_default() {
    let least = json!({"now":"2026-01-05T10:00:00+01:00","presets":[{
        "id":"p","template":"t","version":"v","name":"n","instances":2,
        "version_active":true,"template_deleted":false,"template_deprecated":false}]});
    let document: Document = serde_json::from_value(least).unwrap();
    let answer = document.answer();
    assert_eq!(answer.presets[0].decision.created(), 2);
    let empty: Document = serde_json::from_value(json!({"now":"2026-01-05T10:00:00Z"})).unwrap();
    assert_eq!(empty.answer(), Answers { presets: vec![] });
}

#[test]
fn a_pause_of_all_pools_may_name_the_person() {
    let pause = json!({"by":"maria","at":"2026-01-05T08:00:00Z","note":"quota"});
    for (paused, accepted) in
        [(json!(true), true), (pause, true), (json!("yes"), false), (json!({"by":"maria"}), false)]
    {
        let document = json!({"now":"2026-01-05T10:00:00Z","settings":{"paused":paused}});
        let read: Result<Document, _> = serde_json::from_value(document.clone());
        assert_eq!(read.is_ok(), accepted, "{paused}");
        if let Ok(read) = read {
            assert_eq!(serde_json::to_value(read.settings.paused).unwrap(), paused);
        }
    }
}

#[test]
fn a_document_survives_being_written_and_read() {
    let document: Document = serde_json::from_value(example()).unwrap();
    let written = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&written).unwrap(), document);
}

#[test]
fn an_id_is_used_once_and_schedules_can_be_read() {
    let mut value = example();
    let mut second = value["presets"][0].clone();
    second["pending"] = json!(["x", "x"]);
    second["scheduling"] = json!({"timezone":"Mars/Olympus","schedules":[
        {"cron":"* 8 * * 7","instances":1},{"cron":"* 8 * * *","instances":1},{"cron":"8","instances":1}]});
    value["presets"].as_array_mut().unwrap().push(second);
    let document: Document = serde_json::from_value(value).unwrap();
    let problems: Vec<_> = document.problems().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join("\n"), @r#"
    presets[1].id: preset id "p1" is used already at presets[0].id
    presets[1].running[0].id: workspace id "w1" is used already at presets[0].running[0].id
    presets[1].failed[0].id: workspace id "w9" is used already at presets[0].failed[0].id
    presets[1].pending[1]: workspace id "x" is used already at presets[1].pending[0]
    presets[1].scheduling.timezone: `Mars/Olympus` is not a time zone of the IANA database, such as `Europe/Berlin` or `UTC`
    presets[1].scheduling.schedules[0].cron: schedule "* 8 * * 7" cannot be read: day of week 7 is not known: Sunday is 0
    presets[1].scheduling.schedules[2].cron: schedule "8" cannot be read: it has 1 fields instead of five: minute, hour, day of month, month, day of week
    "#);
}

#[test]
fn lines_that_overlap_are_decided_not_refused() {
    let mut value = example();
    let line = json!({"cron":"* 9 * * *","instances":1});
    value["presets"][0]["scheduling"]["schedules"].as_array_mut().unwrap().push(line);
    let document: Document = serde_json::from_value(value).unwrap();
    assert_eq!(document.problems(), []);
    let decision = &document.answer().presets[0].decision;
    assert_eq!((decision.state.desired, decision.reasons[0].code()), (3, "schedule_invalid"));
}
