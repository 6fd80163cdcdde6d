//! Templates of the coder provider: agents, claims, and what a claim may change.

use std::collections::BTreeMap;

use hearth_provisioner::{
    engine::{BuildRequest, Stage, Steps},
    plan::{Replacement, ReplacementKind},
};
use uuid::Uuid;

use crate::support::bench::Bench;

const HEAD: &str = r#"
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
"#;

const TEMPLATE: &str = r#"
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  default = "1"
  mutable = true
}
resource "coder_agent" "main" {
  os             = "linux"
  arch           = "amd64"
  dir            = "/home/me"
  startup_script = "echo hello"
  env            = { FROM_AGENT = "1" }
}
resource "coder_env" "who" {
  agent_id = coder_agent.main.id
  name     = "WHO"
  value    = data.coder_workspace_owner.me.name
}
resource "coder_app" "web" {
  agent_id = coder_agent.main.id
  slug     = "web"
  url      = "http://localhost:8080"
}
resource "terraform_data" "vm" {
  count = data.coder_workspace.me.start_count
  input = coder_agent.main.init_script
}
resource "terraform_data" "warm" {
  count = data.coder_workspace.me.prebuild_count
}
resource "terraform_data" "home" {}
resource "coder_metadata" "home" {
  resource_id = terraform_data.home.id
  daily_cost  = 3
  item {
    key   = "size"
    value = data.coder_parameter.size.value
  }
}
"#;

const DRIFTING: &str = r#"
locals { boot = "adduser ${data.coder_workspace_owner.me.name}" }
resource "terraform_data" "disk" {
  triggers_replace = { boot = local.boot, key = sensitive(local.boot) }
}
resource "terraform_data" "each" {
  for_each = toset([data.coder_workspace_owner.me.name])
}
resource "terraform_data" "after" {
  lifecycle { replace_triggered_by = [terraform_data.disk] }
}
"#;

#[tokio::test]
async fn a_clean_claim_keeps_the_agent_and_replaces_nothing() {
    let bench = Bench::new(&[("main.tf", &format!("{HEAD}{TEMPLATE}"))]).await;
    let mut request = bench.request(Stage::Create, "prebuilds");
    request.parameters = BTreeMap::from([("size".to_owned(), "4".to_owned())]);
    let created = bench.run(request.clone()).await.0.unwrap();
    let agent = &created.agents[0];
    assert_eq!((agent.name.as_str(), agent.directory.as_str()), ("main", "/home/me"));
    assert!(Uuid::parse_str(&agent.token).is_ok());
    assert_eq!(agent.environment["WHO"], "prebuilds");
    assert_eq!(agent.environment["FROM_AGENT"], "1");
    assert_eq!(
        (agent.scripts[0].display_name.as_str(), agent.apps[0].slug.as_str()),
        ("Startup Script", "web")
    );
    let hosts = Vec::from_iter(created.resources.iter().map(|it| (it.address.as_str(), it.agents.len())));
    assert_eq!(
        hosts,
        [("terraform_data.home", 0), ("terraform_data.vm[0]", 1), ("terraform_data.warm[0]", 0)]
    );
    assert_eq!((created.resources[0].daily_cost, created.resources[0].metadata[0].value.as_str()), (3, "4"));

    request.stage = Stage::Claim;
    request.owner.username = "alice".to_owned();
    request.owner.is_system = false;
    let (claimed, observer) = bench.run(request).await;
    let claimed = claimed.unwrap();
    assert_eq!((claimed.agents[0].id, &claimed.agents[0].token), (agent.id, &agent.token));
    assert_eq!(claimed.agents[0].environment["WHO"], "alice");
    assert_eq!(observer.plan().replacements, [], "{}", observer.log());
    assert_eq!(observer.plan().bookkeeping, ["coder_env.who"]);
}

#[tokio::test]
async fn what_a_claim_would_replace_is_found_and_said() {
    let template = format!("{HEAD}{TEMPLATE}{DRIFTING}");
    let bench = Bench::new(&[("main.tf", &template)]).await;
    bench.build(Stage::Create, "prebuilds").await.0.unwrap();
    let (claimed, observer) = bench.build(Stage::Claim, "alice").await;
    claimed.unwrap();
    let plan = observer.plan();
    let found = Vec::from_iter(plan.replacements.iter().map(|it| (it.address.as_str(), it.kind)));
    assert_eq!(
        found,
        [
            ("terraform_data.after", ReplacementKind::Triggered),
            ("terraform_data.disk", ReplacementKind::Forced),
            ("terraform_data.each[\"prebuilds\"]", ReplacementKind::Rekeyed),
        ]
    );
    let paths =
        Vec::from_iter(plan.replacements[1].changes.iter().map(|it| (it.path.as_str(), it.sensitive)));
    assert_eq!(paths, [("triggers_replace.boot", false), ("triggers_replace.key", true)]);
    let lines = plan.replacements[1].lines();
    assert!(
        lines[1].contains("\"adduser prebuilds\" -> \"adduser alice\" (forces the replacement)"),
        "{lines:?}"
    );
    assert!(!observer.log().contains("adduser"), "what is sensitive somewhere is not in the log");
}

#[tokio::test]
async fn stop_takes_down_what_start_brings_back() {
    let bench = Bench::new(&[("main.tf", &format!("{HEAD}{TEMPLATE}"))]).await;
    let created = bench.build(Stage::Create, "alice").await.0.unwrap();
    let stopped = bench.build(Stage::Stop, "alice").await.0.unwrap();
    let addresses = Vec::from_iter(stopped.resources.iter().map(|it| it.address.as_str()));
    assert_eq!(addresses, ["terraform_data.home"]);
    let started = bench.build(Stage::Start, "alice").await.0.unwrap();
    assert_eq!(started.resources.len(), created.resources.len());
    assert_eq!(started.agents[0].token, created.agents[0].token);
}

const CONFIDING: &str = r#"
variable "password" {
  type      = string
  sensitive = true
}
locals { url = "http://localhost:8888/?token=${var.password}" }
resource "coder_agent" "main" {
  os             = "linux"
  arch           = "amd64"
  env            = { PASSWORD = var.password }
  startup_script = "login ${var.password}"
}
resource "coder_env" "url" {
  agent_id = coder_agent.main.id
  name     = "URL"
  value    = local.url
}
resource "coder_app" "notebook" {
  agent_id = coder_agent.main.id
  slug     = "notebook"
  url      = local.url
}
resource "coder_app" "shell" {
  agent_id     = coder_agent.main.id
  slug         = "shell"
  display_name = "Shell"
  command      = "login ${var.password}"
}
resource "coder_app" "open" {
  agent_id = coder_agent.main.id
  slug     = "open"
  url      = nonsensitive(local.url)
}
resource "terraform_data" "home" {}
resource "coder_metadata" "home" {
  resource_id = terraform_data.home.id
  item {
    key   = "plain"
    value = "as it is"
  }
  item {
    key   = "forgotten"
    value = var.password
  }
  item {
    key       = "marked"
    value     = "chosen"
    sensitive = true
  }
}
"#;

fn variables() -> BTreeMap<String, String> {
    BTreeMap::from([("password".to_owned(), "hunter2".to_owned())])
}

#[tokio::test]
async fn a_sensitive_value_reaches_the_agent_and_nobody_else() {
    let template = format!("{HEAD}{CONFIDING}");
    let bench = Bench::new(&[("main.tf", &template)]).await;
    let imported = bench.import_with(variables()).await.0.unwrap();
    let warned = |text: &str, word: &str| text.contains(&format!("{word} has a sensitive value in it"));
    assert_eq!(imported.warnings.len(), 2, "{:?}", imported.warnings);
    assert!(warned(&imported.warnings[0], "coder_app.notebook: its url"), "{:?}", imported.warnings);

    let mut request = bench.request(Stage::Create, "alice");
    request.variables = variables();
    let (built, observer) = bench.run(request).await;
    let built = built.unwrap();
    let items = built.resources[0].metadata.iter();
    let items = Vec::from_iter(items.map(|it| (it.key.as_str(), it.value.as_str(), it.sensitive)));
    assert_eq!(items, [("plain", "as it is", false), ("forgotten", "", true), ("marked", "", true)]);
    let agent = &built.agents[0];
    let apps = Vec::from_iter(agent.apps.iter().map(|it| (it.slug.as_str(), it.url.as_str(), &*it.command)));
    assert_eq!(
        apps,
        [("notebook", "", ""), ("open", "http://localhost:8888/?token=hunter2", ""), ("shell", "", "")]
    );
    assert_eq!(agent.apps[2].display_name, "Shell");
    assert!(warned(&observer.log(), "coder_app.shell: its command"), "{}", observer.log());
    assert_eq!(agent.environment["PASSWORD"], "hunter2");
    assert_eq!(agent.environment["URL"], "http://localhost:8888/?token=hunter2");
    assert_eq!(agent.scripts[0].script, "login hunter2");
}

const FOR_PREBUILDS: &str = r#"
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
locals {
  warm = data.coder_workspace.me.prebuild_count
  mine = data.coder_workspace_owner.me.name == "prebuilds"
  has  = { cache = data.coder_workspace.me.is_prebuild, disk = local.mine }
}
resource "terraform_data" "warm_key" {
  count = local.has.cache ? 1 : 0
}
resource "terraform_data" "disk_key" {
  count = local.has.disk ? 1 : 0
}
resource "terraform_data" "warm" {
  count = local.warm
}
resource "terraform_data" "warm_each" {
  for_each = data.coder_workspace.me.is_prebuild ? toset(["a"]) : toset([])
}
resource "terraform_data" "warm_too" {
  count = length(terraform_data.warm)
}
module "warm" {
  source = "./cache"
  count  = local.warm
  copies = 1
}
module "warm_inside" {
  source = "./cache"
  copies = local.warm
}
resource "terraform_data" "disk" {
  count = local.mine ? 1 : 0
  input = data.coder_workspace.me.is_prebuild
}
resource "terraform_data" "disk_each" {
  for_each = local.mine ? toset(["a"]) : toset([])
}
module "disk" {
  source = "./cache"
  count  = local.mine ? 1 : 0
  copies = data.coder_workspace.me.is_prebuild ? 1 : 1
}
"#;

const CACHE: &str = r#"
variable "copies" { type = number }
resource "terraform_data" "cache" {
  count = var.copies
}
"#;

#[tokio::test]
async fn what_goes_at_a_claim_counts_unless_the_template_says_that_prebuilds_alone_have_it() {
    let main = format!("{HEAD}{FOR_PREBUILDS}");
    let files = [("main.tf", main.as_str()), ("cache/main.tf", CACHE)];
    let expected = [
        "module.disk[0].terraform_data.cache[0]",
        "terraform_data.disk[0]",
        "terraform_data.disk_each[\"a\"]",
        "terraform_data.disk_key[0]",
    ];
    let gone = |replacements: &[Replacement]| {
        assert!(replacements.iter().all(|it| it.kind == ReplacementKind::Deleted), "{replacements:?}");
        let mut addresses = Vec::from_iter(replacements.iter().map(|it| it.address.clone()));
        addresses.sort();
        addresses
    };
    for steps in [Steps::Two, Steps::One] {
        let bench = Bench::new(&files).await;
        let member = bench.request(Stage::Create, "prebuilds");
        let rehearsed = bench.rehearse(&member).await;
        assert_eq!(gone(rehearsed.replacements()), expected);
        let (claimed, observer) =
            bench.run(BuildRequest { steps, ..bench.request(Stage::Claim, "alice") }).await;
        claimed.unwrap();
        assert_eq!(gone(&observer.plan().replacements), expected, "{steps:?}");
        assert_eq!(observer.plan().destroy, 10, "the others went too");
    }
}
