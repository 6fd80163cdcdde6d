//! Logs of jobs: an array, plain text, or a web socket with one line a message.
//!
//! A follower learns how the job ended from the job, once the socket has closed; so the socket closes only after the
//! final state was committed, and after every line that was there by then.

use std::time::Duration;

use axum::{
    Json,
    extract::ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use hearth_prebuilds::ids::JobId;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;

use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        job_logs::{self, Line},
        jobs,
    },
};

/// Clients refuse larger messages.
const LARGEST_MESSAGE: usize = 32_768;
const CHUNK: i64 = 500;
/// Events may be lost: look again anyway.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const PING: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct LogParams {
    /// Only lines after this one.
    after: i64,
    /// By presence, whatever the value.
    follow: Option<String>,
    format: Option<String>,
}

/// Of a log request: the socket, if the client asked for one.
pub type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

#[derive(Serialize)]
struct LineBody {
    id: i64,
    created_at: DateTime<Utc>,
    log_source: String,
    log_level: String,
    stage: String,
    output: String,
}

impl From<Line> for LineBody {
    fn from(line: Line) -> Self {
        Self {
            id: line.id,
            created_at: line.created_at,
            log_source: line.source,
            log_level: line.level,
            stage: line.stage,
            output: line.output,
        }
    }
}

/// The caller has checked that the person may read this log.
pub async fn answer(hearth: Hearth, job: JobId, params: LogParams, upgrade: Upgrade) -> Result<Response> {
    if params.follow.is_some() {
        let upgrade = upgrade.map_err(|rejection| Error::Malformed {
            message: "Following a log needs a web socket.",
            detail: rejection.body_text(),
        })?;
        return Ok(upgrade.on_upgrade(move |socket| async move {
            if let Err(error) = follow(&hearth, socket, job, params.after).await {
                tracing::warn!(%error, %job, "a log could not be followed to its end");
            }
        }));
    }
    let mut lines = Vec::new();
    let mut conn = hearth.db.read().await?;
    loop {
        let after = lines.last().map_or(params.after, |line: &Line| line.id);
        let chunk = job_logs::after(&mut conn, job, after, CHUNK).await?;
        let last = chunk.len() < CHUNK as usize;
        lines.extend(chunk);
        if last {
            break;
        }
    }
    match params.format.as_deref() {
        None | Some("" | "json") => {
            Ok(Json(lines.into_iter().map(LineBody::from).collect::<Vec<_>>()).into_response())
        }
        Some("text") => Ok(lines.iter().map(as_text).collect::<String>().into_response()),
        Some(_) => Err(Error::invalid("format", "must be `json` or `text`")),
    }
}

fn as_text(line: &Line) -> String {
    let at = line.created_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    format!("{at} [{}] [{}|{}] {}\n", line.level, line.source, line.stage, line.output)
}

async fn follow(hearth: &Hearth, mut socket: WebSocket, job: JobId, mut after: i64) -> Result<()> {
    let mut events = hearth.events.subscribe();
    let mut ping = tokio::time::interval(PING);
    loop {
        // The state first: when it is final, the lines read after it are all there are.
        let state = jobs::by_id(&mut hearth.db.read().await?, job).await?;
        let ended = state.is_none_or(|job| !job.status.is_open());
        loop {
            let chunk = job_logs::after(&mut hearth.db.read().await?, job, after, CHUNK).await?;
            let last = chunk.len() < CHUNK as usize;
            for line in chunk {
                after = line.id;
                if socket.send(Message::text(message(line))).await.is_err() {
                    return Ok(());
                }
            }
            if last {
                break;
            }
        }
        if ended {
            let _ = socket.send(Message::Close(None)).await;
            return Ok(());
        }
        tokio::select! {
            () = changed(&mut events, job) => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            _ = ping.tick() => {
                if socket.send(Message::Ping(Default::default())).await.is_err() {
                    return Ok(());
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(_)) => {}
            },
            () = hearth.shutdown.cancelled() => return Ok(()),
        }
    }
}

async fn changed(events: &mut tokio::sync::broadcast::Receiver<Event>, job: JobId) {
    loop {
        match events.recv().await {
            Ok(Event::Job(changed)) if changed == job => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// One line as JSON, cut until it fits; escaping may make a short line long.
fn message(line: Line) -> String {
    let mut body = LineBody::from(line);
    loop {
        let json = serde_json::to_string(&body).unwrap_or_default();
        if json.len() <= LARGEST_MESSAGE {
            return json;
        }
        let mut end = body.output.len() / 2;
        while !body.output.is_char_boundary(end) {
            end -= 1;
        }
        body.output.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(output: String) -> Line {
        Line {
            id: 7,
            created_at: DateTime::UNIX_EPOCH,
            source: "provisioner".to_owned(),
            level: "info".to_owned(),
            stage: "Apply".to_owned(),
            output,
        }
    }

    #[test]
    fn a_long_line_is_cut_to_what_clients_take() {
        for long in ["é".repeat(40_000), "\u{1}".repeat(40_000)] {
            let json = message(line(long));
            assert!(json.len() <= LARGEST_MESSAGE);
            assert!(
                serde_json::from_str::<serde_json::Value>(&json).unwrap()["output"].as_str().unwrap().len()
                    > 1000
            );
        }
    }

    #[test]
    fn a_short_line_is_whole() {
        let value: serde_json::Value = serde_json::from_str(&message(line("made it".to_owned()))).unwrap();
        assert_eq!(value["output"], "made it");
        assert_eq!(value["id"], 7);
        assert_eq!(value["log_source"], "provisioner");
    }
}
