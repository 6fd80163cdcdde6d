//! The browser's files: built by `cargo xtask build`, embedded in the binary, served under names that hold the
//! content's hash and may therefore be kept by browsers forever.

use std::sync::LazyLock;

use axum::{
    Router,
    body::Bytes,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

const PREFIX: &str = "/assets/";
const FOREVER: &str = "public, max-age=31536000, immutable";
const MANIFEST: &str = "manifest.json";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
struct Site;

/// Where a page finds its files, as paths below the server's address.
#[derive(Debug, Deserialize)]
pub struct AssetNames {
    pub css: String,
    /// A module script that loads the wasm and takes the page over by itself.
    pub js: String,
    /// For a preload; the script knows it too.
    pub wasm: String,
    pub icon: String,
}

/// The current files; `None` in a server that was built without them (`cargo build` on a fresh clone), whose pages
/// then are plain HTML.
pub fn names() -> Option<&'static AssetNames> {
    static NAMES: LazyLock<Option<AssetNames>> = LazyLock::new(|| {
        let manifest = Site::get(MANIFEST)?;
        let names: AssetNames = serde_json::from_slice(&manifest.data).ok()?;
        let path = |name| format!("{PREFIX}{name}");
        Some(AssetNames {
            css: path(names.css),
            js: path(names.js),
            wasm: path(names.wasm),
            icon: path(names.icon),
        })
    });
    NAMES.as_ref()
}

/// `GET /assets/{name}`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>, request: HeaderMap) -> Response {
    // The twins and the manifest are no files of their own.
    if name == MANIFEST || name.ends_with(".br") || name.ends_with(".gz") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some((file, encoding)) = choose(&name, &request) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let known = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let unchanged = known.flat_map(|value| value.split(',')).any(|known| matches(known, &tag));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if unchanged {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Ok(kind) = HeaderValue::from_str(mime_guess::from_path(&name).first_or_octet_stream().as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (headers, Bytes::from_owner(file.data)).into_response()
}

/// The smallest form that the browser accepts.
fn choose(name: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let plain = Site::get(name)?;
    for (encoding, extension) in [("br", "br"), ("gzip", "gz")] {
        if accepts(request, encoding)
            && let Some(twin) = Site::get(&format!("{name}.{extension}"))
        {
            return Some((twin, Some(encoding)));
        }
    }
    Some((plain, None))
}

/// Whether `accept-encoding` names the encoding with a quality above zero.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let offers = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| {
        let (name, parameters) = offer.split_once(';').unwrap_or((offer, ""));
        let quality = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(encoding) && quality.is_ok_and(|quality| quality > 0.0)
    })
}

fn matches(known: &str, tag: &str) -> bool {
    let known = known.trim();
    known == "*" || known.trim_start_matches("W/") == tag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
    }

    #[test]
    fn an_encoding_is_accepted_unless_its_quality_is_zero() {
        assert!(accepts(&accepting("gzip, deflate, br;q=0.8"), "br"));
        assert!(accepts(&accepting("GZIP"), "gzip"));
        assert!(!accepts(&accepting("gzip, br;q=0"), "br"));
        assert!(!accepts(&accepting("gzip;q=nonsense"), "gzip"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
