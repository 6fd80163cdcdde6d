//! The narrowest change of the template's text that could help, made wider step by step.
//!
//! Which form of a path terraform accepts depends on the type of the attribute, which only the provider knows: a key of
//! an object is written `tags.owner`, one of a map `tags["owner"]`, and a member of a set cannot be named at all. So
//! the forms are tried in this order, and the proof says which one works.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use super::{
    Fix,
    ignore::ignore,
    template::{self, Template},
};
use crate::plan::Replacement;

const CONTEXT_LINES: usize = 3;

pub(crate) struct Patch<'a> {
    template: &'a Template,
    /// By resource block.
    wanted: BTreeMap<String, Wanted>,
}

struct Wanted {
    paths: Vec<String>,
    width: Width,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Exact,
    /// The last step as a key of a map.
    MapKey,
    /// The attribute as a whole.
    Whole,
}

/// A changed file: its text before and after.
type Changed = BTreeMap<String, (String, String)>;

impl<'a> Patch<'a> {
    /// For replacements that a patch can help.
    pub fn new<'r>(template: &'a Template, replacements: impl Iterator<Item = &'r Replacement>) -> Self {
        let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
        for replacement in replacements {
            let of_block = wanted
                .entry(replacement.block())
                .or_insert(Wanted { paths: Vec::new(), width: Width::Exact });
            let forcing = replacement.forcing();
            of_block.paths.extend(forcing.map(|change| change.path.clone()));
        }
        Self { template, wanted }
    }

    /// The changed files, by their place in the template; empty when nothing can be changed.
    pub fn files(&self) -> Changed {
        let mut changed = Changed::new();
        for (block, wanted) in &self.wanted {
            self.change(block, wanted, &mut changed);
        }
        changed.retain(|_, (before, after)| before != after);
        changed
    }

    fn change(&self, block: &str, wanted: &Wanted, changed: &mut Changed) -> Option<()> {
        let (module, kind, name) = template::parts(block)?;
        let module = self.template.module(&module)?;
        let (file, _) = module.block("resource", &[kind, name])?;
        let place = module.path(file);
        let (_, text) = changed.entry(place).or_insert_with(|| (file.text.clone(), file.text.clone()));
        for path in wanted.written() {
            if let Some(after) = ignore(text, kind, name, &path) {
                *text = after;
            }
        }
        Some(())
    }

    /// Takes the next wider form for these blocks, or for all. False: there is none.
    pub fn widen(&mut self, left: Option<&BTreeSet<String>>) -> bool {
        let mut widened = false;
        for (block, wanted) in &mut self.wanted {
            if left.is_none_or(|left| left.contains(block)) {
                widened |= wanted.widen();
            }
        }
        widened
    }

    pub fn fix(&self, files: Changed, proved: bool, left: Vec<String>) -> Fix {
        let diff = files.iter().map(|(place, (before, after))| {
            let diff = TextDiff::from_lines(before, after);
            let (old, new) = (format!("a/{place}"), format!("b/{place}"));
            diff.unified_diff().context_radius(CONTEXT_LINES).header(&old, &new).to_string()
        });
        Fix {
            diff: diff.collect(),
            proved,
            left,
            trade_off: self.trade_off(),
            files: files.into_iter().map(|(place, (_, after))| (place, after)).collect(),
        }
    }

    fn trade_off(&self) -> String {
        let ignored = self.wanted.iter().map(|(block, it)| format!("{} of {block}", it.written().join(", ")));
        format!(
            "A resource that exists keeps the value it was made with: later changes of {} take effect only on new \
             workspaces, whoever makes them. So a claimed workspace keeps what it got in the pool.",
            Vec::from_iter(ignored).join("; ")
        )
    }
}

impl Wanted {
    fn written(&self) -> Vec<String> {
        let mut written = Vec::new();
        for path in &self.paths {
            let form = self.width.of(path);
            if !written.contains(&form) {
                written.push(form);
            }
        }
        written
    }

    fn widen(&mut self) -> bool {
        let before = self.written();
        while self.width != Width::Whole {
            self.width = if self.width == Width::Exact { Width::MapKey } else { Width::Whole };
            if self.written() != before {
                return true;
            }
        }
        false
    }
}

impl Width {
    fn of(self, path: &str) -> String {
        match self {
            Self::Exact => path.to_owned(),
            Self::MapKey => match path.rsplit_once('.') {
                Some((above, key)) if !key.contains([']', '"']) => format!("{above}[\"{key}\"]"),
                _ => path.to_owned(),
            },
            Self::Whole => path.split(['.', '[']).next().unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn forms(path: &str) -> Vec<Vec<String>> {
        let mut wanted = Wanted { paths: vec![path.to_owned()], width: Width::Exact };
        let mut forms = vec![wanted.written()];
        while wanted.widen() {
            forms.push(wanted.written());
        }
        forms
    }

    #[test]
    fn a_path_is_widened_until_it_is_the_whole_attribute() {
        assert_eq!(forms("user_data"), [["user_data"]]);
        assert_eq!(forms("env[0]"), [["env[0]"], ["env"]]);
        assert_eq!(forms("tags.owner"), [["tags.owner"], ["tags[\"owner\"]"], ["tags"]]);
        assert_eq!(forms("tags[\"a.b\"]"), [["tags[\"a.b\"]"], ["tags"]]);
    }
}
