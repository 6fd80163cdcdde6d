//! The life of a workspace, with terraform's own resource type and a variable in the place of the owner.

use std::sync::Arc;

use hearth_provisioner::{
    Engine, Error,
    engine::{BuildRequest, Built, Stage, Steps},
    plan::ReplacementKind,
};

use crate::support::{bench::Bench, observer::Remembered};

const PLAIN: &str = r#"
variable "owner" { type = string }
resource "terraform_data" "home" {
  input = var.owner
}
resource "terraform_data" "vm" {
  triggers_replace = { owner = var.owner, region = "eu", key = sensitive(var.owner) }
}
"#;

#[tokio::test]
async fn a_workspace_is_made_claimed_and_deleted() {
    let bench = Bench::new(&[("main.tf", PLAIN)]).await;

    let (built, _) = bench.build(Stage::Create, "prebuilds").await;
    let addresses = Vec::from_iter(built.unwrap().resources.into_iter().map(|it| it.address));
    assert_eq!(addresses, ["terraform_data.home", "terraform_data.vm"]);

    let (built, observer) = bench.build(Stage::Claim, "alice").await;
    built.unwrap();
    let plan = observer.plan();
    assert_eq!(plan.replacements.len(), 1);
    let found = &plan.replacements[0];
    assert_eq!((found.address.as_str(), found.kind), ("terraform_data.vm", ReplacementKind::Forced));
    let lines = found.lines();
    assert_eq!(lines[1], "  triggers_replace.key: (sensitive) -> (sensitive) (forces the replacement)");
    assert_eq!(lines[2], "  triggers_replace.owner: \"prebuilds\" -> \"alice\" (forces the replacement)");
    assert_eq!(lines.len(), 3);

    let (built, observer) = bench.build(Stage::Start, "alice").await;
    built.unwrap();
    assert_eq!((observer.plan().add, observer.plan().change, observer.plan().destroy), (0, 0, 0));

    let (built, _) = bench.build(Stage::Delete, "alice").await;
    assert!(built.unwrap().resources.is_empty());
    assert!(!bench.work_dir().exists());
    assert!(!bench.is_locked());
    assert_eq!(bench.scratch(), [] as [std::path::PathBuf; 0]);
}

#[tokio::test]
async fn a_mistake_in_the_template_is_reported_with_its_place() {
    let bench = Bench::new(&[("main.tf", "resource \"terraform_data\" {\n}\n")]).await;
    let (built, observer) = bench.build(Stage::Create, "prebuilds").await;
    let Err(Error::Diagnostics(found)) = built else { panic!("{built:?}") };
    assert_eq!((found[0].file.as_deref(), found[0].line), (Some("main.tf"), Some(1)));
    assert!(observer.has_errors());
}

const TAKEN_OVER: &str = r#"
variable "owner" { type = string }
resource "terraform_data" "home" {
  input = var.owner
}
resource "terraform_data" "forced" {
  triggers_replace = var.owner
}
resource "terraform_data" "triggered" {
  lifecycle {
    replace_triggered_by = [terraform_data.forced]
  }
}
resource "terraform_data" "keyed" {
  for_each = toset([var.owner])
}
resource "terraform_data" "counted" {
  count = var.owner == "prebuilds" ? 1 : 0
}
resource "terraform_data" "last" {
  input = terraform_data.triggered.id
  provisioner "local-exec" {
    command = var.owner == "bob" ? "exit 1" : "true"
  }
  triggers_replace = var.owner
}
"#;

async fn in_one_step(bench: &Bench, owner: &str) -> (Result<Built, Error>, Arc<Remembered>) {
    let request = BuildRequest { steps: Steps::One, ..bench.request(Stage::Claim, owner) };
    bench.run(request).await
}

#[tokio::test]
async fn a_claim_in_one_step_tells_what_it_replaced_as_one_in_two_steps_does() {
    let kinds = |observer: &Remembered| {
        let found = observer.plan().replacements;
        let mut kinds = Vec::from_iter(found.into_iter().map(|it| (it.address, it.kind)));
        kinds.sort_by(|a, b| a.0.cmp(&b.0));
        kinds
    };
    let bench = Bench::new(&[("main.tf", TAKEN_OVER)]).await;
    bench.build(Stage::Create, "prebuilds").await.0.unwrap();
    let (built, one) = in_one_step(&bench, "alice").await;
    built.unwrap();

    let other = Bench::new(&[("main.tf", TAKEN_OVER)]).await;
    other.build(Stage::Create, "prebuilds").await.0.unwrap();
    let (built, two) = other.build(Stage::Claim, "alice").await;
    built.unwrap();
    assert_eq!(kinds(&one), kinds(&two));
    let replaced =
        Vec::from_iter(kinds(&one).into_iter().map(|(address, kind)| format!("{address} {kind:?}")));
    assert_eq!(
        replaced,
        [
            "terraform_data.counted[0] Deleted",
            "terraform_data.forced Forced",
            "terraform_data.keyed[\"prebuilds\"] Rekeyed",
            "terraform_data.last Forced",
            "terraform_data.triggered Triggered",
        ]
    );
    let totals = |observer: &Remembered| {
        let plan = observer.plan();
        (plan.add, plan.change, plan.destroy)
    };
    assert_eq!(totals(&one), totals(&two));
}

#[tokio::test]
async fn a_claim_in_one_step_that_fails_tells_what_it_replaced_all_the_same() {
    let bench = Bench::new(&[("main.tf", TAKEN_OVER)]).await;
    bench.build(Stage::Create, "prebuilds").await.0.unwrap();
    let (built, observer) = in_one_step(&bench, "bob").await;
    assert!(matches!(built, Err(Error::Diagnostics(_))), "{built:?}");
    assert_eq!(observer.plan().replacements.len(), 5);
    assert!(!bench.is_locked());
}

#[tokio::test]
async fn what_a_claim_in_one_step_replaces_is_told_while_it_still_applies() {
    let slow = r#"
variable "owner" { type = string }
resource "terraform_data" "slow" {
  triggers_replace = var.owner
  provisioner "local-exec" {
    command = var.owner == "prebuilds" ? "true" : "sleep 60"
  }
}
"#;
    let bench = Bench::new(&[("main.tf", slow)]).await;
    bench.build(Stage::Create, "prebuilds").await.0.unwrap();
    let request = BuildRequest { steps: Steps::One, ..bench.request(Stage::Claim, "alice") };
    let observer = Remembered::default();
    tokio::select! {
        built = bench.engine.build(request, &observer) => panic!("told too late: {built:?}"),
        () = observer.was_told_a_plan() => {}
    }
    assert_eq!(observer.plan().replacements[0].address, "terraform_data.slow");
}
