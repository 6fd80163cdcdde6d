//! The one place where an error of the server becomes an answer: `{"message", "detail"?, "validations"?}`.

use axum::{
    Json,
    extract::rejection::{JsonRejection, PathRejection, QueryRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{
    error::{Error, Invalid},
    request_id,
};

#[derive(Serialize)]
struct Body {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    validations: Vec<Validation>,
}

#[derive(Serialize)]
struct Validation {
    field: String,
    detail: String,
}

impl From<Invalid> for Validation {
    fn from(Invalid { field, detail }: Invalid) -> Self {
        Self { field, detail }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = status(&self);
        let mut body = Body { message: self.to_string(), detail: None, validations: Vec::new() };
        let mut retry_after = None;
        match self {
            Self::Invalid(fields) => body.validations = fields.into_iter().map(Into::into).collect(),
            Self::Taken { field, detail } => {
                body.validations = vec![Validation { field: field.to_owned(), detail }];
            }
            Self::Malformed { detail, .. } => body.detail = Some(detail),
            Self::TooManyTries { seconds } => retry_after = Some(seconds),
            Self::Store(_) | Self::Internal(_) => {
                let reference = request_id::current();
                tracing::error!(%reference, error = body.message, "a request failed");
                body.message = format!("That did not work. Nothing was changed. Reference {reference}.");
            }
            Self::Unauthenticated
            | Self::BadCredentials(_)
            | Self::Forbidden(_)
            | Self::NotFound(_)
            | Self::Absent(_)
            | Self::NoRoute
            | Self::Refused(_)
            | Self::Conflict(_)
            | Self::PoolEmpty { .. }
            | Self::PoolBlocked(_)
            | Self::Precondition(_)
            | Self::TooLarge(_)
            | Self::NotAcceptable(_)
            | Self::NotReady(_) => {}
        }
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hearth\""));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated | Error::BadCredentials(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::NotFound(_) | Error::Absent(_) | Error::NoRoute => StatusCode::NOT_FOUND,
        Error::Invalid(_) | Error::Refused(_) | Error::Malformed { .. } => StatusCode::BAD_REQUEST,
        Error::Conflict(_) | Error::Taken { .. } | Error::PoolEmpty { .. } | Error::PoolBlocked(_) => {
            StatusCode::CONFLICT
        }
        Error::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
        Error::Precondition(_) => StatusCode::PRECONDITION_FAILED,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::NotReady(_) => StatusCode::TOO_EARLY,
        Error::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Store(_) | Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<JsonRejection> for Error {
    fn from(rejection: JsonRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::TooLarge("The request body is too large.".to_owned());
        }
        Self::Malformed { message: "Request body must be valid JSON.", detail: rejection.body_text() }
    }
}

impl From<PathRejection> for Error {
    fn from(rejection: PathRejection) -> Self {
        Self::Malformed {
            message: "The address has a part of the wrong form.",
            detail: rejection.body_text(),
        }
    }
}

impl From<QueryRejection> for Error {
    fn from(rejection: QueryRejection) -> Self {
        Self::Malformed { message: "Query parameters have invalid values.", detail: rejection.body_text() }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn answer(error: Error) -> (StatusCode, serde_json::Value) {
        let response = error.into_response();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_refused_field_is_named() {
        let (status, body) = answer(Error::invalid("name", "must not be empty")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(
            body,
            serde_json::json!({"message": "Validation failed.",
                               "validations": [{"field": "name", "detail": "must not be empty"}]})
        );
    }

    #[tokio::test]
    async fn the_cause_of_a_fault_is_never_shown() {
        let (status, body) = answer(Error::Internal("password=hunter2".to_owned())).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!body.to_string().contains("hunter2"), "{body}");
    }
}
