//! `hearth decide`: what the reconciler would do, for a document on stdin. No server, no database.

use std::{
    io::{Read, Write},
    process::ExitCode,
};

use hearth_prebuilds::document::{Document, Problem};
use serde_json::Value;

/// What a document with problems ends with.
pub const REFUSED: u8 = 2;

/// Reads a document and prints the decisions, or one line for each problem.
pub fn run(mut input: impl Read, output: impl Write, mut errors: impl Write) -> std::io::Result<ExitCode> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    match read(&bytes) {
        Ok(document) => {
            write(&document, output)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            for problem in problems {
                writeln!(errors, "{}", one_line(&problem.to_string()))?;
            }
            Ok(ExitCode::from(REFUSED))
        }
    }
}

/// Parses and checks a document.
pub fn read(bytes: &[u8]) -> Result<Document, Vec<Problem>> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let document: Document = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // The root's path is a dot.
        let path = if path == "." { "document".to_owned() } else { path };
        vec![Problem { path, reason: error.into_inner().to_string() }]
    })?;
    json.end().map_err(|error| vec![Problem { path: "document".to_owned(), reason: error.to_string() }])?;
    let mut problems = document.problems();
    lists_for_objects(&serde_json::from_slice(bytes).unwrap_or_default(), &document, &mut problems);
    if problems.is_empty() { Ok(document) } else { Err(problems) }
}

/// Serde reads a struct from a list of its fields as well. A document says objects where objects are meant.
fn lists_for_objects(given: &Value, document: &Document, problems: &mut Vec<Problem>) {
    fn compare(given: &Value, meant: &Value, path: &str, problems: &mut Vec<Problem>) {
        match (given, meant) {
            (Value::Array(_), Value::Object(_)) => {
                let path = if path.is_empty() { "document" } else { path }.to_owned();
                problems.push(Problem { path, reason: "a list, expected an object".to_owned() });
            }
            (Value::Array(given), Value::Array(meant)) => {
                for (position, (given, meant)) in given.iter().zip(meant).enumerate() {
                    compare(given, meant, &format!("{path}[{position}]"), problems);
                }
            }
            (Value::Object(given), Value::Object(meant)) => {
                for (key, given) in given {
                    let dot = if path.is_empty() { "" } else { "." };
                    let meant = meant.get(key).unwrap_or(&Value::Null);
                    compare(given, meant, &format!("{path}{dot}{key}"), problems);
                }
            }
            _ => {}
        }
    }
    let meant = serde_json::to_value(document).unwrap_or_default();
    compare(given, &meant, "", problems);
}

fn write(document: &Document, mut output: impl Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut output, &document.answer())?;
    writeln!(output)
}

/// A message repeats what the document says: no line break or control character of it reaches the terminal.
fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] }).collect()
}
