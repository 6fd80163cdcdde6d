//! People, and the system user, who is left out of listings unless asked for.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use hearth_app::backend::Role;
use hearth_prebuilds::ids::UserId;
use uuid::Uuid;

use super::{Conn, Error, Result, Timestamp, Tx, pattern};
use crate::{all, execute, one, optional};

#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub status: Status,
    pub is_system: bool,
    pub theme: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// Whether a person may use Hearth. A dormant one becomes active by use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    Dormant,
    Suspended,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Dormant => "dormant",
            Self::Suspended => "suspended",
        }
    }
}

pub(super) fn status(text: &str) -> Result<Status> {
    match text {
        "active" => Ok(Status::Active),
        "dormant" => Ok(Status::Dormant),
        "suspended" => Ok(Status::Suspended),
        other => Err(Error::Corrupt { table: "users", column: "status", value: other.to_owned() }),
    }
}

pub(super) fn role(text: &str) -> Result<Role> {
    Role::from_str(text).map_err(|_| Error::Corrupt {
        table: "users",
        column: "role",
        value: text.to_owned(),
    })
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    username: String,
    email: String,
    name: String,
    role: String,
    status: String,
    is_system: bool,
    theme: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_seen_at: Option<Timestamp>,
}

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            name: row.name,
            role: role(&row.role)?,
            status: status(&row.status)?,
            is_system: row.is_system,
            theme: row.theme,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            last_seen_at: row.last_seen_at.map(Into::into),
        })
    }
}

/// Somebody to be stored.
pub struct NewUser<'a> {
    pub id: UserId,
    pub username: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub role: Role,
}

pub async fn insert(tx: &mut Tx, user: &NewUser<'_>, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO users (id, username, email, name, password_hash, role, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        user.id.0,
        user.username,
        user.email,
        user.name,
        user.password_hash,
        user.role.as_str(),
        Timestamp::from(now),
    )?;
    Ok(())
}

/// Finds system users too.
pub async fn by_id(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    let row = optional!(conn, Row, "SELECT * FROM users WHERE id = $1", id.0)?;
    row.map(TryInto::try_into).transpose()
}

/// Whatever the case of the letters. Finds system users too.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<User>> {
    let row = optional!(conn, Row, "SELECT * FROM users WHERE lower(username) = lower($1)", username)?;
    row.map(TryInto::try_into).transpose()
}

/// People in the order of their names; system users only if asked for.
pub async fn list(conn: &mut Conn, include_system: bool) -> Result<Vec<User>> {
    let rows = all!(
        conn,
        Row,
        "SELECT * FROM users WHERE $1 OR NOT is_system ORDER BY lower(username)",
        include_system
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// (username, e-mail address) of people in one of which these words are: at most `limit`.
pub async fn named_like(conn: &mut Conn, words: &str, limit: u32) -> Result<Vec<(String, String)>> {
    Ok(all!(
        conn,
        (String, String),
        "SELECT username, email FROM users WHERE NOT is_system
         AND (lower(username) LIKE '%' || $1 || '%' ESCAPE '!' OR lower(email) LIKE '%' || $1 || '%' ESCAPE '!')
         ORDER BY CASE WHEN lower(username) LIKE $1 || '%' ESCAPE '!' THEN 0 ELSE 1 END, lower(username) LIMIT $2",
        pattern::words(words),
        i64::from(limit)
    )?)
}

/// The person behind a username or an e-mail address, with the hash to check the password against.
pub async fn credentials(conn: &mut Conn, login: &str) -> Result<Option<(UserId, String, Status)>> {
    let row = optional!(
        conn,
        (Uuid, String, String),
        "SELECT id, password_hash, status FROM users
         WHERE (lower(username) = lower($1) OR lower(email) = lower($1))
           AND NOT is_system AND password_hash IS NOT NULL",
        login
    )?;
    row.map(|(id, hash, text)| Ok((UserId(id), hash, status(&text)?))).transpose()
}

/// Whether anybody but the system exists.
pub async fn anybody(conn: &mut Conn) -> Result<bool> {
    let (exists,) = one!(conn, (bool,), "SELECT EXISTS (SELECT 1 FROM users WHERE NOT is_system)")?;
    Ok(exists)
}

/// Until the end of the transaction nobody else makes a user: SQLite has one writer anyway.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    let sql = tx.pick("SELECT 1", "LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE");
    execute!(tx, sql)?;
    Ok(())
}

/// People who answer for templates: they are told about drift and failures.
pub async fn template_admins(conn: &mut Conn) -> Result<Vec<UserId>> {
    let rows = all!(
        conn,
        (Uuid,),
        "SELECT id FROM users
         WHERE role IN ('owner', 'template-admin') AND status <> 'suspended' AND NOT is_system ORDER BY id"
    )?;
    Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
}

pub async fn set_theme(tx: &mut Tx, id: UserId, theme: &str, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE users SET theme = $2, updated_at = $3 WHERE id = $1 AND NOT is_system",
        id.0,
        theme,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Somebody uses Hearth: remembers when, and wakes who was dormant.
pub async fn seen(tx: &mut Tx, id: UserId, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE users SET last_seen_at = $2, status = CASE status WHEN 'dormant' THEN 'active' ELSE status END
         WHERE id = $1",
        id.0,
        Timestamp::from(now)
    )?;
    Ok(())
}

pub async fn set_role(tx: &mut Tx, id: UserId, role: Role, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE users SET role = $2, updated_at = $3 WHERE id = $1 AND NOT is_system",
        id.0,
        role.as_str(),
        Timestamp::from(now)
    )?;
    Ok(())
}

pub async fn set_status(tx: &mut Tx, id: UserId, status: Status, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE users SET status = $2, updated_at = $3 WHERE id = $1 AND NOT is_system",
        id.0,
        status.as_str(),
        Timestamp::from(now)
    )?;
    Ok(())
}

pub async fn set_password(tx: &mut Tx, id: UserId, hash: &str, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1 AND NOT is_system",
        id.0,
        hash,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Whether there is an owner who can log in.
pub async fn has_owner(conn: &mut Conn) -> Result<bool> {
    let (exists,) = one!(
        conn,
        (bool,),
        "SELECT EXISTS (SELECT 1 FROM users WHERE role = 'owner' AND status <> 'suspended' AND NOT is_system)"
    )?;
    Ok(exists)
}
