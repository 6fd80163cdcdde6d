//! Values that the template wants collected again and again.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    process::{self, End, Job},
    protocol::{MetadataItem, MetadataReport, MetadataValue},
    round::Scene,
};

const VALUE_BYTES: usize = 2048;
/// Values that are collected within this time travel together.
const GATHER: Duration = Duration::from_millis(500);

/// Collects one item at its interval; an interval of 0 means once.
pub async fn collect(
    scene: Arc<Scene>,
    item: MetadataItem,
    values: mpsc::Sender<MetadataValue>,
    cancel: CancellationToken,
) {
    let interval = Duration::from_secs(item.interval_seconds);
    loop {
        let Some(value) = collect_once(&scene, &item, &cancel).await else { return };
        if values.send(value).await.is_err() || interval.is_zero() {
            return;
        }
        if cancel.run_until_cancelled(sleep(interval)).await.is_none() {
            return;
        }
    }
}

/// `None`: the round is over.
async fn collect_once(
    scene: &Scene,
    item: &MetadataItem,
    cancel: &CancellationToken,
) -> Option<MetadataValue> {
    let collected_at = clock::now();
    let output = Arc::new(Mutex::new(String::new()));
    let on_line = {
        let output = output.clone();
        move |_, line: String| {
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            if output.len() < VALUE_BYTES {
                output.push_str(&line);
                output.push('\n');
            }
        }
    };
    let seconds = [item.timeout_seconds, item.interval_seconds, 10].into_iter().find(|seconds| *seconds > 0);
    let job = Job {
        script: &item.script,
        surroundings: &scene.surroundings,
        scratch: &scene.scratch,
        timeout: seconds.map(Duration::from_secs),
    };
    let end = process::run(job, on_line, cancel).await;
    let output = std::mem::take(&mut *output.lock().unwrap_or_else(PoisonError::into_inner));
    let value = output[..output.floor_char_boundary(VALUE_BYTES)].trim().to_owned();
    let error = match end {
        Ok((end, left)) => {
            scene.leftovers().extend(left);
            match end {
                End::Exited(0) => String::new(),
                End::Exited(code) => format!("exit code {code}"),
                End::TimedOut => format!("took longer than {} s", seconds.unwrap_or_default()),
                End::Cancelled => return None,
            }
        }
        Err(error) => format!("could not be started: {error}"),
    };
    Some(MetadataValue { key: item.key.clone(), value, error, collected_at })
}

/// Sends what was collected. A value that does not arrive is not sent again: a newer one follows.
pub async fn send(scene: Arc<Scene>, mut values: mpsc::Receiver<MetadataValue>, cancel: CancellationToken) {
    let work = async {
        while let Some(first) = values.recv().await {
            sleep(GATHER).await;
            let mut items = vec![first];
            while let Ok(next) = values.try_recv() {
                items.push(next);
            }
            if let Err(error) = scene.client.post("metadata", &MetadataReport { items }).await {
                tracing::debug!(%error, "metadata was not delivered");
            }
        }
    };
    cancel.run_until_cancelled(work).await;
}
