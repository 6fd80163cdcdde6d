//! What can be read from the HCL text alone: variables, places for messages, and what Hearth must refuse.
//!
//! A file that does not parse is passed over here: terraform says what is wrong with it, and better.

use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
};

use hcl_edit::{
    Span,
    expr::Expression,
    parser::parse_body,
    structure::{Block, Body},
};

use crate::{engine::Variable, error::Error, terraform::object::without_keys};

/// The top level of a template.
pub(crate) struct Source {
    files: Vec<File>,
    readme: String,
}

/// One file of a template; without a body when it is JSON or cannot be parsed.
pub(crate) struct File {
    pub name: String,
    pub text: String,
    pub body: Option<Body>,
}

impl Source {
    /// Reads all that terraform would read at the top level of the folder.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Io { what: format!("cannot read `{}`", folder.display()), source };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
        paths.sort();
        let files = paths.iter().filter_map(|path| File::read(path).transpose());
        let files: Vec<File> = files.collect::<io::Result<_>>().map_err(failed)?;
        if files.is_empty() {
            return Err(Error::NoTerraformFiles);
        }
        Ok(Self { files, readme: readme(&paths).map_err(failed)? })
    }

    pub fn readme(&self) -> &str {
        &self.readme
    }

    /// Hearth keeps the state of every workspace; a template that wants to keep it elsewhere is refused.
    pub fn check_backend(&self) -> Result<(), Error> {
        for (file, block) in self.blocks("terraform") {
            for inner in block.body.blocks() {
                let what = match (inner.ident.as_str(), inner.labels.first().map(|label| label.as_str())) {
                    ("backend", Some("http")) => continue,
                    ("backend", name) => format!("backend \"{}\"", name.unwrap_or_default()),
                    (word @ ("cloud" | "encryption"), _) => word.to_owned(),
                    _ => continue,
                };
                return Err(Error::Unsupported(format!(
                    "{}:{}: remove the block `{what}`: Hearth keeps the state of every workspace itself, encrypted",
                    file.name,
                    file.line(inner.span())
                )));
            }
        }
        Ok(())
    }

    pub fn variables(&self) -> Vec<Variable> {
        self.blocks("variable").filter_map(|(_, block)| variable(block)).collect()
    }

    /// File and line of `data "TYPE" "NAME"`, if it is at the top level.
    pub fn place_of_data(&self, address: &str) -> Option<(String, u32)> {
        let block = without_keys(address);
        let labels = Vec::from_iter(block.strip_prefix("data.")?.split('.'));
        let (file, block) = self
            .blocks("data")
            .find(|(_, block)| block.labels.iter().map(|label| label.as_str()).eq(labels.iter().copied()))?;
        Some((file.name.clone(), file.line(block.span())))
    }

    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Every block of that kind at the top level of a file.
    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        let bodies = self.files.iter().filter_map(|file| Some((file, file.body.as_ref()?)));
        bodies.flat_map(move |(file, body)| body.get_blocks(kind).map(move |block| (file, block)))
    }
}

impl File {
    /// `None` for what is no file of terraform. Files in JSON count, but nothing is read from them.
    fn read(path: &Path) -> io::Result<Option<Self>> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_hcl = [".tf", ".tofu"].iter().any(|end| name.ends_with(end));
        let is_json = [".tf.json", ".tofu.json"].iter().any(|end| name.ends_with(end));
        if !is_hcl && !is_json {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
        let body = if is_hcl { parse_body(&text).ok() } else { None };
        Ok(Some(Self { name, text, body }))
    }

    /// The line on which something stands.
    pub fn line(&self, span: Option<Range<usize>>) -> u32 {
        let before = span.and_then(|span| self.text.get(..span.start)).unwrap_or_default();
        u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
    }
}

fn readme(paths: &[PathBuf]) -> io::Result<String> {
    let is_readme = |path: &&PathBuf| {
        path.is_file() && path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("readme.md"))
    };
    let content = paths.iter().find(is_readme).map(fs::read).transpose()?;
    Ok(String::from_utf8_lossy(&content.unwrap_or_default()).into_owned())
}

fn variable(block: &Block) -> Option<Variable> {
    let value = |name: &str| block.body.get_attribute(name).map(|attribute| &attribute.value);
    Some(Variable {
        name: block.labels.first()?.as_str().to_owned(),
        description: value("description").map(written).unwrap_or_default(),
        r#type: value("type").map(written).unwrap_or_default(),
        default_value: value("default").map(written),
        sensitive: value("sensitive").and_then(Expression::as_bool).unwrap_or_default(),
    })
}

/// A string's own text; anything else as it is written; nothing for null.
fn written(value: &Expression) -> String {
    match value {
        Expression::Null(_) => String::new(),
        Expression::String(text) => text.as_str().to_owned(),
        Expression::HeredocTemplate(heredoc) => heredoc.template.to_string().trim().to_owned(),
        other => other.to_string().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn source(files: &[(&str, &str)]) -> Result<Source, Error> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Source::read(folder.path())
    }

    #[test]
    fn a_folder_without_files_of_terraform_or_opentofu_is_refused() {
        assert!(matches!(source(&[("README.md", "hi")]), Err(Error::NoTerraformFiles)));
        for name in ["a.tf", "a.tofu"] {
            let variables = source(&[(name, "variable \"region\" {}\n")]).unwrap().variables();
            assert_eq!(variables[0].name, "region", "{name}");
        }
        assert!(source(&[("a.tofu.json", "{}")]).is_ok());
        assert_eq!(source(&[("Readme.md", "hi"), ("a.tf.json", "{}")]).unwrap().readme(), "hi");
    }

    #[test]
    fn another_backend_is_refused_with_its_place() {
        let check = |inner: &str| {
            let text = format!("# first\nterraform {{\n  {inner}\n}}\n");
            source(&[("broken.tf", "x {"), ("main.tf", &text)])
                .unwrap()
                .check_backend()
                .map_err(|it| it.to_string())
        };
        assert_eq!(check("backend \"http\" {}"), Ok(()));
        assert_eq!(
            check("backend \"s3\" {}").unwrap_err(),
            "main.tf:3: remove the block `backend \"s3\"`: Hearth keeps the state of every workspace itself, encrypted"
        );
        for word in ["cloud", "encryption"] {
            let said = check(&format!("{word} {{\n  }}")).unwrap_err();
            assert!(said.starts_with(&format!("main.tf:3: remove the block `{word}`")), "{said}");
        }
    }

    #[test]
    fn variables_and_places_are_found() {
        let source = source(&[(
            "main.tf",
            r#"variable "region" {
  type        = string
  description = "Where \"it\" runs"
  default     = "eu"
  sensitive   = true
}
variable "zones" {
  type    = list(string)
  default = ["a", "b"]
}
variable "needed" {}
data "coder_parameter" "size" {
  name = "size"
}
"#,
        )])
        .unwrap();
        let variables = source.variables();
        assert_eq!(variables[0].description, "Where \"it\" runs");
        assert_eq!((variables[0].default_value.as_deref(), variables[0].sensitive), (Some("eu"), true));
        assert_eq!(variables[1].r#type, "list(string)");
        assert_eq!(variables[1].default_value.as_deref(), Some("[\"a\", \"b\"]"));
        assert_eq!(variables[2], Variable { name: "needed".to_owned(), ..Variable::default() });
        assert_eq!(source.place_of_data("data.coder_parameter.size"), Some(("main.tf".to_owned(), 12)));
        assert_eq!(source.place_of_data("module.m.data.coder_parameter.size"), None);
    }
}
