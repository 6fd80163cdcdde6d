//! Where the provider listens: on a unix socket of its own for each build.

use std::{
    fs::Permissions,
    io,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{net::UnixListener, task::JoinHandle, time::timeout};
use tokio_stream::wrappers::UnixListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Error, Server, server::Router};

use super::{
    Provider, ProviderData,
    rpc::{ControllerService, ProviderService},
};

/// The kernel keeps a socket's path in 108 bytes, the last of them a zero.
const LONGEST_SOCKET_PATH: usize = 107;

/// How long connections may take to end after [`Served::stop`].
const GRACE: Duration = Duration::from_secs(1);

/// A provider that listens; dropping it ends it.
pub struct Served {
    socket: PathBuf,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), Error>>,
}

/// Serves a provider on a unix socket that only this user may open. The path must be shorter than 108 bytes.
pub async fn serve(socket: PathBuf, data: ProviderData) -> io::Result<Served> {
    let listener = bind(&socket)?;
    let shutdown = CancellationToken::new();
    let router = router(Server::builder(), data, CancellationToken::new());
    let incoming = UnixListenerStream::new(listener);
    let signal = shutdown.clone().cancelled_owned();
    let task = tokio::spawn(router.serve_with_incoming_shutdown(incoming, signal));
    Ok(Served { socket, shutdown, task })
}

impl Served {
    /// The value of `TF_REATTACH_PROVIDERS`: Terraform and OpenTofu both complete the short name in their own way.
    pub fn reattach_env(&self) -> String {
        let provider = serde_json::json!({
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": "unix", "String": self.socket },
        });
        serde_json::json!({ "coder/coder": provider }).to_string()
    }

    /// Ends it and waits until it has ended.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        // The outcome does not matter: Terraform is gone, nobody waits for an answer.
        let _ = timeout(GRACE, &mut self.task).await;
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.shutdown.cancel();
        self.task.abort();
        // Missing is as good as removed.
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// The provider's services.
pub(super) fn router(mut server: Server, data: ProviderData, shutdown: CancellationToken) -> Router {
    server
        .add_service(ProviderService(Arc::new(Provider::new(data))))
        .add_service(ControllerService(shutdown))
}

/// A socket that only this user may open.
pub(super) fn bind(socket: &Path) -> io::Result<UnixListener> {
    let length = socket.as_os_str().len();
    if length > LONGEST_SOCKET_PATH {
        let text = format!(
            "{} has {length} bytes; a socket's path can have {LONGEST_SOCKET_PATH}: use a shorter data folder",
            socket.display()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    // Left over by a process that was killed.
    if std::fs::symlink_metadata(socket).is_ok_and(|found| found.file_type().is_socket()) {
        std::fs::remove_file(socket)?;
    }
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, Permissions::from_mode(0o600))?;
    Ok(listener)
}
