//! Why the agent cannot start. Once it runs, it does not give up.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the agent's {what} is not set: give it in {variable}")]
    Missing { what: &'static str, variable: &'static str },
    #[error("CODER_AGENT_URL is `{url}`, which is not an http:// or https:// address")]
    BadUrl { url: String },
    #[error("CODER_AGENT_TOKEN holds characters that no token has")]
    BadToken,
    #[error("the HTTP client could not be made: {0}")]
    Client(#[source] reqwest::Error),
    #[error("no folder for scripts could be made in {}: {source}", folder.display())]
    Scratch { folder: std::path::PathBuf, source: std::io::Error },
}
