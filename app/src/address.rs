//! Addresses of pages: paths and query strings, escaped in one place.

use hearth_prebuilds::ids::CauseId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the marks that need no escape in any part of an address (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// As one part of a path or a query.
pub fn escape(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A path with a query; empty values are left out, a value set twice counts as set last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Query {
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), pairs: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.pairs.retain(|(before, _)| before != key);
        if !value.is_empty() {
            self.pairs.push((key.to_owned(), value.to_owned()));
        }
        self
    }

    /// The same query of another address.
    #[must_use]
    pub fn at(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    pub fn href(&self) -> String {
        let pairs: Vec<_> =
            self.pairs.iter().map(|(key, value)| format!("{key}={}", escape(value))).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }
}

/// An address, which may have a query, with one more part of it.
pub fn and(address: &str, key: &str, value: &str) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{key}={}", escape(value))
}

/// The page of a preset.
pub fn preset(template: &str, preset: &str) -> String {
    format!("/presets/{}/{}", escape(template), escape(preset))
}

/// The page of a cause of drift.
pub fn cause(id: CauseId) -> String {
    format!("/drift/{id}")
}

/// The page of a template.
pub fn template(name: &str) -> String {
    format!("/templates/{}", escape(name))
}

/// Its versions.
pub fn versions(template_name: &str) -> String {
    format!("{}?tab=versions", template(template_name))
}

/// The page of a version.
pub fn version(template_name: &str, version: &str) -> String {
    format!("{}/versions/{}", template(template_name), escape(version))
}

/// Where sources are uploaded.
pub fn new_template() -> Query {
    Query::new("/templates/new")
}

/// A path of this server to go on to after logging in; anything else becomes the overview.
pub fn safe_next(next: &str) -> &str {
    let mut characters = next.chars();
    let local = characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    if local && next.chars().all(|c| c.is_ascii_graphic()) { next } else { "/" }
}

/// An address that a template may link to; no script hides in it.
pub fn web_link(url: &str) -> Option<&str> {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_gone_on_to() {
        for good in ["/", "/drift?status=open", "/presets/web/large"] {
            assert_eq!(safe_next(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\nb",
            "/\tx",
        ] {
            assert_eq!(safe_next(bad), "/");
        }
    }

    #[test]
    fn a_query_leaves_out_what_is_empty() {
        let query =
            Query::new("/").with("q", "a b&c").with("state", "").with("sort", "name").with("sort", "ready");
        assert_eq!(query.href(), "/?q=a%20b%26c&sort=ready");
        assert_eq!(Query::new("/drift").with("status", "").href(), "/drift");
    }

    #[test]
    fn a_template_links_only_to_the_web() {
        assert_eq!(web_link("HTTPS://x.example"), Some("HTTPS://x.example"));
        for bad in ["javascript:alert(1)", "data:text/html,x", "http:/", "//x.example", ""] {
            assert_eq!(web_link(bad), None);
        }
    }
}
