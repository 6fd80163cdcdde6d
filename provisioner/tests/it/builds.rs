//! The life of a workspace, with terraform's own resource type and a variable in the place of the owner.

use hearth_provisioner::{Error, engine::Stage, plan::ReplacementKind};

use crate::support::bench::Bench;

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
