//! `/api/v2/workspaceagents/{agent}`: agents as people's clients see them.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::AgentId;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    follow::{self, Follower, LARGEST_MESSAGE, Upgrade},
    logs::{LogParams, halve},
};
use crate::{
    backend::details,
    error::Result,
    events::Event,
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Params, Segments},
    },
    store::{
        agent_details::{self, Agent},
        agent_logs::{self, Line},
    },
};

/// So many lines of usual length fit into one message.
const CHUNK: i64 = 100;

pub fn routes() -> Router<Hearth> {
    let at = |part: &str| format!("/api/v2/workspaceagents/{{agent}}/{part}");
    Router::new()
        .route(&at("logs"), get(log))
        .route(&at("listening-ports"), get(listening_ports))
        .route(&at("containers"), get(containers))
}

#[derive(Serialize)]
struct LineBody {
    id: i64,
    created_at: DateTime<Utc>,
    output: String,
    level: String,
    /// The agent has one source, itself.
    source_id: Uuid,
}

impl LineBody {
    fn of(line: Line, agent: AgentId) -> Self {
        Self {
            id: line.id,
            created_at: line.created_at,
            output: line.output,
            level: line.level,
            source_id: agent.0,
        }
    }
}

/// Unlike those of a job, messages are arrays, and the first one comes at once.
async fn log(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Params(params): Params<LogParams>,
    upgrade: Upgrade,
) -> Result<Response> {
    let agent = details::agent(&hearth, &actor, AgentId(id)).await?;
    if params.follow.is_some() {
        return Ok(follow::socket(upgrade)?.on_upgrade(move |socket| async move {
            let follower = Follower::new(hearth, socket, Event::Workspace(agent.workspace_id));
            if let Err(error) = tell(follower, &agent, params.after).await {
                tracing::warn!(%error, agent = %agent.id, "an agent's log could not be followed");
            }
        }));
    }
    let mut lines = Vec::new();
    let mut after = params.after;
    let mut conn = hearth.db.read().await?;
    loop {
        let chunk = agent_logs::after(&mut conn, agent.id, after, CHUNK).await?;
        let Some(last) = chunk.last() else { return Ok(Json(lines).into_response()) };
        after = last.id;
        lines.extend(chunk.into_iter().map(|line| LineBody::of(line, agent.id)));
    }
}

/// Until the client leaves, or the agent is gone.
async fn tell(mut follower: Follower, agent: &Agent, mut after: i64) -> Result<()> {
    let mut first = true;
    loop {
        let mut conn = follower.hearth.db.read().await?;
        let gone = agent_details::by_id(&mut conn, agent.id).await?.is_none();
        let chunk = agent_logs::after(&mut conn, agent.id, after, CHUNK).await?;
        drop(conn);
        let more = !chunk.is_empty();
        if more || first {
            after = chunk.last().map_or(after, |line| line.id);
            for message in messages(chunk, agent.id) {
                if !follower.send(message).await {
                    return Ok(());
                }
            }
            first = false;
        }
        if gone && !more {
            follower.close().await;
            return Ok(());
        }
        if !more && !follower.wait().await {
            return Ok(());
        }
    }
}

/// As few messages as the limit allows.
fn messages(lines: Vec<Line>, agent: AgentId) -> Vec<String> {
    let mut messages = vec![String::new()];
    for line in lines {
        let mut body = LineBody::of(line, agent);
        let mut json = serde_json::to_string(&body).unwrap_or_default();
        while json.len() + 2 > LARGEST_MESSAGE {
            halve(&mut body.output);
            json = serde_json::to_string(&body).unwrap_or_default();
        }
        match messages.last_mut() {
            Some(last) if last.is_empty() => last.push_str(&json),
            Some(last) if last.len() + json.len() + 3 <= LARGEST_MESSAGE => {
                last.push(',');
                last.push_str(&json);
            }
            _ => messages.push(json),
        }
    }
    messages.into_iter().map(|lines| format!("[{lines}]")).collect()
}

/// Nothing listens that this server would know of.
async fn listening_ports(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Value>> {
    details::agent(&hearth, &actor, AgentId(id)).await?;
    Ok(Json(json!({ "ports": [] })))
}

async fn containers(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Value>> {
    details::agent(&hearth, &actor, AgentId(id)).await?;
    Ok(Json(json!({ "devcontainers": [], "containers": [] })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: i64, output: String) -> Line {
        Line { id, created_at: DateTime::UNIX_EPOCH, level: "info".to_owned(), source: String::new(), output }
    }

    #[test]
    fn no_line_is_an_empty_array() {
        assert_eq!(messages(Vec::new(), AgentId(Uuid::nil())), ["[]"]);
    }

    #[test]
    fn every_message_is_an_array_that_clients_take_and_no_line_is_lost() {
        let lines = (0..10).map(|id| line(id, "x".repeat(10_000))).chain([line(10, "y".repeat(90_000))]);
        let messages = messages(lines.collect(), AgentId(Uuid::nil()));
        let mut ids = Vec::new();
        for message in messages {
            assert!(message.len() <= LARGEST_MESSAGE);
            let array: Vec<Value> = serde_json::from_str(&message).unwrap();
            ids.extend(array.iter().map(|line| line["id"].as_i64().unwrap()));
        }
        assert_eq!(ids, (0..=10).collect::<Vec<_>>());
    }
}
