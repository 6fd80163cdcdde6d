//! A strict http state backend in memory, for any number of workspaces (the user name says which).

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hearth_provisioner::engine::StateEndpoint;
use serde_json::Value;
use tokio::task::AbortHandle;

const READ_ONLY: &str = "read-only";

#[derive(Default)]
struct Kept {
    state: Option<Vec<u8>>,
    lock: Option<Vec<u8>>,
}

#[derive(Default)]
struct Shared {
    kept: BTreeMap<String, Kept>,
    /// Answers 400 to every POST: terraform does not try that again.
    refuses: bool,
    /// Requests other than GET with the read-only password.
    refused: u32,
}

pub struct Backend {
    address: String,
    shared: Arc<Mutex<Shared>>,
    task: AbortHandle,
}

impl Backend {
    pub async fn start() -> Self {
        let shared = Arc::<Mutex<Shared>>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/state", listener.local_addr().unwrap());
        let router = Router::new().route("/state", any(answer)).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        Self { address, shared, task }
    }

    pub fn endpoint(&self, workspace: &str) -> StateEndpoint {
        StateEndpoint {
            address: self.address.clone(),
            username: workspace.to_owned(),
            password: "once".to_owned(),
        }
    }

    /// With a password that lets nobody write or lock.
    pub fn read_only(&self, workspace: &str) -> StateEndpoint {
        StateEndpoint { password: READ_ONLY.to_owned(), ..self.endpoint(workspace) }
    }

    pub fn state(&self, workspace: &str) -> Value {
        let shared = self.shared.lock().unwrap();
        let state = shared.kept.get(workspace).and_then(|kept| kept.state.as_ref());
        state.map_or(Value::Null, |state| serde_json::from_slice(state).unwrap())
    }

    pub fn is_locked(&self, workspace: &str) -> bool {
        self.shared.lock().unwrap().kept.get(workspace).is_some_and(|kept| kept.lock.is_some())
    }

    pub fn refused(&self) -> u32 {
        self.shared.lock().unwrap().refused
    }

    pub fn refuse_to_save(&self, refuses: bool) {
        self.shared.lock().unwrap().refuses = refuses;
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(shared): State<Arc<Mutex<Shared>>>,
    method: Method,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((workspace, password)) = user(&headers) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    if password == READ_ONLY && method != Method::GET {
        shared.lock().unwrap().refused += 1;
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut shared = shared.lock().unwrap();
    let refuses = shared.refuses;
    let kept = shared.kept.entry(workspace).or_default();
    let id_of =
        |lock: &[u8]| serde_json::from_slice::<Value>(lock).unwrap()["ID"].as_str().unwrap().to_owned();
    match method.as_str() {
        "GET" => match &kept.state {
            Some(state) => state.clone().into_response(),
            None => StatusCode::NO_CONTENT.into_response(),
        },
        "LOCK" => match &kept.lock {
            Some(holder) => (StatusCode::LOCKED, holder.clone()).into_response(),
            None => {
                kept.lock = Some(body.to_vec());
                StatusCode::OK.into_response()
            }
        },
        "UNLOCK" => {
            kept.lock = None;
            StatusCode::OK.into_response()
        }
        "POST" if refuses => StatusCode::BAD_REQUEST.into_response(),
        "POST" if kept.lock.as_ref().map(|lock| id_of(lock)) == query.get("ID").cloned() => {
            kept.state = Some(body.to_vec());
            StatusCode::OK.into_response()
        }
        _ => StatusCode::CONFLICT.into_response(),
    }
}

fn user(headers: &HeaderMap) -> Option<(String, String)> {
    let basic = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(basic).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
