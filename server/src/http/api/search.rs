//! The search syntax of `q`: `key:value` pairs and one bare term, split at spaces outside double quotes.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// What was searched for; each list takes the keys it knows and then calls [`Search::end`].
#[derive(Debug, Default)]
pub struct Search {
    bare: String,
    keys: BTreeMap<String, String>,
}

impl Search {
    pub fn parse(query: &str) -> Result<Self> {
        let mut search = Self::default();
        let mut bare = Vec::new();
        for term in terms(&query.to_lowercase()) {
            match term.split() {
                (None, word) => bare.push(word),
                (Some(key), value) => {
                    if key.is_empty() || value.is_empty() || value.contains(':') && !term.quoted {
                        return Err(refused(&key, "must be written as `key:value`"));
                    }
                    if search.keys.insert(key.clone(), value).is_some() {
                        return Err(refused(&key, "may be given only once"));
                    }
                }
            }
        }
        search.bare = bare.join(" ");
        Ok(search)
    }

    /// The terms without a key.
    pub fn bare(&self) -> Option<&str> {
        Some(self.bare.as_str()).filter(|text| !text.is_empty())
    }

    pub fn take(&mut self, key: &str) -> Option<String> {
        self.keys.remove(key)
    }

    pub fn take_bool(&mut self, key: &str) -> Result<Option<bool>> {
        let Some(value) = self.take(key) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| refused(key, "must be `true` or `false`"))
    }

    /// Refuses what nobody took.
    pub fn end(self) -> Result<()> {
        match self.keys.into_keys().next() {
            Some(key) => Err(refused(&key, "is not a key of this search")),
            None => Ok(()),
        }
    }
}

fn refused(key: &str, why: &str) -> Error {
    Error::invalid(if key.is_empty() { "q" } else { key }, why)
}

#[derive(Default)]
struct Term {
    text: String,
    /// Where the first colon outside quotes stands.
    colon: Option<usize>,
    quoted: bool,
}

impl Term {
    fn split(&self) -> (Option<String>, String) {
        match self.colon {
            Some(at) => (Some(self.text[..at].to_owned()), self.text[at + 1..].to_owned()),
            None => (None, self.text.clone()),
        }
    }
}

fn terms(query: &str) -> Vec<Term> {
    let mut terms = vec![Term::default()];
    let mut inside = false;
    for c in query.chars() {
        if c.is_whitespace() && !inside {
            terms.push(Term::default());
            continue;
        }
        let Some(term) = terms.last_mut() else { continue };
        if c == '"' {
            inside = !inside;
            term.quoted = true;
            continue;
        }
        if c == ':' && !inside && term.colon.is_none() {
            term.colon = Some(term.text.len());
        }
        term.text.push(c);
    }
    terms.retain(|term| !term.text.is_empty());
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_bare_words_may_stand_in_any_order() {
        let mut search = Search::parse(r#"Web owner:Me  template:"big one" box"#).unwrap();
        assert_eq!(search.bare(), Some("web box"));
        assert_eq!(search.take("owner").as_deref(), Some("me"));
        assert_eq!(search.take("template").as_deref(), Some("big one"));
        assert!(search.end().is_ok());
    }

    #[test]
    fn quotes_protect_spaces_and_colons() {
        let mut search = Search::parse(r#"last_used_after:"2026-01-05t09:00:00z" "a:b""#).unwrap();
        assert_eq!(search.take("last_used_after").as_deref(), Some("2026-01-05t09:00:00z"));
        assert_eq!(search.bare(), Some("a:b"));
    }

    #[test]
    fn an_empty_search_finds_everything() {
        let search = Search::parse("  ").unwrap();
        assert_eq!(search.bare(), None);
        assert!(search.end().is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        for bad in ["owner:", ":me", "a:b:c", "owner:a owner:b"] {
            assert!(Search::parse(bad).is_err(), "{bad}");
        }
        let unknown = Search::parse("colour:red").unwrap().end();
        assert!(matches!(unknown, Err(Error::Invalid(fields)) if fields[0].field == "colour"));
    }
}
