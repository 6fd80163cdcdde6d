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
