//! What can go wrong in the server. `http::error` is the only place that turns this into a status code.

use hearth_prebuilds::policy::Blocked;

use crate::{secrets, store};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One enum for the whole crate. The text of every variant but `Store` and `Internal` may be shown to the person.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401.
    #[error("Log in to go on.")]
    Unauthenticated,
    /// 401 at a log-in: never says which part was wrong.
    #[error("{0}")]
    BadCredentials(&'static str),
    /// 403: says who may.
    #[error("{0}")]
    Forbidden(String),
    /// 404: absent, or not for this person.
    #[error("{0} was not found.")]
    NotFound(&'static str),
    /// 404: says what there is instead.
    #[error("{0}")]
    Absent(String),
    /// 404: no such address.
    #[error("Route not found.")]
    NoRoute,
    /// 400 with one entry for each field.
    #[error("Validation failed.")]
    Invalid(Vec<Invalid>),
    /// 400: what is asked for cannot be done; says why.
    #[error("{0}")]
    Refused(String),
    /// 400: the request cannot be read.
    #[error("{message}")]
    Malformed { message: &'static str, detail: String },
    /// 409: the thing changed meanwhile, or the name is taken.
    #[error("{0}")]
    Conflict(String),
    /// 409 with a field, for names that are taken.
    #[error("{detail}")]
    Taken { field: &'static str, detail: String },
    /// A claim from the pool only, and nothing was eligible.
    #[error("Nothing in the pool can be claimed right now.")]
    PoolEmpty { starting: u32 },
    /// A claim from the pool only, and the pool's policy forbids it.
    #[error("{0}")]
    PoolBlocked(Blocked),
    /// 406: a workspace of a template version that is still being imported.
    #[error("{0}")]
    NotAcceptable(String),
    /// 412: the caller named a state in which the thing is not.
    #[error("{0}")]
    Precondition(String),
    /// 413.
    #[error("{0}")]
    TooLarge(String),
    /// 425: a template version that is still being imported.
    #[error("{0}")]
    NotReady(String),
    /// 429.
    #[error("Too many tries. Wait {seconds} s.")]
    TooManyTries { seconds: u64 },
    /// 500: logged with the request id, never shown.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// 500: logged with the request id, never shown.
    #[error("{0}")]
    Internal(String),
}

/// A field that cannot be accepted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub field: String,
    pub detail: String,
}

impl Error {
    /// The store refused a row because its name is taken; every other refusal stays what it is.
    pub fn taken_or(error: store::Error, field: &'static str, detail: impl Into<String>) -> Self {
        if error.is_unique_violation() { Self::Taken { field, detail: detail.into() } } else { error.into() }
    }

    /// Refuses what a person may not do; the words say who may.
    pub fn unless(allowed: bool, words: &str) -> Result<()> {
        if allowed { Ok(()) } else { Err(Self::Forbidden(words.to_owned())) }
    }

    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Invalid { field: field.into(), detail: detail.into() }])
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<secrets::Error> for Error {
    fn from(error: secrets::Error) -> Self {
        Self::Internal(error.to_string())
    }
}
