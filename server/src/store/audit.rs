//! Who did what: one row in the transaction of each mutating act.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{SYSTEM_USER, UserId};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, pattern::literally, place::Place};
use crate::{all, clock::new_id, execute, one};

/// One act. `before` and `after` hold what changed; never a secret. Of a workspace they name its `template` and `preset`.
pub struct Act<'a> {
    /// The system user for what Hearth does by itself.
    pub actor: UserId,
    /// `create`, `write`, `delete`, `start`, `stop`, `claim`, `pause`, `resume`, `login`, `logout`, ...
    pub verb: &'static str,
    /// `template`, `template_version`, `user`, `workspace`, `pool`, `prebuilds_settings`, ...
    pub target_type: &'static str,
    pub target_id: String,
    pub target_name: &'a str,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

pub async fn record(tx: &mut Tx, act: Act<'_>, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO audit (id, at, actor_id, verb, target_type, target_id, target_name, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new_id::<Uuid>(),
        Timestamp::from(now),
        act.actor.0,
        act.verb,
        act.target_type,
        act.target_id.as_str(),
        act.target_name,
        act.before.as_ref().map(Json),
        act.after.as_ref().map(Json),
    )?;
    Ok(())
}

/// Forgets at most `limit` acts of Hearth itself that are older than this instant. What people did is kept for good.
pub async fn forget_own(tx: &mut Tx, before: DateTime<Utc>, limit: u32) -> Result<u64> {
    Ok(execute!(
        tx,
        "DELETE FROM audit WHERE id IN
             (SELECT id FROM audit WHERE actor_id = $1 AND at < $2 ORDER BY at, id LIMIT $3)",
        SYSTEM_USER.0,
        Timestamp::from(before),
        i64::from(limit)
    )?)
}

/// An act of the record, with who did it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Recorded {
    pub id: Uuid,
    #[sqlx(try_from = "Timestamp")]
    pub at: DateTime<Utc>,
    pub actor_id: Uuid,
    /// A username; `reconciler` or `system` for what the system user did.
    pub actor: String,
    pub verb: String,
    pub target_type: String,
    pub target_id: String,
    pub target_name: String,
    pub before: Option<Json<Value>>,
    pub after: Option<Json<Value>>,
}

impl Recorded {
    pub fn place(&self) -> Place {
        Place { at: self.at.into(), id: self.id }
    }
}

/// Which part of the record; what is `None` restricts nothing.
#[derive(Clone, Debug)]
pub struct Filter {
    /// As in [`Recorded`], whatever the case of the letters.
    pub actor: Option<String>,
    pub verb: Option<String>,
    pub target_type: Option<String>,
    /// A part of its name.
    pub target: Option<String>,
    /// Both count.
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            actor: None,
            verb: None,
            target_type: None,
            target: None,
            from: Timestamp(i64::MIN),
            to: Timestamp(i64::MAX),
        }
    }
}

// Of what the system user did, the verb tells what the reconciler does to pools and their members from the rest.
macro_rules! filtered {
    ($select:literal, $rest:literal) => {
        concat!(
            $select,
            " FROM (SELECT audit.*, CASE WHEN NOT u.is_system THEN u.username
                        WHEN verb IN ('create', 'delete', 'cancel', 'limit') THEN 'reconciler' ELSE 'system' END AS actor
                    FROM audit JOIN users u ON u.id = actor_id) a
             WHERE a.at BETWEEN $1 AND $2 AND ($3 IS NULL OR lower(a.actor) = lower($3))
             AND ($4 IS NULL OR a.verb = $4) AND ($5 IS NULL OR a.target_type = $5)
             AND ($6 IS NULL OR lower(a.target_name) LIKE '%' || lower($6) || '%' ESCAPE '!') ",
            $rest
        )
    };
}

/// Newest first: at most `limit` that stand before a place.
pub async fn list(
    conn: &mut Conn,
    filter: &Filter,
    before: Place,
    (limit, offset): (u32, u32),
) -> Result<Vec<Recorded>> {
    Ok(all!(
        conn,
        Recorded,
        filtered!(
            "SELECT a.id, a.at, a.actor_id, a.actor, a.verb, a.target_type, a.target_id, a.target_name, a.before, a.after",
            "AND (a.at, a.id) < ($7, $8) ORDER BY a.at DESC, a.id DESC LIMIT $9 OFFSET $10"
        ),
        filter.from,
        filter.to,
        filter.actor.as_deref(),
        filter.verb.as_deref(),
        filter.target_type.as_deref(),
        filter.target.as_deref().map(literally),
        before.at,
        before.id,
        i64::from(limit),
        i64::from(offset)
    )?)
}

/// How many there are, counted up to `most`.
pub async fn count(conn: &mut Conn, filter: &Filter, most: u32) -> Result<i64> {
    let (count,) = one!(
        conn,
        (i64,),
        filtered!("SELECT COUNT(*) FROM (SELECT 1 AS one", "LIMIT $7) AS counted"),
        filter.from,
        filter.to,
        filter.actor.as_deref(),
        filter.verb.as_deref(),
        filter.target_type.as_deref(),
        filter.target.as_deref().map(literally),
        i64::from(most)
    )?;
    Ok(count)
}

/// Names of people who stand in the record, at most `limit`.
pub async fn people(conn: &mut Conn, limit: u32) -> Result<Vec<String>> {
    let rows = all!(
        conn,
        (String,),
        "SELECT username FROM users u WHERE NOT is_system AND EXISTS (SELECT 1 FROM audit WHERE actor_id = u.id)
         ORDER BY lower(username) LIMIT $1",
        i64::from(limit)
    )?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}
