//! Which passwords are taken, and Argon2id.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};

use crate::error::{Error, Result};

const SHORTEST: usize = 8;
const LONGEST: usize = 1000;
/// The ones that are tried first; one a line, in lower case.
const COMMON: &str = include_str!("common_passwords.txt");
/// Of no password: checked when nobody has the name, so that the answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$aGVhcnRoLW5vYm9keS0x$hCbAbtXBXKnt4x2JVyPpQwZwNVqx9FEVIoLuW6DWC8U";

/// Refuses what is too short, well known, or the person's own name.
pub fn check(password: &str, username: &str, email: &str) -> Result<()> {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(Error::invalid("password", format!("must have {SHORTEST} to {LONGEST} characters")));
    }
    let lower = password.to_lowercase();
    if COMMON.lines().any(|common| common == lower) {
        return Err(Error::invalid(
            "password",
            "is one of the passwords that are tried first: choose another",
        ));
    }
    if lower == username.to_lowercase() || lower == email.to_lowercase() {
        return Err(Error::invalid("password", "must not be the name or the e-mail address"));
    }
    Ok(())
}

pub fn hash(password: &str) -> Result<String> {
    match Argon2::default().hash_password(password.as_bytes()) {
        Ok(hash) => Ok(hash.to_string()),
        Err(error) => Err(Error::Internal(format!("hashing a password: {error}"))),
    }
}

pub fn fits(password: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_password_fits_and_no_other() {
        let hash = hash("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(fits("correct horse", Some(&hash)));
        assert!(!fits("correct horsf", Some(&hash)));
        assert!(!fits("correct horse", None));
        assert!(!fits("correct horse", Some("not a hash")));
    }

    #[test]
    fn checking_nobodys_password_takes_the_same_work() {
        let parsed = PasswordHash::new(NOBODY).unwrap();
        let real = hash("correct horse").unwrap();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(parsed.params, real.params);
        assert_eq!(parsed.algorithm, real.algorithm);
    }

    #[test]
    fn weak_passwords_are_refused() {
        assert!(check("long enough", "maria", "maria@example.org").is_ok());
        for weak in ["short", "Password1", "maria-maria", "x".repeat(1001).as_str()] {
            assert!(check(weak, "Maria-Maria", "maria@example.org").is_err(), "{weak}");
        }
    }
}
