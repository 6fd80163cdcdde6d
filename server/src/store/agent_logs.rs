//! Lines that agents send, each kept once: a line is known by the start of the agent process (run) and its sequence.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::AgentId;
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, execute, one};

/// What one agent may write during one build; later lines are left out, and the agent is marked.
pub const LIMIT_BYTES: i64 = 1024 * 1024;

/// A line to keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewLine {
    pub sequence: i64,
    pub at: i64,
    pub level: &'static str,
    pub source: String,
    pub output: String,
}

/// A line as it is kept. Ids grow along the log.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Line {
    pub id: i64,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    pub level: String,
    pub source: String,
    pub output: String,
}

/// Appends what is not there yet. A run's lines come in order, so what is there ends at its highest sequence.
pub async fn append(tx: &mut Tx, agent: AgentId, run: Uuid, mut lines: Vec<NewLine>) -> Result<()> {
    let sql = "SELECT COALESCE(MAX(sequence), -1) FROM agent_logs WHERE agent_id = $1 AND run_id = $2";
    let (newest,) = one!(tx, (i64,), sql, agent.0, run)?;
    lines.retain(|line| line.sequence > newest);
    if lines.is_empty() {
        return Ok(());
    }
    let bytes: i64 = lines.iter().map(|line| line.output.len() as i64).sum();
    let sql = "UPDATE agents SET logs_length = logs_length + $2 WHERE id = $1 AND NOT logs_overflowed AND logs_length + $2 <= $3";
    if execute!(tx, sql, agent.0, bytes, LIMIT_BYTES)? == 0 {
        execute!(tx, "UPDATE agents SET logs_overflowed = TRUE WHERE id = $1", agent.0)?;
        return Ok(());
    }
    let sql = tx.pick(
        "INSERT INTO agent_logs (agent_id, run_id, sequence, created_at, level, source, output)
         SELECT $1, $2, value ->> 'sequence', value ->> 'at', value ->> 'level', value ->> 'source', value ->> 'output'
         FROM json_each($3) ORDER BY key",
        "INSERT INTO agent_logs (agent_id, run_id, sequence, created_at, level, source, output)
         SELECT $1, $2, (value ->> 'sequence')::bigint, (value ->> 'at')::bigint, value ->> 'level',
             value ->> 'source', value ->> 'output'
         FROM jsonb_array_elements($3) WITH ORDINALITY AS lines (value, position) ORDER BY position",
    );
    execute!(tx, sql, agent.0, run, Json(lines))?;
    Ok(())
}

/// Lines after `after` (0 = from the start), oldest first.
pub async fn after(conn: &mut Conn, agent: AgentId, after: i64, limit: i64) -> Result<Vec<Line>> {
    Ok(all!(
        conn,
        Line,
        "SELECT id, created_at, level, source, output FROM agent_logs
         WHERE agent_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        agent.0,
        after,
        limit
    )?)
}
