//! Session tokens, and tokens for programs: ten letters that find the session, a hyphen, 22 letters (131 bits) that prove it.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::backend::{Actor, Origin};
use hearth_prebuilds::ids::UserId;
use rand::{RngExt, distr::Alphanumeric};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::session_act;
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{self, Tx, audit, sessions, users},
};

/// The names that the cookie may have: the second one is refused by browsers unless it is secure and for this host.
pub const COOKIES: [&str; 2] = ["coder_session_token", "__Host-coder_session_token"];

const ID_LENGTH: usize = 10;
const SECRET_LENGTH: usize = 22;
const LIFETIME: TimeDelta = TimeDelta::days(30);
/// A session that was not used for so long has ended.
const IDLE: TimeDelta = TimeDelta::days(7);
/// The last use is written at most so often.
const WRITE_EVERY: TimeDelta = TimeDelta::minutes(1);
const LONGEST_USER_AGENT: usize = 300;

/// Makes a session; the token is returned once and never kept.
pub async fn issue(tx: &mut Tx, hearth: &Hearth, user: UserId, origin: &Origin) -> Result<String> {
    let now = hearth.clock.now();
    sessions::delete_expired(tx, now, now - IDLE).await?;
    insert(tx, (user, origin), (None, now + LIFETIME), now).await.map_err(Into::into)
}

/// Makes a session of a person: with a name it is a token for a program. Returns what proves it.
pub(super) async fn insert(
    tx: &mut Tx,
    (user, origin): (UserId, &Origin),
    (name, expires_at): (Option<&str>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> store::Result<String> {
    let (id, secret) = (random(ID_LENGTH), random(SECRET_LENGTH));
    let user_agent: String = origin.user_agent.chars().take(LONGEST_USER_AGENT).collect();
    let session = sessions::NewSession {
        id: &id,
        user_id: user,
        secret_hash: &Sha256::digest(&secret),
        name,
        ip: &origin.ip,
        user_agent: &user_agent,
        expires_at,
    };
    sessions::insert(tx, &session, now).await?;
    Ok(format!("{id}-{secret}"))
}

/// A session that counts.
pub struct Session {
    pub actor: Actor,
    /// When it ends unless it is used or extended; `None`: it is a token for a program.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Whose token this is; `None` when it does not count, or not any more.
pub async fn authenticate(hearth: &Hearth, token: &str) -> Result<Option<Session>> {
    let Some((id, secret)) = split(token) else { return Ok(None) };
    let Some(session) = sessions::find(&mut hearth.db.read().await?, id).await? else { return Ok(None) };
    let now = hearth.clock.now();
    let counts = bool::from(session.secret_hash.ct_eq(&Sha256::digest(secret)[..]))
        && now < session.expires_at
        && (session.is_token || now - session.last_used_at < IDLE)
        && session.status != users::Status::Suspended
        && !session.is_system;
    if !counts {
        return Ok(None);
    }
    if now - session.last_used_at >= WRITE_EVERY || session.status == users::Status::Dormant {
        let mut tx = hearth.db.write().await?;
        sessions::used(&mut tx, id, now).await?;
        users::seen(&mut tx, session.user_id, now).await?;
        tx.commit().await?;
    }
    let ends_at = (!session.is_token).then(|| session.expires_at.min(now + IDLE));
    let actor = Actor { user_id: session.user_id, username: session.username, role: session.role };
    Ok(Some(Session { actor, ends_at }))
}

/// The session of this token lasts as long as a new one.
pub async fn extend(hearth: &Hearth, actor: &Actor, token: &str) -> Result<()> {
    let (id, _) = split(token).ok_or(Error::Unauthenticated)?;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !sessions::extend(&mut tx, id, actor.user_id, now + LIFETIME).await? {
        return Err(Error::Refused("Only a log-in can be extended.".to_owned()));
    }
    audit::record(&mut tx, session_act(actor.user_id, "extend", &actor.username), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Browsers reach it by https.
pub fn is_secure(hearth: &Hearth) -> bool {
    hearth.access_url.starts_with("https://")
}

/// The `Set-Cookie` value that stores this token, or forgets it.
pub fn session_cookie(hearth: &Hearth, token: Option<&str>) -> String {
    let secure = is_secure(hearth);
    let name = COOKIES[usize::from(secure)];
    let (value, age) = token.map_or(("", 0), |token| (token, LIFETIME.num_seconds()));
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

/// (id, secret) of a token of the right form.
pub fn split(token: &str) -> Option<(&str, &str)> {
    let (id, secret) = token.split_once('-')?;
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    (id.len() == ID_LENGTH && secret.len() == SECRET_LENGTH && plain(id) && plain(secret))
        .then_some((id, secret))
}

fn random(length: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_of_the_right_form_are_looked_up() {
        assert_eq!(
            split("abcdefghij-0123456789012345678901"),
            Some(("abcdefghij", "0123456789012345678901"))
        );
        for bad in ["", "-", "abcdefghij", "abcdefghij-short", "abcdefghi'-0123456789012345678901"] {
            assert_eq!(split(bad), None, "{bad}");
        }
    }
}
