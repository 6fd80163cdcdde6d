//! What became of each cause of drift.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{CauseId, UserId, VersionId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, drift::CauseStatus};
use crate::{all, clock, execute};

/// Who or what showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownBy {
    Version(VersionId),
    Person(UserId),
}

/// Notes a status. False: the cause had it already.
pub async fn note(
    tx: &mut Tx,
    cause: CauseId,
    status: CauseStatus,
    by: ShownBy,
    now: DateTime<Utc>,
) -> Result<bool> {
    let (version, person) = match by {
        ShownBy::Version(version) => (Some(version.0), None),
        ShownBy::Person(person) => (None, Some(person.0)),
    };
    let noted = execute!(
        tx,
        "INSERT INTO cause_events (id, cause_id, status, version_id, user_id, at)
         SELECT $1, $2, $3, $4, $5, $6 WHERE $3 IS DISTINCT FROM
             (SELECT status FROM cause_events WHERE cause_id = $2 ORDER BY at DESC, id DESC LIMIT 1)",
        clock::new_id::<Uuid>(),
        cause.0,
        status.as_str(),
        version,
        person,
        Timestamp::from(now)
    )?;
    Ok(noted > 0)
}

/// A cause got another status.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct CauseEvent {
    #[sqlx(try_from = "String")]
    pub status: CauseStatus,
    pub version_name: Option<String>,
    pub username: Option<String>,
    #[sqlx(try_from = "Timestamp")]
    pub at: DateTime<Utc>,
}

/// Newest first.
pub async fn list(conn: &mut Conn, cause: CauseId) -> Result<Vec<CauseEvent>> {
    Ok(all!(
        conn,
        CauseEvent,
        "SELECT e.status, v.name AS version_name, u.username, e.at FROM cause_events e
         LEFT JOIN template_versions v ON v.id = e.version_id LEFT JOIN users u ON u.id = e.user_id
         WHERE e.cause_id = $1 ORDER BY e.at DESC, e.id DESC",
        cause.0
    )?)
}
