//! The way from an attribute to what it is made of, through locals, variables, modules and other resources.
//!
//! It is the shortest way through the references in the text. It explains a cause that a plan has shown already, so
//! where the text does not tell (a provider's own computation, a file in JSON) there is simply no path.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::Range,
};

use hcl_edit::{Span, structure::Block};

use super::{
    Field, Hop, Template,
    hcl::{self, Reference},
    template::{self, Module},
};
use crate::{
    import::File,
    plan::{Replacement, ReplacementKind, TakenBy},
    terraform::object::without_keys,
};

pub(crate) struct Trace<'a>(pub &'a Template);

/// Where a way may end.
#[derive(Clone, Copy)]
enum Goal<'a> {
    Fields(&'a [Field]),
    /// Other replaced resources, without their keys.
    Resources(&'a BTreeSet<String>),
    /// That the workspace is a prebuild.
    Prebuild,
}

/// A place in the template that is made of something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    module: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// One local value, or what stands under these keys in it.
    Local(String, Vec<String>),
    Variable(String),
    Output(String),
    /// An argument of a block, or all of it when the path is empty.
    Block {
        kind: &'static str,
        labels: Vec<String>,
        path: Vec<String>,
    },
}

/// What stands at a node.
struct Text<'a> {
    references: Vec<Reference>,
    /// The module in which they are meant.
    module: String,
    hop: Hop,
    file: &'a File,
    holder: &'a Module,
    /// The block whose `each` and `count` they may name.
    block: Option<Node>,
}

impl Trace<'_> {
    /// The way from what forces this replacement to one of the fields.
    pub fn to_fields(&self, replacement: &Replacement, fields: &[Field]) -> Vec<Hop> {
        self.shortest(replacement, Goal::Fields(fields)).map(|(path, _)| path).unwrap_or_default()
    }

    /// The way to another replaced resource, and which one that is.
    pub fn to_resources(
        &self,
        replacement: &Replacement,
        others: &BTreeSet<String>,
    ) -> Option<(Vec<Hop>, String)> {
        self.shortest(replacement, Goal::Resources(others))
    }

    /// Whether what takes the resource at this address away reads that the workspace is a prebuild.
    pub fn is_for_prebuilds(&self, address: &str, taken_by: TakenBy) -> bool {
        let mut starts = deciders(&without_keys(address), taken_by).into_iter();
        starts.any(|start| self.search(start, Goal::Prebuild).is_some())
    }

    fn shortest(&self, replacement: &Replacement, goal: Goal<'_>) -> Option<(Vec<Hop>, String)> {
        let ways = starts(replacement).into_iter().filter_map(|start| self.search(start, goal));
        ways.min_by_key(|(path, _)| path.len())
    }

    /// Breadth first, so the first way found is a shortest one.
    fn search(&self, start: Node, goal: Goal<'_>) -> Option<(Vec<Hop>, String)> {
        let mut seen = BTreeSet::from([start.clone()]);
        let mut waiting = VecDeque::from([(start, Vec::new())]);
        while let Some((node, mut path)) = waiting.pop_front() {
            let Some(text) = self.text(&node) else { continue };
            path.push(text.hop.clone());
            for reference in &text.references {
                if let Some(end) = reached(&text.module, reference, goal) {
                    path.push(
                        text.hop(prefixed(&text.module, &reference.parts.join(".")), reference.span.clone()),
                    );
                    return Some((path, end));
                }
                if let Some(next) = follow(&text, reference).filter(|next| seen.insert(next.clone())) {
                    waiting.push_back((next, path.clone()));
                }
            }
        }
        None
    }

    fn text(&self, node: &Node) -> Option<Text<'_>> {
        let module = self.0.module(&node.module)?;
        match &node.what {
            What::Local(name, keys) => {
                let mut blocks = module.source.blocks("locals");
                let (file, attribute) =
                    blocks.find_map(|(file, block)| Some((file, block.body.get_attribute(name)?)))?;
                let keys = Vec::from_iter(keys.iter().map(String::as_str));
                let (value, span) = hcl::descend(&attribute.value, &keys);
                let (references, span) = (hcl::in_expression(value), span.or(attribute.span()));
                Some(self.made(node, (module, file), references, span, &format!("local.{name}")))
            }
            What::Output(name) => {
                let (file, block) = module.block("output", &[name])?;
                let references = hcl::in_body(&block.body);
                Some(self.made(node, (module, file), references, block.span(), &format!("output.{name}")))
            }
            What::Variable(name) => self.argument(node, name),
            What::Block { kind, labels, path } => self.block(node, (kind, labels, path)),
        }
    }

    fn block(
        &self,
        node: &Node,
        (kind, labels, path): (&'static str, &[String], &[String]),
    ) -> Option<Text<'_>> {
        let module = self.0.module(&node.module)?;
        let words = Vec::from_iter(labels.iter().map(String::as_str));
        let (file, block) = module.block(kind, &words)?;
        let (references, span) = argument_or_all(block, path)?;
        let prefix = if kind == "resource" { String::new() } else { format!("{kind}.") };
        let name = [labels.join("."), path.join(".")].into_iter().filter(|part| !part.is_empty());
        let name = Vec::from_iter(name).join(".");
        let mut text = self.made(node, (module, file), references, span, &format!("{prefix}{name}"));
        text.block = Some(node.clone());
        Some(text)
    }

    /// What a module is given for one of its variables.
    fn argument(&self, node: &Node, name: &str) -> Option<Text<'_>> {
        let (above, call) = node.module.rsplit_once('.').unwrap_or(("", &node.module));
        let module = self.0.module(above)?;
        let (file, block) = module.block("module", &[call])?;
        let (references, span) = hcl::in_argument(block, &[name])?;
        let mut text = self.made(node, (module, file), references, span, &format!("var.{name}"));
        above.clone_into(&mut text.module);
        let what = What::Block { kind: "module", labels: vec![call.to_owned()], path: Vec::new() };
        text.block = Some(Node { module: above.to_owned(), what });
        Some(text)
    }

    fn made<'a>(
        &self,
        node: &Node,
        (holder, file): (&'a Module, &'a File),
        references: Vec<Reference>,
        span: Option<Range<usize>>,
        what: &str,
    ) -> Text<'a> {
        let hop = Hop { what: prefixed(&node.module, what), file: holder.path(file), line: file.line(span) };
        Text { references, module: node.module.clone(), hop, file, holder, block: None }
    }
}

impl Text<'_> {
    fn hop(&self, what: String, span: Option<Range<usize>>) -> Hop {
        Hop { what, file: self.holder.path(self.file), line: self.file.line(span) }
    }
}

/// Where the search begins: at each attribute that forces, or at what else decides about the resource.
fn starts(replacement: &Replacement) -> Vec<Node> {
    let block = replacement.block();
    let Some((module, kind, name)) = template::parts(&block) else { return Vec::new() };
    let at = |path: Vec<String>| Node {
        module: module.clone(),
        what: What::Block { kind: "resource", labels: vec![kind.to_owned(), name.to_owned()], path },
    };
    let forcing = replacement.forcing();
    match replacement.kind {
        ReplacementKind::Forced | ReplacementKind::Agent => {
            forcing.map(|change| at(hcl::steps(&change.path))).collect()
        }
        ReplacementKind::Triggered => vec![at(vec!["lifecycle".to_owned()])],
        ReplacementKind::Rekeyed | ReplacementKind::Deleted => {
            let all = [TakenBy::Repetition, TakenBy::Enabled, TakenBy::Module];
            all.into_iter().flat_map(|taken_by| deciders(&block, taken_by)).collect()
        }
        ReplacementKind::Tainted => Vec::new(),
    }
}

/// The arguments that decide how many there are of a block.
const REPETITION: &[&[&str]] = &[&["for_each"], &["count"]];
const ENABLED: &[&str] = &["lifecycle", "enabled"];

/// What takes a resource away, at its own block or at the modules around it.
fn deciders(block: &str, taken_by: TakenBy) -> Vec<Node> {
    let Some((module, kind, name)) = template::parts(block) else { return Vec::new() };
    let at = |module: &str, kind: &'static str, labels: &[&str], path: &[&str]| {
        let owned = |words: &[&str]| Vec::from_iter(words.iter().map(|&word| word.to_owned()));
        let what = What::Block { kind, labels: owned(labels), path: owned(path) };
        Node { module: module.to_owned(), what }
    };
    let own = |path: &&[&str]| at(&module, "resource", &[kind, name], path);
    let around = std::iter::successors(Some(module.as_str()), |key| Some(key.rsplit_once('.')?.0));
    let calls = around.filter(|key| !key.is_empty()).flat_map(|key| {
        let (above, call) = key.rsplit_once('.').unwrap_or(("", key));
        REPETITION.iter().chain([&ENABLED]).map(move |path| at(above, "module", &[call], path))
    });
    match taken_by {
        TakenBy::Repetition => REPETITION.iter().map(own).collect(),
        TakenBy::Enabled => vec![own(&ENABLED)],
        TakenBy::Module => calls.collect(),
    }
}

/// Of an argument that the text does not have, the provider makes the value, out of everything; but never how many
/// there are.
fn argument_or_all(block: &Block, path: &[String]) -> Option<(Vec<Reference>, Option<Range<usize>>)> {
    let path = Vec::from_iter(path.iter().map(String::as_str));
    match path[..] {
        ["for_each" | "count"] => hcl::in_argument(block, &path),
        ["lifecycle", "enabled"] => {
            block.body.get_blocks("lifecycle").find_map(|lifecycle| hcl::in_argument(lifecycle, &["enabled"]))
        }
        _ => hcl::in_argument(block, &path).or_else(|| Some((hcl::in_body(&block.body), block.span()))),
    }
}

fn reached(module: &str, reference: &Reference, goal: Goal<'_>) -> Option<String> {
    match goal {
        Goal::Fields(fields) => {
            let found = fields.iter().any(|field| template::reads(reference, *field));
            found.then(|| reference.parts.join("."))
        }
        Goal::Resources(others) => {
            let block = prefixed(module, &format!("{}.{}", reference.part(0), reference.part(1)));
            others.contains(&block).then_some(block)
        }
        Goal::Prebuild => template::reads(reference, Field::Prebuild).then(String::new),
    }
}

fn follow(text: &Text<'_>, reference: &Reference) -> Option<Node> {
    let name = reference.part(1).to_owned();
    if name.is_empty() {
        return None;
    }
    let block = |kind, labels: &[&str], rest: usize| What::Block {
        kind,
        labels: labels.iter().map(|&label| label.to_owned()).collect(),
        path: reference.parts.iter().skip(rest).cloned().collect(),
    };
    let mut module = text.module.clone();
    let what = match reference.part(0) {
        "local" => What::Local(name, reference.parts.iter().skip(2).cloned().collect()),
        "var" => What::Variable(name),
        "module" => {
            module = if module.is_empty() { name } else { format!("{module}.{name}") };
            What::Output(reference.part(2).to_owned())
        }
        "data" => block("data", &[reference.part(1), reference.part(2)], 3),
        "each" | "count" => return repetition(text, reference.part(0)),
        "self" | "path" | "terraform" => return None,
        kind => block("resource", &[kind, &name], 2),
    };
    Some(Node { module, what })
}

fn repetition(text: &Text<'_>, word: &str) -> Option<Node> {
    let Node { module, what: What::Block { kind, labels, .. } } = text.block.clone()? else { return None };
    let argument = if word == "each" { "for_each" } else { "count" };
    Some(Node { module, what: What::Block { kind, labels, path: vec![argument.to_owned()] } })
}

/// `m.n` and `local.x` make `module.m.module.n.local.x`.
fn prefixed(module: &str, what: &str) -> String {
    let modules = module.split('.').filter(|name| !name.is_empty());
    modules.map(|name| format!("module.{name}.")).collect::<String>() + what
}
