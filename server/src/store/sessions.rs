//! Log-ins, and the tokens that people make for programs: sessions with a name, which count until they expire, used or
//! not. Of a token `<id>-<secret>` only the SHA-256 of the secret is kept.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::backend::Role;
use hearth_prebuilds::ids::UserId;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, users};
use crate::{all, execute, optional};

pub struct NewSession<'a> {
    pub id: &'a str,
    pub user_id: UserId,
    pub secret_hash: &'a [u8],
    /// Of a token.
    pub name: Option<&'a str>,
    pub ip: &'a str,
    pub user_agent: &'a str,
    pub expires_at: DateTime<Utc>,
}

/// A session with what decides whether it counts.
pub struct Session {
    pub user_id: UserId,
    pub username: String,
    pub role: Role,
    pub status: users::Status,
    pub is_system: bool,
    pub secret_hash: Vec<u8>,
    pub is_token: bool,
    pub last_used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: Uuid,
    username: String,
    role: String,
    status: String,
    is_system: bool,
    secret_hash: Vec<u8>,
    is_token: bool,
    last_used_at: Timestamp,
    expires_at: Timestamp,
}

pub async fn insert(tx: &mut Tx, session: &NewSession<'_>, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO sessions (id, user_id, secret_hash, name, ip, user_agent, created_at, last_used_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        session.id,
        session.user_id.0,
        session.secret_hash,
        session.name,
        session.ip,
        session.user_agent,
        Timestamp::from(now),
        Timestamp::from(session.expires_at),
    )?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Session>> {
    let row = optional!(
        conn,
        Row,
        "SELECT s.user_id, u.username, u.role, u.status, u.is_system, s.secret_hash, s.name IS NOT NULL AS is_token,
             s.last_used_at, s.expires_at
         FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1",
        id
    )?;
    row.map(|row| {
        Ok(Session {
            user_id: UserId(row.user_id),
            username: row.username,
            role: users::role(&row.role)?,
            status: users::status(&row.status)?,
            is_system: row.is_system,
            secret_hash: row.secret_hash,
            is_token: row.is_token,
            last_used_at: row.last_used_at.into(),
            expires_at: row.expires_at.into(),
        })
    })
    .transpose()
}

pub async fn used(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<()> {
    execute!(tx, "UPDATE sessions SET last_used_at = $2 WHERE id = $1", id, Timestamp::from(now))?;
    Ok(())
}

/// A log-in of this person ends later; whether it is one.
pub async fn extend(tx: &mut Tx, id: &str, user: UserId, expires_at: DateTime<Utc>) -> Result<bool> {
    let expires_at = Timestamp::from(expires_at);
    let sql = "UPDATE sessions SET expires_at = $3 WHERE id = $1 AND user_id = $2 AND name IS NULL";
    Ok(execute!(tx, sql, id, user.0, expires_at)? > 0)
}

pub async fn delete(tx: &mut Tx, id: &str) -> Result<()> {
    execute!(tx, "DELETE FROM sessions WHERE id = $1", id)?;
    Ok(())
}

/// Ends the log-ins of a person, all but one; tokens stay.
pub async fn delete_others(tx: &mut Tx, user: UserId, kept: &str) -> Result<()> {
    execute!(tx, "DELETE FROM sessions WHERE user_id = $1 AND id <> $2 AND name IS NULL", user.0, kept)?;
    Ok(())
}

/// A token as its owner sees it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Token {
    pub id: String,
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    pub username: String,
    pub name: String,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    /// As `created_at` until it is used.
    #[sqlx(try_from = "Timestamp")]
    pub last_used_at: DateTime<Utc>,
    #[sqlx(try_from = "Timestamp")]
    pub expires_at: DateTime<Utc>,
}

/// Newest first; those of everybody if no person is named.
pub async fn tokens(conn: &mut Conn, of: Option<UserId>) -> Result<Vec<Token>> {
    Ok(all!(
        conn,
        Token,
        "SELECT s.id, s.user_id, u.username, s.name, s.created_at, s.last_used_at, s.expires_at
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.name IS NOT NULL AND ($1 IS NULL OR s.user_id = $1) ORDER BY s.created_at DESC, s.id",
        of.map(|id| id.0)
    )?)
}

/// Names the warning that a token expires.
pub fn warning(token: &str) -> String {
    format!("token:{token}")
}

/// Tokens that expire within `soon` whose owners have not been warned and want to hear of the kind. One that was made
/// for no longer than that is known to be short.
pub async fn expiring(
    conn: &mut Conn,
    now: DateTime<Utc>,
    soon: TimeDelta,
    kind: Uuid,
) -> Result<Vec<Token>> {
    Ok(all!(
        conn,
        Token,
        "SELECT s.id, s.user_id, u.username, s.name, s.created_at, s.last_used_at, s.expires_at
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.name IS NOT NULL AND u.status <> 'suspended' AND s.expires_at > $1 AND s.expires_at <= $2
         AND s.expires_at - s.created_at > $3
         AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.user_id = s.user_id AND n.dedupe = 'token:' || s.id)
         AND NOT EXISTS (SELECT 1 FROM kind_mutes m WHERE m.user_id = s.user_id AND m.kind = $4)",
        Timestamp::from(now),
        Timestamp::from(now + soon),
        soon.num_microseconds().unwrap_or(i64::MAX),
        kind
    )?)
}

/// It stays in the list, but counts no more.
pub async fn expire(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<()> {
    execute!(tx, "UPDATE sessions SET expires_at = $2 WHERE id = $1", id, Timestamp::from(now))?;
    Ok(())
}

/// Forgets sessions that count no more.
pub async fn delete_expired(tx: &mut Tx, now: DateTime<Utc>, unused_since: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "DELETE FROM sessions WHERE name IS NULL AND (expires_at <= $1 OR last_used_at <= $2)",
        Timestamp::from(now),
        Timestamp::from(unused_since)
    )?;
    Ok(())
}
