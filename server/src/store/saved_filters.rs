//! Filters of the list of workspaces that people have given a name.

use chrono::{DateTime, Utc};
use hearth_app::view::WorkspacesQuery;
use hearth_prebuilds::ids::UserId;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, execute, optional};

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Saved {
    pub id: Uuid,
    pub name: String,
    pub filter: Json<WorkspacesQuery>,
}

/// Those of a person, by name.
pub async fn list(conn: &mut Conn, user: UserId) -> Result<Vec<Saved>> {
    Ok(all!(
        conn,
        Saved,
        "SELECT id, name, filter FROM saved_filters WHERE user_id = $1 ORDER BY lower(name)",
        user.0
    )?)
}

pub async fn insert(tx: &mut Tx, user: UserId, saved: &Saved, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO saved_filters (id, user_id, name, filter, created_at) VALUES ($1, $2, $3, $4, $5)",
        saved.id,
        user.0,
        &saved.name,
        &saved.filter,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// What it was, if this person has it.
pub async fn delete(tx: &mut Tx, user: UserId, id: Uuid) -> Result<Option<Saved>> {
    let sql = "DELETE FROM saved_filters WHERE id = $1 AND user_id = $2 RETURNING id, name, filter";
    Ok(optional!(tx, Saved, sql, id, user.0)?)
}
