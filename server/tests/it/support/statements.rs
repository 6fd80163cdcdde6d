//! Counts the statements of one thread; the PostgreSQL driver speaks on the thread that asks.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tracing_subscriber::{Layer, layer::SubscriberExt};

struct Count(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> Layer<S> for Count {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

pub async fn of<T>(work: impl AsyncFn() -> T) -> (T, usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let subscriber = tracing_subscriber::registry().with(Count(count.clone()));
    let guard = tracing::subscriber::set_default(subscriber);
    // Another thread, where nobody listens, may meet the driver's event first and note that: note it anew.
    work().await;
    tracing::callsite::rebuild_interest_cache();
    count.store(0, Ordering::Relaxed);
    let done = work().await;
    drop(guard);
    (done, count.load(Ordering::Relaxed))
}
