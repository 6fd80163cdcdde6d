//! Terminal colors of log lines as spans. Everything else that a terminal would obey is dropped; the text itself is
//! escaped like any other.

/// Pieces of a line, each with the class that draws it.
pub fn pieces(line: &str) -> Vec<(&'static str, String)> {
    let mut pieces: Vec<(&'static str, String)> = Vec::new();
    let mut class = "";
    let mut rest = line;
    while let Some(at) = rest.find('\u{1b}') {
        push(&mut pieces, class, &rest[..at]);
        let (codes, after) = sequence(&rest[at + 1..]);
        if let Some(codes) = codes {
            class = apply(class, codes);
        }
        rest = after;
    }
    push(&mut pieces, class, rest);
    pieces
}

fn push(pieces: &mut Vec<(&'static str, String)>, class: &'static str, text: &str) {
    let text: String = text.chars().filter(|c| !c.is_control() || *c == '\t').collect();
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some((before, all)) if *before == class => all.push_str(&text),
        _ => pieces.push((class, text)),
    }
}

/// What follows an escape: the codes of `[..m`, or nothing for any other sequence; and what comes after it.
fn sequence(after_escape: &str) -> (Option<&str>, &str) {
    if let Some(title) = after_escape.strip_prefix(']') {
        let end = title.find(['\u{7}', '\u{1b}']).unwrap_or(title.len());
        return (None, &title[end..]);
    }
    // The choice of a character set names it in one more character.
    if let Some(set) = after_escape.strip_prefix(['(', ')']) {
        return (None, set.strip_prefix(|c: char| c.is_ascii()).unwrap_or(set));
    }
    let Some(inside) = after_escape.strip_prefix('[') else {
        return (None, after_escape.strip_prefix(|c: char| c.is_ascii()).unwrap_or(after_escape));
    };
    match inside.find(|c: char| ('@'..='~').contains(&c)) {
        Some(end) if inside[end..].starts_with('m') => (Some(&inside[..end]), &inside[end + 1..]),
        Some(end) => (None, &inside[end + 1..]),
        None => (None, ""),
    }
}

fn apply(class: &'static str, codes: &str) -> &'static str {
    codes.split(';').fold(class, |class, code| match code {
        "" | "0" | "39" => "",
        "1" if class.is_empty() => "bold",
        "31" | "91" => "red",
        "32" | "92" => "green",
        "33" | "93" => "yellow",
        "34" | "94" | "36" | "96" => "blue",
        "2" | "90" => "faint",
        _ => class,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Vec<(&'static str, String)> {
        pieces(line)
    }

    fn piece(class: &'static str, text: &str) -> (&'static str, String) {
        (class, text.to_owned())
    }

    #[test]
    fn colors_become_classes_and_end_at_the_reset() {
        assert_eq!(
            of("\u{1b}[1m\u{1b}[32mApply complete!\u{1b}[0m Done"),
            [piece("green", "Apply complete!"), piece("", " Done")]
        );
        assert_eq!(of("\u{1b}[1;31mError\u{1b}[m"), [piece("red", "Error")]);
    }

    #[test]
    fn nothing_else_of_a_terminal_survives() {
        assert_eq!(of("a\u{1b}[2Jb\u{1b}[10;10Hc\rd\u{7}"), [piece("", "abcd")]);
        assert_eq!(of("cut short \u{1b}["), [piece("", "cut short ")]);
        assert_eq!(of("a\u{1b}]0;title\u{7}b\u{1b}(Bc"), [piece("", "abc")]);
        assert_eq!(of("\u{1b}"), []);
        assert_eq!(of("\u{1b}é"), [piece("", "é")]);
    }
}
