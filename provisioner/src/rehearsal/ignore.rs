//! Adds a path to a resource's `lifecycle { ignore_changes = [...] }`, touching nothing else of the text.
//!
//! The parser says where things stand, and the addition is put in there as text, so comments, blank lines and alignment
//! stay as people wrote them.

use std::ops::Range;

use hcl_edit::{
    Span,
    expr::{Array, Expression},
    parser::parse_body,
    structure::Block,
};

/// The new text of the file; `None` when the block is not there, or is written in a way that cannot be added to.
pub(super) fn ignore(text: &str, kind: &str, name: &str, path: &str) -> Option<String> {
    let body = parse_body(text).ok()?;
    let block = body.get_blocks("resource").find(|block| block.has_exact_labels(&[kind, name]))?;
    let edit = match block.body.get_blocks("lifecycle").next() {
        None => append(text, block, &format!("lifecycle {{\n  ignore_changes = [{path}]\n}}"))?,
        Some(lifecycle) => match lifecycle.body.get_attribute("ignore_changes").map(|it| &it.value) {
            None => append(text, lifecycle, &format!("ignore_changes = [{path}]"))?,
            Some(Expression::Array(array)) => extend(text, array, path)?,
            Some(_) => return None,
        },
    };
    let (place, addition) = edit;
    let mut changed = text.to_owned();
    changed.replace_range(place, &addition);
    parse_body(&changed).is_ok().then_some(changed)
}

type Edit = (Range<usize>, String);

/// Adds lines at the end of a block.
fn append(text: &str, block: &Block, lines: &str) -> Option<Edit> {
    let span = block.span()?;
    let close = span.start + text.get(span.clone())?.rfind('}')?;
    let outer = indentation(text, span.start);
    let indented = |line: &str| format!("{outer}  {line}\n");
    let addition = lines.lines().map(indented).collect::<String>();
    let before = text.get(..close)?.trim_end();
    let is_empty = before.ends_with('{') && before.len() <= span.end;
    let on_one_line = !text.get(span.start..close)?.contains('\n');
    if on_one_line {
        let open = span.start + text.get(span.start..close)?.find('{')? + 1;
        let inner = text.get(open..close)?.trim();
        let inner = if inner.is_empty() { String::new() } else { indented(inner) };
        return Some((open..close, format!("\n{inner}{addition}{outer}")));
    }
    // The line of the closing brace begins here.
    let place = text.get(..close)?.rfind('\n')? + 1;
    let is_block = lines.contains('{');
    let gap = if is_block && !is_empty { "\n" } else { "" };
    Some((place..place, format!("{gap}{addition}")))
}

fn extend(text: &str, array: &Array, path: &str) -> Option<Edit> {
    let span = array.span()?;
    let Some(last) = array.iter().last() else {
        return Some((span.start + 1..span.start + 1, path.to_owned()));
    };
    if array.iter().any(|it| it.to_string().trim() == path) {
        return None;
    }
    let last = last.span()?;
    let line_start = text.get(..last.start)?.rfind('\n').map_or(0, |at| at + 1);
    if !text.get(line_start..last.start)?.trim().is_empty() {
        return Some((last.end..last.end, format!(", {path}")));
    }
    // One element a line: the comment behind the last one stays with it.
    let end = text.get(last.end..span.end)?.find(['\n', ']'])? + last.end;
    let rest = text.get(last.end..end)?;
    let (comma, rest) = rest.strip_prefix(',').map_or(("", rest), |rest| (",", rest));
    Some((last.end..end, format!(",{rest}\n{}{path}{comma}", indentation(text, last.start))))
}

/// The blanks at the begin of the line on which this place is.
fn indentation(text: &str, place: usize) -> &str {
    let start = text[..place].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn changed(text: &str) -> String {
        ignore(text, "t", "x", "user_data").unwrap()
    }

    #[test]
    fn a_block_gets_a_lifecycle_after_its_other_lines() {
        let before = "# top\nresource \"t\" \"x\" {\n  a   = 1 # why\n\n  b {\n  }\n} # end\n\nresource \"t\" \"y\" {}\n";
        let after = "# top\nresource \"t\" \"x\" {\n  a   = 1 # why\n\n  b {\n  }\n\n  lifecycle {\n    ignore_changes = [user_data]\n  }\n} # end\n\nresource \"t\" \"y\" {}\n";
        assert_eq!(changed(before), after);
    }

    #[test]
    fn a_block_on_one_line_is_opened() {
        assert_eq!(
            changed("resource \"t\" \"x\" {}\n"),
            "resource \"t\" \"x\" {\n  lifecycle {\n    ignore_changes = [user_data]\n  }\n}\n"
        );
        assert_eq!(
            changed("resource \"t\" \"x\" { a = 1 }"),
            "resource \"t\" \"x\" {\n  a = 1\n  lifecycle {\n    ignore_changes = [user_data]\n  }\n}"
        );
    }

    #[test]
    fn a_lifecycle_that_is_there_is_extended() {
        let with = |inner: &str| format!("resource \"t\" \"x\" {{\n  {inner}\n}}\n");
        for (before, after) in [
            ("lifecycle { ignore_changes = [] }", "lifecycle { ignore_changes = [user_data] }"),
            ("lifecycle { ignore_changes = [a] }", "lifecycle { ignore_changes = [a, user_data] }"),
            (
                "lifecycle {\n    ignore_changes = [\n      a, # one\n      b, # two\n    ]\n  }",
                "lifecycle {\n    ignore_changes = [\n      a, # one\n      b, # two\n      user_data,\n    ]\n  }",
            ),
            (
                "lifecycle {\n    create_before_destroy = true\n  }",
                "lifecycle {\n    create_before_destroy = true\n    ignore_changes = [user_data]\n  }",
            ),
            (
                "lifecycle { create_before_destroy = true }",
                "lifecycle {\n    create_before_destroy = true\n    ignore_changes = [user_data]\n  }",
            ),
        ] {
            assert_eq!(changed(&with(before)), with(after));
        }
    }

    #[test]
    fn what_cannot_be_added_to_is_left() {
        assert_eq!(ignore("resource \"t\" \"y\" {}", "t", "x", "a"), None);
        assert_eq!(
            ignore("resource \"t\" \"x\" {\n  lifecycle { ignore_changes = all }\n}", "t", "x", "a"),
            None
        );
        assert_eq!(
            ignore("resource \"t\" \"x\" {\n  lifecycle { ignore_changes = [a] }\n}", "t", "x", "a"),
            None
        );
    }
}
