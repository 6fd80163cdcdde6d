//! Template sources as archives: good ones, and ones that nobody should trust.

use std::io::{Cursor, Write};

use tar::{Builder, EntryType, Header};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A zip of these files.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An archive of these files.
pub fn of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap()
}

const PARAMETER: &str = r#"
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "region" {
  name    = "region"
  type    = "string"
  default = "eu"
}
"#;

/// A preset named `small` with one prebuild and this schedule; a workspace is one `terraform_data`.
pub fn with_pool(timezone: &str, cron: &str) -> Vec<u8> {
    let rest = format!(
        r#"
data "coder_workspace_preset" "small" {{
  name       = "small"
  parameters = {{ region = "eu" }}
  prebuilds {{
    instances = 1
    scheduling {{
      timezone = "{timezone}"
      schedule {{
        cron      = "{cron}"
        instances = 2
      }}
    }}
  }}
}}

resource "terraform_data" "box" {{
  input = data.coder_workspace.me.id
}}
"#
    );
    of(&[("main.tf", &format!("{PARAMETER}{rest}"))])
}

/// Without presets; a workspace is one `terraform_data`.
pub fn plain() -> Vec<u8> {
    let rest = r#"
resource "terraform_data" "box" {
  input = data.coder_workspace.me.name
}
"#;
    of(&[("main.tf", &format!("{PARAMETER}{rest}"))])
}

/// A pool whose preset leaves a parameter open that has no default.
pub fn without_default() -> Vec<u8> {
    let parameter = PARAMETER.replace("  default = \"eu\"\n", "");
    let rest = r#"
data "coder_workspace_preset" "small" {
  name       = "small"
  parameters = {}
  prebuilds {
    instances = 1
  }
}
"#;
    of(&[("main.tf", &format!("{parameter}{rest}"))])
}

/// Archives that try to write elsewhere, each with a word of the answer.
pub fn evil_archives() -> Vec<(Vec<u8>, &'static str)> {
    vec![
        (entry("../../../../tmp/hearth-evil", EntryType::Regular, None), ".."),
        (entry("/tmp/hearth-evil", EntryType::Regular, None), "absolute"),
        (entry("link", EntryType::Symlink, Some("/tmp")), "link"),
        (entry("hard", EntryType::Link, Some("/etc/passwd")), "link"),
    ]
}

/// One entry whose name is written as it is: the library refuses to make such archives.
fn entry(name: &str, kind: EntryType, target: Option<&str>) -> Vec<u8> {
    let mut header = Header::new_old();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    if let Some(target) = target {
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
    }
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_mode(0o644);
    header.set_cksum();
    let mut tar = Builder::new(Vec::new());
    tar.append(&header, std::io::empty()).unwrap();
    tar.into_inner().unwrap()
}
