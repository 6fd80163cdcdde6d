//! `/bin/hearth-<os>-<arch>`: this very program, for the workspaces to run as their agent; and its hash beside it.

use std::{
    fs::File,
    io::{self, Read, Seek},
    os::unix::fs::MetadataExt,
    path::Path,
    sync::Arc,
};

use axum::{
    Extension, Router,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tokio_util::io::ReaderStream;

use super::extract::{Params, Segments};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

const CHUNK: usize = 256 * 1024;

pub fn routes() -> Router<Hearth> {
    Router::new().route("/bin/{name}", get(download)).layer(Extension(Hashes::default()))
}

#[derive(Deserialize)]
struct Wanted {
    /// The content that the caller will take, and no other.
    sha256: Option<String>,
}

/// The hash of the newest content seen, with what tells that the file is still the same.
#[derive(Clone, Default)]
struct Hashes(Arc<Mutex<Option<(Identity, String)>>>);

/// A rebuilt or upgraded program is another file.
#[derive(Clone, Copy, PartialEq)]
struct Identity {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

async fn download(
    State(hearth): State<Hearth>,
    Extension(hashes): Extension<Hashes>,
    Segments(name): Segments<String>,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
) -> Result<Response> {
    let ours = own_name();
    let hash_only = name.strip_suffix(".sha256");
    if hash_only.unwrap_or(&name) != ours {
        return Err(Error::Absent(format!(
            "Only {ours} can be fetched here: the server runs on that platform."
        )));
    }
    let unreadable =
        |error: io::Error| Error::Internal(format!("the agent's program cannot be read: {error}"));
    let (file, bytes, hash) = hashes.open(&hearth.agent_binary).await.map_err(unreadable)?;
    if hash_only.is_some() {
        return Ok(format!("{hash}\n").into_response());
    }
    if wanted.sha256.as_ref().is_some_and(|wanted| *wanted != hash) {
        return Err(Error::Absent("The program has changed: ask for its hash again.".to_owned()));
    }
    let tag = format!("\"{hash}\"");
    if headers.get_all(header::IF_NONE_MATCH).iter().any(|known| known == tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::ETAG, tag),
    ];
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file), CHUNK);
    Ok((headers, Body::from_stream(stream)).into_response())
}

impl Hashes {
    /// The file, its length and its hash. It is hashed once, by the first who asks.
    async fn open(&self, path: &Path) -> io::Result<(File, u64, String)> {
        let path = path.to_owned();
        let (mut file, identity) = blocking(move || {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            let identity = Identity {
                device: metadata.dev(),
                inode: metadata.ino(),
                bytes: metadata.len(),
                changed: (metadata.mtime(), metadata.mtime_nsec()),
            };
            Ok((file, identity))
        })
        .await?;
        let mut known = self.0.lock().await;
        let hash = match known.as_ref().filter(|(of, _)| *of == identity) {
            Some((_, hash)) => hash.clone(),
            None => {
                let hash;
                (file, hash) = blocking(move || hash_of(file)).await?;
                known.insert((identity, hash)).1.clone()
            }
        };
        Ok((file, identity.bytes, hash))
    }
}

fn hash_of(mut file: File) -> io::Result<(File, String)> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            bytes => hasher.update(&chunk[..bytes]),
        }
    }
    file.rewind()?;
    Ok((file, hex::encode(hasher.finalize())))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// `hearth-linux-amd64` and the like, in the words that templates use.
fn own_name() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        os => os,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        arch => arch,
    };
    format!("hearth-{os}-{arch}")
}
