//! How a search matches: every word that was typed is a part of the text, whatever the case of the letters.

/// The words of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    pub fn of(typed: &str) -> Self {
        Self(typed.to_lowercase().split_whitespace().map(str::to_owned).collect())
    }

    /// Nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether each of them is a part of this text.
    pub fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().all(|word| text.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_a_part_of_the_text_whatever_its_case() {
        assert!(Words::of(" LARGE  web ").are_in("web / large"));
        assert!(Words::of("grün").are_in("GRÜN"));
        assert!(!Words::of("web small").are_in("web / large"));
        assert!(!Words::of("%").are_in("web"));
        assert!(Words::of("  ").is_empty());
    }
}
