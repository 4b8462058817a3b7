//! Errors of the admin API.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    control::{
        accounts::InvalidState, clock, expectations::TooManyExpectations, faults::BadRule,
        offload::Unfinished,
    },
    ecm::Error,
    protocol::text::Cut,
};

/// Maximum length of a message, in characters.
const MESSAGE_CHARS_MAX: usize = 4096;

/// An error: a status, a code, and a message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AdminError {
    #[serde(skip)]
    http: StatusCode,
    status: u16,
    code: &'static str,
    message: String,
    /// Problems of a fixture, one per line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

impl AdminError {
    const fn new(http: StatusCode, code: &'static str, message: String) -> Self {
        Self { http, status: http.as_u16(), code, message, problems: Vec::new() }
    }

    pub(super) const fn bad_request(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(super) const fn not_found(message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    pub(super) const fn method(message: String) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
    }

    pub(super) const fn too_large(message: String) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "TooLarge", message)
    }

    /// The request comes from a web page of another site.
    pub(super) const fn forbidden(message: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// The request is for an unknown host.
    pub(super) const fn misdirected(message: String) -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", message)
    }

    pub(super) const fn internal(message: String) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
    }

    /// A fault rule has ended the connection of a call.
    pub(super) fn no_response() -> Self {
        let message = "a fault rule has ended the connection of the call".to_owned();
        Self::new(StatusCode::BAD_GATEWAY, "NoResponse", message)
    }
}

impl From<Unfinished> for AdminError {
    fn from(unfinished: Unfinished) -> Self {
        let message = unfinished.to_string();
        match unfinished {
            Unfinished::Panicked => Self::internal(message),
            Unfinished::ShuttingDown => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "Unavailable", message)
            }
        }
    }
}

impl From<Error> for AdminError {
    /// Converts an error of the product: a missing resource, a malformed ID, or a conflict.
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::NotFound(resource) => Self::not_found(format!("{resource} does not exist")),
            Error::Malformed { .. } => Self::bad_request(message),
            _ => Self::new(StatusCode::CONFLICT, "Conflict", message),
        }
    }
}

impl From<BadRule> for AdminError {
    fn from(bad: BadRule) -> Self {
        Self::bad_request(bad.to_string())
    }
}

impl From<TooManyExpectations> for AdminError {
    fn from(bad: TooManyExpectations) -> Self {
        Self::bad_request(bad.to_string())
    }
}

impl From<clock::BadSetting> for AdminError {
    fn from(bad: clock::BadSetting) -> Self {
        Self::bad_request(bad.to_string())
    }
}

impl From<InvalidState> for AdminError {
    fn from(bad: InvalidState) -> Self {
        let problems = bad.0.lines().collect();
        let message = format!("{bad}; nothing was changed");
        Self { problems, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "BadFixture", message) }
    }
}

impl IntoResponse for AdminError {
    /// Truncates the message, which may repeat input of any length.
    fn into_response(mut self) -> Response {
        self.message = Cut(&self.message, MESSAGE_CHARS_MAX).to_string();
        (self.http, Json(self)).into_response()
    }
}
