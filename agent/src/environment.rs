//! Where scripts run, and which variables they see.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use crate::{AgentConfig, protocol::Manifest};

/// Folder and variables of every process of one round.
pub struct Surroundings {
    pub directory: PathBuf,
    pub variables: BTreeMap<String, String>,
}

impl Surroundings {
    /// The agent's own environment is inherited; this comes on top of it, the template's variables last.
    pub fn new(config: &AgentConfig, manifest: &Manifest) -> Self {
        let mut variables: BTreeMap<_, _> = [
            ("CODER", "true"),
            ("CODER_AGENT_NAME", &manifest.agent_name),
            ("CODER_AGENT_TOKEN", &config.token),
            ("CODER_AGENT_URL", &config.url),
            ("CODER_WORKSPACE_ID", &manifest.workspace_id.to_string()),
            ("CODER_WORKSPACE_NAME", &manifest.workspace_name),
            ("CODER_WORKSPACE_OWNER_EMAIL", &manifest.owner_email),
            ("CODER_WORKSPACE_OWNER_NAME", &manifest.owner_username),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let known = variables.clone();
        let look_up =
            |name: &str| known.get(name).cloned().or_else(|| env::var(name).ok()).unwrap_or_default();
        let added = manifest.environment.iter().map(|(name, value)| (name.clone(), expand(value, look_up)));
        variables.extend(added);
        let directory = expand(&manifest.directory, look_up);
        Self { directory: existing(&directory, &look_up("HOME")), variables }
    }
}

/// The folder may be one that the start script is yet to make: scripts then run at home.
fn existing(directory: &str, home: &str) -> PathBuf {
    let here = PathBuf::from(".");
    if directory.is_empty() {
        return here;
    }
    let wanted = match directory.strip_prefix('~') {
        Some(rest) => Path::new(home).join(rest.trim_start_matches('/')),
        None => PathBuf::from(directory),
    };
    [wanted, PathBuf::from(home)].into_iter().find(|folder| folder.is_dir()).unwrap_or(here)
}

/// Replaces `$NAME` and `${NAME}`, so that a template can write `PATH = "$PATH:/opt/bin"`.
fn expand(text: &str, look_up: impl Fn(&str) -> String) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, tail) = name(after);
        match name {
            Some(name) => expanded.push_str(&look_up(name)),
            None => expanded.push('$'),
        }
        rest = tail;
    }
    expanded + rest
}

/// The name at the start of `text`, and what follows it.
fn name(text: &str) -> (Option<&str>, &str) {
    let end =
        |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    if let Some(inner) = text.strip_prefix('{') {
        return match inner.split_once('}') {
            Some((name, tail)) if !name.is_empty() && end(name) == name.len() => (Some(name), tail),
            _ => (None, text),
        };
    }
    match end(text) {
        0 => (None, text),
        end => (Some(&text[..end]), &text[end..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_and_everything_else_stays() {
        let look_up = |name: &str| format!("<{name}>");
        for (text, expected) in [
            ("$PATH:/opt/bin", "<PATH>:/opt/bin"),
            ("${HOME}/x", "<HOME>/x"),
            ("a$B_1.c", "a<B_1>.c"),
            ("5$ and $", "5$ and $"),
            ("${not closed", "${not closed"),
            ("${a b}", "${a b}"),
            ("", ""),
        ] {
            assert_eq!(expand(text, look_up), expected);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_replaced_by_home() {
        let home = env::temp_dir();
        let home = home.to_str().unwrap();
        assert_eq!(existing("/no/such/folder", home), PathBuf::from(home));
        assert_eq!(existing("~", home), Path::new(home).join(""));
        assert_eq!(existing("", home), PathBuf::from("."));
    }
}
