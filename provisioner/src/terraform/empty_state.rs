//! A state backend for imports: it answers every request with "there is no state".

use std::{io, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;

use crate::engine::StateEndpoint;

const PATIENCE: Duration = Duration::from_secs(5);
const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

pub(crate) struct EmptyState {
    address: String,
    _task: AbortOnDropHandle<()>,
}

impl EmptyState {
    /// Listens on a free port of this machine until dropped.
    pub async fn serve() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // Terraform asks again when an answer is lost; nobody else has a reason to connect.
                let _ = timeout(PATIENCE, answer(connection)).await;
            }
        });
        Ok(Self { address, _task: AbortOnDropHandle::new(task) })
    }

    pub fn endpoint(&self) -> StateEndpoint {
        StateEndpoint { address: self.address.clone(), username: String::new(), password: String::new() }
    }
}

/// Only GET comes here, as imports take no lock: the request ends with an empty line.
async fn answer(connection: TcpStream) -> io::Result<()> {
    let mut connection = BufReader::new(connection);
    let mut line = String::new();
    while connection.read_line(&mut line).await? > 0 && !line.trim_end().is_empty() {
        line.clear();
    }
    connection.write_all(NO_CONTENT).await?;
    connection.shutdown().await
}
