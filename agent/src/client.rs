//! Calls to the server, and which failures are worth another try.

use std::{future::Future, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder, Retryable};
use futures::{Stream, StreamExt};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{HeaderMap, HeaderValue},
    redirect,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{AgentConfig, Error, protocol::Reinit};

const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// The server pings an open stream every 15 s: after three missing ones it is dead.
const SILENCE: Duration = Duration::from_secs(50);

/// Speaks for one agent. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("the server answered {status}: {message}")]
    Refused { status: StatusCode, message: String },
    #[error("the server cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
}

impl CallError {
    /// 401 is one of them: the build that made this agent may not be finished, so the server does not know it yet.
    pub fn is_worth_another_try(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => {
                status.is_server_error()
                    || matches!(
                        *status,
                        StatusCode::UNAUTHORIZED
                            | StatusCode::REQUEST_TIMEOUT
                            | StatusCode::TOO_MANY_REQUESTS
                    )
            }
        }
    }

    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::CONFLICT, .. })
    }
}

/// 0.1 to 10 s, a random half of it, so that not all agents come back at the same instant. It grows slowly, because a
/// new agent waits for the end of its build this way.
pub fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(5))
        .with_factor(1.5)
        .with_jitter()
        .without_max_times()
}

/// Repeats a call until it succeeds, or fails in a way that `when` holds to be final.
pub async fn insist<T, F: Future<Output = Result<T, CallError>>>(
    call: impl FnMut() -> F,
    when: impl Fn(&CallError) -> bool,
) -> Result<T, CallError> {
    call.retry(backoff())
        .when(when)
        .notify(|error, wait| tracing::debug!(%error, wait_ms = wait.as_millis(), "trying again"))
        .await
}

impl Client {
    pub fn new(config: &AgentConfig) -> Result<Self, Error> {
        // Another part of the process may have chosen a provider before; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut token = HeaderValue::from_str(&config.token).map_err(|_| Error::BadToken)?;
        token.set_sensitive(true);
        let http = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(
                "coder-session-token".parse().map_err(|_| Error::BadToken)?,
                token,
            )]))
            // A redirect to elsewhere would take the token along.
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(SILENCE)
            .build()
            .map_err(Error::Client)?;
        Ok(Self { http, base: format!("{}/api/v2/workspaceagents/me", config.url) })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/{path}", self.base))
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        let request = self.request(Method::GET, path).timeout(CALL_TIMEOUT);
        Ok(accepted(request.send().await?).await?.json().await?)
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<(), CallError> {
        let request = self.request(Method::POST, path).timeout(CALL_TIMEOUT).json(body);
        accepted(request.send().await?).await.map(drop)
    }

    pub async fn exchange<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        let request = self.request(Method::POST, path).timeout(CALL_TIMEOUT).json(body);
        Ok(accepted(request.send().await?).await?.json().await?)
    }

    /// The stream that says when the workspace has a new owner. It ends when the connection does.
    pub async fn reinits(&self) -> Result<impl Stream<Item = Reinit> + Unpin + use<>, CallError> {
        let response = accepted(self.request(Method::GET, "reinit?wait=true").send().await?).await?;
        let events = eventsource_stream::Eventsource::eventsource(response.bytes_stream());
        let reinits = events.take_while(|event| std::future::ready(event.is_ok())).filter_map(|event| {
            let data = event.ok().filter(|event| event.event == "data").map(|event| event.data);
            std::future::ready(data.and_then(|data| serde_json::from_str(&data).ok()))
        });
        Ok(Box::pin(reinits))
    }
}

async fn accepted(response: Response) -> Result<Response, CallError> {
    #[derive(Deserialize)]
    struct Body {
        message: String,
    }
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let message =
        response.json::<Body>().await.map_or_else(|_| "no reason given".to_owned(), |body| body.message);
    Err(CallError::Refused { status, message })
}

/// The waits between two connections.
pub fn waits() -> impl Iterator<Item = Duration> {
    backoff().build()
}
