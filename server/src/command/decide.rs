//! `hearth decide`: what the reconciler would do, for a document on stdin. No server, no database.

use std::{
    io::{Read, Result, Write},
    process::ExitCode,
};

use hearth_prebuilds::document::Document;

use super::document::{self, REFUSED};

/// Reads a document and prints the decisions, or one line for each problem.
pub fn run(input: impl Read, mut output: impl Write, errors: impl Write) -> Result<ExitCode> {
    let Some(document) = document::answer(input, errors, Document::read)? else {
        return Ok(ExitCode::from(REFUSED));
    };
    serde_json::to_writer_pretty(&mut output, &document.answer())?;
    writeln!(output)?;
    Ok(ExitCode::SUCCESS)
}
