//! Where the server is, and the one credential that a workspace holds.

use std::{env, fmt};

use reqwest::{Url, header::HeaderValue};

use crate::Error;

/// What an agent needs to know to start.
#[derive(Clone)]
pub struct AgentConfig {
    /// Ends without a slash.
    pub(crate) url: String,
    pub(crate) token: String,
}

impl AgentConfig {
    pub fn new(url: &str, token: String) -> Result<Self, Error> {
        let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        if parsed.is_none() {
            return Err(Error::BadUrl { url: url.to_owned() });
        }
        if HeaderValue::from_str(&token).is_err() {
            return Err(Error::BadToken);
        }
        Ok(Self { url: url.trim_end_matches('/').to_owned(), token })
    }

    /// From `CODER_AGENT_URL` and `CODER_AGENT_TOKEN`, or the same with `HEARTH_`; a given value goes first.
    pub fn from_env(url: Option<String>, token: Option<String>) -> Result<Self, Error> {
        let url = url
            .or_else(|| variable(["CODER_AGENT_URL", "HEARTH_AGENT_URL"]))
            .ok_or(Error::Missing { what: "server address", variable: "CODER_AGENT_URL" })?;
        let token = token
            .or_else(|| variable(["CODER_AGENT_TOKEN", "HEARTH_AGENT_TOKEN"]))
            .ok_or(Error::Missing { what: "token", variable: "CODER_AGENT_TOKEN" })?;
        Self::new(&url, token)
    }
}

fn variable(names: [&str; 2]) -> Option<String> {
    names.into_iter().filter_map(|name| env::var(name).ok()).find(|value| !value.is_empty())
}

impl fmt::Debug for AgentConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentConfig").field("url", &self.url).finish_non_exhaustive()
    }
}
