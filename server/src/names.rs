//! What people may call things.

use crate::error::{Error, Result};

const NAME_LENGTH: usize = 32;
const VERSION_LENGTH: usize = 64;

/// Users, templates, workspaces: letters and digits with single hyphens between; not a word that an address needs.
pub fn check(field: &str, name: &str) -> Result<()> {
    if name.is_empty() || name.len() > NAME_LENGTH {
        return Err(Error::invalid(field, format!("must have 1 to {NAME_LENGTH} characters")));
    }
    if !name.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Err(Error::invalid(field, "may have letters and digits, with single hyphens between"));
    }
    if matches!(name.to_ascii_lowercase().as_str(), "new" | "create") {
        return Err(Error::invalid(field, format!("`{name}` is a reserved word")));
    }
    Ok(())
}

/// Versions of a template: `_` and `.` too.
pub fn check_version(field: &str, name: &str) -> Result<()> {
    if name.is_empty() || name.len() > VERSION_LENGTH {
        return Err(Error::invalid(field, format!("must have 1 to {VERSION_LENGTH} characters")));
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if !name.bytes().all(allowed) || !name.as_bytes()[0].is_ascii_alphanumeric() {
        return Err(Error::invalid(
            field,
            "may have letters, digits, `-`, `_` and `.`, and begins with a letter or digit",
        ));
    }
    Ok(())
}

/// Enough to catch a slip; only a message that arrives proves an address.
pub fn check_email(field: &str, email: &str) -> Result<()> {
    let well_formed = email.len() <= 254
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
        && email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if well_formed { Ok(()) } else { Err(Error::invalid(field, "must be an e-mail address")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_and_digits_with_single_hyphens_between() {
        for good in ["a", "Maria-2", "x".repeat(32).as_str()] {
            assert!(check("name", good).is_ok(), "{good}");
        }
        for bad in
            ["", "-a", "a-", "a--b", "a_b", "ä", "a b", "../x", "new", "Create", "x".repeat(33).as_str()]
        {
            assert!(check("name", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn versions_may_have_dots_and_underscores() {
        assert!(check_version("name", "v1.2_rc-1").is_ok());
        for bad in ["", ".hidden", "a/b", "x".repeat(65).as_str()] {
            assert!(check_version("name", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_has_a_name_and_a_host() {
        assert!(check_email("email", "maria@example.org").is_ok());
        for bad in ["", "maria", "@host", "maria@", "a@b@c", "a b@c", "a@b\n"] {
            assert!(check_email("email", bad).is_err(), "{bad}");
        }
    }
}
