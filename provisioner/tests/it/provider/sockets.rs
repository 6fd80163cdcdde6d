//! Where the provider listens.

use std::{io::ErrorKind, os::unix::fs::PermissionsExt};

use hearth_provisioner::provider::serve;
use pretty_assertions::assert_eq;

use super::terraform::prebuild;

#[tokio::test]
async fn a_socket_is_private_and_gone_when_the_provider_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("coder.sock");
    let served = serve(socket.clone(), prebuild()).await.unwrap();
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let reattach: serde_json::Value = serde_json::from_str(&served.reattach_env()).unwrap();
    assert_eq!(reattach["coder/coder"]["Addr"]["String"], socket.to_str().unwrap());

    drop(served);
    assert!(!socket.exists());
}

#[tokio::test]
async fn a_socket_that_a_killed_process_left_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("coder.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(socket.exists());
    serve(socket, prebuild()).await.unwrap().stop().await;
}

#[tokio::test]
async fn what_cannot_be_a_socket_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("x".repeat(100));
    let error = serve(long, prebuild()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("use a shorter data folder"), "{error}");

    let file = folder.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    assert_eq!(serve(file.clone(), prebuild()).await.err().unwrap().kind(), ErrorKind::AddrInUse);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine");
}
