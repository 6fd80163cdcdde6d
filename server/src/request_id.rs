//! The id that a request's log lines and its answer share.

use std::future::Future;

use uuid::Uuid;

tokio::task_local! {
    static REQUEST_ID: Uuid;
}

/// The id of the request this task works for; a fresh one outside of requests.
pub fn current() -> String {
    let id = REQUEST_ID.try_with(|id| *id).unwrap_or_else(|_| crate::clock::new_id());
    id.simple().to_string()
}

/// Runs `work` as part of the request `id`.
pub async fn scope<T>(id: Uuid, work: impl Future<Output = T>) -> T {
    REQUEST_ID.scope(id, work).await
}
