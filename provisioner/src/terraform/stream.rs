//! Reads what terraform says with `-json`: one JSON object a line, and at times a plain line between them.

use std::collections::{BTreeSet, VecDeque};

use serde::Deserialize;
use serde_json::Value;

use crate::{engine::LogLevel, error::Diagnostic};

/// How many of the last lines are kept for an end that nothing explains.
const TAIL: usize = 20;

/// What one command said so far.
#[derive(Clone, Default)]
pub(crate) struct Stream {
    pub diagnostics: Vec<Diagnostic>,
    pub planned: Vec<PlannedChange>,
    /// The plan is complete; an apply begins only now.
    pub has_planned: bool,
    pub totals: Totals,
    /// Resources that an apply has begun and not ended.
    pub in_flight: BTreeSet<String>,
    tail: VecDeque<String>,
}

/// A resource that the plan would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedChange {
    pub address: String,
    pub resource_type: String,
    pub module: String,
    pub key: Option<Value>,
    /// `create`, `update`, `replace`, `delete`, `read`, `move`, ...
    pub action: String,
    /// `cannot_update`, `tainted`, `delete_because_count_index`, ...
    pub reason: String,
}

impl PlannedChange {
    /// Whether something that exists goes.
    pub fn destroys(&self) -> bool {
        !matches!(self.action.as_str(), "create" | "update" | "read" | "noop" | "move" | "import")
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Totals {
    pub add: u32,
    pub change: u32,
    pub remove: u32,
}

impl Stream {
    /// Takes one line of output and returns the lines of the build log that it makes.
    pub fn line(&mut self, line: &[u8]) -> Vec<(LogLevel, String)> {
        let line = String::from_utf8_lossy(line);
        let Ok(message) = serde_json::from_str::<Message>(&line) else {
            return self.plain(&line, LogLevel::Info);
        };
        self.remember(&message.text);
        let lines = split(&message.text, message.log_level());
        match message.kind.as_str() {
            "diagnostic" => {
                return message
                    .diagnostic
                    .map(|said| self.diagnostic(said.into_diagnostic()))
                    .unwrap_or_default();
            }
            "planned_change" => self.planned.extend(message.change.and_then(Change::planned)),
            "change_summary" => {
                self.has_planned = true;
                self.totals = message.changes.unwrap_or_default();
            }
            "apply_start" if !message.only_reads() => self.in_flight.extend(message.address()),
            "apply_complete" | "apply_errored" => {
                if let Some(address) = message.address() {
                    self.in_flight.remove(&address);
                }
            }
            _ => {}
        }
        lines
    }

    /// Takes the one document that `validate` prints instead of a stream.
    pub fn document(&mut self, document: &[u8]) -> Vec<(LogLevel, String)> {
        let Ok(document) = serde_json::from_slice::<Validation>(document) else {
            return self.plain(&String::from_utf8_lossy(document), LogLevel::Info);
        };
        document.diagnostics.into_iter().flat_map(|said| self.diagnostic(said.into_diagnostic())).collect()
    }

    /// Takes one line that is not JSON.
    pub fn plain(&mut self, line: &str, level: LogLevel) -> Vec<(LogLevel, String)> {
        let line = without_colors(line);
        self.remember(&line);
        split(&line, level)
    }

    /// Keeps a diagnostic and returns the lines that it makes.
    pub fn diagnostic(&mut self, diagnostic: Diagnostic) -> Vec<(LogLevel, String)> {
        let level = if diagnostic.severity == "error" { LogLevel::Error } else { LogLevel::Warn };
        let lines = split(&rendered(&diagnostic), level);
        self.diagnostics.push(diagnostic);
        lines
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == "error")
    }

    pub fn tail(&self) -> String {
        Vec::from_iter(self.tail.iter().map(String::as_str)).join("\n")
    }

    fn remember(&mut self, line: &str) {
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line.to_owned());
    }
}

/// A diagnostic as people read it: what, where, the source, and the explanation.
fn rendered(diagnostic: &Diagnostic) -> String {
    let word = if diagnostic.severity == "error" { "Error" } else { "Warning" };
    let mut text = format!("{word}: {}\n", diagnostic.summary);
    if let Some(address) = &diagnostic.address {
        text += &format!("  with {address}\n");
    }
    if let (Some(file), Some(line)) = (&diagnostic.file, diagnostic.line) {
        text += &format!("  at {file}:{line}\n");
        for code in diagnostic.snippet.iter().flat_map(|snippet| snippet.lines()) {
            text += &format!("  | {code}\n");
        }
    }
    text + &diagnostic.detail
}

fn split(text: &str, level: LogLevel) -> Vec<(LogLevel, String)> {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.map(|line| (level, line.to_owned())).collect()
}

/// Terraform colors a few lines even with `-json`.
fn without_colors(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "@level", default)]
    level: String,
    #[serde(rename = "@message", default)]
    text: String,
    #[serde(rename = "type", default)]
    kind: String,
    diagnostic: Option<SaidDiagnostic>,
    change: Option<Change>,
    changes: Option<Totals>,
    hook: Option<Hook>,
}

impl Message {
    fn address(&self) -> Option<String> {
        self.hook.as_ref()?.resource.as_ref().map(|resource| resource.addr.clone())
    }

    fn only_reads(&self) -> bool {
        self.hook.as_ref().is_some_and(|hook| hook.action == "read")
    }

    /// What only says that the work goes on is for those who look closer.
    fn log_level(&self) -> LogLevel {
        match (self.level.as_str(), self.kind.as_str()) {
            ("error", _) => LogLevel::Error,
            ("warn", _) => LogLevel::Warn,
            ("debug" | "trace", _) => LogLevel::Debug,
            (_, "version" | "refresh_start" | "refresh_complete" | "outputs" | "state_lock_acquire") => {
                LogLevel::Debug
            }
            _ if self.only_reads() => LogLevel::Debug,
            _ => LogLevel::Info,
        }
    }
}

#[derive(Deserialize)]
struct Hook {
    resource: Option<SaidResource>,
    #[serde(default)]
    action: String,
}

#[derive(Deserialize)]
struct Change {
    resource: Option<SaidResource>,
    #[serde(default)]
    action: String,
    #[serde(default)]
    reason: String,
}

impl Change {
    fn planned(self) -> Option<PlannedChange> {
        let resource = self.resource?;
        Some(PlannedChange {
            address: resource.addr,
            resource_type: resource.resource_type,
            module: resource.module,
            key: resource.resource_key,
            action: self.action,
            reason: self.reason,
        })
    }
}

#[derive(Deserialize)]
struct SaidResource {
    addr: String,
    #[serde(default)]
    resource_type: String,
    #[serde(default)]
    module: String,
    resource_key: Option<Value>,
}

#[derive(Deserialize)]
struct Validation {
    diagnostics: Vec<SaidDiagnostic>,
}

#[derive(Deserialize)]
struct SaidDiagnostic {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    detail: String,
    address: Option<String>,
    range: Option<Range>,
    snippet: Option<Snippet>,
}

impl SaidDiagnostic {
    fn into_diagnostic(self) -> Diagnostic {
        let (file, line) = self.range.map(|range| (range.filename, range.start.line)).unzip();
        Diagnostic {
            severity: self.severity,
            summary: self.summary,
            detail: self.detail,
            address: self.address.filter(|address| !address.is_empty()),
            file,
            line,
            snippet: self.snippet.map(|snippet| snippet.code),
        }
    }
}

#[derive(Deserialize)]
struct Range {
    filename: String,
    start: Position,
}

#[derive(Deserialize)]
struct Position {
    line: u32,
}

#[derive(Deserialize)]
struct Snippet {
    code: String,
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn said(stream: &mut Stream, line: &str) -> String {
        let lines = stream.line(line.as_bytes());
        lines.iter().map(|(level, text)| format!("{level:?} {text}\n")).collect()
    }

    #[test]
    fn a_diagnostic_is_written_with_its_place_and_kept() {
        let mut stream = Stream::default();
        let text = said(
            &mut stream,
            r#"{"@level":"error","@message":"Error: Bad value","type":"diagnostic","diagnostic":{"severity":"error",
            "summary":"Bad value","detail":"It must be\n\nsmaller.","address":"terraform_data.a","range":{"filename":"main.tf",
            "start":{"line":7,"column":3,"byte":90},"end":{"line":7,"column":9,"byte":96}},
            "snippet":{"context":"resource","code":"  input = 12","start_line":7,"values":[]}}}"#,
        );
        assert_eq!(
            text,
            "Error Error: Bad value\nError   with terraform_data.a\nError   at main.tf:7\n\
             Error   |   input = 12\nError It must be\nError smaller.\n"
        );
        assert!(stream.has_errors());
        assert_eq!(stream.diagnostics[0].to_string(), "main.tf:7: Bad value: It must be\n\nsmaller.");
    }

    #[test]
    fn what_was_begun_and_not_ended_is_known() {
        let mut stream = Stream::default();
        let hook = |kind: &str, address: &str| {
            format!(
                r#"{{"@level":"info","@message":"{address}: x","type":"{kind}","hook":{{"resource":{{"addr":"{address}"}}}}}}"#
            )
        };
        for (kind, address) in [("apply_start", "a.a"), ("apply_start", "a.b"), ("apply_complete", "a.a")] {
            stream.line(hook(kind, address).as_bytes());
        }
        let read = hook("apply_start", "data.c").replace("\"hook\":{", "\"hook\":{\"action\":\"read\",");
        assert_eq!(stream.line(read.as_bytes())[0].0, LogLevel::Debug);
        assert_eq!(Vec::from_iter(&stream.in_flight), ["a.b"]);
    }

    #[test]
    fn the_plan_is_counted_and_listed() {
        let mut stream = Stream::default();
        said(
            &mut stream,
            r#"{"@level":"info","@message":"m","type":"planned_change","change":{"resource":{"addr":"terraform_data.trig",
            "resource_type":"terraform_data"},"action":"replace","reason":"cannot_update"}}"#,
        );
        said(
            &mut stream,
            r#"{"@level":"info","@message":"m","type":"change_summary","changes":{"add":6,"change":1,"import":0,"remove":7}}"#,
        );
        assert_eq!(stream.totals, Totals { add: 6, change: 1, remove: 7 });
        assert_eq!(stream.planned[0].action, "replace");
    }

    #[test]
    fn plain_lines_lose_their_colors() {
        let mut stream = Stream::default();
        assert_eq!(said(&mut stream, "\u{1b}[0m\u{1b}[32mDone\u{1b}[0m"), "Info Done\n");
        assert_eq!(said(&mut stream, "   "), "");
        assert_eq!(said(&mut stream, "\u{fffd}{broken"), "Info \u{fffd}{broken\n");
    }
}
