//! Patterns for `LIKE ... ESCAPE '!'`: what people type stands for itself.

/// Matches this text alone.
pub fn literally(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// Matches these words in this order, with anything between them; for what is in lower case.
pub fn words(text: &str) -> String {
    let words: Vec<String> = text.to_lowercase().split_whitespace().map(literally).collect();
    words.join("%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_patterns_stand_for_themselves() {
        assert_eq!(literally("100%_!"), "100!%!_!!");
        assert_eq!(words(" My  we_b "), "my%we!_b");
    }
}
