//! The dashboard's pages: wires the app's routes to this server's backend, sessions and files.

use std::sync::Arc;

use axum::Router;
use hearth_app::{
    backend::Actor,
    caller::Visitor,
    document::{self, Assets},
};
use http::request::Parts;
use tower_http::{CompressionLevel, compression::CompressionLayer};

use super::{
    assets,
    auth::{SessionEnd, SessionToken, origin},
};
use crate::{backend::Backend, hearth::Hearth};

/// Every page and the server functions behind them, compressed: a page repeats itself a lot, and holds no secret that
/// guesses sent through a page's address could find out by the answer's length. Must lie under `auth::identify`.
pub fn routes(hearth: &Hearth) -> Router<Hearth> {
    let files = assets::names().map(|names| Assets {
        css: names.css.clone(),
        js: names.js.clone(),
        wasm: names.wasm.clone(),
        icon: names.icon.clone(),
    });
    let pages = document::routes(Arc::new(Backend(hearth.clone())), files, visitor);
    pages.layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
}

fn visitor(parts: &Parts) -> Visitor {
    Visitor {
        actor: parts.extensions.get::<Actor>().cloned(),
        token: parts.extensions.get::<SessionToken>().map(|token| token.0.clone()),
        session_ends: parts.extensions.get::<SessionEnd>().and_then(|end| end.0),
        origin: origin(parts),
    }
}
