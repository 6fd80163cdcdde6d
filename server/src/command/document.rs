//! Commands that answer a document on stdin: how it is read, and how its problems are told.

use std::io::{Read, Result, Write};

use hearth_prebuilds::document::Problem;

/// What a document with problems ends with.
pub const REFUSED: u8 = 2;
/// More than any document that makes sense.
const MOST_BYTES: u64 = 64 << 20;

/// Reads `input` to its end and answers it, or prints one line for each problem.
pub fn answer<A>(
    input: impl Read,
    mut errors: impl Write,
    answer: impl FnOnce(&[u8]) -> std::result::Result<A, Vec<Problem>>,
) -> Result<Option<A>> {
    let mut bytes = Vec::new();
    input.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        writeln!(errors, "document: is larger than {} MiB", MOST_BYTES >> 20)?;
        return Ok(None);
    }
    match answer(&bytes) {
        Ok(answer) => Ok(Some(answer)),
        Err(problems) => {
            for problem in problems {
                writeln!(errors, "{}", one_line(&problem.to_string()))?;
            }
            Ok(None)
        }
    }
}

/// A message repeats what the document says: no line break or control character of it reaches the terminal.
fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] }).collect()
}
