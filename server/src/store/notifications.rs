//! What people are told: one row a person and transition.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{CauseId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, clock, execute, one, optional};

/// What is told, the same to everybody.
#[derive(Clone, Debug)]
pub struct NewNotification<'a> {
    /// The fixed id of the kind.
    pub template_id: Uuid,
    /// Names the transition: nobody hears of it twice.
    pub dedupe: &'a str,
    pub title: &'a str,
    /// Markdown.
    pub content: &'a str,
    pub icon: &'a str,
    pub targets: &'a [Uuid],
    pub actions: &'a [Action],
}

/// Where to go from a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub label: String,
    pub url: String,
}

/// False: this person was told already, or wants to hear of nothing of the kind.
pub async fn insert(
    tx: &mut Tx,
    user: UserId,
    new: &NewNotification<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let inserted = execute!(
        tx,
        "INSERT INTO notifications (id, user_id, template_id, dedupe, title, content, icon, targets, actions, created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
         WHERE NOT EXISTS (SELECT 1 FROM kind_mutes WHERE user_id = $2 AND kind = $3) ON CONFLICT DO NOTHING",
        clock::new_id::<Uuid>(),
        user.0,
        new.template_id,
        new.dedupe,
        new.title,
        new.content,
        new.icon,
        Json(new.targets),
        Json(new.actions),
        Timestamp::from(now)
    )?;
    Ok(inserted > 0)
}

/// This person hears nothing of the cause until then.
pub async fn mute(tx: &mut Tx, user: UserId, cause: CauseId, until: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO cause_mutes (user_id, cause_id, until) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, cause_id) DO UPDATE SET until = excluded.until",
        user.0,
        cause.0,
        Timestamp::from(until)
    )?;
    Ok(())
}

/// Who does not want to hear of the cause now.
pub async fn muted(conn: &mut Conn, cause: CauseId, now: DateTime<Utc>) -> Result<Vec<UserId>> {
    let sql = "SELECT user_id FROM cause_mutes WHERE cause_id = $1 AND until > $2";
    let rows = all!(conn, (Uuid,), sql, cause.0, Timestamp::from(now))?;
    Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
}

/// The kinds that this person does not want to hear of.
pub async fn muted_kinds(conn: &mut Conn, user: UserId) -> Result<Vec<Uuid>> {
    let rows = all!(conn, (Uuid,), "SELECT kind FROM kind_mutes WHERE user_id = $1", user.0)?;
    Ok(rows.into_iter().map(|(kind,)| kind).collect())
}

/// This person hears nothing of these kinds from now on, and of all others.
pub async fn mute_kinds(tx: &mut Tx, user: UserId, kinds: &[Uuid]) -> Result<()> {
    execute!(tx, "DELETE FROM kind_mutes WHERE user_id = $1", user.0)?;
    for kind in kinds {
        execute!(tx, "INSERT INTO kind_mutes (user_id, kind) VALUES ($1, $2)", user.0, *kind)?;
    }
    Ok(())
}

/// A row as it is kept.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Notification {
    pub id: Uuid,
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    pub template_id: Uuid,
    pub title: String,
    pub content: String,
    pub icon: String,
    pub targets: Json<Vec<Uuid>>,
    pub actions: Json<Vec<Action>>,
    pub read_at: Option<Timestamp>,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
}

/// What a list is restricted to; empty fields restrict nothing.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub read: Option<bool>,
    /// Only older ones than this.
    pub before: Option<Uuid>,
    pub targets: Vec<Uuid>,
    /// Kinds.
    pub templates: Vec<Uuid>,
}

/// So many are listed at once.
pub const PAGE: usize = 25;

/// A page, newest first. A person has few of them, so what is rarely asked for is chosen here.
pub async fn list(conn: &mut Conn, user: UserId, wanted: &Wanted) -> Result<Vec<Notification>> {
    let mut rows = all!(
        conn,
        Notification,
        "SELECT * FROM notifications WHERE user_id = $1 AND ($2 IS NULL OR id < $2)
         AND ($3 IS NULL OR (read_at IS NOT NULL) = $3) ORDER BY id DESC",
        user.0,
        wanted.before,
        wanted.read
    )?;
    rows.retain(|row| {
        wanted.targets.iter().all(|target| row.targets.contains(target))
            && (wanted.templates.is_empty() || wanted.templates.contains(&row.template_id))
    });
    rows.truncate(PAGE);
    Ok(rows)
}

pub async fn by_id(conn: &mut Conn, user: UserId, id: Uuid) -> Result<Option<Notification>> {
    let sql = "SELECT * FROM notifications WHERE id = $1 AND user_id = $2";
    Ok(optional!(conn, Notification, sql, id, user.0)?)
}

pub async fn unread(conn: &mut Conn, user: UserId) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL";
    let (count,) = one!(conn, (i64,), sql, user.0)?;
    Ok(count)
}

/// `None`: unread again. What was read before keeps its instant.
pub async fn set_read(tx: &mut Tx, user: UserId, id: Uuid, at: Option<DateTime<Utc>>) -> Result<()> {
    execute!(
        tx,
        "UPDATE notifications SET read_at = CASE WHEN $3 IS NULL THEN NULL ELSE COALESCE(read_at, $3) END
         WHERE id = $1 AND user_id = $2",
        id,
        user.0,
        at.map(Timestamp::from)
    )?;
    Ok(())
}

pub async fn read_all(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE notifications SET read_at = $2 WHERE user_id = $1 AND read_at IS NULL",
        user.0,
        Timestamp::from(now)
    )?;
    Ok(())
}
