//! The pages on made-up data, for looking at them without a server: `cargo run -p hearth-app --example gallery`, then
//! <http://127.0.0.1:3100>; log in with any name and the password `right`. With `cargo xtask build` before it the
//! pages come alive too.

#[path = "../tests/support/mod.rs"]
mod support;

use std::{path::Path, sync::Arc};

use axum::{Router, extract, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};
use hearth_app::document::Assets;
use support::Fake;

/// Serves a file below the workspace as it is.
async fn file(folder: &'static str, extract::Path(name): extract::Path<String>) -> impl IntoResponse {
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("svg") => "image/svg+xml",
        _ => "application/wasm",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(name);
    std::fs::read(path)
        .map(|bytes| ([(CONTENT_TYPE, kind)], bytes))
        .map_err(|_| axum::http::StatusCode::NOT_FOUND)
}

/// Styles straight from their sources; script and wasm from the last build, if there was one.
fn assets() -> Assets {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site/manifest.json");
    let manifest: serde_json::Value = std::fs::read(manifest)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let built = |name: &str| format!("/assets/{}", manifest[name].as_str().unwrap_or("none"));
    Assets {
        css: "/style/main.css".to_owned(),
        icon: "/style/icon.svg".to_owned(),
        js: built("js"),
        wasm: built("wasm"),
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let flag = |name: &str| std::env::args().any(|argument| argument == name);
    let fake =
        Fake { fresh: flag("--fresh"), empty: flag("--empty"), paused: flag("--paused"), ..Fake::default() };
    let app: Router = support::pages(Arc::new(fake), Some(assets()))
        .route("/style/{*name}", get(|name| file("style", name)))
        .route("/assets/{name}", get(|name| file("target/site", name)));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3100").await?, app).await
}
