//! Log-ins. Of a token `<id>-<secret>` only the SHA-256 of the secret is kept.

use chrono::{DateTime, Utc};
use hearth_app::backend::Role;
use hearth_prebuilds::ids::UserId;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, users};
use crate::{execute, optional};

pub struct NewSession<'a> {
    pub id: &'a str,
    pub user_id: UserId,
    pub secret_hash: &'a [u8],
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
    last_used_at: Timestamp,
    expires_at: Timestamp,
}

pub async fn insert(tx: &mut Tx, session: &NewSession<'_>, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO sessions (id, user_id, secret_hash, ip, user_agent, created_at, last_used_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        session.id,
        session.user_id.0,
        session.secret_hash,
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
        "SELECT s.user_id, u.username, u.role, u.status, u.is_system, s.secret_hash, s.last_used_at, s.expires_at
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

pub async fn delete(tx: &mut Tx, id: &str) -> Result<()> {
    execute!(tx, "DELETE FROM sessions WHERE id = $1", id)?;
    Ok(())
}

/// Forgets sessions that count no more.
pub async fn delete_expired(tx: &mut Tx, now: DateTime<Utc>, unused_since: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "DELETE FROM sessions WHERE expires_at <= $1 OR last_used_at <= $2",
        Timestamp::from(now),
        Timestamp::from(unused_since)
    )?;
    Ok(())
}
