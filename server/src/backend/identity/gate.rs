//! What guards the door, held in memory: the set-up code, and how often somebody may try.
//!
//! Tries are counted for (address, name) and for the address alone; the count is forgotten after a while, or at a
//! success. Hashing a password takes memory on purpose, so only a few are hashed at a time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use rand::seq::IndexedRandom;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use super::password;
use crate::error::{Error, Result};

/// No letters or digits that look alike.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const WINDOW: TimeDelta = TimeDelta::minutes(5);
const TRIES_PER_NAME: u32 = 5;
const TRIES_PER_ADDRESS: u32 = 50;
/// Above this many counts the ones that ended are dropped.
const MOST_COUNTS: usize = 10_000;
const HASHES_AT_ONCE: usize = 2;

pub struct Gate {
    code: Mutex<Option<String>>,
    counts: Mutex<HashMap<(String, String), Count>>,
    hashing: Semaphore,
}

#[derive(Clone, Copy)]
struct Count {
    tries: u32,
    ends: DateTime<Utc>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { code: Mutex::default(), counts: Mutex::default(), hashing: Semaphore::new(HASHES_AT_ONCE) }
    }
}

impl Gate {
    /// Makes the code for `/setup`, to be printed on the console.
    pub fn open_setup(&self) -> String {
        let mut rng = rand::rng();
        let mut letters =
            || (0..4).filter_map(|_| ALPHABET.choose(&mut rng)).map(|b| char::from(*b)).collect();
        let (left, right): (String, String) = (letters(), letters());
        let code = format!("{left}-{right}");
        *lock(&self.code) = Some(code.clone());
        code
    }

    /// Whether this is the code on the console. Case, spaces and the hyphen do not matter.
    pub fn code_fits(&self, typed: &str) -> bool {
        let plain = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
        };
        let code = lock(&self.code);
        code.as_ref().is_some_and(|code| plain(code).as_bytes().ct_eq(plain(typed).as_bytes()).into())
    }

    /// The code is void.
    pub fn close_setup(&self) {
        *lock(&self.code) = None;
    }

    /// Counts a try, or refuses it after too many. Counted before it is known how the try ends, so that many at once
    /// gain nothing.
    pub fn enter(&self, ip: &str, name: &str, now: DateTime<Utc>) -> Result<()> {
        let mut counts = lock(&self.counts);
        if counts.len() > MOST_COUNTS {
            counts.retain(|_, count| now < count.ends);
        }
        for (key, most) in keys(ip, name) {
            let fresh = Count { tries: 0, ends: now + WINDOW };
            let count = counts.entry(key).or_insert(fresh);
            if count.ends <= now {
                *count = fresh;
            }
            if count.tries >= most {
                let seconds = (count.ends - now).num_seconds().max(1);
                return Err(Error::TooManyTries { seconds: seconds.unsigned_abs() });
            }
            count.tries += 1;
        }
        Ok(())
    }

    /// The try was a good one and does not count.
    pub fn succeeded(&self, ip: &str, name: &str) {
        let [(name, _), (address, _)] = keys(ip, name);
        let mut counts = lock(&self.counts);
        counts.remove(&name);
        if let Some(count) = counts.get_mut(&address) {
            count.tries = count.tries.saturating_sub(1);
        }
    }

    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.hashing(move || password::hash(&password)).await
    }

    /// Whether the password fits; without a hash (nobody of that name) it takes as long and never fits.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool> {
        let password = password.to_owned();
        self.hashing(move || Ok(password::fits(&password, hash.as_deref()))).await
    }

    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let fault = |error: &dyn std::fmt::Display| Error::Internal(format!("hashing a password: {error}"));
        let _permit = self.hashing.acquire().await.map_err(|error| fault(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| fault(&error))?
    }
}

fn keys(ip: &str, name: &str) -> [((String, String), u32); 2] {
    [
        ((ip.to_owned(), name.to_lowercase()), TRIES_PER_NAME),
        ((ip.to_owned(), String::new()), TRIES_PER_ADDRESS),
    ]
}

/// A panic elsewhere leaves these plain values intact.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_code_may_be_typed_in_any_case_and_without_the_hyphen() {
        let gate = Gate::default();
        let code = gate.open_setup();
        assert!(gate.code_fits(&code));
        assert!(gate.code_fits(&format!(" {} ", code.to_lowercase().replace('-', " "))));
        assert!(!gate.code_fits(""));
        assert!(!gate.code_fits(&code[..8]));
    }

    #[test]
    fn a_used_code_is_void() {
        let gate = Gate::default();
        let code = gate.open_setup();
        gate.close_setup();
        assert!(!gate.code_fits(&code));
        assert!(!gate.code_fits(""));
    }

    #[test]
    fn after_five_failures_a_name_waits_until_the_window_ends() {
        let gate = Gate::default();
        for second in 0..5 {
            assert!(gate.enter("ip", "Maria", at(second)).is_ok());
        }
        assert!(matches!(gate.enter("ip", "maria", at(10)), Err(Error::TooManyTries { seconds: 290 })));
        assert!(gate.enter("ip", "jon", at(10)).is_ok());
        assert!(gate.enter("elsewhere", "maria", at(10)).is_ok());
        assert!(gate.enter("ip", "maria", at(300)).is_ok());
    }

    #[test]
    fn an_address_that_tries_many_names_waits_too() {
        let gate = Gate::default();
        for name in 0..50 {
            assert!(gate.enter("ip", &format!("name{name}"), at(0)).is_ok());
        }
        assert!(gate.enter("ip", "another", at(1)).is_err());
    }

    #[test]
    fn good_tries_do_not_count() {
        let gate = Gate::default();
        for _ in 0..200 {
            assert!(gate.enter("ip", "maria", at(0)).is_ok());
            gate.succeeded("ip", "maria");
        }
    }
}
