//! What depends on what, from `terraform graph -type=plan`: it sees through locals, variables and modules.

use std::collections::{BTreeMap, BTreeSet};

/// Nodes by their names in the graph.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Node to the address of its resource or data source, for the nodes that are one.
    addresses: BTreeMap<String, String>,
    edges: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// Reads the text. Lines that are neither a node nor an edge are passed over.
    pub fn read(dot: &str) -> Self {
        let mut graph = Self::default();
        for line in dot.lines() {
            let Some((from, rest)) = quoted(line.trim_start()) else { continue };
            if let Some((to, _)) = rest.strip_prefix(" -> ").and_then(quoted) {
                graph.edges.entry(from).or_default().push(to);
            } else if let Some((label, rest)) = rest.strip_prefix(" [label = ").and_then(quoted)
                && rest.contains("shape = \"box\"")
            {
                graph.addresses.insert(from, label);
            }
        }
        graph
    }

    /// The addresses (without keys) of all resources and data sources of this type, in all modules.
    pub fn of_type(&self, kind: &str) -> Vec<&str> {
        let addresses = self.addresses.values().map(String::as_str);
        addresses.filter(|address| kind == type_of(address)).collect()
    }

    /// The addresses of all managed resources on which this one depends, directly or not.
    pub fn resources_below(&self, address: &str) -> BTreeSet<&str> {
        let below = self.below(address).into_iter();
        below.filter(|below| is_managed(below) && *below != address).collect()
    }

    /// The types of all data sources on which this address depends, directly or not.
    pub fn data_types_below(&self, address: &str) -> BTreeSet<&str> {
        self.below(address).into_iter().filter_map(|below| type_of(below).strip_prefix("data.")).collect()
    }

    fn below(&self, address: &str) -> BTreeSet<&str> {
        let starts = self.addresses.iter().filter(|(_, it)| *it == address).map(|(node, _)| node.as_str());
        let (mut waiting, mut seen) = (Vec::from_iter(starts), BTreeSet::new());
        while let Some(node) = waiting.pop() {
            let next = self.edges.get(node).into_iter().flatten().map(String::as_str);
            waiting.extend(next.filter(|next| seen.insert(*next)));
        }
        seen.into_iter().filter_map(|node| self.addresses.get(node)).map(String::as_str).collect()
    }
}

/// The text in quotes at the start of the line, and what follows them.
fn quoted(line: &str) -> Option<(String, &str)> {
    let mut letters = line.strip_prefix('"')?.char_indices();
    let mut text = String::new();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((text, &line[at + 2..])),
            '\\' => text.push(letters.next()?.1),
            other => text.push(other),
        }
    }
    None
}

/// What is left of an address without its modules: `data.TYPE.NAME` or `TYPE.NAME`.
fn without_modules(mut address: &str) -> &str {
    while let Some(rest) = address.strip_prefix("module.") {
        address = rest.split_once('.').map_or("", |(_, rest)| rest);
    }
    address
}

fn type_of(address: &str) -> &str {
    let address = without_modules(address);
    address.rsplit_once('.').map_or("", |(kind, _)| kind)
}

fn is_managed(address: &str) -> bool {
    let address = without_modules(address);
    !address.starts_with("data.") && !address.starts_with("ephemeral.")
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    const DOT: &str = r#"digraph {
	compound = "true"
	subgraph "root" {
		"[root] data.coder_workspace_preset.p (expand)" [label = "data.coder_workspace_preset.p", shape = "box"]
		"[root] module.m.data.coder_parameter.inner (expand)" [label = "module.m.data.coder_parameter.inner", shape = "box"]
		"[root] provider[\"x/coder\"]" [label = "provider[\"x/coder\"]", shape = "diamond"]
		"[root] terraform_data.x (expand)" [label = "terraform_data.x", shape = "box"]
		"[root] var.a" [label = "var.a", shape = "note"]
		"[root] data.coder_workspace_preset.p (expand)" -> "[root] local.dep (expand)"
		"[root] data.coder_workspace_preset.p (expand)" -> "[root] provider[\"x/coder\"]"
		"[root] local.dep (expand)" -> "[root] terraform_data.x (expand)"
		"[root] terraform_data.x (expand)" -> "[root] var.a"
	}
}
"#;

    #[test]
    fn dependencies_are_followed_through_locals() {
        let graph = Graph::read(DOT);
        assert_eq!(graph.of_type("data.coder_workspace_preset"), ["data.coder_workspace_preset.p"]);
        assert_eq!(graph.of_type("data.coder_parameter"), ["module.m.data.coder_parameter.inner"]);
        let below = graph.resources_below("data.coder_workspace_preset.p");
        assert_eq!(Vec::from_iter(below), ["terraform_data.x"]);
        assert!(graph.data_types_below("data.coder_workspace_preset.p").is_empty());
        assert!(graph.resources_below("module.m.data.coder_parameter.inner").is_empty());
    }
}
