//! What agents say and ask, under `/api/v2/workspaceagents/me`.

use axum::Router;

use crate::hearth::Hearth;

pub fn routes() -> Router<Hearth> {
    Router::new()
}
