//! Sealing of what must not lie in clear in the database: Terraform states hold every password a template ever made.
//!
//! XChaCha20-Poly1305 with a random nonce; the caller names the place of the value as associated data, so a sealed
//! value moved to another row does not open. The id of the key is stored beside each value. A canary in the database
//! tells at start, before anything is built, that a server came up with the wrong key.

use std::{
    fmt, fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::store::{self, Db, states};

const KEY_FILE: &str = "secrets.key";
const NONCE_BYTES: usize = 24;
const CANARY: &[u8] = b"hearth";
const CANARY_PLACE: &[u8] = b"settings/secrets.canary";

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Secrets {
    key: Key,
    /// Opens what is not sealed with the present key yet.
    previous: Option<Key>,
    origin: Origin,
}

#[derive(Clone)]
struct Key {
    cipher: Arc<XChaCha20Poly1305>,
    id: Arc<str>,
}

/// Where the key came from, for messages.
#[derive(Clone)]
enum Origin {
    Setting,
    File(PathBuf),
}

/// Why a key cannot be used, or a value cannot be opened. Never holds key or value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{origin} must be 32 bytes written as 64 hex digits")]
    Malformed { origin: String },
    #[error("the previous secrets key is the same as the present one: leave it away")]
    SameKey,
    #[error("the key file {} could not be used: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error(
        "this database was sealed with key {sealed_with}, but {origin} is key {given}: start with the key that made it (--secrets-key, HEARTH_SECRETS_KEY, or the file {KEY_FILE} of the data folder it was made with)"
    )]
    WrongKey { sealed_with: String, given: String, origin: String },
    #[error("a sealed value is damaged, or was moved from another place")]
    Damaged,
    #[error("a value could not be sealed")]
    Seal,
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Secrets {
    /// The key as given, else the one in the data folder, which is made when it is not there.
    pub fn load(given: Option<&str>, data_dir: &Path) -> Result<Self, Error> {
        if let Some(hex) = given {
            return Self::from_hex(hex, Origin::Setting);
        }
        let path = data_dir.join(KEY_FILE);
        let hex = match fs::read_to_string(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => make_key_file(data_dir, &path),
            other => other,
        };
        let hex = hex.map_err(|source| Error::File { path: path.clone(), source })?;
        Self::from_hex(hex.trim(), Origin::File(path))
    }

    fn from_hex(text: &str, origin: Origin) -> Result<Self, Error> {
        let key = Key::from_hex(text).ok_or_else(|| Error::Malformed { origin: origin.to_string() })?;
        Ok(Self { key, previous: None, origin })
    }

    /// Also opens what this key has sealed, until everything is sealed again.
    pub fn after(self, previous: Option<&str>) -> Result<Self, Error> {
        let Some(hex) = previous else { return Ok(self) };
        let origin = || Error::Malformed { origin: "the previous secrets key".to_owned() };
        let previous = Key::from_hex(hex).ok_or_else(origin)?;
        if previous.id == self.key.id {
            return Err(Error::SameKey);
        }
        Ok(Self { previous: Some(previous), ..self })
    }

    /// The first 8 hex digits of the key's SHA-256.
    pub fn key_id(&self) -> &str {
        &self.key.id
    }

    /// `place` says where the value will lie; it must be the same when it is opened.
    pub fn seal(&self, clear: &[u8], place: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: clear, aad: place };
        let sealed = self.key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Seal)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// `key_id` is the one stored beside the value.
    pub fn open(&self, sealed: &[u8], key_id: &str, place: &[u8]) -> Result<Vec<u8>, Error> {
        let keys = [Some(&self.key), self.previous.as_ref()];
        let key = keys.into_iter().flatten().find(|key| &*key.id == key_id);
        let key = key.ok_or_else(|| self.wrong_key(key_id))?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Damaged)?;
        let payload = Payload { msg: sealed, aad: place };
        key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Error::Damaged)
    }

    /// Call at start: refuses a key other than the one that sealed this database, and marks a new database. False: the
    /// previous key sealed it.
    pub async fn verify(&self, db: &Db, now: DateTime<Utc>) -> Result<bool, Error> {
        let mut tx = db.write().await?;
        let canary = states::plant_canary(&mut tx, self.canary()?, now).await?;
        tx.commit().await?;
        let sealed = hex::decode(&canary.sealed).map_err(|_| Error::Damaged)?;
        self.open(&sealed, &canary.key_id, CANARY_PLACE)?;
        Ok(canary.key_id == self.key_id())
    }

    /// Call when everything is sealed with the present key: the previous one is not needed any more.
    pub async fn confirm(&self, db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = db.write().await?;
        states::replace_canary(&mut tx, self.canary()?, now).await?;
        tx.commit().await?;
        Ok(())
    }

    fn canary(&self) -> Result<states::Canary, Error> {
        let sealed = self.seal(CANARY, CANARY_PLACE)?;
        Ok(states::Canary { key_id: self.key_id().to_owned(), sealed: hex::encode(sealed) })
    }

    fn wrong_key(&self, sealed_with: &str) -> Error {
        Error::WrongKey {
            sealed_with: sealed_with.to_owned(),
            given: self.key_id().to_owned(),
            origin: self.origin.to_string(),
        }
    }
}

impl Key {
    fn from_hex(text: &str) -> Option<Self> {
        let mut key = [0; 32];
        hex::decode_to_slice(text, &mut key).ok()?;
        let id = hex::encode(&Sha256::digest(key)[..4]).into();
        Some(Self { cipher: Arc::new(XChaCha20Poly1305::new(&key.into())), id })
    }
}

/// Readable by this user alone, complete or not there, and never over an existing one.
fn make_key_file(data_dir: &Path, path: &Path) -> std::io::Result<String> {
    let text = hex::encode(rand::random::<[u8; 32]>());
    let mut file = tempfile::NamedTempFile::new_in(data_dir)?;
    writeln!(file, "{text}")?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    fs::File::open(data_dir)?.sync_all()?;
    Ok(text)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting => f.write_str("the secrets key of --secrets-key or HEARTH_SECRETS_KEY"),
            Self::File(path) => write!(f, "the secrets key in {}", path.display()),
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("key_id", &self.key_id()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn key(digit: &str) -> Secrets {
        Secrets::load(Some(&digit.repeat(64)), Path::new("/nowhere")).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_only_at_its_place_with_its_key() {
        let (ours, theirs) = (key("1"), key("2"));
        let sealed = ours.seal(b"password", b"here").unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"password"));
        assert_eq!(ours.open(&sealed, ours.key_id(), b"here").unwrap(), b"password");
        assert!(matches!(ours.open(&sealed, ours.key_id(), b"there"), Err(Error::Damaged)));
        assert!(matches!(ours.open(&sealed[..10], ours.key_id(), b"here"), Err(Error::Damaged)));
        let refusal = theirs.open(&sealed, ours.key_id(), b"here").unwrap_err().to_string();
        assert!(refusal.contains(ours.key_id()) && refusal.contains("HEARTH_SECRETS_KEY"), "{refusal}");
    }

    #[test]
    fn a_key_is_made_once_and_only_this_user_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Secrets::load(None, folder.path()).unwrap();
        assert_eq!(Secrets::load(None, folder.path()).unwrap().key_id(), first.key_id());
        let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_malformed_key_is_refused_without_being_repeated() {
        let error = Secrets::load(Some("hunter2"), Path::new("/nowhere")).unwrap_err().to_string();
        assert!(error.contains("64 hex digits") && !error.contains("hunter2"), "{error}");
    }
}
