//! What a page or an act can fail with. Only text that the person at the screen may read.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// Travels from the server function to the page, with and without scripts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AppError {
    /// Nobody is logged in, or the session has ended.
    #[error("Log in to go on.")]
    Unauthenticated,
    /// Nobody has been made yet: `/setup` comes first.
    #[error("This server has no users yet. Set it up first.")]
    NotSetUp,
    /// The person may not do this; says who may.
    #[error("{detail}")]
    Forbidden { detail: String },
    /// The thing is not there, or not for this person.
    #[error("{what} was not found.")]
    NotFound { what: String },
    /// One field of a form.
    #[error("{detail}")]
    Invalid { field: String, detail: String },
    /// The thing changed meanwhile; nothing was done.
    #[error("{detail}")]
    Conflict { detail: String },
    /// A claim from the pool only, and nothing was handed over.
    #[error("{detail}")]
    Missed {
        detail: String,
        /// How many are starting. `None`: the pool's policy holds its members back, so waiting for one is of no use.
        starting: Option<u32>,
    },
    /// Too many tries.
    #[error("Too many tries. Wait {seconds} s.")]
    TooManyTries { seconds: u64 },
    /// A fault of the server; the log has the same reference.
    #[error("That did not work. Nothing was changed. Reference {reference}.")]
    Unexpected { reference: String },
    /// The request did not reach the server or could not be read.
    #[error("{detail}")]
    Transport { detail: String },
}

impl AppError {
    /// The field of a form that is to blame.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            _ => None,
        }
    }
}

#[cfg(feature = "ssr")]
impl AppError {
    /// The status of an answer that says this.
    pub fn status(&self) -> axum::http::StatusCode {
        use axum::http::StatusCode;
        match self {
            Self::Unauthenticated | Self::NotSetUp => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Invalid { .. } | Self::Transport { .. } => StatusCode::BAD_REQUEST,
            Self::Conflict { .. } | Self::Missed { .. } => StatusCode::CONFLICT,
            Self::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unexpected { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let detail = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                "Something in the form could not be read."
            }
            _ => "The server could not be reached. Nothing was changed.",
        };
        Self::Transport { detail: detail.to_owned() }
    }
}
