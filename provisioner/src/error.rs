//! What can go wrong while Terraform runs.

use serde::{Deserialize, Serialize};

/// Why an import or a build ended without success.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("neither `terraform` nor `tofu` was found: install one, or set HEARTH_TERRAFORM to its path")]
    TerraformNotFound,
    #[error("`{path}` is not a usable terraform: {reason}")]
    TerraformUnusable { path: String, reason: String },
    /// Terraform's own words; never empty.
    #[error("{}", first_line(.0))]
    Diagnostics(Vec<Diagnostic>),
    #[error("the template has no .tf file at its top level")]
    NoTerraformFiles,
    /// The template asks for something that Hearth cannot do; says what and where.
    #[error("{0}")]
    Unsupported(String),
    #[error("{step} took longer than {seconds} s and was cancelled")]
    TimedOut { step: &'static str, seconds: u64 },
    #[error("the build was cancelled")]
    Cancelled,
    /// The observer refused to go on after the plan.
    #[error("{0}")]
    Refused(String),
    #[error("{step} ended with {status} and said nothing Hearth understands: {output}")]
    Unexpected { step: &'static str, status: String, output: String },
    /// A deletion that ended well and yet left something in the state.
    #[error("after the deletion these are still in the state: {}", .0.join(", "))]
    LeftOver(Vec<String>),
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
}

/// One of Terraform's diagnostics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub severity: String,
    pub summary: String,
    pub detail: String,
    pub address: Option<String>,
    pub file: Option<String>,
    pub line: Option<u32>,
    /// The source line, as Terraform quotes it.
    pub snippet: Option<String>,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let (Some(file), Some(line)) = (&self.file, self.line) {
            write!(f, "{file}:{line}: ")?;
        }
        write!(f, "{}", self.summary)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

fn first_line(diagnostics: &[Diagnostic]) -> String {
    let first = diagnostics.iter().find(|d| d.severity == "error").or(diagnostics.first());
    first.map_or_else(|| "Terraform failed without a diagnostic".to_owned(), ToString::to_string)
}
