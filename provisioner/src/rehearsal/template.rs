//! The text of a template with all of its modules.

use std::{collections::BTreeMap, fs, path::Path};

use hcl_edit::structure::Block;
use serde::Deserialize;

use super::{field::Field, hcl};
use crate::{
    error::Error,
    import::{File, Source},
};

pub(crate) struct Template {
    root: Module,
    /// By their key: `m` for `module.m`, `m.n` for a module in it. That of the root is empty.
    called: BTreeMap<String, Module>,
}

pub(crate) struct Module {
    /// Relative to the template's folder; empty or with a slash at its end.
    pub folder: String,
    /// Whether it is part of the template, rather than fetched from elsewhere.
    pub own: bool,
    pub source: Source,
}

/// What `init` writes down about the modules that it found.
#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "Modules")]
    modules: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Dir")]
    folder: String,
}

impl Template {
    /// Reads the sources and, through terraform's own list below `data`, the modules.
    pub fn read(sources: &Path, data: &Path) -> Result<Self, Error> {
        Ok(Self::of(Source::read(sources)?, sources, data))
    }

    /// The same of a root that was read from `sources` already.
    pub fn of(root: Source, sources: &Path, data: &Path) -> Self {
        let root = Module { folder: String::new(), own: true, source: root };
        let mut called = BTreeMap::new();
        let manifest = fs::read(data.join("modules/modules.json")).unwrap_or_default();
        let entries =
            serde_json::from_slice::<Manifest>(&manifest).map_or_else(|_| Vec::new(), |it| it.modules);
        for entry in entries.into_iter().filter(|entry| !entry.key.is_empty()) {
            let own = !entry.folder.starts_with(['/', '.']);
            // A module that cannot be read only makes the explanation shorter.
            if let Ok(source) = Source::read(&sources.join(&entry.folder)) {
                called.insert(entry.key, Module { folder: format!("{}/", entry.folder), own, source });
            }
        }
        Self { root, called }
    }

    pub fn root(&self) -> &Source {
        &self.root.source
    }

    pub fn module(&self, key: &str) -> Option<&Module> {
        if key.is_empty() { Some(&self.root) } else { self.called.get(key) }
    }

    fn modules(&self) -> impl Iterator<Item = &Module> {
        std::iter::once(&self.root).chain(self.called.values())
    }

    /// The root, and the modules that are part of the template.
    pub fn own_modules(&self) -> impl Iterator<Item = &Module> {
        self.modules().filter(|module| module.own)
    }

    /// Whether the text reads this field anywhere. True where that cannot be seen.
    pub fn mentions(&self, field: Field) -> bool {
        let mut files = self.modules().flat_map(|module| module.source.files());
        files.any(|file| {
            file.body.as_ref().is_none_or(|body| hcl::in_body(body).iter().any(|it| reads(it, field)))
        })
    }
}

impl Module {
    /// The block `kind "label" "label"`, with its file.
    pub fn block<'a>(&'a self, kind: &'a str, labels: &[&str]) -> Option<(&'a File, &'a Block)> {
        self.source.blocks(kind).find(|(_, block)| block.has_exact_labels(labels))
    }

    pub fn path(&self, file: &File) -> String {
        format!("{}{}", self.folder, file.name)
    }
}

/// Whether a reference is one to this field, or to the whole data source that has it.
pub(super) fn reads(reference: &hcl::Reference, field: Field) -> bool {
    let attribute = reference.part(3);
    reference.part(0) == "data"
        && reference.part(1) == field.data_source()
        && (attribute.is_empty() || field.attributes().contains(&attribute))
}

/// `module.m["k"].module.n.terraform_data.x[0]` without its keys, in parts: the module's key, the type, the name.
pub(super) fn parts(block: &str) -> Option<(String, &str, &str)> {
    let (mut modules, mut rest) = (Vec::new(), block);
    while let Some(inner) = rest.strip_prefix("module.") {
        let (name, after) = inner.split_once('.')?;
        modules.push(name);
        rest = after;
    }
    let (kind, name) = rest.split_once('.')?;
    Some((modules.join("."), kind, name))
}
