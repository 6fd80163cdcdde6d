//! What an import reads, and what it refuses.

use hearth_provisioner::{
    Error,
    engine::{Imported, Prebuilds},
};
use pretty_assertions::assert_eq;

use crate::support::bench::Bench;

const HEAD: &str = r#"terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
"#;

/// Imports a template of this text below the usual head of five lines.
async fn imported(text: &str) -> Result<Imported, Error> {
    Bench::new(&[("main.tf", &format!("{HEAD}{text}"))]).await.import().await.0
}

async fn refused(text: &str) -> String {
    imported(text).await.unwrap_err().to_string()
}

const WHOLE: &str = r#"
variable "region" {
  type    = string
  default = "eu"
}
locals { most = 9 }
data "coder_parameter" "size" {
  name         = "size"
  display_name = "Size"
  type         = "number"
  default      = "1"
  mutable      = true
  order        = 2
  validation {
    min = 1
    max = local.most
  }
}
data "coder_parameter" "region" {
  name  = "region"
  order = 1
  option {
    name  = "Europe"
    value = var.region
  }
  option {
    name  = "America"
    value = "us"
  }
}
data "coder_workspace_preset" "large" {
  name       = "large"
  default    = true
  parameters = { (data.coder_parameter.size.name) = local.most, region = "us" }
  prebuilds {
    instances = 2
    expiration_policy {
      ttl = 3600
    }
    scheduling {
      timezone = "Europe/Berlin"
      schedule {
        cron      = "* 8-18 * * 1-5"
        instances = 3
      }
    }
  }
}
data "coder_workspace_preset" "plain" {
  name       = "plain"
  parameters = {}
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
module "disk" {
  source = "./disk"
  token  = coder_agent.main.token
}
"#;

const DISK: &str = r#"terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
variable "token" {}
data "coder_parameter" "inner" {
  name    = "inner"
  default = "x"
}
resource "terraform_data" "disk" {
  input = [var.token, timestamp()]
}
"#;

#[tokio::test]
async fn parameters_presets_variables_and_resources_are_read() {
    let main = format!("{HEAD}{WHOLE}");
    let files = [("main.tf", main.as_str()), ("disk/main.tf", DISK), ("README.md", "# Hello\n")];
    let bench = Bench::new(&files).await;
    let (imported, observer) = bench.import().await;
    let imported = imported.unwrap();
    assert!(!observer.has_errors() && !observer.log().contains("targeting"), "{}", observer.log());

    let parameters = Vec::from_iter(imported.parameters.iter().map(|it| it.name.as_str()));
    assert_eq!(parameters, ["inner", "region", "size"]);
    let (region, size) = (&imported.parameters[1], &imported.parameters[2]);
    assert_eq!(
        (region.options[0].value.as_str(), &region.default_value, region.form_type.as_str()),
        ("eu", &None, "radio")
    );
    assert_eq!(
        (size.validation_min, size.validation_max, size.default_value.as_deref()),
        (Some(1), Some(9), Some("1"))
    );

    let large = &imported.presets[0];
    assert_eq!((large.name.as_str(), large.default, large.parameters["size"].as_str()), ("large", true, "9"));
    let expected = Prebuilds {
        instances: 2,
        ttl_seconds: Some(3600),
        timezone: Some("Europe/Berlin".to_owned()),
        schedules: vec![("* 8-18 * * 1-5".to_owned(), 3)],
    };
    assert_eq!(large.prebuilds, Some(expected));
    assert_eq!(imported.presets[1].prebuilds, None);

    assert_eq!(imported.variables[0].default_value.as_deref(), Some("eu"));
    assert!(imported.warnings[1].starts_with("disk/main.tf:12: timestamp()"), "{:?}", imported.warnings);
    assert_eq!(imported.readme, "# Hello\n");
    assert_eq!(imported.resources.len(), 1);
    assert_eq!(imported.resources[0].address, "module.disk.terraform_data.disk");
    assert_eq!(imported.resources[0].agents, ["main"]);
    assert_eq!(bench.scratch(), [] as [std::path::PathBuf; 0]);
    assert!(bench.import().await.0.is_ok(), "an import may be repeated");
}

#[tokio::test]
async fn a_template_may_have_no_parameters_at_all() {
    let imported = imported("resource \"terraform_data\" \"home\" {}\n").await.unwrap();
    assert_eq!((imported.parameters.len(), imported.presets.len(), imported.resources.len()), (0, 0, 1));
}

#[tokio::test]
async fn a_folder_without_terraform_files_is_refused() {
    let bench = Bench::new(&[("README.md", "hi"), ("sub/main.tf", "")]).await;
    assert!(matches!(bench.import().await.0, Err(Error::NoTerraformFiles)));
}

#[tokio::test]
async fn what_terraform_says_of_a_mistake_comes_with_file_and_line() {
    let bench = Bench::new(&[("main.tf", HEAD), ("vm.tf", "\nresource \"terraform_data\" {\n}\n")]).await;
    let (result, observer) = bench.import().await;
    assert!(result.unwrap_err().to_string().starts_with("vm.tf:2: Missing name for resource"));
    assert!(observer.log().contains("Init Error   at vm.tf:2"), "{}", observer.log());

    let said = refused("resource \"terraform_data\" \"a\" {\n  input = var.missing\n}\n").await;
    assert!(said.starts_with("main.tf:7: Reference to undeclared input variable"), "{said}");
    let said = refused("data \"coder_parameter\" \"a\" {\n  name = \"a\"\n  type = \"color\"\n}\n").await;
    assert!(said.starts_with("main.tf:8: "), "{said}");
    let said =
        refused("variable \"needed\" {}\ndata \"coder_parameter\" \"a\" {\n  name = var.needed\n}\n").await;
    assert!(said.starts_with("main.tf:6: No value for required variable"), "{said}");
}

#[tokio::test]
async fn another_backend_is_refused() {
    let said = refused("terraform {\n  backend \"s3\" {}\n}\n").await;
    assert!(said.starts_with("main.tf:7: remove the block `backend \"s3\"`"), "{said}");
}

#[tokio::test]
async fn an_own_http_backend_gives_way_to_ours() {
    let own = "terraform {\n  backend \"http\" {\n    address = \"http://127.0.0.1:1/other\"\n  }\n}\n";
    imported(own).await.unwrap();
}

#[tokio::test]
async fn a_preset_must_not_depend_on_a_resource() {
    let said = refused(
        "resource \"terraform_data\" \"a\" {}\nlocals { name = terraform_data.a.id }\n\
         data \"coder_workspace_preset\" \"p\" {\n  name = local.name\n}\n",
    )
    .await;
    assert!(
        said.starts_with("main.tf:8: data.coder_workspace_preset.p depends on terraform_data.a: "),
        "{said}"
    );
}

#[tokio::test]
async fn a_preset_must_fit_the_parameters() {
    let with = |preset: &str| {
        format!(
            "data \"coder_parameter\" \"size\" {{\n  name = \"size\"\n  type = \"number\"\n}}\n\
             data \"coder_workspace_preset\" \"large\" {{\n  name = \"large\"\n{preset}\n}}\n"
        )
    };
    let unknown = refused(&with("parameters = { sise = 1 }")).await;
    assert_eq!(
        unknown,
        "main.tf:10: Preset \"large\" sets the parameter \"sise\", which does not exist: The template has \"size\"."
    );
    let missing = refused(&with("prebuilds {\n instances = 1\n}")).await;
    let expected = "main.tf:10: Preset \"large\" has prebuilds but no value for the parameter \"size\"";
    assert!(missing.starts_with(expected), "{missing}");
    let wrong = refused(&with("parameters = { size = \"big\" }")).await;
    assert!(wrong.contains("gives the parameter \"size\" a value that it refuses: "), "{wrong}");
    imported(&with("parameters = { size = 3 }")).await.unwrap();

    let twice = format!(
        "{HEAD}{0}{0}",
        with("").replace("\"coder_parameter\" \"size\"", "\"coder_parameter\" \"a\"")
    );
    let twice = twice.replacen("\"a\"", "\"b\"", 1).replacen(
        "\"coder_workspace_preset\" \"large\"",
        "\"coder_workspace_preset\" \"c\"",
        1,
    );
    let (result, observer) = Bench::new(&[("main.tf", &twice)]).await.import().await;
    assert!(matches!(result, Err(Error::Diagnostics(found)) if found.len() == 2));
    assert!(observer.log().contains("Error: Two presets are named \"large\""), "{}", observer.log());
}

#[tokio::test]
async fn only_one_preset_is_the_default() {
    let preset = |name: &str| {
        format!(
            "data \"coder_workspace_preset\" \"{name}\" {{\n  name    = \"{name}\"\n  default = true\n}}\n"
        )
    };
    let said = refused(&(preset("a") + &preset("b"))).await;
    assert_eq!(said, "main.tf:10: Only one preset can be the default");
}

#[tokio::test]
async fn a_plan_that_needs_what_is_not_there_yet_costs_only_the_list_of_resources() {
    let text = "variable \"ready\" { default = false }\ndata \"coder_parameter\" \"a\" {\n  name = \"a\"\n  default = \"1\"\n}\n\
                resource \"terraform_data\" \"a\" {\n  lifecycle {\n    precondition {\n      condition = var.ready\n      \
                error_message = \"no credentials\"\n    }\n  }\n}\n";
    let bench = Bench::new(&[("main.tf", &format!("{HEAD}{text}"))]).await;
    let (imported, observer) = bench.import().await;
    let imported = imported.unwrap();
    assert_eq!((imported.parameters.len(), imported.resources.len()), (1, 0));
    assert!(imported.warnings[0].contains("no credentials"), "{:?}", imported.warnings);
    assert!(!observer.has_errors(), "{}", observer.log());
}

#[tokio::test]
async fn things_that_spoil_prebuilds_are_pointed_out() {
    let imported = imported(
        "resource \"terraform_data\" \"a\" {\n  input = timestamp()\n}\n\
         resource \"coder_agent\" \"a\" {\n  os = \"linux\"\n  arch = \"amd64\"\n}\n\
         resource \"coder_agent\" \"b\" {\n  os = \"linux\"\n  arch = \"amd64\"\n}\n\
         data \"coder_workspace_preset\" \"p\" {\n  name = \"p\"\n  prebuilds {\n    instances = 1\n  }\n}\n",
    )
    .await
    .unwrap();
    assert!(imported.warnings[0].starts_with("main.tf:7: timestamp() gives another value"));
    assert!(imported.warnings[1].contains("several agents (coder_agent.a, coder_agent.b)"));
}
