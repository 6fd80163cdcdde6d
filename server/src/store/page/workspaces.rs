//! What a row of a workspace shows beyond the workspace itself.

use hearth_prebuilds::ids::WorkspaceId;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    all,
    store::{Conn, Result, builds::Stage},
};

/// The newest build's role, and one agent; a workspace with several agents has several rows, one without has one.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Detail {
    #[sqlx(try_from = "Uuid")]
    pub workspace_id: WorkspaceId,
    #[sqlx(try_from = "String")]
    pub stage: Stage,
    pub agent: Option<String>,
    pub lifecycle: Option<String>,
}

macro_rules! details {
    ($list:literal) => {
        concat!(
            "SELECT w.id AS workspace_id, b.stage, a.name AS agent, a.lifecycle
             FROM workspaces w JOIN builds b ON b.id = w.latest_build_id
             LEFT JOIN agents a ON a.workspace_id = w.id AND NOT a.deleted WHERE w.id IN ",
            $list,
            " ORDER BY w.id, a.name"
        )
    };
}

pub async fn details(conn: &mut Conn, workspaces: &[WorkspaceId]) -> Result<Vec<Detail>> {
    let sql = conn.pick(
        details!("(SELECT unhex(replace(value, '-', '')) FROM json_each($1))"),
        details!("(SELECT value::uuid FROM jsonb_array_elements_text($1))"),
    );
    Ok(all!(conn, Detail, sql, Json(workspaces))?)
}
