//! Uploaded template sources: tar archives. The same bytes from the same person are kept once.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{FileId, UserId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{clock::new_id, execute, one, optional};

/// The id, and whether the file is new.
pub async fn insert(
    tx: &mut Tx,
    hash: &str,
    data: &[u8],
    by: UserId,
    now: DateTime<Utc>,
) -> Result<(FileId, bool)> {
    let new = execute!(
        tx,
        "INSERT INTO files (id, hash, data, created_by, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (hash, created_by) DO NOTHING",
        new_id::<Uuid>(),
        hash,
        data,
        by.0,
        Timestamp::from(now)
    )?;
    let (id,) = one!(tx, (Uuid,), "SELECT id FROM files WHERE hash = $1 AND created_by = $2", hash, by.0)?;
    Ok((FileId(id), new > 0))
}

pub async fn exists(conn: &mut Conn, id: FileId) -> Result<bool> {
    Ok(optional!(conn, (Uuid,), "SELECT id FROM files WHERE id = $1", id.0)?.is_some())
}

pub async fn data(conn: &mut Conn, id: FileId) -> Result<Option<Vec<u8>>> {
    let row = optional!(conn, (Vec<u8>,), "SELECT data FROM files WHERE id = $1", id.0)?;
    Ok(row.map(|(data,)| data))
}
