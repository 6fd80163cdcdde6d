//! What the text of a template shows to be trouble for prebuilds. Warnings: each says where, what, and why.
//!
//! Modules that are part of the template are looked through as well; those from elsewhere are not the template's to mend.
//! A file that does not parse is passed over, and what only a plan can know is left to the rehearsal.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::{
    Span,
    expr::{Expression, FuncCall, Traversal, TraversalOperator},
    structure::{Attribute, Block},
    visit::{self, Visit},
};

use super::source::{File, Source};
use crate::rehearsal::{Module, Template};

/// Each gives another value at every call.
const UNSTABLE: [&str; 4] = ["timestamp", "plantimestamp", "uuid", "bcrypt"];
/// Data sources whose id is another one at every reading.
const RANDOM_IDS: [&str; 4] = ["coder_parameter", "coder_provisioner", "coder_task", "coder_workspace_tags"];
/// Arguments known to make a resource anew when they change.
const FORCING: [(&str, &[&str]); 9] = [
    ("terraform_data", &["triggers_replace"]),
    ("null_resource", &["triggers"]),
    ("random_id", &["keepers"]),
    ("random_password", &["keepers"]),
    ("random_string", &["keepers"]),
    ("docker_container", &["name", "hostname", "env", "command", "entrypoint", "image", "user"]),
    ("docker_volume", &["name"]),
    ("google_compute_instance", &["name", "metadata_startup_script"]),
    ("azurerm_linux_virtual_machine", &["name", "computer_name", "admin_username", "custom_data"]),
];
/// Of this one only where another argument says so.
const FORCING_IF: (&str, &[&str], &str) =
    ("aws_instance", &["user_data", "user_data_base64"], "user_data_replace_on_change");

/// Everything found, module by module.
pub(super) fn lint(template: &Template) -> Vec<String> {
    // A module may be called more than once.
    let by_folder = BTreeMap::from_iter(template.own_modules().map(|module| (&module.folder, module)));
    by_folder.into_values().flat_map(lint_module).collect()
}

fn lint_module(module: &Module) -> Vec<String> {
    let mut warnings = Vec::new();
    for file in module.source.files() {
        let Some(body) = &file.body else { continue };
        let mut found = Found { module, file, warnings };
        found.visit_body(body);
        warnings = found.warnings;
    }
    warnings.extend(presets_without_pool(module));
    warnings.extend(owner_in_forcing_arguments(module));
    warnings
}

struct Found<'a> {
    module: &'a Module,
    file: &'a File,
    warnings: Vec<String>,
}

impl Found<'_> {
    fn warn(&mut self, at: &impl Span, words: &str) {
        self.warnings.push(format!("{}: {words}", place(self.module, self.file, at)));
    }
}

/// File and line.
fn place(module: &Module, file: &File, at: &impl Span) -> String {
    format!("{}:{}", module.path(file), file.line(at.span()))
}

impl Visit for Found<'_> {
    fn visit_func_call(&mut self, call: &FuncCall) {
        let name = call.name.name.as_str();
        if UNSTABLE.contains(&name) && !call.name.is_namespaced() {
            let words = "gives another value at every build, so a claim changes or replaces what is made of it, unless \
                         a lifecycle block ignores that";
            self.warn(call, &format!("{name}() {words}"));
        }
        if name == "abspath" && !call.name.is_namespaced() {
            self.warn(call, &format!("abspath() {OTHER_FOLDER}"));
        }
        visit::visit_func_call(self, call);
    }

    fn visit_traversal(&mut self, traversal: &Traversal) {
        let parts = parts(traversal);
        let parts = Vec::from_iter(parts.iter().map(String::as_str));
        match parts[..] {
            ["path", "cwd", ..] => self.warn(traversal, &format!("path.cwd {OTHER_FOLDER}")),
            ["data", kind, name, "id", ..] if RANDOM_IDS.contains(&kind) => {
                let words =
                    "is another one at every reading, so a claim changes or replaces what is made of it";
                self.warn(traversal, &format!("data.{kind}.{name}.id {words}"));
            }
            _ => {}
        }
        visit::visit_traversal(self, traversal);
    }
}

const OTHER_FOLDER: &str = "depends on where the server keeps the workspace, so another machine or data folder changes \
                            it; use path.module";

/// `data.coder_workspace_owner.me.name` in parts, without indexes. Empty: it begins otherwise.
fn parts(traversal: &Traversal) -> Vec<String> {
    let Expression::Variable(root) = &traversal.expr else { return Vec::new() };
    let names = traversal.operators.iter().filter_map(|operator| match operator.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
        _ => None,
    });
    std::iter::once(root.as_str().to_owned()).chain(names).collect()
}

fn presets_without_pool(module: &Module) -> Vec<String> {
    let presets =
        module.source.blocks("data").filter(|(_, block)| first_label(block) == "coder_workspace_preset");
    let without =
        presets.filter(|(_, block)| !block.body.has_blocks("prebuilds") && !block.body.has_blocks("dynamic"));
    let words = "has no `prebuilds` block: its workspaces are always built from nothing";
    let warning = |(file, block): (&File, &Block)| {
        let name = block.labels.get(1).map_or("", |label| label.as_str());
        format!("{}: the preset {name} {words}", place(module, file, block))
    };
    without.map(warning).collect()
}

/// The agents of a template that has pools, when there is more than one.
pub(super) fn several_agents(source: &Source, agents: &[&str]) -> Option<String> {
    let [_, second, ..] = agents else { return None };
    let name = second.rsplit('.').next().unwrap_or_default();
    let place = source.blocks("resource").find(|(_, block)| {
        first_label(block) == "coder_agent" && block.labels.get(1).is_some_and(|label| label.as_str() == name)
    });
    let place = place.map(|(file, block)| format!("{}:{}: ", file.name, file.line(block.span())));
    Some(format!(
        "{}the template has several agents ({}): prebuilds are made for one agent for each workspace",
        place.unwrap_or_default(),
        agents.join(", ")
    ))
}

/// Arguments that make a resource anew and read the owner, straight or through locals. A rehearsal finds the others.
fn owner_in_forcing_arguments(module: &Module) -> Vec<String> {
    let locals = Locals::of(&module.source);
    let mut warnings = Vec::new();
    for (file, block) in module.source.blocks("resource") {
        let kind = first_label(block);
        for attribute in forcing(block, kind) {
            let name = attribute.key.as_str();
            if locals.reads_owner(&attribute.value) && !is_ignored(block, name) {
                warnings.push(format!(
                    "{}: {name} of {kind} reads who owns the workspace, and another value makes the resource anew: \
                     every claim would. Keep the owner out of it, or ignore its changes in a lifecycle block",
                    place(module, file, attribute)
                ));
            }
        }
    }
    warnings
}

fn forcing<'a>(block: &'a Block, kind: &str) -> impl Iterator<Item = &'a Attribute> {
    let (conditional, names, condition) = FORCING_IF;
    let holds = |name: &str| {
        let value = block.body.get_attribute(name).and_then(|attribute| attribute.value.as_bool());
        value.unwrap_or_default()
    };
    let names = match FORCING.iter().find(|(it, _)| *it == kind) {
        Some((_, names)) => *names,
        None if kind == conditional && holds(condition) => names,
        None => &[],
    };
    names.iter().filter_map(|name| block.body.get_attribute(name))
}

fn is_ignored(block: &Block, name: &str) -> bool {
    let lifecycle = block.body.get_blocks("lifecycle").next();
    let ignored = lifecycle.and_then(|lifecycle| lifecycle.body.get_attribute("ignore_changes"));
    let is_it = |value: &Expression| match value {
        Expression::Variable(variable) => [name, "all"].contains(&variable.as_str()),
        _ => false,
    };
    ignored.is_some_and(|ignored| match &ignored.value {
        Expression::Array(names) => names.iter().any(is_it),
        other => is_it(other),
    })
}

fn first_label(block: &Block) -> &str {
    block.labels.first().map_or("", |label| label.as_str())
}

/// Names of locals that read the owner, straight or through each other.
struct Locals(BTreeSet<String>);

impl Locals {
    fn of(source: &Source) -> Self {
        let attributes = || source.blocks("locals").flat_map(|(_, block)| block.body.attributes());
        let mut locals = Self(BTreeSet::new());
        loop {
            let more = attributes().filter(|attribute| {
                !locals.0.contains(attribute.key.as_str()) && locals.reads_owner(&attribute.value)
            });
            let more = Vec::from_iter(more.map(|attribute| attribute.key.as_str().to_owned()));
            if more.is_empty() {
                return locals;
            }
            locals.0.extend(more);
        }
    }

    fn reads_owner(&self, value: &Expression) -> bool {
        let mut reader = OwnerReader { locals: &self.0, reads: false };
        reader.visit_expr(value);
        reader.reads
    }
}

struct OwnerReader<'a> {
    locals: &'a BTreeSet<String>,
    reads: bool,
}

impl Visit for OwnerReader<'_> {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        let parts = parts(traversal);
        let parts = Vec::from_iter(parts.iter().map(String::as_str));
        self.reads |= match parts[..] {
            ["data", "coder_workspace_owner", ..] => true,
            ["local", name, ..] => self.locals.contains(name),
            _ => false,
        };
        visit::visit_traversal(self, traversal);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use pretty_assertions::assert_eq;

    use super::*;

    fn warnings(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.tf"), text).unwrap();
        let found = lint(&Template::read(folder.path(), &folder.path().join(".terraform")).unwrap());
        found.iter().map(|it| it.split_inclusive(' ').take(4).collect::<String>().trim().to_owned()).collect()
    }

    #[test]
    fn what_differs_between_builds_is_found_with_its_line() {
        let text = r#"resource "terraform_data" "a" {
  input = [
    timestamp(),
    path.cwd,
    abspath("x"),
    data.coder_parameter.size.id,
    data.coder_task.me.id,
    data.coder_workspace_tags.me.id,
    data.coder_parameter.size.value,
    path.module,
  ]
}
"#;
        assert_eq!(
            warnings(text),
            [
                "main.tf:3: timestamp() gives another",
                "main.tf:4: path.cwd depends on",
                "main.tf:5: abspath() depends on",
                "main.tf:6: data.coder_parameter.size.id is another",
                "main.tf:7: data.coder_task.me.id is another",
                "main.tf:8: data.coder_workspace_tags.me.id is another",
            ]
        );
    }

    #[test]
    fn a_preset_without_prebuilds_is_found() {
        let text = r#"data "coder_workspace_preset" "cold" {
  name = "cold"
}
data "coder_workspace_preset" "warm" {
  name = "warm"
  prebuilds {
    instances = 1
  }
}
"#;
        assert_eq!(warnings(text), ["main.tf:1: the preset cold"]);
    }

    #[test]
    fn the_owner_in_what_makes_a_resource_anew_is_found_even_through_locals() {
        let text = r#"locals {
  banner = "of ${local.who}"
  who    = lower(data.coder_workspace_owner.me.name)
  free   = "nobody"
}
resource "terraform_data" "straight" {
  input            = data.coder_workspace_owner.me.name
  triggers_replace = [data.coder_workspace_owner.me.id]
}
resource "docker_container" "dev" {
  image = "x"
  env   = ["BANNER=${local.banner}"]
  name  = local.free
}
resource "docker_container" "ignored" {
  name = local.who
  env  = [local.who]
  lifecycle {
    ignore_changes = [name, env]
  }
}
resource "aws_instance" "in_place" {
  user_data = local.who
}
resource "aws_instance" "anew" {
  user_data                   = local.who
  user_data_replace_on_change = true
}
"#;
        assert_eq!(
            warnings(text),
            [
                "main.tf:8: triggers_replace of terraform_data",
                "main.tf:12: env of docker_container",
                "main.tf:26: user_data of aws_instance"
            ]
        );
    }
}
