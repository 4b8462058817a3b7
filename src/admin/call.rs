//! Calls of the cloud API without a signature.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Request,
        header::{CONTENT_TYPE, HOST, USER_AGENT},
    },
    response::Response,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::gateway::CallBody;

use super::{
    Admin,
    answer::AdminError,
    ask::{AccountParam, JsonBody},
};

/// Headers of the admin request that its call also has.
const KEPT: [HeaderName; 3] = [HOST, USER_AGENT, HeaderName::from_static("traceparent")];

/// An action with its parameters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ActionCall {
    action: String,
    /// The object as it was sent. The gateway reports its problems.
    params: Option<Box<RawValue>>,
}

/// Responds as the gateway does to a call of the account.
pub(super) async fn call(
    State(admin): State<Arc<Admin>>,
    AccountParam(account): AccountParam,
    headers: HeaderMap,
    JsonBody(call): JsonBody<ActionCall>,
) -> Result<Response, AdminError> {
    let request = call.request(&headers, admin.gateway.catalog.version)?;
    let response = admin.gateway.call_as(Arc::clone(account.name()), request).await;
    if let CallBody::Partial(_) = response.body() {
        // A browser would repeat a request whose connection ends, and so the call.
        return Err(AdminError::no_response());
    }
    Ok(response.map(Into::into))
}

impl ActionCall {
    /// Returns the call as a client would send it.
    fn request(
        self,
        headers: &HeaderMap,
        version: &'static str,
    ) -> Result<Request<Bytes>, AdminError> {
        let params = self.params.map_or_else(|| "{}".to_owned(), |it| Box::<str>::from(it).into());
        if !params.starts_with('{') {
            return Err(AdminError::bad_request("body: Params: must be an object".to_owned()));
        }
        let mut request = match header(&self.action) {
            Some(action) => {
                let mut request = Request::new(params.into());
                let headers = request.headers_mut();
                headers.insert("x-tc-version", HeaderValue::from_static(version));
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                if !action.is_empty() {
                    headers.insert("x-tc-action", action);
                }
                request
            }
            // No action has such a name, so the parameters do not matter.
            None => form(&self.action, version),
        };
        *request.method_mut() = Method::POST;
        for name in KEPT {
            if let Some(value) = headers.get(&name) {
                request.headers_mut().insert(name, value.clone());
            }
        }
        Ok(request)
    }
}

/// Returns a header that the gateway reads as `action`, if there is one: blanks around it are not part of
/// its value.
fn header(action: &str) -> Option<HeaderValue> {
    let is_trimmed = action.trim_matches([' ', '\t']) == action;
    HeaderValue::from_bytes(action.as_bytes()).ok().filter(|_| is_trimmed)
}

/// Returns a call with a form, which can have any string as its action.
fn form(action: &str, version: &str) -> Request<Bytes> {
    let action = utf8_percent_encode(action, NON_ALPHANUMERIC);
    let mut request = Request::new(format!("Action={action}&Version={version}").into());
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, form);
    request
}
