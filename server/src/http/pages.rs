//! The dashboard's pages: wires the app's routes to this server's backend, sessions and files.

use std::sync::Arc;

use axum::Router;
use hearth_app::{backend::Actor, caller::Visitor, document};
use http::request::Parts;

use super::auth::{SessionToken, origin};
use crate::{backend::Backend, hearth::Hearth};

/// Every page and the server functions behind them. Must lie under `auth::identify`.
pub fn routes(hearth: &Hearth) -> Router<Hearth> {
    document::routes(Arc::new(Backend(hearth.clone())), None, visitor)
}

fn visitor(parts: &Parts) -> Visitor {
    Visitor {
        actor: parts.extensions.get::<Actor>().cloned(),
        token: parts.extensions.get::<SessionToken>().map(|token| token.0.clone()),
        origin: origin(parts),
    }
}
