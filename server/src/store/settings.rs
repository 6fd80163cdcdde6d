//! Settings that people change while the server runs, and what replicas have to know of each other, one row each.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::UserId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sqlx::types::Json;

use super::{Conn, Result, Timestamp, Tx};
use crate::{execute, optional};

/// Holds a [`Paused`] while all pools are paused, and is absent while they are not.
pub const PREBUILDS_PAUSED: &str = "prebuilds.paused";

/// Who paused all pools, when and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paused {
    pub by: UserId,
    pub at: DateTime<Utc>,
    pub note: String,
}

pub async fn get<T: DeserializeOwned + Send + Unpin + 'static>(
    conn: &mut Conn,
    name: &str,
) -> Result<Option<T>> {
    let row = optional!(conn, (Json<T>,), "SELECT value FROM settings WHERE name = $1", name)?;
    Ok(row.map(|(Json(value),)| value))
}

pub async fn set<T: Serialize + Sync>(
    tx: &mut Tx,
    name: &str,
    value: &T,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO settings (name, value, updated_at, updated_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE
         SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        name,
        Json(value),
        Timestamp::from(now),
        by.0
    )?;
    Ok(())
}

/// False: it is there already, and stays as it is.
pub async fn insert<T: Serialize + Sync>(
    tx: &mut Tx,
    name: &str,
    value: &T,
    now: DateTime<Utc>,
) -> Result<bool> {
    let inserted = execute!(
        tx,
        "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        name,
        Json(value),
        Timestamp::from(now)
    )?;
    Ok(inserted > 0)
}

/// Whether it was there.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool> {
    Ok(execute!(tx, "DELETE FROM settings WHERE name = $1", name)? > 0)
}
