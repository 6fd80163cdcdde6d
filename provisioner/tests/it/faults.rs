//! What goes wrong: refusals, failing applies, cancels, a backend that does not save.

use std::{fs, sync::Arc, time::Duration};

use hearth_provisioner::{Engine, Error, engine::Stage};
use serde_json::Value;

use crate::support::{
    bench::{Bench, assert_left, processes_in},
    observer::Remembered,
};

const SLOW: &str = r#"
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "trap '' INT TERM; echo begun; sleep 600 & sleep 600; sleep 600"
  }
}
"#;

/// Names of what the state has, and which of them are tainted.
fn in_state(bench: &Bench) -> Vec<(String, bool)> {
    let state = bench.state();
    let resources = state["resources"].as_array().cloned().unwrap_or_default();
    let name = |it: &Value| it["name"].as_str().unwrap().to_owned();
    resources.iter().map(|it| (name(it), it["instances"][0]["status"] == "tainted")).collect()
}

#[tokio::test]
async fn a_cancelled_apply_saves_its_state_and_leaves_no_process() {
    let bench = Bench::new(&[("main.tf", SLOW)]).await;
    let request = bench.request(Stage::Create, "prebuilds");
    let (cancel, observer) = (request.cancel.clone(), Arc::<Remembered>::default());
    let cancelling = async {
        observer.said("begun").await;
        assert!(!processes_in(&bench.work_dir()).is_empty());
        cancel.cancel();
    };
    let (built, ()) = tokio::join!(bench.engine.build(request, &*observer), cancelling);
    assert!(matches!(built, Err(Error::Cancelled)), "{built:?}");
    assert_eq!(in_state(&bench), [("first".to_owned(), false), ("slow".to_owned(), true)]);
    assert!(!bench.is_locked());
    assert_left(&bench.work_dir()).await;
    assert!(bench.scratch().is_empty());
}

#[tokio::test]
async fn a_hurry_cuts_the_grace_of_a_cancelled_apply_short_and_its_state_is_saved_all_the_same() {
    let bench = Bench::new(&[("main.tf", SLOW)]).await;
    let mut request = bench.request(Stage::Create, "prebuilds");
    request.timeouts.grace = Duration::from_secs(3600);
    let (cancel, observer) = (request.cancel.clone(), Arc::<Remembered>::default());
    let cancelling = async {
        observer.said("begun").await;
        cancel.cancel();
        observer.said("Interrupt received").await;
        bench.engine.hurry();
    };
    let (built, ()) = tokio::join!(bench.engine.build(request, &*observer), cancelling);
    assert!(matches!(built, Err(Error::Cancelled)), "{built:?}");
    assert_eq!(in_state(&bench), [("first".to_owned(), false), ("slow".to_owned(), true)]);
    assert!(!bench.is_locked());
    assert_left(&bench.work_dir()).await;
}

#[tokio::test]
async fn a_step_that_takes_too_long_is_ended_the_same_way() {
    let bench = Bench::new(&[("main.tf", SLOW)]).await;
    let mut request = bench.request(Stage::Create, "prebuilds");
    request.timeouts.apply = Duration::from_secs(1);
    let (built, _) = bench.run(request).await;
    assert!(matches!(built, Err(Error::TimedOut { step: "Apply", seconds: 1 })), "{built:?}");
    assert!(in_state(&bench).contains(&("first".to_owned(), false)));
    assert_left(&bench.work_dir()).await;
}

#[tokio::test]
async fn a_build_that_is_cancelled_before_it_begins_does_nothing() {
    let bench = Bench::new(&[("main.tf", SLOW)]).await;
    let request = bench.request(Stage::Create, "prebuilds");
    request.cancel.cancel();
    assert!(matches!(bench.run(request).await.0, Err(Error::Cancelled)));
    assert_eq!(bench.state(), Value::Null);
}

#[tokio::test]
async fn a_failing_apply_says_what_failed_and_keeps_the_rest() {
    let failing = "resource \"terraform_data\" \"good\" {}\nresource \"terraform_data\" \"bad\" {\n  \
                   depends_on = [terraform_data.good]\n  provisioner \"local-exec\" {\n    command = \"echo no disk; exit 3\"\n  }\n}\n";
    let bench = Bench::new(&[("main.tf", failing)]).await;
    let (built, observer) = bench.build(Stage::Create, "prebuilds").await;
    let error = built.unwrap_err().to_string();
    assert!(error.starts_with("main.tf:4: local-exec provisioner error"), "{error}");
    assert!(observer.log().contains("(local-exec): no disk"), "{}", observer.log());
    assert_eq!(in_state(&bench), [("bad".to_owned(), true), ("good".to_owned(), false)]);
    bench.build(Stage::Delete, "prebuilds").await.0.unwrap();
    assert!(in_state(&bench).is_empty());
}

#[tokio::test]
async fn a_refused_plan_is_not_applied() {
    let bench = Bench::new(&[("main.tf", SLOW)]).await;
    let observer = Remembered::refusing("not today");
    let built = bench.engine.build(bench.request(Stage::Create, "prebuilds"), &observer).await;
    assert!(matches!(built, Err(Error::Refused(words)) if words == "not today"));
    assert_eq!(bench.state(), Value::Null);
}

#[tokio::test]
async fn a_state_that_could_not_be_saved_is_handed_over() {
    let bench = Bench::new(&[("main.tf", "resource \"terraform_data\" \"home\" {}\n")]).await;
    bench.backend.refuse_to_save(true);
    let (built, observer) = bench.build(Stage::Create, "prebuilds").await;
    assert!(matches!(built, Err(Error::Diagnostics(_))), "{built:?}");
    let recovered: Value = serde_json::from_slice(&observer.recovered()[0]).unwrap();
    assert_eq!(recovered["resources"][0]["name"], "home");
    assert!(!bench.work_dir().join("errored.tfstate").exists());

    bench.backend.refuse_to_save(false);
    fs::write(bench.work_dir().join("errored.tfstate"), "{}").unwrap();
    let (built, observer) = bench.build(Stage::Create, "prebuilds").await;
    built.unwrap();
    assert_eq!(observer.recovered(), [b"{}"], "what an earlier build left is handed over before the plan");
}

#[tokio::test]
async fn a_deletion_goes_on_without_data_that_cannot_be_read() {
    let template = r#"
data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = "${path.cwd}/other.tfstate" }
}
resource "terraform_data" "home" {
  input = data.terraform_remote_state.other.outputs
}
"#;
    let empty =
        r#"{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"x","outputs":{},"resources":[]}"#;
    let bench = Bench::new(&[("main.tf", template), ("other.tfstate", empty)]).await;
    bench.build(Stage::Create, "alice").await.0.unwrap();
    fs::remove_file(bench.path("version/src/other.tfstate")).unwrap();
    let (built, observer) = bench.build(Stage::Delete, "alice").await;
    built.unwrap();
    assert!(observer.log().contains("from the state alone"), "{}", observer.log());
    assert!(in_state(&bench).is_empty());
}
