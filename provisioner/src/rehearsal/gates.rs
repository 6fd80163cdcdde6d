//! Whether the template itself says that a resource is for prebuilds only, so that its end at a claim is no news.
//!
//! The text decides, for a claim as for a rehearsal: a claim has no plan to spare for it. What says how many there are of
//! the resource must read that the workspace is a prebuild, itself or through what it refers to. Where the text does not
//! show that (it reads something else about the owner, or is in JSON), the deletion counts.

use std::{path::PathBuf, sync::OnceLock};

use super::{Template, Trace};
use crate::plan::TakenBy;

/// The template is read when the first resource goes.
pub(crate) struct Gates {
    sources: PathBuf,
    data: PathBuf,
    template: OnceLock<Option<Template>>,
}

impl Gates {
    /// Of a template in `sources`, with terraform's list of its modules below `data`.
    pub fn new(sources: PathBuf, data: PathBuf) -> Self {
        Self { sources, data, template: OnceLock::new() }
    }

    pub fn are_for_prebuilds(&self, address: &str, taken_by: TakenBy) -> bool {
        let template = self.template.get_or_init(|| Template::read(&self.sources, &self.data).ok());
        template.as_ref().is_some_and(|template| Trace(template).is_for_prebuilds(address, taken_by))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_takes_a_resource_away_must_read_that_the_workspace_is_a_prebuild() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"
resource "a" "warm" {
  lifecycle {
    enabled = data.coder_workspace.me.is_prebuild
  }
}
resource "a" "disk" {
  input = data.coder_workspace.me.is_prebuild
  lifecycle {
    enabled              = data.coder_workspace_owner.me.name == "prebuilds"
    replace_triggered_by = [data.coder_workspace.me.is_prebuild]
  }
}
module "warm" {
  source = "./m"
  lifecycle {
    enabled = data.coder_workspace.me.prebuild_count == 1
  }
}
module "disk" {
  source = "./m"
  warm   = data.coder_workspace.me.is_prebuild
}
"#;
        fs::write(folder.path().join("main.tofu"), text).unwrap();
        let gates = Gates::new(folder.path().to_owned(), folder.path().join(".terraform"));
        assert!(gates.are_for_prebuilds("a.warm", TakenBy::Enabled));
        assert!(!gates.are_for_prebuilds("a.disk", TakenBy::Enabled));
        assert!(!gates.are_for_prebuilds("a.disk[0]", TakenBy::Repetition));
        assert!(gates.are_for_prebuilds("module.warm.a.x", TakenBy::Module));
        assert!(gates.are_for_prebuilds("module.warm.module.inner[0].a.x", TakenBy::Module));
        assert!(!gates.are_for_prebuilds("module.disk.a.x", TakenBy::Module));
        assert!(!gates.are_for_prebuilds("a.missing", TakenBy::Repetition));
    }
}
