//! `/metrics` for Prometheus.

use axum::Router;

use crate::hearth::Hearth;

pub fn routes() -> Router<Hearth> {
    Router::new()
}
