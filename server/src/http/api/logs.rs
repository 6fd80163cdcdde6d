//! Logs of jobs: an array, plain text, or a web socket with one line a message.
//!
//! A follower learns how the job ended from the job, once the socket has closed; so the socket closes only after the
//! final state was committed, and after every line that was there by then.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use hearth_prebuilds::ids::JobId;
use serde::{Deserialize, Serialize};

use super::follow::{self, Follower, LARGEST_MESSAGE, Upgrade};
use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        Conn,
        job_logs::{self, Line},
        jobs,
    },
};

const CHUNK: i64 = 500;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LogParams {
    /// Only lines after this one.
    pub after: i64,
    /// By presence, whatever the value.
    pub follow: Option<String>,
    format: String,
}

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
        return Ok(follow::socket(upgrade)?.on_upgrade(move |socket| async move {
            let follower = Follower::new(hearth, socket, Event::Job(job));
            if let Err(error) = tell(follower, job, params.after).await {
                tracing::warn!(%error, %job, "a log could not be followed to its end");
            }
        }));
    }
    let lines = all_after(&mut hearth.db.read().await?, job, params.after).await?;
    match params.format.as_str() {
        "" | "json" => Ok(Json(lines.into_iter().map(LineBody::from).collect::<Vec<_>>()).into_response()),
        "text" => Ok(lines.iter().map(as_text).collect::<String>().into_response()),
        _ => Err(Error::invalid("format", "must be `json` or `text`")),
    }
}

async fn all_after(conn: &mut Conn, job: JobId, mut after: i64) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    loop {
        let chunk = job_logs::after(conn, job, after, CHUNK).await?;
        let Some(last) = chunk.last() else { return Ok(lines) };
        after = last.id;
        lines.extend(chunk);
    }
}

fn as_text(line: &Line) -> String {
    let at = line.created_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    format!("{at} [{}] [{}|{}] {}\n", line.level, line.source, line.stage, line.output)
}

async fn tell(mut follower: Follower, job: JobId, mut after: i64) -> Result<()> {
    loop {
        let mut conn = follower.hearth.db.read().await?;
        // The state first: when it is final, the lines read after it are all there are.
        let ended = jobs::by_id(&mut conn, job).await?.is_none_or(|job| !job.status.is_open());
        let lines = all_after(&mut conn, job, after).await?;
        // Not held while the client reads.
        drop(conn);
        for line in lines {
            after = line.id;
            if !follower.send(message(line)).await {
                return Ok(());
            }
        }
        if ended {
            follower.close().await;
            return Ok(());
        }
        if !follower.wait().await {
            return Ok(());
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
        halve(&mut body.output);
    }
}

/// Leaves the first half of a text.
pub fn halve(text: &mut String) {
    let mut end = text.len() / 2;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
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
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert!(value["output"].as_str().unwrap().len() > 1000);
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
