//! Rehearsals with the real terraform: what a claim would replace, why, and what helps.

use hearth_provisioner::{
    Engine,
    engine::Stage,
    plan::ReplacementKind,
    rehearsal::{Blame, Cause, Effort, Field, Rehearsed, Verdict},
};
use pretty_assertions::assert_eq;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{bench::Bench, observer::Remembered};

const HEAD: &str = r#"terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
"#;

async fn rehearse(files: &[(&str, &str)]) -> Rehearsed {
    let main = format!("{HEAD}{}", files[0].1);
    let files = [("main.tf", main.as_str())].into_iter().chain(files[1..].iter().copied());
    let bench = Bench::new(&Vec::from_iter(files)).await;
    let mut created = bench.request(Stage::Create, "prebuilds");
    created.owner.id = Uuid::new_v4();
    bench.rehearse(&created).await
}

fn replaced(rehearsed: &Rehearsed) -> Vec<(&str, ReplacementKind)> {
    let Verdict::Replaces { replacements } = &rehearsed.verdict else { panic!("{rehearsed:?}") };
    replacements.iter().map(|it| (it.address.as_str(), it.kind)).collect()
}

fn only(fields: &[Field]) -> Cause {
    Cause::Fields { fields: fields.to_vec() }
}

fn path(blame: &Blame) -> Vec<String> {
    blame.path.iter().map(|hop| format!("{} {}:{}", hop.what, hop.file, hop.line)).collect()
}

#[tokio::test]
async fn a_claim_that_changes_what_an_agent_reads_does_not_leave_it_alone() {
    let env = |value: &str| {
        format!(
            r#"resource "coder_agent" "main" {{
  os   = "linux"
  arch = "amd64"
}}
resource "coder_env" "who" {{
  agent_id = coder_agent.main.id
  name     = "WHO"
  value    = {value}
}}
"#
        )
    };
    for (value, alone) in [("\"nobody\"", true), ("data.coder_workspace_owner.me.email", false)] {
        let rehearsed = rehearse(&[("main.tf", &env(value))]).await;
        assert_eq!(
            (&rehearsed.verdict, rehearsed.leaves_agents_alone()),
            (&Verdict::Clean, alone),
            "{value}"
        );
    }
}

#[tokio::test]
async fn a_key_made_of_the_owner_is_blamed_and_no_patch_is_offered() {
    let main = r#"locals { who = toset([lower(data.coder_workspace_owner.me.name)]) }
resource "terraform_data" "each" {
  for_each = local.who
  input    = data.coder_workspace_owner.me.email
}
"#;
    let rehearsed = rehearse(&[("main.tf", main)]).await;
    assert_eq!(replaced(&rehearsed), [("terraform_data.each[\"prebuilds\"]", ReplacementKind::Rekeyed)]);
    assert_eq!(rehearsed.blame[0].cause, only(&[Field::OwnerName]));
    assert_eq!(
        path(&rehearsed.blame[0]),
        [
            "terraform_data.each.for_each main.tf:10",
            "local.who main.tf:8",
            "data.coder_workspace_owner.me.name main.tf:8"
        ]
    );
    assert_eq!(rehearsed.fix, None);
    assert!(rehearsed.advice[0].words.contains("does not reach keys"), "{:?}", rehearsed.advice);
}

#[tokio::test]
async fn what_is_dragged_along_names_what_drags_it_and_is_fixed_with_it() {
    let main = r#"resource "terraform_data" "disk" {
  triggers_replace = [data.coder_workspace_owner.me.id]
}
resource "terraform_data" "by_value" {
  triggers_replace = terraform_data.disk.id
}
resource "terraform_data" "by_lifecycle" {
  lifecycle { replace_triggered_by = [terraform_data.disk] }
}
"#;
    let rehearsed = rehearse(&[("main.tf", main)]).await;
    assert_eq!(
        replaced(&rehearsed),
        [
            ("terraform_data.by_lifecycle", ReplacementKind::Triggered),
            ("terraform_data.by_value", ReplacementKind::Forced),
            ("terraform_data.disk", ReplacementKind::Forced),
        ]
    );
    let follows = Vec::from_iter(rehearsed.blame.iter().map(|blame| blame.follows.as_deref()));
    assert_eq!(follows, [Some("terraform_data.disk"), Some("terraform_data.disk"), None]);
    assert_eq!(
        path(&rehearsed.blame[1]),
        ["terraform_data.by_value.triggers_replace main.tf:12", "terraform_data.disk.id main.tf:12"]
    );
    assert!(rehearsed.blame.iter().all(|blame| blame.cause == only(&[Field::OwnerId])));
    let fix = rehearsed.fix.unwrap();
    assert!(fix.proved, "{fix:?}");
    assert_eq!(fix.diff.matches("\n+").count() - 1, 4, "one lifecycle block: {}", fix.diff);
}

#[tokio::test]
async fn the_path_goes_through_modules_and_the_patch_into_them() {
    let main = r#"locals { owner = data.coder_workspace_owner.me }
module "vm" {
  source = "./vm"
  boot   = "adduser ${local.owner.full_name}"
}
resource "terraform_data" "after" {
  triggers_replace = module.vm.boot
}
"#;
    let vm = r#"variable "boot" { type = string }
resource "terraform_data" "machine" {
  triggers_replace = { boot = var.boot } # why

  lifecycle {
    create_before_destroy = true
  }
}
output "boot" {
  value = terraform_data.machine.triggers_replace.boot
}
"#;
    let rehearsed = rehearse(&[("main.tf", main), ("vm/main.tf", vm)]).await;
    assert_eq!(
        replaced(&rehearsed),
        [
            ("terraform_data.after", ReplacementKind::Forced),
            ("module.vm.terraform_data.machine", ReplacementKind::Forced)
        ]
    );
    assert_eq!(rehearsed.blame[0].cause, only(&[Field::OwnerFullName]));
    assert_eq!(
        path(&rehearsed.blame[1]),
        [
            "module.vm.terraform_data.machine.triggers_replace.boot vm/main.tf:3",
            "module.vm.var.boot main.tf:11",
            "local.owner main.tf:8",
            "data.coder_workspace_owner.me main.tf:8",
        ]
    );
    let fix = rehearsed.fix.unwrap();
    assert!(fix.proved, "{fix:?}");
    assert_eq!(Vec::from_iter(fix.files.keys()), ["main.tf", "vm/main.tf"]);
    assert!(
        fix.files["vm/main.tf"]
            .contains("    create_before_destroy = true\n    ignore_changes = [triggers_replace.boot]\n"),
        "{}",
        fix.diff
    );
}

#[tokio::test]
async fn two_fields_that_only_together_replace_are_named_together() {
    let main = r#"resource "terraform_data" "both" {
  triggers_replace = data.coder_workspace_owner.me.name != "prebuilds" && data.coder_workspace.me.name != "w"
  input            = data.coder_workspace_owner.me.email
}
resource "terraform_data" "either" {
  triggers_replace = data.coder_workspace_owner.me.name != "prebuilds" || data.coder_workspace.me.name != "w"
}
resource "terraform_data" "always" {
  triggers_replace = timestamp()
}
"#;
    let rehearsed = rehearse(&[("main.tf", main)]).await;
    let causes = Vec::from_iter(rehearsed.blame.iter().map(|it| (it.address.as_str(), it.cause.clone())));
    let both = vec![Field::OwnerName, Field::WorkspaceName];
    assert_eq!(
        causes,
        [
            ("terraform_data.always", Cause::EveryBuild),
            ("terraform_data.both", Cause::Together { fields: both.clone() }),
            ("terraform_data.either", only(&both)),
        ]
    );
    assert!(rehearsed.fix.unwrap().proved);
}

#[tokio::test]
async fn a_template_that_reads_its_own_folder_is_clean() {
    let main = r#"resource "terraform_data" "folder" {
  triggers_replace = [path.cwd, abspath(path.module)]
  input            = data.coder_workspace_owner.me.name
}
resource "terraform_data" "warm" {
  count = data.coder_workspace.me.prebuild_count
}
resource "terraform_data" "gone" {
  count = data.coder_workspace.me.is_prebuild ? 1 : 0
}
"#;
    assert_eq!(rehearse(&[("main.tf", main)]).await.verdict, Verdict::Clean);
}

#[tokio::test]
async fn a_patch_that_helps_only_some_is_not_called_proved() {
    let main = r#"resource "terraform_data" "vm" {
  triggers_replace = { owner = sensitive(data.coder_workspace_owner.me.name) }
}
resource "terraform_data" "each" {
  for_each = toset([data.coder_workspace_owner.me.name])
}
"#;
    let rehearsed = rehearse(&[("main.tf", main)]).await;
    let fix = rehearsed.fix.as_ref().unwrap();
    assert!(!fix.proved);
    assert_eq!(fix.left, ["terraform_data.each[\"prebuilds\"]"]);
    assert_eq!(rehearsed.advice.len(), 1);
    let Verdict::Replaces { replacements } = &rehearsed.verdict else { panic!() };
    let forcing = replacements[1].changes.iter().find(|it| it.forces).unwrap();
    assert!(forcing.sensitive && forcing.after.is_null());
}

#[tokio::test]
async fn a_claim_that_cannot_be_planned_is_unknown() {
    let main = r#"resource "terraform_data" "x" {
  input = data.coder_workspace_owner.me.name
  lifecycle {
    precondition {
      condition     = data.coder_workspace_owner.me.name == "prebuilds"
      error_message = "Nobody else."
    }
  }
}
"#;
    let rehearsed = rehearse(&[("main.tf", main)]).await;
    let Verdict::Unknown { why } = rehearsed.verdict else { panic!("{rehearsed:?}") };
    assert!(why.contains("main.tf:12") && why.contains("Nobody else."), "{why}");
}

#[tokio::test]
async fn without_plans_left_the_cause_is_said_to_be_unknown() {
    let main =
        "resource \"terraform_data\" \"x\" {\n  triggers_replace = data.coder_workspace_owner.me.name\n}\n";
    let bench = Bench::new(&[("main.tf", &format!("{HEAD}{main}"))]).await;
    let created = bench.request(Stage::Create, "prebuilds");
    bench.run(created.clone()).await.0.unwrap();
    let mut request = bench.rehearsal(&created);
    request.effort = Effort { plans: 1, ..Effort::default() };
    let rehearsed = bench.engine.rehearse(request, &Remembered::default()).await.unwrap();
    assert!(matches!(rehearsed.blame[0].cause, Cause::NotFound { .. }), "{rehearsed:?}");
    assert!(rehearsed.fix.unwrap().proved, "the proof is not left out");

    let mut request = bench.rehearsal(&created);
    request.claim.cancel = CancellationToken::new();
    request.claim.cancel.cancel();
    let cancelled = bench.engine.rehearse(request, &Remembered::default()).await;
    assert!(cancelled.is_err());
    assert!(bench.scratch().is_empty());
}
