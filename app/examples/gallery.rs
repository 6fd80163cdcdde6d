//! The pages on made-up data, for looking at them without a server: `cargo run -p hearth-app --example gallery`,
//! then <http://127.0.0.1:3100> with the cookie `session=owner` (log in with any name and the password `right`).

#[path = "../tests/support/mod.rs"]
mod support;

use std::{path::Path, sync::Arc};

use axum::{Router, extract, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};
use support::Fake;

/// Serves a file of `style/` or `target/site/pkg/` as it is.
async fn file(folder: &'static str, extract::Path(name): extract::Path<String>) -> impl IntoResponse {
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        _ => "application/wasm",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(name);
    std::fs::read(path).map(|bytes| ([(CONTENT_TYPE, kind)], bytes)).map_err(|_| axum::http::StatusCode::NOT_FOUND)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let flag = |name: &str| std::env::args().any(|argument| argument == name);
    let fake = Fake { fresh: flag("--fresh"), empty: flag("--empty"), paused: flag("--paused"), ..Fake::default() };
    let app: Router = support::pages(Arc::new(fake))
        .route("/style/{*name}", get(|name| file("style", name)))
        .route("/pkg/{*name}", get(|name| file("target/gallery", name)));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3100").await?, app).await
}
